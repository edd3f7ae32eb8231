using ArTar.Workbench.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Models;

[Collection(TorchTests.Name)]
public class InitialWeightsAndDropoutTests
{
    [Theory]
    [InlineData(Cell.Lstm)]
    [InlineData(Cell.Gru)]
    [InlineData(Cell.Tanh)]
    public void Weights_start_uniform_in_the_paper_s_ranges(Cell cell)
    {
        using var scope = NewDisposeScope();
        manual_seed(11);
        using var model = new LanguageModel(cell, vocabulary: 500, hidden: 64);
        foreach (var (name, weight) in model.Weights())
        {
            if (name == "decoder_bias")
                Assert.All(weight.Numbers(), bias => Assert.Equal(0, bias));
            else
                Uniform(name, weight.Numbers(), name == "embedding.weight" ? 0.1 : 1 / Math.Sqrt(64));
        }
        using var wide = new LanguageModel(cell, vocabulary: 500, hidden: 64, embeddingRange: 0.7);
        Uniform("embedding.weight", wide.Weights()["embedding.weight"].Numbers(), 0.7);
    }

    [Fact]
    public void The_recurrent_matrices_can_start_as_the_identity_and_nothing_else_changes()
    {
        LanguageModel Build(RecurrentInit start)
        {
            manual_seed(5);
            return new(Cell.Tanh, 20, 6, recurrentInit: start);
        }
        using var scope = NewDisposeScope();
        using var uniform = Build(RecurrentInit.Uniform);
        using var identity = Build(RecurrentInit.Identity);
        var (before, after) = (uniform.Weights(), identity.Weights());
        foreach (var (name, weight) in after)
        {
            var isRecurrent = name is "rnn.weight_hh_l0" or "rnn.weight_hh_l1";
            double[] expected = isRecurrent ? [.. Enumerable.Range(0, 36).Select(i => i / 6 == i % 6 ? 1.0 : 0)] : before[name].Numbers();
            Assert.Equal(expected, weight.Numbers());
        }
    }

    /// <summary>All within the range, and the largest gap to the uniform distribution function as small as chance leaves it (Kolmogorov-Smirnov).</summary>
    private static void Uniform(string name, double[] numbers, double range)
    {
        Array.Sort(numbers);
        Assert.True(numbers[0] >= -range * 1.000001 && numbers[^1] <= range * 1.000001, $"{name} reaches from {numbers[0]} to {numbers[^1]}, expected ±{range}");
        var n = numbers.Length;
        var gap = numbers.Select((x, i) => Math.Abs((x + range) / (2 * range) - (i + 0.5) / n)).Max();
        Assert.True(gap < 2.2 / Math.Sqrt(n), $"{name}: the distribution is {gap:F4} off a uniform one over ±{range}");
    }

    [Fact]
    public void Two_layers_and_two_models_do_not_start_alike()
    {
        manual_seed(1);
        using var first = new LanguageModel(Cell.Lstm, 10, 8);
        using var second = new LanguageModel(Cell.Lstm, 10, 8);
        Assert.NotEqual(first.WeightBits()["rnn.weight_hh_l0"], first.WeightBits()["rnn.weight_hh_l1"]);
        Assert.NotEqual(first.WeightBits()["rnn.weight_hh_l0"], second.WeightBits()["rnn.weight_hh_l0"]);
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(0.65)]
    public void Output_dropout_zeroes_its_share_and_scales_the_rest(double p)
    {
        using var scope = NewDisposeScope();
        using var model = Training(Cell.Lstm, dropout: p, layerDropout: 0);
        var activations = model.Forward(randint(50, [40, 20], int64), model.InitialState(20));
        var (raw, dropped) = (activations.Raw.Numbers(), activations.Dropped.Numbers());
        // 25,600 masks: the share of zeros is within 4 standard deviations of p.
        Assert.Equal(p, dropped.Count(x => x == 0) / (double)dropped.Length, 4 * Math.Sqrt(p * (1 - p) / dropped.Length));
        Assert.All(raw.Zip(dropped), pair => Assert.True(pair.Second == 0 || Math.Abs(pair.Second - pair.First / (1 - p)) < 1e-6));
        // Each step and each column has a mask of its own.
        string Mask(IEnumerable<double> entries) => string.Concat(entries.Select(x => x == 0 ? '0' : '1'));
        Assert.Equal(40, dropped.Chunk(20 * 32).Select(Mask).Distinct().Count());
        Assert.Equal(20, Enumerable.Range(0, 20).Select(b => Mask(dropped.Where((_, i) => i / 32 % 20 == b))).Distinct().Count());
    }

