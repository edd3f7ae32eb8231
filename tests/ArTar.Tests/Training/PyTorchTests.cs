using System.Globalization;
using ArTar.Workbench.Data;
using ArTar.Workbench.Models;
using ArTar.Workbench.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Training;

/// <summary>The trainer against a real PyTorch: another program, another version of libtorch, another author of the loop.</summary>
[Collection(TorchTests.Name)]
public class PyTorchTests
{
    /// <summary>Of the L2 norm of a tensor's difference over the L2 norm of PyTorch's tensor.</summary>
    private const double Tolerance = 1e-4;

    // One step and one column among them; the small clip norm is exceeded, the large one is not.
    private static readonly (int T, int B, double Clip)[] s_sizes = [(5, 3, 0.05), (1, 3, 10), (5, 1, 10), (1, 1, 0.05)];

    /// <summary>
    /// The trainer takes two steps. What it saved after the first (weights, carried state, recipe) goes to PyTorch, which
    /// takes the second: loss, penalties, norm, each clipped gradient, each weight after SGD and the state must agree.
    /// </summary>
    [Theory]
    [InlineData(Cell.Lstm, KernelChoice.Fast)]
    [InlineData(Cell.Gru, KernelChoice.Fast)]
    [InlineData(Cell.Tanh, KernelChoice.Fast)]
    [InlineData(Cell.Lstm, KernelChoice.Plain)]
    [InlineData(Cell.Gru, KernelChoice.Plain)]
    [InlineData(Cell.Tanh, KernelChoice.Plain)]
    public void One_step_with_AR_and_TAR_agrees_in_loss_gradients_and_weights(Cell cell, KernelChoice kernels)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var steps = s_sizes.Select(s => TwoSteps(folder, cell, s.T, s.B, s.Clip, kernels)).ToList();
        PyTorch.Run("one_step.py", [.. steps.SelectMany(s => new[] { s.Name + "before", s.Name + "window", s.Name + "result" })]);
        foreach (var (name, T, clip, actual) in steps)
        {
            // The state that the step started from is not zero, TAR counts, and the clip is met where it is small.
            var (expected, _) = SafeTensors.Read(name + "result");
            Assert.True(SafeTensors.Read(name + "before").Tensors["state.hidden"].abs().max().ToDouble() > 0.01);
            Assert.Equal(T > 1, expected["TAR"].ToDouble() > 1e-6);
            Assert.Equal(clip < 1, expected["norm"].ToDouble() > clip);

            Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
            foreach (var (key, numbers) in actual)
            {
                var difference = Tensors.RelativeDifference(expected[key].Numbers(), numbers);
                Assert.True(difference <= Tolerance, $"{Path.GetFileName(name)}{key}: relative difference {difference:G3}, expected at most {Tolerance}");
            }
        }
    }

    private static (string Name, int T, double Clip, Dictionary<string, double[]> Results) TwoSteps(TemporaryFolder folder, Cell cell, int T, int B, double clip, KernelChoice kernels)
    {
        var values = new HyperParameters
        {
            Cell = cell, Hidden = 7, Dropout = 0, LayerDropout = 0, BatchSize = B, Window = T, EvaluationBatchSize = 1,
            LearningRate = 3, Clip = clip, WeightDecay = 0.01, EmbeddingRange = 1, Epochs = 1, Seed = T * 10 + B,
        }.With("alpha", "2").With("beta", "1.5");
        var corpus = Small.Corpus(train: B * (2 * T + 1));
        var name = folder[$"T{T}-B{B}-"];
        using var trainer = Small.Trainer(values, corpus, kernels: kernels);
        trainer.RunTo(1);
        trainer.Save(name + "before");
        var (inputs, targets) = new Windows(corpus.Train, B, T)[1].ToTensors(CPU);
        SafeTensors.Write(name + "window", [("inputs", inputs), ("targets", targets)], new Dictionary<string, string>());
        var before = trainer.Position.Sums;

        trainer.RunTo(2);
        trainer.Save(name + "after");
        var now = trainer.Position.Sums;
        var results = SafeTensors.Read(name + "after").Tensors.ToDictionary(t => t.Key, t => t.Value.Numbers());
        results["loss"] = [(now.Loss - before.Loss) / (T * B)];
        results["norm"] = [now.GradientNorm - before.GradientNorm];
        // The fast step rescales while it updates; what lies in the parameters is the whole gradient.
        var scale = kernels == KernelChoice.Fast ? Math.Min(1, clip / (results["norm"][0] + 1e-6)) : 1;
        foreach (var (key, weight) in trainer.Model.Weights())
            results["gradient." + key] = [.. weight.grad!.Numbers().Select(g => g * scale)];
        results["AR"] = [now.Penalties["AR"] - before.Penalties["AR"]];
        results["TAR"] = [now.Penalties["TAR"] - before.Penalties["TAR"]];
        return (name, T, clip, results);
    }

    [Fact]
    public void Trained_checkpoints_give_PyTorch_the_same_perplexity()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var corpus = Small.Corpus(valid: 121);
        SafeTensors.Write(folder["tokens"], [("tokens", tensor(corpus.Valid.ToArray(), int64))], new Dictionary<string, string>());
        var losses = new List<double>();
        foreach (var cell in Enum.GetValues<Cell>())
        {
            using var trainer = Small.Trainer(Small.Values with { Cell = cell }, corpus);
            trainer.RunToEnd();
            trainer.Save(folder[$"{cell}"]);
            losses.Add(trainer.Position.Epochs[^1].ValidLoss);
            Assert.True(losses[^1] < Math.Log(12) - 0.02, $"{losses[^1]}: nothing was learnt, so this shows nothing");
        }
        var theirs = PyTorch.Run("loss.py", [folder["tokens"], "3", .. Enum.GetNames<Cell>().Select(cell => folder[cell])]);
        Tensors.Near(theirs.Split('\n')[..^1].Select(line => double.Parse(line, CultureInfo.InvariantCulture)).ToArray(), losses.ToArray(), 1e-5, "loss");
    }

    [Fact]
    public void Python_reads_our_files_and_we_read_those_of_Python()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        List<(string Name, Tensor Value)> ours =
        [
            ("float", randn(3, 4)), ("double", randn([2, 1, 5], float64)), ("long", randint(-9, 9, [6], int64)),
            ("byte", randint(0, 255, [2, 2], uint8)), ("scalar", tensor(1.5f)), ("none", empty(0, 3)), ("ünï \"name\"\n", ones(1)),
        ];
        SafeTensors.Write(folder["ours"], ours, new Dictionary<string, string> { ["note"] = "größer\n\"2\"" });
        PyTorch.Run("echo.py", folder["ours"], folder["theirs"]);
        var (theirs, metadata) = SafeTensors.Read(folder["theirs"]);
        Assert.Empty(metadata);
        Assert.Equal(ours.Count, theirs.Count);
        foreach (var (name, value) in ours)
        {
            Assert.Equal(value.dtype, theirs[name].dtype);
            Assert.Equal(value.shape, theirs[name].shape);
            Assert.Equal(value.Bits(), theirs[name].Bits());
        }
    }
}
