using ArTar.Tests.Kernels;
using ArTar.Tests.Training;
using ArTar.Workbench.Data;
using ArTar.Workbench.Models;
using ArTar.Workbench.Regularization;
using ArTar.Workbench.Stack;
using ArTar.Workbench.Training;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Stack;

/// <summary>A stacked step against the definitions: a loop in double precision with the same masks, and plain steps one by one.</summary>
[Collection(TorchTests.Name)]
public class StackedStepTests
{
    /// <summary>Single against double precision over some hundred operations; of a tensor's norm. As for the fast kernels.</summary>
    private const double Tolerance = 5e-5;

    [Theory]
    [MemberData(nameof(Stacks.DevicesAndCells), MemberType = typeof(Stacks))]
    public void Loss_penalties_state_and_every_gradient_agree_with_a_loop_in_double_precision(string deviceName, Cell cell) =>
        Gen.Select(
            Gen.Select(Gen.Int[1, 7], Gen.Int[1, 6], Gen.Int[1, 24], Gen.Int[2, 60]),
            Gen.Select(Gen.Int[1, 3], Gen.Int[1, 4], Gen.Int[1, 1000])).Sample((sizes, rest) =>
        {
            var ((T, B, H, V), (layers, runs, seed)) = (sizes, rest);
            using var scope = NewDisposeScope();
            var (device, random) = (Stacks.On(deviceName), new Random(seed));
            double Probability() => random.Next(3) * 0.3;
            double Coefficient() => random.Next(3);
            var members = Enumerable.Range(0, runs).Select(r => new StackMember((new HyperParameters
            {
                Cell = cell, Hidden = H, Layers = layers, Dropout = Probability(), LayerDropout = Probability(), Seed = r,
            }).With([$"alpha={Coefficient()}", $"beta={Coefficient()}"]), new())).ToList();
            manual_seed(seed);
            var models = members.Select(m => Trainer.NewModel(m.Values, V, CPU)).ToList();
            models.ForEach(model => model.Randomize(Math.Min(0.7, 1.5 / Math.Sqrt(H)))); // larger, and a tanh RNN is chaotic
            long[] Words() => [.. Enumerable.Range(0, T * B).Select(_ => (long)random.Next(V))];
            var window = new Window(T, B, Words(), Words());
            Tensor State() => rand(runs, layers, B, H) - 0.5;
            var before = new RecurrentState(State(), cell == Cell.Lstm ? State() : null);
            var seeds = members.Select((_, r) => (long)(seed + 17 * r)).ToList();
            using var dropouts = new Dropouts([.. members.Select(m => m.Values)], layers, device);
            var masks = dropouts.Draw([T, B, H], seeds);

            using var weights = StackedWeights.Of(runs, r => Copy(models[r]), device);
            using var step = new StackedStep(weights, members, device);
            var (inputs, targets) = window.ToTensors(device);
            var onDevice = new RecurrentState(before.Hidden.to(device), before.Memory?.to(device));
            var (outcomes, after) = step.Backpropagate(inputs, targets, onDevice, seeds);
            for (var r = 0; r < runs; r++)
            {
                Tensor? MaskOf(int place) => masks[place switch { 0 => 0, 1 => layers, _ => place - 1 }]?.select(0, r).cpu();
                var (alpha, beta) = (members[r].Values.Coefficient("alpha"), members[r].Values.Coefficient("beta"));
                var expected = Reference.Differentiate(
                    models[r], window.Inputs, window.Targets, B, before.Hidden[r], before.Memory?[r], MaskOf, alpha, beta);
                Assert.Equal(expected.Loss, outcomes[r].Loss, 1e-5 * expected.Loss);
                Assert.True(Tensors.RelativeDifference(expected.LastState.Numbers(), after.Hidden[r].Numbers()) < Tolerance);
                var squares = expected.Gradients.Values.Sum(g => g.Numbers().Sum(x => x * x));
                Assert.Equal(Math.Sqrt(squares), outcomes[r].GradientNorm, 1e-5 * Math.Sqrt(squares));
                foreach (var (name, gradient) in expected.Gradients)
                {
                    var (theirs, ours) = (gradient.Numbers(), step.Gradients[name].select(0, r).Numbers());
                    // In a layer of one or two units a gradient may cancel almost to nothing: then a hundredth of the whole is the measure.
                    var difference = Math.Sqrt(theirs.Zip(ours).Sum(g => Math.Pow(g.First - g.Second, 2)));
                    var norm = Math.Max(Math.Sqrt(theirs.Sum(g => g * g)), 1e-2 * Math.Sqrt(squares));
                    Assert.True(difference <= Tolerance * norm, $"run {r}, {name}: difference {difference:G3} to a norm of {norm:G3}");
                }
            }
            after.Dispose();
            models.ForEach(model => model.Dispose());
        }, iter: 40, threads: 1);

    /// <summary>
    /// On a processor the masks are those of the plain step, so that it can be compared with dropout and all. Fifty steps stretch the
    /// rounding of each; the weights change by far more.
    /// </summary>
    [Theory]
    [InlineData(Cell.Lstm, 1)]
    [InlineData(Cell.Lstm, 2)]
    [InlineData(Cell.Lstm, 3)]
    [InlineData(Cell.Gru, 1)]
    [InlineData(Cell.Gru, 2)]
    [InlineData(Cell.Gru, 3)]
    [InlineData(Cell.Tanh, 1)]
    [InlineData(Cell.Tanh, 2)]
    [InlineData(Cell.Tanh, 3)]
    public void Fifty_steps_of_mixed_rows_go_the_way_of_plain_steps_one_by_one_dropout_included(Cell cell, int layers) =>
        Compare(Stacks.Mixed(cell, layers), "cpu");

