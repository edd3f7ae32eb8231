using ArTar.Tests.Stack;
using ArTar.Workbench.Analysis;
using ArTar.Workbench.Data;
using ArTar.Workbench.Models;
using ArTar.Workbench.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Training;

[Collection(TorchTests.Name)]
public class TrainerTests
{
    private static readonly HyperParameters regularized = Small.Values.With(["alpha=2", "beta=1"]);

    [Theory]
    [InlineData(Cell.Lstm)]
    [InlineData(Cell.Gru)]
    [InlineData(Cell.Tanh)]
    public void One_seed_gives_the_same_figures_and_weights_to_the_last_bit(Cell cell)
    {
        var (first, second) = (Train(regularized with { Cell = cell }), Train(regularized with { Cell = cell }));
        Assert.Equal(first.Figures, second.Figures);
        Assert.Equal(first.Weights, second.Weights);
    }

    /// <summary>libtorch's generator belongs to the process: nobody may draw what another one has seeded.</summary>
    [Theory]
    [InlineData(KernelChoice.Fast)]
    [InlineData(KernelChoice.Plain)]
    public async Task Runs_that_train_at_the_same_time_are_those_that_train_alone(KernelChoice kernels)
    {
        static Task<T> Alone<T>(Func<T> work) => Task.Factory.StartNew(() =>
        {
            LibTorch.Prepare(1);
            return work();
        }, Stop, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Func<string> Run(int seed) => () =>
        {
            using var trainer = Small.Trainer(regularized with { Seed = seed }, kernels: kernels);
            trainer.RunToEnd();
            return string.Join('\n', Small.Figures(trainer.Position.Epochs));
        };
        Func<string> Stack(int seed) => () =>
        {
            using var stack = Stacks.Trainer([regularized with { Seed = seed }, regularized with { Seed = seed + 1 }]);
            stack.RunToEnd();
            return string.Join('\n', stack.Members.SelectMany(m => Small.Figures(m.Position.Epochs)));
        };
        Func<string>[] all = [.. Enumerable.Range(1, 5).Select(Run), .. kernels == KernelChoice.Plain ? new[] { Stack(6), Stack(8) } : []];
        var expected = new List<string>();
        foreach (var work in all)
            expected.Add(await Alone(work));
        for (var round = 0; round < 3; round++)
            Assert.Equal(expected, await Task.WhenAll(all.Select(Alone)));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Another_seed_gives_others()
    {
        var (first, second) = (Train(regularized), Train(regularized with { Seed = 2 }));
        Assert.Equal(3, first.Figures.Intersect(first.Figures).Count());
        Assert.Empty(first.Figures.Intersect(second.Figures));
        Assert.All(first.Weights, weight => Assert.NotEqual(weight.Value, second.Weights[weight.Key]));
    }

    /// <summary>Dropout masks differ from step to step and from seed to seed: with a learning rate of almost 0 only they move the loss.</summary>
    [Fact]
    public void Every_step_has_masks_of_its_own()
    {
        var corpus = Small.Corpus(train: 4 * 21) with { Train = new int[4 * 21] }; // the same window again and again
        IEnumerable<double> Losses(int seed)
        {
            using var trainer = Small.Trainer(Small.Values with { LearningRate = 1e-30, Seed = seed, Epochs = 2, EmbeddingRange = 2, Layers = 1 }, corpus);
            var losses = new List<double>();
            for (long step = 1, last = 0; step <= 8; last = step++)
            {
                var before = trainer.Position.Window == 4 ? new() : trainer.Position.Sums;
                trainer.RunTo(step);
                losses.Add(trainer.Position.Sums.Loss - before.Loss);
            }
            return losses;
        }
        var all = Losses(1).Concat(Losses(2)).ToList();
        Assert.Equal(16, all.Distinct().Count());
    }

    /// <summary>The rule only cuts a run off: what it trained is the beginning of the same run without the rule.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_run_ends_with_the_epoch_after_which_its_learning_rate_is_divided_for_the_last_time(int decays)
    {
        var corpus = Small.Corpus(train: 120) with { Valid = Small.Corpus(seed: 2).Valid }; // validation in another language soon gets worse
        IReadOnlyList<EpochMetrics> Train(int stopAfter)
        {
            using var trainer = Small.Trainer(Small.Values with { LearningRate = 10, Epochs = 40, StopAfterDecays = stopAfter }, corpus);
            trainer.RunToEnd();
            return trainer.Position.Epochs;
        }
        var (whole, cut) = (Train(0), Train(decays));
        var (best, divided, end) = (double.PositiveInfinity, 0, 0);
        for (; divided < decays; end++)
        {
            divided += whole[end].ValidLoss < best ? 0 : 1;
            best = Math.Min(best, whole[end].ValidLoss);
        }
        Assert.Equal(40, whole.Count);
        Assert.InRange(end, 1, 39);
        Assert.Equal(Small.Figures(whole.Take(end)), Small.Figures(cut));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.02)]
    public void The_learning_rate_falls_exactly_when_validation_does_not_improve_on_its_best(double threshold)
    {
        // Validation in another language gets worse and worse, with ups and downs: all three cases come often.
        var corpus = Small.Corpus(train: 120) with { Valid = Small.Corpus(seed: 2).Valid };
        var (improved, fell, fellThoughBetterThanTheLast, fellThoughBest) = (0, 0, 0, 0);
        foreach (var (learningRate, decay) in new[] { (3, 2.0), (10, 4.0), (30, 1.1) })
            for (var seed = 1; seed <= 4; seed++)
            {
                using var trainer = Small.Trainer(Small.Values with { LearningRate = learningRate, LearningRateDecay = decay, DecayThreshold = threshold, Epochs = 12, Seed = seed }, corpus);
                trainer.RunToEnd();
                var (rate, best, bestEpoch, last) = ((double)learningRate, double.PositiveInfinity, 0, double.PositiveInfinity);
                foreach (var epoch in trainer.Position.Epochs)
                {
                    Assert.Equal(rate, epoch.LearningRate);
                    var isBest = epoch.ValidLoss < best;
                    if (isBest && Math.Exp(epoch.ValidLoss - best) < 1 - threshold)
                        improved++;
                    else
                    {
                        rate /= decay;
                        fell++;
                        fellThoughBetterThanTheLast += epoch.ValidLoss < last ? 1 : 0;
                        fellThoughBest += isBest ? 1 : 0;
                    }
                    if (isBest)
                        (best, bestEpoch) = (epoch.ValidLoss, epoch.Epoch); // kept, however little it is
                    last = epoch.ValidLoss;
                }
                Assert.Equal((rate, best, bestEpoch), (trainer.Position.LearningRate, trainer.Position.BestLoss, trainer.Position.BestEpoch));
            }
        TestContext.Current.TestOutputHelper!.WriteLine($"{improved} improved, {fell} fell, {fellThoughBetterThanTheLast} of these better than the last, {fellThoughBest} the best");
        Assert.True(improved > 12 && fell > 10 && fellThoughBetterThanTheLast > 0, "the runs did not show all cases");
        Assert.Equal(threshold > 0, fellThoughBest > 0);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(100)]
    public void The_step_is_the_gradient_cut_to_the_clip_norm(double clip)
    {
        using var scope = NewDisposeScope();
        using var trainer = Small.Trainer(Small.Values with { Clip = clip, LearningRate = 3, WeightDecay = 0 });
        var before = trainer.Model.Weights().ToDictionary(w => w.Key, w => w.Value.Numbers());
        trainer.RunTo(1);
        var step = Math.Sqrt(trainer.Model.Weights().Sum(w => w.Value.Numbers().Zip(before[w.Key]).Sum(p => (p.First - p.Second) * (p.First - p.Second))));
        var norm = trainer.Position.Sums.GradientNorm;
        Assert.InRange(norm, 0.02, 50);
        Assert.Equal(3 * Math.Min(norm, clip), step, 1e-3 * step);
    }

    [Fact]
    public void Figures_of_an_epoch_are_means_over_its_tokens_and_windows()
    {
        // 4 columns of 13 tokens: windows of 5, 5 and 2 steps. The mean is over tokens, so the short window counts less.
        var values = regularized with { LearningRate = 1e-30, Dropout = 0, LayerDropout = 0, Epochs = 1 };
        var corpus = Small.Corpus(train: 4 * 13 + 3);
        using var trainer = Small.Trainer(values, corpus);
        var naive = new Models.NaiveNetwork(trainer.Model).Loss(corpus.Train.Span, 4);
        List<EpochSums> sums = [new()];
        trainer.Run((_, _) => { }, progress =>
        {
            sums.Add(progress.Position.Sums);
            Assert.Equal(3, progress.Windows);
        }, TestContext.Current.CancellationToken);
        var metrics = Assert.Single(trainer.Position.Epochs);
        Assert.Equal(naive, metrics.TrainLoss, 1e-5);
        Assert.Equal([0L, 20, 40, 48], sums.Select(s => s.Tokens));
        Assert.Equal(sums[^1].Penalties["AR"] / 3, metrics.Penalties["AR"]);
        Assert.Equal(sums[^1].GradientNorm / 3, metrics.GradientNorm);
        Assert.Equal(["AR", "TAR"], metrics.Penalties.Keys);
    }

    [Theory]
    [InlineData(Cell.Tanh)]
    [InlineData(Cell.Gru)]
    public void Each_epoch_tells_how_close_a_tanh_rnn_is_to_copying_its_state(Cell cell)
    {
        using var trainer = Small.Trainer(Small.Values with { Cell = cell, Epochs = 2 });
        var measured = new List<NearestIdentity?>();
        trainer.Run((_, _) => measured.Add(cell == Cell.Tanh ? RecurrentMatrix.Measure(trainer.Model, layer: 1).Identity : null), _ => { }, TestContext.Current.CancellationToken);
        Assert.Equal(2, measured.Count);
        Assert.Equal(measured, trainer.Position.Epochs.Select(e => e.Identity));
        Assert.NotEqual(cell == Cell.Tanh, measured[0] == measured[1]);
    }

    [Fact]
    public void Only_the_first_train_tokens_are_trained_on()
    {
        var corpus = Small.Corpus();
        var cut = corpus with { Train = corpus.Train[..150] };
        var (asked, had) = (Train(Small.Values with { TrainTokens = 150 }), Train(Small.Values, cut));
        Assert.Equal(had.Figures, asked.Figures);
        Assert.Equal(had.Weights, asked.Weights);
        Assert.NotEqual(Train(Small.Values).Figures, asked.Figures);
    }

    [Fact]
    public void Validation_is_that_of_the_weights_after_the_epoch()
    {
        var corpus = Small.Corpus();
        using var trainer = Small.Trainer(Small.Values with { Epochs = 1 }, corpus);
        trainer.RunToEnd();
        Assert.Equal(new Models.NaiveNetwork(trainer.Model).Loss(corpus.Valid.Span, 3), trainer.Position.Epochs[0].ValidLoss, 1e-5);
    }

    [Fact]
    public void A_loss_that_is_not_finite_ends_training_with_the_last_whole_position()
    {
        using var trainer = Small.Trainer(Small.Values with { LearningRate = 1e30, Clip = 1e30 });
        var whole = trainer.Position;
        var fault = Assert.Throws<DivergedException>(() =>
            trainer.Run((_, _) => { }, progress => whole = progress.Position, TestContext.Current.CancellationToken));
        Assert.Equal(whole, trainer.Position);
        Assert.True(double.IsFinite(trainer.Position.Sums.Loss));
        Assert.NotEmpty(fault.Message);
    }

    private static (List<string> Figures, Dictionary<string, byte[]> Weights) Train(HyperParameters values, Corpus? corpus = null)
    {
        using var trainer = Small.Trainer(values, corpus);
        trainer.RunToEnd();
        return ([.. Small.Figures(trainer.Position.Epochs)], trainer.Model.WeightBits());
    }
}
