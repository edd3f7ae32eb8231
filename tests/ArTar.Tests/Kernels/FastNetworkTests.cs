using ArTar.Tests.Training;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Kernels;
using ArTar.Workbench.Models;
using ArTar.Workbench.Regularization;
using ArTar.Workbench.Training;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Kernels;

/// <summary>The fast kernels against the definitions: a loop in double precision with the same masks, and the plain step.</summary>
[Collection(TorchTests.Name)]
public class FastNetworkTests
{
    private static readonly (IRegularizer, double)[] penalties = [(new ActivationRegularizer(), 2), (new TemporalActivationRegularizer(), 1.5)];

    /// <summary>Single against double precision over some hundred operations; of a tensor's norm.</summary>
    private const double Tolerance = 5e-5;

    [Theory]
    [InlineData(Cell.Lstm)]
    [InlineData(Cell.Gru)]
    [InlineData(Cell.Tanh)]
    public void Loss_state_and_every_gradient_agree_with_a_loop_in_double_precision_masks_included(Cell cell) =>
        Gen.Select(
            Gen.Select(Gen.Int[1, 9], Gen.Int[1, 23], Gen.Int[1, 40], Gen.Int[2, 90]),
            Gen.Select(Gen.Int[1, 3], Gen.Int[0, 2].Select(i => new[] { 0, 0.3, 0.65 }[i]), Gen.Int[0, 1].Select(i => i * 0.5), Gen.Int[1, 3], Gen.Int[1, 1000])).Sample((sizes, rest) =>
        {
            var ((T, B, H, V), (layers, dropout, layerDropout, threads, seed)) = (sizes, rest);
            using var scope = NewDisposeScope();
            manual_seed(seed);
            using var model = new LanguageModel(cell, V, H, layers, dropout, layerDropout);
            model.Randomize(Math.Min(0.7, 1.5 / Math.Sqrt(H))); // larger, and a tanh RNN is chaotic: it multiplies rounding at every step
            var random = new Random(seed);
            long[] Words() => [.. Enumerable.Range(0, T * B).Select(_ => (long)random.Next(V))];
            var window = new Window(T, B, Words(), Words());
            var before = new RecurrentState(rand(layers, B, H) - 0.5, cell == Cell.Lstm ? rand(layers, B, H) - 0.5 : null);
            var expected = Reference.Differentiate(model, window.Inputs, window.Targets, B, before.Hidden, before.Memory, seed, 2, 1.5);

            using var step = new FastStep(model, T + 2, B, clip: 1, weightDecay: 0, penalties, threads); // room for longer windows changes nothing
            var (actual, after) = step.Backpropagate(window, before, seed);
            Assert.Equal(expected.Loss, actual.Loss, 1e-5 * expected.Loss);
            Assert.True(Tensors.RelativeDifference(expected.LastState.Numbers(), after.Hidden.Numbers()) < Tolerance);
            var squares = expected.Gradients.Values.Sum(g => g.Numbers().Sum(x => x * x));
            foreach (var (name, weight) in model.Weights())
            {
                var (theirs, ours) = (expected.Gradients[name].Numbers(), weight.grad!.Numbers());
                // In a layer of one or two units a gradient may cancel almost to nothing: then a hundredth of the whole is the measure.
                var difference = Math.Sqrt(theirs.Zip(ours).Sum(g => Math.Pow(g.First - g.Second, 2)));
                var norm = Math.Max(Math.Sqrt(theirs.Sum(g => g * g)), 1e-2 * Math.Sqrt(squares));
                Assert.True(difference <= Tolerance * norm, $"{name}: difference {difference:G3} to a norm of {norm:G3}");
            }
            Assert.Equal(Math.Sqrt(squares), actual.GradientNorm, 1e-5 * Math.Sqrt(squares));
            after.Dispose();
        }, iter: 60, threads: 1);

    /// <summary>
    /// Rounding differs, and a step at a learning rate of 1 stretches differences a little; after 200 steps the weights are
    /// still the same to a thousandth, while training has changed them by far more.
    /// </summary>
    [Theory]
    [InlineData(Cell.Lstm)]
    [InlineData(Cell.Gru)]
    [InlineData(Cell.Tanh)]
    public void Two_hundred_steps_go_the_plain_step_s_way(Cell cell)
    {
        var values = (Small.Values with { Cell = cell, Hidden = 20, Dropout = 0, LayerDropout = 0, LearningRate = 1, WeightDecay = 1e-4, Epochs = 100 }).With(["alpha=2", "beta=1"]);
        var corpus = Small.Corpus(train: 1000);
        using var plain = Small.Trainer(values, corpus, kernels: KernelChoice.Plain);
        using var fast = Small.Trainer(values, corpus, kernels: KernelChoice.Fast);
        using var scope = NewDisposeScope();
        var start = plain.Model.Weights().ToDictionary(w => w.Key, w => w.Value.Numbers());
        List<EpochMetrics> theirs = [], ours = [];
        plain.RunTo(200, theirs.Add);
        fast.RunTo(200, ours.Add);
        Assert.Equal(200, fast.Position.Step);
        foreach (var (p, f) in theirs.Zip(ours))
        {
            Assert.Equal(p.TrainLoss, f.TrainLoss, 1e-4);
            Assert.Equal(p.ValidLoss, f.ValidLoss, 1e-4);
            Assert.Equal(p.GradientNorm, f.GradientNorm, 1e-3);
            Assert.Equal(p.Penalties["TAR"], f.Penalties["TAR"], 1e-5);
        }
        foreach (var (name, weight) in fast.Model.Weights())
        {
            var expected = plain.Model.Weights()[name].Numbers();
            Assert.True(Tensors.RelativeDifference(expected, weight.Numbers()) < 1e-3, name);
            Assert.True(Tensors.RelativeDifference(expected, start[name]) > 0.02, $"{name} was hardly trained");
        }
    }