    /// <summary>A GPU's plain step draws other masks, in kernels of its own.</summary>
    [Theory]
    [MemberData(nameof(Stacks.DevicesAndCells), MemberType = typeof(Stacks))]
    public void Without_dropout_they_do_so_on_every_device(string device, Cell cell) => Compare(Stacks.Mixed(cell, dropout: false), device);

    [Fact]
    public void A_stack_of_one_is_a_run() => Compare(Stacks.Mixed()[..1], "cpu");

    [Fact]
    public void Another_regularizer_is_differentiated_by_libtorch_for_each_run_that_has_it()
    {
        Regularizers.Add(new Magnitude());
        var rows = Stacks.Mixed();
        rows[0] = rows[0].With(["gamma=0.5"]);
        rows[2] = rows[2].With(["gamma=2", "beta=1"]);
        Compare(rows, "cpu");
    }

    private sealed class Magnitude : IRegularizer
    {
        public string Name => "MAG";
        public string Coefficient => "gamma";
        public Tensor Penalty(Tensor raw, Tensor dropped) => dropped.abs().mean() + raw.exp().mean();
    }

    /// <summary>Fifty steps, the last window of each pass shorter: figures and gradients of each, the weights at the end.</summary>
    private static void Compare(HyperParameters[] rows, string deviceName)
    {
        using var scope = NewDisposeScope();
        var device = Stacks.On(deviceName);
        var corpus = Small.Corpus(train: 4 * 33); // windows of 5 steps, the last of 2
        var windows = new Windows(corpus.Train, 4, 5);
        var members = rows.Select(r => new StackMember(r, new())).ToList();
        LanguageModel Initial(int r)
        {
            manual_seed(rows[r].Seed);
            return Trainer.NewModel(rows[r], corpus.Vocabulary.Count, CPU);
        }
        var models = rows.Select((_, r) => Initial(r).to(device)).ToList();
        var start = models.Select(m => m.Weights().ToDictionary(w => w.Key, w => w.Value.Numbers())).ToList();
        var plain = rows.Select((row, r) => new PlainStep(models[r], row.Clip, row.WeightDecay, members[r].Penalties, device)).ToList();
        var states = models.Select(m => m.InitialState(4)).ToList();

        using var weights = StackedWeights.Of(rows.Length, Initial, device);
        using var stacked = new StackedStep(weights, members, device);
        var state = StackedEvaluation.InitialState(weights, 4, device);
        using var text = new DeviceText(corpus.Train, 4, 5, corpus.Vocabulary.Count, device);
        double[] rates = [.. rows.Select(r => r.LearningRate)];
        var clipped = new int[rows.Length];
        for (var step = 0; step < 50; step++)
        {
            var window = windows[step % windows.Count];
            var (inputs, targets) = text[step % windows.Count];
            var (outcomes, after) = stacked.Backpropagate(inputs, targets, state, [.. rows.Select(r => Trainer.SeedOf(r.Seed, step))]);
            for (var r = 0; r < rows.Length; r++)
            {
                var (expected, next) = plain[r].Backpropagate(window, states[r], Trainer.SeedOf(rows[r].Seed, step));
                Assert.Equal(expected.Loss, outcomes[r].Loss, 2e-5);
                Assert.Equal(expected.GradientNorm, outcomes[r].GradientNorm, 1e-3 * expected.GradientNorm);
                Tensors.Near(expected.Penalties, outcomes[r].Penalties, 1e-5, $"penalties of run {r}, step {step}");
                var scale = Math.Min(1, rows[r].Clip / (outcomes[r].GradientNorm + 1e-6));
                clipped[r] += scale < 1 ? 1 : 0;
                Stacks.Same(models[r].Weights().ToDictionary(w => w.Key, w => w.Value.grad!.Numbers()),
                    stacked.Gradients.ToDictionary(g => g.Key, g => (double[])[.. g.Value.select(0, r).Numbers().Select(x => x * scale)]),
                    1e-3, $"gradient of run {r}, step {step}");
                plain[r].Update(rates[r]);
                states[r].Dispose();
                states[r] = next;
            }
            stacked.Update(rates);
            state.Dispose();
            state = after;
        }
        for (var r = 0; r < rows.Length; r++)
        {
            var expected = models[r].Weights().ToDictionary(w => w.Key, w => w.Value.Numbers());
            Stacks.Same(expected, weights.All.ToDictionary(w => w.Key, w => w.Value.select(0, r).Numbers()), 1e-4, $"weights of run {r}");
            Assert.All(expected, w =>
                Assert.True(Tensors.RelativeDifference(w.Value, start[r][w.Key]) > 0.002, $"{w.Key} was hardly trained"));
            Assert.Equal(rows[r].Clip < 1, clipped[r] > 0);
            plain[r].Dispose();
            states[r].Dispose();
            models[r].Dispose();
        }
        state.Dispose();
    }

    private static LanguageModel Copy(LanguageModel model)
    {
        var copy = new LanguageModel(model.Cell, model.Vocabulary, model.Hidden, model.Layers);
        using var noGradient = no_grad();
        foreach (var (name, parameter) in copy.Weights())
            parameter.copy_(model.Weights()[name]);
        return copy;
    }
}
