using ArTar.Workbench.Models;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Models;

[Collection(TorchTests.Name)]
public class LanguageModelTests
{
    public sealed record Sizes(int Seed, int V, int H, int Layers, int T, int B);

    private static readonly Gen<Sizes> allSizes = Gen.Select(
        Gen.Int[0, 1_000_000], Gen.Int[2, 12], Gen.Int[1, 9], Gen.Int[1, 3], Gen.Int[1, 6], Gen.Int[1, 4],
        (seed, v, h, layers, t, b) => new Sizes(seed, v, h, layers, t, b));

    [Theory]
    [InlineData(Cell.Lstm)]
    [InlineData(Cell.Gru)]
    [InlineData(Cell.Tanh)]
    public void Forward_and_decoder_agree_with_naive_loops(Cell cell) => allSizes.Sample(sizes => Compare(cell, sizes), iter: 60, threads: 1);

    [Theory]
    [InlineData(Cell.Lstm)]
    [InlineData(Cell.Gru)]
    [InlineData(Cell.Tanh)]
    public void So_they_do_for_one_step_and_one_column(Cell cell)
    {
        Compare(cell, new(1, V: 7, H: 5, Layers: 2, T: 1, B: 1));
        Compare(cell, new(2, V: 7, H: 5, Layers: 2, T: 1, B: 3));
        Compare(cell, new(3, V: 7, H: 5, Layers: 2, T: 4, B: 1));
    }

    private static void Compare(Cell cell, Sizes sizes)
    {
        var (seed, V, H, layers, T, B) = sizes;
        using var scope = NewDisposeScope();
        manual_seed(seed);
        using var model = new LanguageModel(cell, V, H, layers, dropout: 0.5, layerDropout: layers > 1 ? 0.5 : 0);
        model.Randomize(1.5);
        model.eval();
        var tokens = randint(V, [T, B], int64);
        var hidden = rand(layers, B, H) * 2 - 1;
        var memory = cell == Cell.Lstm ? randn(layers, B, H) : null;

        var actual = model.Forward(tokens, new(hidden, memory));
        var logits = model.Decode(actual.Dropped);
        Assert.Equal([T, B, H], actual.Raw.shape);
        Assert.Equal([T * B, V], logits.shape);
        Assert.Equal(actual.Raw.Bits(), actual.Dropped.Bits()); // no dropout in evaluation mode

        // Without gradients libtorch takes other kernels, and one of them has been wrong.
        using (no_grad())
        {
            var (raw, _, after) = model.Forward(tokens, new(hidden, memory));
            Tensors.Near(actual.Raw.Numbers(), raw.Numbers(), 1e-5, "output without gradients");
            Tensors.Near(actual.State.Hidden.Numbers(), after.Hidden.Numbers(), 1e-5, "state without gradients");
        }

        var naive = new NaiveNetwork(model);
        for (var b = 0; b < B; b++)
        {
            var state = naive.Zeros();
            for (var layer = 0; layer < layers; layer++)
            {
                state.Hidden[layer] = hidden[layer, b].Numbers();
                state.Memory[layer] = memory is null ? [] : memory[layer, b].Numbers();
            }
            for (var t = 0; t < T; t++)
            {
                var h = naive.Read(tokens[t, b].item<long>(), state);
                Tensors.Near(h, actual.Raw[t, b].Numbers(), 2e-5, $"h(t={t}, b={b})");
                Tensors.Near(naive.Logits(h), logits[t * B + b].Numbers(), 1e-4, $"logits(t={t}, b={b})");
            }
            for (var layer = 0; layer < layers; layer++)
            {
                Tensors.Near(state.Hidden[layer], actual.State.Hidden[layer, b].Numbers(), 2e-5, $"last h(layer={layer}, b={b})");
                if (cell == Cell.Lstm)
                    Tensors.Near(state.Memory[layer], actual.State.Memory![layer, b].Numbers(), 5e-5, $"last c(layer={layer}, b={b})");
                else
                    Assert.Null(actual.State.Memory);
            }
        }
    }

    [Fact]
    public void Parameters_are_counted_as_the_model_has_them() =>
        Gen.Select(Gen.Enum<Cell>(), Gen.Int[1, 40], Gen.Int[1, 20], Gen.Int[1, 4]).Sample((cell, V, H, layers) =>
        {
            using var model = new LanguageModel(cell, V, H, layers);
            Assert.Equal(model.parameters().Sum(p => p.numel()), LanguageModel.CountParameters(cell, V, H, layers));
        }, iter: 40, threads: 1);

    // Embedding and decoder share V*H weights; a layer has per gate two H*H matrices and two biases.
    [Theory]
    [InlineData(Cell.Lstm, 10_000, 650, 13_280_400)]
    [InlineData(Cell.Gru, 10_000, 650, 6_500_000 + 10_000 + 2 * 3 * (2 * 422_500 + 2 * 650))]
    [InlineData(Cell.Tanh, 10_000, 650, 6_500_000 + 10_000 + 2 * 1 * (2 * 422_500 + 2 * 650))]
    [InlineData(Cell.Lstm, 10_000, 1500, 15_000_000 + 10_000 + 2 * 4 * (2 * 2_250_000 + 2 * 1500))]
    [InlineData(Cell.Lstm, 33_278, 650, 21_630_700 + 33_278 + 6_770_400)]
    public void Parameters_of_known_models(Cell cell, int vocabulary, int hidden, long expected) =>
        Assert.Equal(expected, LanguageModel.CountParameters(cell, vocabulary, hidden, layers: 2));

    [Fact]
    public void The_decoder_is_the_embedding()
    {
        using var scope = NewDisposeScope();
        using var model = new LanguageModel(Cell.Lstm, vocabulary: 6, hidden: 3);
        var h = rand(2, 2, 3);
        var before = model.Decode(h).Numbers();
        using (no_grad())
            model.Weights()["embedding.weight"].mul_(2);
        Tensors.Near(before.Select(x => 2 * x).ToArray(), model.Decode(h).Numbers(), 1e-6, "logits"); // the bias is 0 at the start
        Assert.Single(model.parameters(), p => p.shape.SequenceEqual([6, 3]));
    }

    [Fact]
    public void Weights_have_the_names_that_PyTorch_gives_them()
    {
        using var model = new LanguageModel(Cell.Gru, vocabulary: 6, hidden: 3, layers: 2);
        string[] names =
        [
            "decoder_bias", "embedding.weight",
            "rnn.bias_hh_l0", "rnn.bias_hh_l1", "rnn.bias_ih_l0", "rnn.bias_ih_l1",
            "rnn.weight_hh_l0", "rnn.weight_hh_l1", "rnn.weight_ih_l0", "rnn.weight_ih_l1",
        ];
        Assert.Equal(names, model.Weights().Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(2, 5, "state.Hidden has shape [2, 5, 4]; expected [layers=2, B=3, H=4].")]
    [InlineData(1, 3, "state.Hidden has shape [1, 3, 4]; expected [layers=2, B=3, H=4].")]
    public void A_state_of_another_shape_is_refused(int layers, int columns, string message)
    {
        using var scope = NewDisposeScope();
        using var model = new LanguageModel(Cell.Tanh, vocabulary: 6, hidden: 4);
        var fault = Assert.Throws<ArgumentException>(() => model.Forward(zeros(2, 3, int64), new(zeros(layers, columns, 4), null)));
        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
    }
}
