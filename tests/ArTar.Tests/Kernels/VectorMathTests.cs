using System.Runtime.Intrinsics;
using ArTar.Workbench.Kernels;

namespace ArTar.Tests.Kernels;

/// <summary>Elementary functions against those of .NET in double precision, and dropout masks.</summary>
public unsafe class VectorMathTests
{
    [Fact]
    public void Exp_sigmoid_and_tanh_are_right_to_single_precision()
    {
        // Dense around 0 and out to where the functions are flat; the relative error counts, so small results do, too.
        var points = Enumerable.Range(-16000, 32000).Select(i => i / 200f)
            .Concat(Enumerable.Range(1, 400).SelectMany(i => new[] { MathF.Pow(10, -i / 20f), -MathF.Pow(10, -i / 20f) }))
            .Append(0f).Append(-0f).ToArray();
        foreach (var x in points.Where(x => x is > -69 and < 80))
            Close("exp", x, Math.Exp(x), VectorMath.Exp(Vector512.Create(x))[7], 3e-7);
        foreach (var x in points.Where(x => x > -69))
            Close("sigmoid", x, 1 / (1 + Math.Exp(-x)), VectorMath.Sigmoid(Vector512.Create(x))[0], 5e-7);
        foreach (var x in points)
            Close("tanh", x, Math.Tanh(x), VectorMath.Tanh(Vector512.Create(x))[15], 5e-7);
    }

    [Theory]
    [InlineData(float.NegativeInfinity, 0, 0, -1)]
    [InlineData(-200, 0, 0, -1)]
    [InlineData(-71, 0, 0, -1)] // e^-71 is 1.5e-31: no number that small goes on
    [InlineData(200, float.NaN, 1, 1)]
    [InlineData(float.NaN, float.NaN, float.NaN, float.NaN)]
    public void Far_out_they_are_flat_and_NaN_stays_NaN(float x, float exp, float sigmoid, float tanh)
    {
        if (x < 200)
            Assert.Equal(exp, VectorMath.Exp(Vector512.Create(x))[3]);
        Assert.Equal(sigmoid, VectorMath.Sigmoid(Vector512.Create(x))[3], 1e-30f);
        Assert.Equal(tanh, VectorMath.Tanh(Vector512.Create(x))[3]);
    }

    private static void Close(string function, float x, double expected, float actual, double tolerance) =>
        Assert.True(Math.Abs(actual - expected) <= tolerance * Math.Abs(expected) + 1e-37, $"{function}({x:R}) is {actual:R}, expected {expected:R}");

    [Theory]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(0.65)]
    public void A_mask_drops_its_share_scales_the_rest_and_is_the_same_however_it_is_cut(double p)
    {
        const int n = 200_003;
        var ones = Enumerable.Repeat(1f, n).ToArray();
        float[] whole = new float[n], pieces = new float[n];
        var mask = new DropoutMask(seed: 77, place: 1, p);
        fixed (float* source = ones, all = whole, some = pieces)
        {
            mask.Apply(source, all, 0, n);
            for (int from = 0, next = 1; from < n; from += next, next = next * 3 % 1009 + 1)
                mask.Apply(source + from, some + from, from, Math.Min(next, n - from));
        }
        Assert.Equal(whole, pieces);
        Assert.Equal(whole, Enumerable.Range(0, n).Select(i => mask[(uint)i]));
        Assert.All(whole.Distinct(), x => Assert.True(x == 0 || x == (float)(1 / (1 - p))));
        Assert.Equal(p, whole.Count(x => x == 0) / (double)n, 4 * Math.Sqrt(p * (1 - p) / n));

        // No memory: how often an entry and one some places later are both dropped is p squared.
        foreach (var lag in new[] { 1, 2, 16, 650, 13000 })
            Assert.Equal(p * p, Enumerable.Range(0, n - lag).Count(i => whole[i] == 0 && whole[i + lag] == 0) / (double)(n - lag), 5 * Math.Sqrt(p * p * (1 - p * p) / n));
    }

    [Fact]
    public void Masks_of_other_steps_seeds_and_places_are_others()
    {
        const int n = 20_000;
        var masks = (from seed in new long[] { 1, 2, 3, 0x9E3779B1, 0x9E3779B2 } from place in new[] { 0, 1, 2 } select new DropoutMask(seed, place, 0.5)).ToList();
        for (var i = 0; i < masks.Count; i++)
            for (var j = i + 1; j < masks.Count; j++)
                Assert.Equal(0.5, Enumerable.Range(0, n).Count(k => masks[i][(uint)k] == masks[j][(uint)k]) / (double)n, 5 * 0.5 / Math.Sqrt(n));
    }
}
