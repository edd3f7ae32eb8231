using ArTar.Workbench.Models;
using ArTar.Workbench.Stack;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Stack;

[Collection(TorchTests.Name)]
public class TiedDecoderTests
{
    /// <summary>Memory decides how many runs are computed at once, and nothing else: to the last bit on a processor.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Runs_may_be_computed_in_parts(int atOnce)
    {
        using var scope = NewDisposeScope();
        using var weights = StackedWeights.Of(5, _ => new LanguageModel(Cell.Tanh, vocabulary: 11, hidden: 4), CPU);
        var (output, targets) = (randn(5, 6, 4), randint(0, 11, [6], int64));
        var whole = TiedDecoder.Differentiate(weights, output, targets, atOnce: 5);
        var parts = TiedDecoder.Differentiate(weights, output, targets, atOnce);
        Assert.Equal(whole.Loss.Bits(), parts.Loss.Bits());
        Assert.Equal(whole.OfOutput.Bits(), parts.OfOutput.Bits());
        Assert.Equal(whole.OfWeight.Bits(), parts.OfWeight.Bits());
        Assert.Equal(whole.OfBias.Bits(), parts.OfBias.Bits());
        Tensors.Near((whole.Loss * 6).Numbers(), TiedDecoder.Losses(weights, output, targets).Numbers(), 1e-6, "loss");
    }

    /// <summary>Logits of ±10,000: probabilities of exactly 0 and 1, no overflow, and a NaN stays with its run.</summary>
    [Fact]
    public void A_saturated_softmax_stays_finite_and_a_NaN_in_its_run()
    {
        using var scope = NewDisposeScope();
        using var weights = StackedWeights.Of(3, _ => new LanguageModel(Cell.Tanh, vocabulary: 40, hidden: 3), CPU);
        weights.DecoderBias.fill_(-10_000f);
        weights.DecoderBias.select(1, 7).fill_(10_000f);
        weights.DecoderBias.select(0, 1).fill_(float.NaN);
        var (loss, ofOutput, _, _) = TiedDecoder.Differentiate(weights, zeros(3, 2, 3), tensor(new long[] { 7, 8 }));
        Assert.Equal([10_000, 10_000], new[] { loss.Numbers()[0], loss.Numbers()[2] });
        Assert.True(double.IsNaN(loss.Numbers()[1]));
        Assert.True(ofOutput.select(0, 0).isfinite().all().ToBoolean() && ofOutput.select(0, 2).isfinite().all().ToBoolean());
    }
}
