using ArTar.Workbench.Models;
using ArTar.Workbench.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Models;

/// <summary>What chance does in each technique: which entries share a mask, how many are dropped or kept, how the others are scaled.</summary>
[Collection(TorchTests.Name)]
public class TechniqueMaskTests
{
    private const int T = 30, B = 20, H = 32, V = 200;

    [Fact]
    public void Variational_masks_of_the_output_are_the_same_at_every_step_and_differ_by_column()
    {
        using var scope = NewDisposeScope();
        using var model = Model("dropout=0.3 layerDropout=0 variationalDropout=true");
        var activations = model.Forward(Tokens(), model.InitialState(B));
        HasMaskOfWindow(activations.Raw.Numbers(), activations.Dropped.Numbers(), 0.3);
    }

    [Fact]
    public void Variational_masks_of_word_vectors_are_the_same_at_every_step_and_differ_by_column()
    {
        using var scope = NewDisposeScope();
        using var model = Model("cell=tanh layers=1 dropout=0.3 variationalDropout=true", Identity);
        var tokens = Tokens();
        var words = model.Weights()["embedding.weight"][tokens].Numbers();
        HasMaskOfWindow(words, model.Forward(tokens, model.InitialState(B)).Raw.atanh().Numbers(), 0.3);
    }

    [Fact]
    public void Variational_masks_between_layers_are_the_same_at_every_step_and_differ_by_column()
    {
        using var scope = NewDisposeScope();
        using var model = Model("cell=tanh layers=2 dropout=0 layerDropout=0.3 variationalDropout=true", Identity);
        var tokens = Tokens();
        var first = model.Weights()["embedding.weight"][tokens].tanh().Numbers();
        HasMaskOfWindow(first, model.Forward(tokens, model.InitialState(B)).Raw.atanh().Numbers(), 0.3);
    }

    [Fact]
    public void Recurrent_masks_are_the_same_at_every_step_and_differ_by_column()
    {
        using var scope = NewDisposeScope();
        using var model = Model("cell=tanh layers=1 dropout=0 recurrentDropout=0.3", Remember);
        var raw = model.Forward(Tokens(), model.InitialState(B)).Raw;
        var (before, read) = (raw.narrow(0, 0, T - 1), raw.narrow(0, 1, T - 1).atanh() - 0.2);     // of 0.2 + m ∘ h_(t-1)
        HasMaskOfWindow(before.Numbers(), [.. read.Numbers().Select(x => Math.Abs(x) < 1e-6 ? 0 : x)], 0.3);
    }

    [Fact]
    public void Embedding_dropout_takes_whole_words_wherever_they_stand_and_none_from_the_decoder()
    {
        using var scope = NewDisposeScope();
        using var model = Model("cell=tanh layers=1 dropout=0 embeddingDropout=0.3", Identity);
        var tokens = Tokens();
        var (words, read) = (model.Weights()["embedding.weight"][tokens].Numbers().Chunk(H).ToList(),
            model.Forward(tokens, model.InitialState(B)).Raw.atanh().Numbers().Chunk(H).ToList());
        var ids = tokens.data<long>().ToArray();
        var dropped = new Dictionary<long, bool>();
        for (var i = 0; i < ids.Length; i++)
        {
            var isDropped = read[i].All(x => x == 0);
            Assert.Equal(isDropped, dropped.TryAdd(ids[i], isDropped) ? isDropped : dropped[ids[i]]);
            Tensors.Near(isDropped ? new double[H] : [.. words[i].Select(x => x / 0.7)], read[i], 1e-5, $"word {i}");
        }
        IsShare(0.3, dropped.Values.Count(d => d), dropped.Count);
        var h = rand(1, 1, H);
        model.eval();
        var evaluated = model.Decode(h).Bits();
        model.train();
        Assert.Equal(evaluated, model.Decode(h).Bits());
    }

    [Fact]
    public void Weight_dropout_takes_entries_of_the_recurrent_matrix_once_a_window_and_leaves_the_matrix_as_it_was()
    {
        using var scope = NewDisposeScope();
        using var model = Model("cell=tanh layers=1 dropout=0 weightDropout=0.5", weights =>
        {
            Remember(weights);
            weights["rnn.weight_hh_l0"].uniform_(0.01, 0.02);
            weights["rnn.bias_hh_l0"].zero_();
        });
        var matrix = model.RecurrentWeight(0).Numbers();
        // Column b begins with unit b alone, so that its h is column b of the matrix.
        var h = model.Forward(zeros([1, H], int64), new(eye(H).unsqueeze(0), null)).Raw[0].atanh().t().Numbers();
        IsShare(0.5, h.Count(x => Math.Abs(x) < 1e-9), H * H);
        Assert.All(matrix.Zip(h), pair => Assert.True(Math.Abs(pair.Second) < 1e-9 || Math.Abs(pair.Second - pair.First / 0.5) < 1e-6));
        Assert.Equal(matrix, model.RecurrentWeight(0).Numbers());
    }