    [Fact]
    public void Evaluation_agrees_with_the_plain_one()
    {
        var corpus = Small.Corpus();
        foreach (var cell in Enum.GetValues<Cell>())
        {
            using var model = new LanguageModel(cell, vocabulary: 12, hidden: 33, layers: 2, dropout: 0.5, layerDropout: 0.5);
            model.Randomize(0.5);
            double Loss(KernelChoice kernels) => Evaluation.Loss(model, corpus.Valid, 3, 7, CPU, kernels, cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(Loss(KernelChoice.Plain), Loss(KernelChoice.Fast), 1e-5);
        }
    }

    [Fact]
    public void The_number_of_threads_changes_no_more_than_rounding_and_repeats_change_nothing()
    {
        var corpus = Small.Corpus();
        List<double> Losses(int threads)
        {
            set_num_threads(threads);
            using var trainer = Small.Trainer(Small.Values with { Hidden = 50 }, corpus);
            trainer.RunToEnd();
            return [.. trainer.Position.Epochs.Select(e => e.TrainLoss)];
        }
        try
        {
            var (one, three) = (Losses(1), Losses(3));
            Assert.Equal(three, Losses(3));
            Assert.All(one.Zip(three), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }
        finally
        {
            set_num_threads(1);
        }
    }

    /// <summary>Logits of ±10,000: probabilities of exactly 0 and 1, no overflow, and a NaN is not lost.</summary>
    [Fact]
    public void A_saturated_softmax_stays_finite_and_a_NaN_shows()
    {
        using var scope = NewDisposeScope();
        using var model = new LanguageModel(Cell.Tanh, vocabulary: 40, hidden: 3);
        var bias = model.Weights()["decoder_bias"];
        using (no_grad())
            bias.copy_(tensor(Enumerable.Range(0, 40).Select(v => v == 7 ? 10_000f : -10_000f).ToArray()));
        using var step = new FastStep(model, 2, 2, clip: 1, weightDecay: 0, [], threads: 1);
        StepOutcome Outcome(params long[] targets)
        {
            var (outcome, after) = step.Backpropagate(new(2, 2, [1, 2, 3, 4], targets), model.InitialState(2), seed: 1);
            after.Dispose();
            return outcome;
        }
        Assert.Equal(0, Outcome(7, 7, 7, 7).Loss, 1e-6);
        Assert.Equal(0, Outcome(7, 7, 7, 7).GradientNorm, 1e-6);
        Assert.Equal(5000, Outcome(7, 7, 7, 8).Loss, 1);
        Assert.True(double.IsFinite(Outcome(7, 7, 7, 8).GradientNorm));
        using (no_grad())
            bias[39].fill_(float.NaN);
        var broken = Outcome(7, 7, 7, 7);
        Assert.True(double.IsNaN(broken.Loss) || double.IsNaN(broken.GradientNorm));
    }

    [Theory, InlineData(KernelChoice.Fast), InlineData(KernelChoice.Plain)]
    public void Text_with_other_words_than_the_model_s_is_refused(KernelChoice kernels)
    {
        using var model = new LanguageModel(Cell.Lstm, vocabulary: 5, hidden: 3);
        foreach (var word in new[] { 5, -1, int.MaxValue })
        {
            var fault = Assert.Throws<WorkbenchException>(() => Evaluation.Loss(
                model, new[] { 1, 2, 3, 4, word, 1 }, 1, 3, CPU, kernels, cancellation: TestContext.Current.CancellationToken));
            Assert.Contains($"Token {word} is not in the model's vocabulary of 5", fault.Message);
        }
    }

    [Fact]
    public void A_fault_in_one_member_of_a_team_reaches_the_caller_and_the_team_goes_on()
    {
        using var team = new Team(3);
        for (var round = 0; round < 50; round++)
        {
            var fault = Assert.Throws<InvalidOperationException>(() => team.Run(rank =>
            {
                if (rank == round % 3)
                    throw new InvalidDataException("broken");
                team.Barrier();
            }));
            Assert.IsType<InvalidDataException>(fault.InnerException);
            var sum = 0;
            team.Run(rank =>
            {
                Interlocked.Add(ref sum, rank);
                team.Barrier();
                Assert.Equal(3, Volatile.Read(ref sum));
            });
        }
    }
}
