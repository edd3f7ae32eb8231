using ArTar.Tests.Stack;
using ArTar.Tests.Training;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Regularization;
using ArTar.Workbench.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Regularization;

/// <summary>What the trainer does with regularizers: AR and TAR, and one's own.</summary>
[Collection(TorchTests.Name)]
public class RegularizedTrainingTests
{
    /// <summary>Counts its calls and penalises the mean of h; the coefficient is gamma.</summary>
    private sealed class Counting : IRegularizer
    {
        public string Name => "mean";
        public string Coefficient => "gamma";
        public int Calls { get; private set; }
        public Tensor Penalty(Tensor raw, Tensor dropped)
        {
            Calls++;
            return raw.mean();
        }
    }

    // Known regularizers cannot be taken away again; each test adds its own, which replaces the one before.
    private readonly Counting own = new();

    public RegularizedTrainingTests() => Regularizers.Add(own);

    [Fact]
    public void One_s_own_regularizer_is_trained_with_and_reported_by_its_name()
    {
        var values = Small.Values.With("gamma", "0.5").With("alpha", "1");
        Assert.Contains("gamma", HyperParameters.Keys);
        Assert.Equal(["alpha=1", "gamma=0.5"], values.Changes().TakeLast(2));
        using var with = Small.Trainer(values);
        using var without = Small.Trainer(Small.Values.With("alpha", "1"));
        with.RunToEnd();
        without.RunToEnd();
        Assert.Equal(with.Position.Step, own.Calls);
        Assert.Equal(["AR", "mean"], with.Position.Epochs[^1].Penalties.Keys);
        Assert.True(with.Position.Epochs[^1].Penalties["mean"] < -0.02, "the mean of h was to be pushed down");
        Assert.NotEqual(with.Model.WeightBits()["decoder_bias"], without.Model.WeightBits()["decoder_bias"]);
    }

    [Fact]
    public void A_coefficient_of_zero_is_never_computed_and_changes_nothing()
    {
        using var zero = Small.Trainer(Small.Values.With("gamma", "0").With("alpha", "0"));
        using var absent = Small.Trainer(Small.Values);
        zero.RunToEnd();
        absent.RunToEnd();
        Assert.Equal(0, own.Calls);
        Assert.Empty(zero.Position.Epochs[^1].Penalties);
        Assert.Equal(absent.Model.WeightBits(), zero.Model.WeightBits());
    }

    [Fact]
    public void One_of_the_same_coefficient_replaces_the_one_before()
    {
        var count = Regularizers.Known.Count;
        Regularizers.Add(new Counting());
        Assert.Equal(count, Regularizers.Known.Count);
        Assert.DoesNotContain(own, Regularizers.Known);
        Assert.Equal(["AR", "TAR"], Regularizers.Known.Take(2).Select(r => r.Name));
    }

    [Theory]
    [InlineData(KernelChoice.Fast)]
    [InlineData(KernelChoice.Plain)]
    public void A_penalty_that_draws_has_the_same_numbers_for_the_same_seed(KernelChoice kernels)
    {
        Regularizers.Add(new Noise());
        var values = Small.Values.With("gamma", "1");
        IEnumerable<string> Alone()
        {
            manual_seed(Random.Shared.Next());
            using var trainer = Small.Trainer(values, kernels: kernels);
            trainer.RunToEnd();
            return Small.Figures(trainer.Position.Epochs);
        }
        Assert.Equal(Alone(), Alone());
        IEnumerable<string> Together()
        {
            manual_seed(Random.Shared.Next());
            using var stack = Stacks.Trainer([values, values with { Seed = 2 }]);
            stack.RunToEnd();
            return stack.Members.SelectMany(m => Small.Figures(m.Position.Epochs));
        }
        Assert.Equal(Together(), Together());
    }

    private sealed class Noise : IRegularizer
    {
        public string Name => "noise";
        public string Coefficient => "gamma";
        public Tensor Penalty(Tensor raw, Tensor dropped) => (dropped * randn_like(dropped)).abs().mean();
    }

    /// <summary>Else all epochs would be trained before anything says so.</summary>
    [Theory]
    [InlineData("own", "\u03bb", "its coefficient '\u03bb' becomes a part of names of runs and files; expected up to 40 letters")]
    [InlineData("own", "", "its coefficient '' becomes a part of names")]
    [InlineData("own", "my/idea", "its coefficient 'my/idea' becomes a part of names")]
    [InlineData("AR", "delta", "one of that name is known, with the coefficient alpha; expected a name of its own")]
    public void A_coefficient_or_name_that_could_not_be_stored_is_refused_at_once(string name, string coefficient, string message)
    {
        var before = Regularizers.Known;
        var fault = Assert.Throws<WorkbenchException>(() => Regularizers.Add(new Spy(name, coefficient, dropped: true)));
        Assert.StartsWith($"Regularizer {name}: {message}", fault.Message, StringComparison.Ordinal);
        Assert.Equal(before, Regularizers.Known);
    }

