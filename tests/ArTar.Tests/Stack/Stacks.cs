using ArTar.Tests.Training;
using ArTar.Workbench.Data;
using ArTar.Workbench.Models;
using ArTar.Workbench.Stack;
using ArTar.Workbench.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Stack;

/// <summary>Small stacks, and the runs of which they consist one by one.</summary>
internal static class Stacks
{
    /// <summary>Every device that stacks can be tested on here. Where there is no GPU, <see cref="GpuTests"/> says so.</summary>
    public static TheoryData<string> Devices => [.. HasGpu ? ["cpu", "cuda"] : new[] { "cpu" }];

    /// <summary>The same with every cell.</summary>
    public static TheoryData<string, Cell> DevicesAndCells =>
        [.. Devices.SelectMany(row => Enum.GetValues<Cell>().Select(cell => new TheoryDataRow<string, Cell>(row.Data, cell)))];

    public static bool HasGpu { get; } = TryInitializeDeviceType(DeviceType.CUDA) && cuda.is_available();

    /// <summary>A device, with products in float32 on it.</summary>
    public static Device On(string name)
    {
        if (name != "cpu")
            Precision.Fp32.Apply();
        return device(name);
    }

    /// <summary>Rows that differ in everything in which runs of a stack may: with dropout and without, clipped and not.</summary>
    public static HyperParameters[] Mixed(Cell cell = Cell.Lstm, int layers = 2, bool dropout = true)
    {
        var values = Small.Values with { Cell = cell, Layers = layers };
        HyperParameters[] rows =
        [
            (values with { Seed = 3, LearningRate = 1, Clip = 0.2, WeightDecay = 1e-3 }).With(["alpha=2", "beta=1.5"]),
            (values with
            {
                Seed = 7, Dropout = 0, LayerDropout = 0, LearningRate = 0.7, Clip = 100, WeightDecay = 0, EmbeddingRange = 0.5,
            }).With(["beta=3"]),
            (values with
            {
                Seed = 4, Dropout = 0.1, LayerDropout = 0.6, LearningRate = 1.5, Clip = 0.5, LearningRateDecay = 2, Epochs = 2,
            }).With(["alpha=0.3"]),
        ];
        return dropout ? rows : [.. rows.Select(r => r with { Dropout = 0, LayerDropout = 0 })];
    }

    /// <summary>A stack of new runs.</summary>
    public static StackTrainer Trainer(IEnumerable<HyperParameters> rows, Corpus? corpus = null, string device = "cpu") =>
        new([.. rows.Select(r => new StackStart(r.Validated()))], corpus ?? Small.Corpus(), On(device));

    /// <summary>A run alone by the plain step.</summary>
    public static Trainer Alone(HyperParameters values, Corpus? corpus = null, Checkpoint? checkpoint = null, string device = "cpu") =>
        new(values.Validated(), corpus ?? Small.Corpus(), On(device), checkpoint, KernelChoice.Plain);

    /// <summary>The weights of a stack's runs at the moment, by name.</summary>
    public static Dictionary<string, double[]> WeightsOf(this StackTrainer trainer, int member)
    {
        using var folder = new TemporaryFolder();
        trainer.Save(member, folder["now"]);
        using var checkpoint = Checkpoint.Load(folder["now"]);
        using var model = checkpoint.BuildModel(CPU);
        return model.Weights().ToDictionary(w => w.Key, w => w.Value.Numbers());
    }

    /// <summary>Trains until so many windows are done since this call, at most to the end.</summary>
    public static void RunFor(this StackTrainer trainer, int windows, StackEvents? events = null)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var done = 0;
        try
        {
            trainer.Run((events ?? new()) with
            {
                Window = () =>
                {
                    events?.Window?.Invoke();
                    if (++done == windows)
                        stop.Cancel();
                },
            }, stop.Token);
        }
        catch (OperationCanceledException) when (done >= windows)
        {
        }
    }

    /// <summary>Trains to the end and keeps the weights that each run ended with.</summary>
    public static Dictionary<string, double[]>[] RunToEnd(this StackTrainer trainer, StackEvents? events = null)
    {
        var weights = new Dictionary<string, double[]>[trainer.Members.Count];
        trainer.Run((events ?? new()) with
        {
            End = ended =>
            {
                foreach (var member in ended)
                    weights[member] = trainer.WeightsOf(member);
                events?.End?.Invoke(ended);
            },
        }, TestContext.Current.CancellationToken);
        return weights;
    }

    /// <summary>Fails unless weights are the same to a tolerance, relative to each one's norm.</summary>
    public static void Same(
        IReadOnlyDictionary<string, double[]> expected, IReadOnlyDictionary<string, double[]> actual, double tolerance, string what)
    {
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach (var (name, numbers) in expected)
        {
            var difference = Tensors.RelativeDifference(numbers, actual[name]);
            Assert.True(difference <= tolerance, $"{what}, {name}: relative difference {difference:G3}, expected at most {tolerance:G3}");
        }
    }

    /// <summary>Fails unless two runs had the same schedule and the same figures to a tolerance.</summary>
    public static void Same(IReadOnlyList<EpochMetrics> expected, IReadOnlyList<EpochMetrics> actual, double tolerance)
    {
        Assert.Equal(expected.Select(e => (e.Epoch, e.LearningRate)), actual.Select(e => (e.Epoch, e.LearningRate)));
        foreach (var (e, a) in expected.Zip(actual))
        {
            Assert.Equal(e.TrainLoss, a.TrainLoss, tolerance);
            Assert.Equal(e.ValidLoss, a.ValidLoss, tolerance);
            Assert.Equal(e.GradientNorm, a.GradientNorm, tolerance * Math.Max(1, e.GradientNorm));
            Assert.Equal(e.Penalties.Keys.Order(), a.Penalties.Keys.Order());
            foreach (var (name, penalty) in e.Penalties)
                Assert.Equal(penalty, a.Penalties[name], tolerance);
            Assert.Equal(e.Identity is null, a.Identity is null);
            if (e.Identity is not null)
                Assert.Equal(e.Identity.Distance, a.Identity!.Distance, tolerance);
        }
    }
}