    [Theory]
    [InlineData(Cell.Lstm)]
    [InlineData(Cell.Gru)]
    public void Candidate_dropout_takes_what_is_new_and_never_what_is_remembered(Cell cell)
    {
        using var scope = NewDisposeScope();
        using var model = Model($"cell={(cell == Cell.Lstm ? "lstm" : "gru")} layers=1 dropout=0 candidateDropout=0.3");
        var fresh = model.Forward(Tokens(), model.InitialState(B)); // memory begins at 0: at the first step only what is new is there
        var first = fresh.Raw[0].Numbers();
        IsShare(0.3, first.Count(x => x == 0), first.Length);
        var tokens = Tokens();
        var remembering = new RecurrentState(ones(1, B, H) * 0.9, cell == Cell.Lstm ? ones(1, B, H) * 0.9 : null);
        Assert.DoesNotContain(0, model.Forward(tokens, remembering).Raw[0].Numbers());
        // A mask a step: units that were dropped at the first step are not the ones of later steps.
        Assert.NotEqual(0, fresh.Raw[T - 1].Numbers().Where((_, i) => first[i] == 0).Count(x => x != 0));
    }

    [Theory]
    [InlineData(Cell.Lstm)]
    [InlineData(Cell.Gru)]
    [InlineData(Cell.Tanh)]
    public void Zoneout_keeps_its_share_of_units_to_the_bit_other_ones_at_every_step_and_column(Cell cell)
    {
        using var scope = NewDisposeScope();
        using var model = Model($"cell={cell.ToString().ToLowerInvariant()} layers=1 dropout=0 zoneoutHidden=0.3");
        var raw = model.Forward(Tokens(), model.InitialState(B)).Raw;
        var kept = raw.narrow(0, 1, T - 1).eq(raw.narrow(0, 0, T - 1)).to(float32).Numbers();
        IsShare(0.3, kept.Count(k => k == 1), kept.Length);
        Assert.Equal(T - 1, kept.Chunk(B * H).Select(Pattern).Distinct().Count());
        Assert.Equal(B, Enumerable.Range(0, B).Select(b => Pattern(kept.Where((_, i) => i / H % B == b))).Distinct().Count());
    }

    [Fact]
    public void Zoneout_of_the_cell_state_keeps_c_and_leaves_h_to_what_c_would_have_been()
    {
        using var scope = NewDisposeScope();
        using var model = Model("layers=1 dropout=0 zoneoutMemory=0.5");
        using var without = Model("layers=1 dropout=0");
        var (tokens, before) = (Tokens()[..1], new RecurrentState(rand(1, B, H), rand(1, B, H)));
        var (zoned, plain) = (model.Forward(tokens, before), without.Forward(tokens, before));
        var (then, now, free) = (before.Memory!.Numbers(), zoned.State.Memory!.Numbers(), plain.State.Memory!.Numbers());
        IsShare(0.5, then.Zip(now).Count(c => c.First == c.Second), then.Length);
        Assert.All(Enumerable.Range(0, now.Length), i => Assert.True(now[i] == then[i] || Math.Abs(now[i] - free[i]) < 1e-6));
        Tensors.Near(plain.Raw.Numbers(), zoned.Raw.Numbers(), 1e-6, "h");
    }

    private static LanguageModel Model(string settings, Action<Dictionary<string, Tensor>>? set = null)
    {
        manual_seed(7);
        var values = new HyperParameters { Hidden = H }.With(settings.Split(' ')).Validated();
        var model = Trainer.NewModel(values, V, CPU);
        using (no_grad())
            set?.Invoke(model.Weights());
        model.train();
        return model;
    }

    private static Tensor Tokens() => randint(V, [T, B], int64);

    /// <summary>A tanh RNN that shows its input: atanh(h_t) is what came in.</summary>
    private static void Identity(Dictionary<string, Tensor> weights)
    {
        foreach (var (name, weight) in weights.Where(w => w.Key.StartsWith("rnn.", StringComparison.Ordinal)))
            if (name.Contains("weight_ih", StringComparison.Ordinal))
                weight.copy_(eye(H));
            else
                weight.zero_();
    }

    /// <summary>A tanh RNN that reads nothing but itself: h_t = tanh(0.2 + h_(t-1)).</summary>
    private static void Remember(Dictionary<string, Tensor> weights)
    {
        Identity(weights);
        weights["rnn.weight_ih_l0"].zero_();
        weights["rnn.weight_hh_l0"].copy_(eye(H));
        weights["rnn.bias_hh_l0"].fill_(0.2);
    }

    /// <summary>Entries by step, column and unit: a share of p is 0, the rest scaled, by one mask for all steps.</summary>
    private static void HasMaskOfWindow(double[] whole, double[] dropped, double p)
    {
        Assert.All(whole.Zip(dropped), pair => Assert.True(pair.Second == 0 || Math.Abs(pair.Second - pair.First / (1 - p)) < 1e-5));
        // What was 0 before the mask says nothing of it.
        var steps = whole.Zip(dropped, (x, y) => x != 0 && y == 0 ? '0' : x == 0 ? '?' : '1').Chunk(B * H).Select(c => new string(c)).ToList();
        var mask = steps[^1];
        Assert.DoesNotContain('?', mask);
        Assert.All(steps, s => Assert.All(s.Zip(mask), pair => Assert.True(pair.First == '?' || pair.First == pair.Second)));
        Assert.Equal(B, mask.Chunk(H).Select(c => new string(c)).Distinct().Count());
        IsShare(p, mask.Count(c => c == '0'), B * H);
    }

    /// <summary>Within 4 standard deviations of what chance gives.</summary>
    private static void IsShare(double p, int count, int all) =>
        Assert.Equal(p, count / (double)all, 4 * Math.Sqrt(p * (1 - p) / all));

    private static string Pattern(IEnumerable<double> kept) => string.Concat(kept.Select(k => k == 1 ? '1' : '0'));
}
