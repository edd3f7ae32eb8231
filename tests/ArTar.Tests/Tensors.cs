using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests;

/// <summary>Tensors as plain arrays, and the ways in which tests compare them.</summary>
internal static class Tensors
{
    /// <summary>All entries in order, as doubles.</summary>
    public static double[] Numbers(this Tensor t)
    {
        using var scope = NewDisposeScope();
        return t.detach().cpu().to(ScalarType.Float64).contiguous().data<double>().ToArray();
    }

    /// <summary>All bytes in order: equal only when every bit is.</summary>
    public static byte[] Bits(this Tensor t)
    {
        using var scope = NewDisposeScope();
        return t.detach().cpu().contiguous().bytes.ToArray();
    }

    /// <summary>The module's parameters by name.</summary>
    public static Dictionary<string, Tensor> Weights(this nn.Module module) =>
        module.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);

    /// <summary>Every bit of the module's parameters, by name.</summary>
    public static Dictionary<string, byte[]> WeightBits(this nn.Module module) =>
        module.Weights().ToDictionary(w => w.Key, w => w.Value.Bits());

    /// <summary>Draws every parameter, biases too, uniformly from [-range, range].</summary>
    public static void Randomize(this nn.Module module, double range)
    {
        using var noGradient = no_grad();
        foreach (var (_, parameter) in module.named_parameters())
            nn.init.uniform_(parameter, -range, range);
    }

    /// <summary>The L2 norm of the difference over the L2 norm of what is expected.</summary>
    public static double RelativeDifference(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = 0, norm = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            difference += (expected[i] - actual[i]) * (expected[i] - actual[i]);
            norm += expected[i] * expected[i];
        }
        return difference == 0 ? 0 : Math.Sqrt(difference / norm);
    }

    /// <summary>Fails unless every entry is within <paramref name="tolerance"/> of what is expected; NaN never is.</summary>
    public static void Near(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, double tolerance, string what)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: {actual.Length} numbers, expected {expected.Length}");
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"{what}[{i}] is {actual[i]:R}, expected {expected[i]:R} ± {tolerance}");
    }
}
