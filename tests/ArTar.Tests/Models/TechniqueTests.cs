using ArTar.Tests.Training;
using ArTar.Workbench.Data;
using ArTar.Workbench.Kernels;
using ArTar.Workbench.Models;
using ArTar.Workbench.Regularization;
using ArTar.Workbench.Training;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Models;

/// <summary>The techniques of others against their definitions, loops over single numbers in double precision.</summary>
[Collection(TorchTests.Name)]
public class TechniqueTests
{
    /// <summary>Single against double precision; of a gradient's norm.</summary>
    private const double Tolerance = 5e-5;

    private const string Everything = "variationalDropout=true embeddingDropout=0.2 recurrentDropout=0.3 weightDropout=0.2 "
        + "zoneoutHidden=0.2 layerNorm=true normStabilizer=3 alpha=2 beta=1";

    /// <summary>A cell, and what is on.</summary>
    public static TheoryData<Cell, string> Cases
    {
        get
        {
            TheoryData<Cell, string> cases = [];
            string[] each =
            [
                "normStabilizer=5", "variationalDropout=true", "recurrentDropout=0.4", "variationalDropout=true recurrentDropout=0.4",
                "embeddingDropout=0.4", "zoneoutHidden=0.3", "weightDropout=0.5", "layerNorm=true", Everything,
            ];
            foreach (var cell in Enum.GetValues<Cell>())
                foreach (var settings in each)
                    cases.Add(cell, settings);
            cases.Add(Cell.Lstm, "candidateDropout=0.4");
            cases.Add(Cell.Gru, "candidateDropout=0.4");
            cases.Add(Cell.Lstm, "zoneoutMemory=0.4");
            cases.Add(Cell.Lstm, "zoneoutMemory=0.5 zoneoutHidden=0.1");
            cases.Add(Cell.Lstm, "memoryAlpha=1.5");
            cases.Add(Cell.Lstm, "memoryBeta=2");
            cases.Add(Cell.Gru, $"{Everything} candidateDropout=0.3");
            cases.Add(Cell.Lstm, $"{Everything} candidateDropout=0.3 zoneoutMemory=0.4 memoryAlpha=1 memoryBeta=2");
            return cases;
        }
    }