    [Fact]
    public void Word_vectors_are_dropped_too()
    {
        // A tanh RNN whose only weight is the identity from input to hidden shows its input: atanh(h) is the dropped word vector.
        using var scope = NewDisposeScope();
        manual_seed(2);
        using var model = new LanguageModel(Cell.Tanh, vocabulary: 50, hidden: 32, layers: 1, dropout: 0.3);
        using (no_grad())
        {
            foreach (var (name, weight) in model.Weights())
                if (name != "embedding.weight")
                    weight.zero_();
            model.Weights()["rnn.weight_ih_l0"].copy_(eye(32));
        }
        model.train();
        var tokens = randint(50, [40, 20], int64);
        var words = model.Weights()["embedding.weight"][tokens].Numbers();
        var read = model.Forward(tokens, model.InitialState(20)).Raw.atanh().Numbers();
        Assert.Equal(0.3, read.Count(x => x == 0) / (double)read.Length, 4 * Math.Sqrt(0.3 * 0.7 / read.Length));
        Assert.All(words.Zip(read), pair => Assert.True(pair.Second == 0 || Math.Abs(pair.Second - pair.First / 0.7) < 1e-5));
    }

    [Theory]
    [InlineData(Cell.Lstm)]
    [InlineData(Cell.Gru)]
    [InlineData(Cell.Tanh)]
    public void Layer_dropout_acts_between_layers_only(Cell cell)
    {
        using var scope = NewDisposeScope();
        var tokens = randint(50, [6, 4], int64);

        // Two layers: what the second gives differs from draw to draw, while all that the first carries on stays.
        using var two = Training(cell, dropout: 0, layerDropout: 0.5);
        var (a, b) = (two.Forward(tokens, two.InitialState(4)), two.Forward(tokens, two.InitialState(4)));
        Assert.NotEqual(a.Raw.Bits(), b.Raw.Bits());
        Assert.Equal(a.State.Hidden[0].Bits(), b.State.Hidden[0].Bits());
        Assert.Equal(a.Raw.Bits(), a.Dropped.Bits());
        Assert.DoesNotContain(0, a.Raw.Numbers()); // the last layer's own output is not dropped

        // With one layer there is no between: training gives what evaluation gives.
        using var one = Training(cell, dropout: 0, layerDropout: 0.5, layers: 1);
        var training = one.Forward(tokens, one.InitialState(4)).Raw.Bits();
        one.eval();
        Assert.Equal(one.Forward(tokens, one.InitialState(4)).Raw.Bits(), training);
    }

    [Fact]
    public void Evaluation_mode_drops_nothing()
    {
        using var scope = NewDisposeScope();
        using var model = Training(Cell.Lstm, dropout: 0.5, layerDropout: 0.5);
        model.eval();
        var tokens = randint(50, [6, 4], int64);
        var (a, b) = (model.Forward(tokens, model.InitialState(4)), model.Forward(tokens, model.InitialState(4)));
        Assert.Equal(a.Raw.Bits(), b.Raw.Bits());
        Assert.Equal(a.Raw.Bits(), a.Dropped.Bits());
    }

    private static LanguageModel Training(Cell cell, double dropout, double layerDropout, int layers = 2)
    {
        manual_seed(7);
        var model = new LanguageModel(cell, vocabulary: 50, hidden: 32, layers, dropout, layerDropout);
        model.train();
        return model;
    }
}