    [Fact]
    public void A_coefficient_that_nobody_knows_is_an_error()
    {
        var fault = Assert.Throws<WorkbenchException>(() => Small.Values.With("delta", "1"));
        Assert.StartsWith("Unknown hyper-parameter 'delta'; did you mean '", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// In the first step everything is known: the weights are those of the seed, and so are the masks. AR must be that of
    /// the dropped output, TAR that of the raw one; both the other way round are far off.
    /// </summary>
    [Fact]
    public void AR_looks_at_the_dropped_output_and_TAR_at_the_raw_one()
    {
        Spy ar = new("AR", "alpha", dropped: true), tar = new("TAR", "beta", dropped: false);
        var values = Small.Values.With("alpha", "1").With("beta", "1");
        var penalties = FirstStep(values).Penalties;
        Regularizers.Add(ar);
        Regularizers.Add(tar);
        try
        {
            FirstStep(values);
        }
        finally
        {
            Regularizers.Add(new ActivationRegularizer());
            Regularizers.Add(new TemporalActivationRegularizer());
        }
        Assert.Equal(ar.Ours, penalties["AR"], 1e-7);
        Assert.Equal(tar.Ours, penalties["TAR"], 1e-7);
        Assert.True(Math.Abs(ar.Other / ar.Ours - 1) > 0.1 && Math.Abs(tar.Other / tar.Ours - 1) > 0.1, "raw and dropped are too close to tell");
    }

    /// <summary>Computes AR or TAR in its own way, of both outputs.</summary>
    private sealed class Spy(string name, string coefficient, bool dropped) : IRegularizer
    {
        public string Name => name;
        public string Coefficient => coefficient;
        public double Ours { get; private set; }
        public double Other { get; private set; }

        public Tensor Penalty(Tensor raw, Tensor droppedOutput)
        {
            double Value(Tensor h) => (name == "AR" ? h * h : (h[1..] - h[..^1]).pow(2)).Numbers().Average();
            (Ours, Other) = dropped ? (Value(droppedOutput), Value(raw)) : (Value(raw), Value(droppedOutput));
            return raw.new_zeros(Array.Empty<long>());
        }
    }

    /// <summary>What the regularizers get as the dropped output is what the decoder scores, with the weights before the step.</summary>
    [Fact]
    public void The_decoder_sees_the_dropped_output()
    {
        var corpus = Small.Corpus();
        Trainer? trainer = null;
        var (ofDropped, ofRaw) = (0.0, 0.0);
        Regularizers.Add(new Watching((raw, dropped) =>
        {
            var naive = new Models.NaiveNetwork(trainer!.Model);
            var targets = new Windows(corpus.Train, 4, 5)[0].Targets;
            double Loss(Tensor h) => h.Numbers().Chunk(8).Select((row, i) => naive.Surprise(row, targets[i])).Average();
            (ofDropped, ofRaw) = (Loss(dropped), Loss(raw));
        }));
        using (trainer = Small.Trainer((Small.Values with { EmbeddingRange = 2 }).With("gamma", "1"), corpus))
            trainer.RunTo(1);
        Assert.Equal(ofDropped, trainer.Position.Sums.Loss / trainer.Position.Sums.Tokens, 1e-5);
        Assert.True(Math.Abs(ofRaw - ofDropped) > 1e-3, "raw and dropped are too close to tell");
    }

    private sealed class Watching(Action<Tensor, Tensor> watch) : IRegularizer
    {
        public string Name => "watch";
        public string Coefficient => "gamma";
        public Tensor Penalty(Tensor raw, Tensor dropped)
        {
            watch(raw, dropped);
            return raw.new_zeros(Array.Empty<long>());
        }
    }

    [Fact]
    public void The_reported_loss_and_penalties_know_no_coefficient()
    {
        var (plain, weak, strong) = (FirstStep(Small.Values), FirstStep(Small.Values.With(["alpha=1", "beta=1"])), FirstStep(Small.Values.With(["alpha=50", "beta=70"])));
        Assert.Equal(plain.Loss, weak.Loss);
        Assert.Equal(plain.Loss, strong.Loss);
        Assert.Equal(weak.Penalties, strong.Penalties);
        Assert.True(strong.GradientNorm > plain.GradientNorm * 1.01, "the penalties did not reach the gradient");
        Assert.All(strong.Penalties.Values, penalty => Assert.True(penalty > 0));
    }

    [Fact]
    public void AR_makes_activations_smaller_and_TAR_makes_them_slower()
    {
        var values = Small.Values with { Epochs = 6, Dropout = 0, LayerDropout = 0 };
        Dictionary<string, double> Last(params string[] settings)
        {
            // Coefficients of almost nothing report the penalties without using them.
            using var trainer = Small.Trainer(values.With(["alpha=1e-30", "beta=1e-30"]).With(settings));
            trainer.RunToEnd();
            return trainer.Position.Epochs[^1].Penalties.ToDictionary();
        }
        var (none, ar, tar) = (Last(), Last("alpha=5"), Last("beta=5"));
        Assert.True(ar["AR"] < 0.7 * none["AR"], $"AR {ar["AR"]} with it, {none["AR"]} without");
        Assert.True(tar["TAR"] < 0.7 * none["TAR"], $"TAR {tar["TAR"]} with it, {none["TAR"]} without");
    }

    private static EpochSums FirstStep(HyperParameters values)
    {
        using var trainer = Small.Trainer(values with { EmbeddingRange = 2 });
        trainer.RunTo(1);
        return trainer.Position.Sums;
    }
}