    /// <summary>The same without layer normalization, which the fast kernels do not know.</summary>
    public static TheoryData<Cell, string> FastCases
    {
        get
        {
            TheoryData<Cell, string> cases = [];
            foreach (var row in Cases.Where(c => c.Data.Item2 != "layerNorm=true"))
                cases.Add(row.Data.Item1, row.Data.Item2.Replace(" layerNorm=true", "", StringComparison.Ordinal));
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Loss_penalties_state_and_every_gradient_agree_with_a_loop_in_double_precision(Cell cell, string settings) =>
        Agree(cell, settings, KernelChoice.Plain, Gen.Int[3, 5], iterations: 6);

    [Theory]
    [MemberData(nameof(FastCases))]
    public void The_fast_kernels_agree_with_it(Cell cell, string settings) => Agree(cell, settings, KernelChoice.Fast, Gen.Int[3, 5], iterations: 6);

    /// <summary>Units of several vectors and a part of one, which threads share; slopes along whole tensors.</summary>
    [Theory]
    [MemberData(nameof(FastCases))]
    public void The_fast_kernels_agree_with_it_where_units_fill_vectors(Cell cell, string settings) =>
        Agree(cell, settings, KernelChoice.Fast, Gen.Int[15, 50], iterations: 12);

    private static void Agree(Cell cell, string settings, KernelChoice kernels, Gen<int> units, int iterations)
    {
        double largest = 0;
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 3], units, Gen.Int[2, 6], Gen.Int[1, 3], Gen.Int[1, 1000]).Sample((T, B, H, V, layers, seed) =>
        {
            using var scope = NewDisposeScope();
            var (values, model, window, before) = Drawn(cell, settings, T, B, H, V, layers, seed);
            using var _ = model;
            var weights = model.Weights().ToDictionary(p => p.Key, p => p.Value.Numbers());
            var naive = new NaiveTechniques(values, V, weights, window.Inputs, window.Targets, B);
            var masks = kernels == KernelChoice.Fast ? naive.DrawFast(seed) : naive.Draw(seed);
            var (hidden, memory) = (Rows(before.Hidden), before.Memory is null ? [] : Rows(before.Memory));
            var expected = naive.Run(hidden, memory, masks);

            (IRegularizer, double)[] penalties =
                [.. Regularizers.Known.Select(r => (r, values.Coefficient(r.Coefficient))).Where(p => p.Item2 != 0)];
            using ITrainingStep step = kernels == KernelChoice.Fast
                ? new FastStep(model, T + 1, B, clip: 1e9, weightDecay: 0, penalties, threads: 1 + seed % 3)
                : new PlainStep(model, clip: 1e9, weightDecay: 0, penalties, CPU);
            var (actual, after) = step.Backpropagate(window, before, seed);

            Assert.Equal(expected.Loss, actual.Loss, 1e-5 * Math.Max(1, expected.Loss));
            foreach (var ((regularizer, _), cost) in penalties.Zip(actual.Penalties))
                Assert.Equal(expected.Penalties[regularizer.Coefficient], cost, 1e-5 * Math.Max(1, cost));
            Tensors.Near(Joined(expected.LastHidden), after.Hidden.Numbers(), 2e-5, "last h");
            if (cell == Cell.Lstm)
                Tensors.Near(Joined(expected.LastMemory), after.Memory!.Numbers(), 5e-5, "last c");
            after.Dispose();

            double Objective() => naive.Objective(naive.Run(hidden, memory, masks));
            if (H > 5)
            {
                var random = new Random(seed);
                foreach (var (name, weight) in weights)
                {
                    double[] direction = [.. weight.Select(_ => random.NextDouble() - 0.5)], ours = model.Weights()[name].grad!.Numbers();
                    var measure = 1e-3 + Math.Sqrt(ours.Sum(x => x * x) * direction.Sum(x => x * x));
                    Assert.Equal(Slope(Objective, weight, direction) / measure, ours.Zip(direction, (g, d) => g * d).Sum() / measure, Tolerance);
                }
                return;
            }
            var gradients = weights.ToDictionary(p => p.Key, p => p.Value.Select((_, i) =>
                Slope(Objective, p.Value, [.. p.Value.Select((_, j) => i == j ? 1.0 : 0)])).ToArray());
            var whole = Math.Sqrt(gradients.Values.Sum(g => g.Sum(x => x * x)));
            foreach (var (name, theirs) in gradients)
            {
                var ours = model.Weights()[name].grad?.Numbers() ?? new double[theirs.Length];
                var difference = Math.Sqrt(theirs.Zip(ours).Sum(g => Math.Pow(g.First - g.Second, 2)));
                // In so few units a gradient may cancel almost to nothing: then a hundredth of the whole is the measure.
                var part = difference / Math.Max(Math.Sqrt(theirs.Sum(g => g * g)), 1e-2 * whole);
                largest = Math.Max(largest, part);
                // A normalized sum of so few units may deviate by next to nothing, and rounding grows by the inverse of that.
                Assert.True(part <= (values.LayerNorm ? 20 : 1) * Tolerance, $"{name}: difference of {part:G3} of its norm");
            }
        }, iter: iterations, threads: 1);
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"largest {largest:G2}"));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Evaluation_agrees_with_a_loop_in_double_precision(Cell cell, string settings) =>
        Gen.Select(Gen.Int[1, 7], Gen.Int[1, 4], Gen.Int[3, 9], Gen.Int[1, 3], Gen.Int[1, 1000]).Sample((T, B, H, layers, seed) =>
        {
            using var scope = NewDisposeScope();
            var (values, model, window, before) = Drawn(cell, settings, T, B, H, 6, layers, seed);
            using var _ = model;
            model.eval();
            var naive = new NaiveTechniques(values, 6, model.Weights().ToDictionary(p => p.Key, p => p.Value.Numbers()), window.Inputs, window.Targets, B);
            var expected = naive.Run(Rows(before.Hidden), before.Memory is null ? [] : Rows(before.Memory), masks: null);
            using var noGradient = no_grad();
            var actual = model.Forward(window.ToTensors(CPU).Inputs, before);
            Tensors.Near(expected.Raw, actual.Raw.Numbers(), 2e-5, "h");
            Assert.Equal(actual.Raw.Bits(), actual.Dropped.Bits());
            Tensors.Near(Joined(expected.LastHidden), actual.State.Hidden.Numbers(), 2e-5, "last h");
            if (cell == Cell.Lstm)
                Tensors.Near(Joined(expected.LastMemory), actual.State.Memory!.Numbers(), 5e-5, "last c");
        }, iter: 10, threads: 1);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Whichever_kernels_are_asked_for_evaluate_alike_and_train(Cell cell, string settings)
    {
        var values = Small.Values.With(settings.Split(' ')) with { Cell = cell, Hidden = 33 };
        using var model = Trainer.NewModel(values, vocabulary: 12, CPU);
        model.Randomize(0.5);
        double Loss(KernelChoice kernels) => Evaluation.Loss(
            model, Small.Corpus().Valid, 3, 7, CPU, kernels, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(Loss(KernelChoice.Plain), Loss(KernelChoice.Fast), 1e-5);
        Assert.Equal(values.LayerNorm ? KernelChoice.Plain : KernelChoice.Fast.For(CPU), KernelChoice.Fast.For(CPU, values.Techniques));
        using var trainer = Small.Trainer(values);
        trainer.RunToEnd();
        Assert.All(trainer.Position.Epochs, e => Assert.True(double.IsFinite(e.ValidLoss)));
    }

    [Fact]
    public void The_fast_kernels_give_the_norm_stabilizer_s_gradients()
    {
        var values = Small.Values.With(["normStabilizer=20", "dropout=0", "layerDropout=0"]);
        double[] After(KernelChoice kernels)
        {
            using var trainer = Small.Trainer(values, kernels: kernels);
            trainer.RunTo(10);
            return [.. trainer.Position.Sums.Penalties.Values, .. trainer.Model.Weights().Values.SelectMany(w => w.Numbers())];
        }
        Tensors.Near(After(KernelChoice.Plain), After(KernelChoice.Fast), 1e-5, "weights");
    }

    [Fact]
    public void Layer_normalization_adds_its_gains_and_biases_and_leaves_the_other_weights_as_they_start() =>
        Gen.Select(Gen.Enum<Cell>(), Gen.Int[1, 20], Gen.Int[1, 10], Gen.Int[1, 3]).Sample((cell, V, H, layers) =>
        {
            LanguageModel Build(bool layerNorm)
            {
                manual_seed(5);
                return Trainer.NewModel(new HyperParameters { Cell = cell, Hidden = H, Layers = layers, LayerNorm = layerNorm }, V, CPU);
            }
            using var plain = Build(false);
            using var normed = Build(true);
            foreach (var (name, bits) in plain.WeightBits())
                Assert.Equal(bits, normed.WeightBits()[name]);
            var added = normed.Weights().Where(w => w.Key.StartsWith("norm.", StringComparison.Ordinal)).ToList();
            Assert.Equal((cell == Cell.Lstm ? 6 : 4) * layers, added.Count);
            Assert.All(added, w => Assert.All(w.Value.Numbers(), x => Assert.Equal(w.Key.Contains("gain", StringComparison.Ordinal) ? 1 : 0, x)));
            Assert.Equal(normed.parameters().Sum(p => p.numel()),
                new HyperParameters { Cell = cell, Hidden = H, Layers = layers, LayerNorm = true }.CountParameters(V));
            Assert.Equal(normed.Weights().ToDictionary(w => w.Key, w => string.Join(' ', w.Value.shape)).OrderBy(w => w.Key, StringComparer.Ordinal),
                LanguageModel.ShapesOf(cell, V, H, layers, layerNorm: true).ToDictionary(w => w.Name, w => string.Join(' ', w.Shape)).OrderBy(w => w.Key, StringComparer.Ordinal));
        }, iter: 10, threads: 1);

    /// <summary>The same weights, masks between layers included, through libtorch's fused layer and through the loop.</summary>
    [Theory]
    [InlineData(Cell.Lstm)]
    [InlineData(Cell.Gru)]
    [InlineData(Cell.Tanh)]
    public void With_all_techniques_off_the_loop_gives_the_fused_layer_s_numbers_and_gradients(Cell cell)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        using var model = new LanguageModel(cell, vocabulary: 50, hidden: 32, layers: 3, layerDropout: 0.4);
        model.Randomize(0.3);
        model.train();
        var tokens = randint(50, [9, 4], int64);
        var before = new RecurrentState(rand(3, 4, 32) - 0.5, cell == Cell.Lstm ? rand(3, 4, 32) - 0.5 : null);
        (double[] Output, double[] State, Dictionary<string, double[]> Gradients) Through(Func<(Tensor Output, RecurrentState State)> layers)
        {
            model.zero_grad();
            manual_seed(4);
            var (output, state) = layers();
            output.square().sum().backward();
            return (output.Numbers(), [.. state.Hidden.Numbers(), .. state.Memory?.Numbers() ?? []],
                model.Weights().Where(w => w.Key.StartsWith("rnn.", StringComparison.Ordinal)).ToDictionary(w => w.Key, w => w.Value.grad!.Numbers()));
        }
        var fused = Through(() => model.Forward(tokens, before) is var a ? (a.Raw, a.State) : default);
        var weights = model.Weights().ToDictionary(w => w.Key.Replace("rnn.", "", StringComparison.Ordinal), w => w.Value);
        var loop = Through(() => new RecurrentLoop(cell, new(), 0.4, null)
            .Run(weights, model.Weights()["embedding.weight"][tokens], before, training: true) is var a ? (a.Output, a.Next) : default);
        Tensors.Near(fused.Output, loop.Output, 1e-6, "output");
        Tensors.Near(fused.State, loop.State, 1e-6, "state");
        foreach (var (name, gradient) in fused.Gradients)
            Assert.True(Tensors.RelativeDifference(gradient, loop.Gradients[name]) < 1e-5, name);
        Assert.NotEqual(0, fused.Output.Sum());
    }

    private static (HyperParameters Values, LanguageModel Model, Window Window, RecurrentState Before) Drawn(
        Cell cell, string settings, int T, int B, int H, int V, int layers, int seed)
    {
        manual_seed(seed);
        var values = (new HyperParameters { Cell = cell, Hidden = H, Layers = layers, Dropout = 0.3, LayerDropout = 0.4 })
            .With(settings.Split(' ')).Validated();
        var model = Trainer.NewModel(values, V, CPU);
        model.Randomize(Math.Min(0.7, 1.5 / Math.Sqrt(H))); // larger, and a tanh RNN is chaotic: it multiplies rounding at every step
        model.train();
        var random = new Random(seed);
        long[] Words() => [.. Enumerable.Range(0, T * B).Select(_ => (long)random.Next(V))];
        return (values, model, new(T, B, Words(), Words()),
            new(rand(layers, B, H) - 0.5, cell == Cell.Lstm ? rand(layers, B, H) - 0.5 : null));
    }

    /// <summary>The slope of a function of some numbers along a direction.</summary>
    private static double Slope(Func<double> function, double[] numbers, double[] direction)
    {
        const double reach = 1e-5;
        double[] there = [.. numbers];
        double At(double distance)
        {
            for (var i = 0; i < numbers.Length; i++)
                numbers[i] = there[i] + distance * direction[i];
            return function();
        }
        var slope = (At(reach) - At(-reach)) / (2 * reach);
        there.CopyTo(numbers, 0);
        return slope;
    }

    private static double[][] Rows(Tensor layersFirst) => [.. Enumerable.Range(0, (int)layersFirst.shape[0]).Select(i => layersFirst[i].Numbers())];

    private static double[] Joined(double[][] rows) => [.. rows.SelectMany(r => r)];
}
