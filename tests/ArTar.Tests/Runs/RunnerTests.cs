using System.Text.Json;
using ArTar.Tests.Training;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Regularization;
using ArTar.Workbench.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Runs;

[Collection(TorchTests.Name)]
public sealed class RunnerTests : IDisposable
{
    private static readonly Corpus corpus = Small.Corpus(train: 60);
    private readonly TemporaryFolder folder = new();
    private readonly RunStore store;

    public RunnerTests() => store = new(folder["runs"]);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_test_split_sees_the_weights_that_were_best_on_validation()
    {
        // 60 training tokens are soon known by heart, and validation gets worse: the best epoch is not the last.
        var values = Small.Values with { Epochs = 15, LearningRate = 8, LearningRateDecay = 1, Dropout = 0, LayerDropout = 0 };
        var run = Run(values, out var summary);
        var epochs = run.ReadMetrics();
        Assert.Equal((RunStatus.Finished, 15), (summary.Status, epochs.Count));
        var best = epochs.MinBy(e => e.ValidLoss)!;
        Assert.InRange(best.Epoch, 1, 14);
        Assert.Equal((best.Epoch, best.ValidLoss), (summary.BestEpoch, summary.ValidLoss));

        using var checkpoint = Checkpoint.Load(run.BestCheckpoint);
        using var model = checkpoint.BuildModel(CPU);
        var naive = new Models.NaiveNetwork(model);
        Assert.Equal(naive.Loss(corpus.Valid.Span, 3), summary.ValidLoss!.Value, 1e-5);
        Assert.Equal(naive.Loss(corpus.Test.Span, 3), summary.TestLoss!.Value, 1e-5);
        Assert.Equal(Math.Exp(summary.TestLoss.Value), summary.TestPerplexity);
        Assert.Equal(model.parameters().Sum(p => p.numel()), summary.Parameters);
        Assert.Equal(15, summary.LastEpoch!.Epoch);
        Assert.False(File.Exists(run.LastCheckpoint) || File.Exists(run.PreviousCheckpoint));
        Assert.Equal(JsonSerializer.Serialize(summary, Json.Indented), JsonSerializer.Serialize(store.Get(run.Id).ReadSummary(), Json.Indented));
    }

    [Fact]
    public void A_run_that_blows_up_at_once_ends_as_diverged_without_figures()
    {
        var run = Run(Small.Values with { LearningRate = 1e30, Clip = 1e30 }, out var summary);
        Assert.Equal((RunStatus.Diverged, RunStatus.Diverged), (summary.Status, run.Status));
        Assert.Null(summary.ValidLoss);
        Assert.Null(summary.TestLoss);
        Assert.Null(summary.LastEpoch);
        Assert.StartsWith("Diverged in epoch 1, ", summary.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_diverges_later_keeps_the_last_finite_figures()
    {
        // A penalty that turns into NaN in the third epoch: 3 steps an epoch.
        Regularizers.Add(new Late(call => call <= 7 ? 0 : double.NaN));
        var run = Run(Small.Values.With("gamma", "1"), out var summary);
        Assert.Equal(RunStatus.Diverged, summary.Status);
        var epochs = run.ReadMetrics();
        Assert.Equal([1, 2], epochs.Select(e => e.Epoch));
        Assert.Equal(epochs.Min(e => e.ValidLoss), summary.ValidLoss);
        Assert.Equal(epochs[1].TrainLoss, summary.LastEpoch!.TrainLoss);
        Assert.True(double.IsFinite(summary.LastEpoch.TrainLoss) && double.IsFinite(summary.Seconds));
        Assert.Null(summary.TestLoss);
        Assert.StartsWith("Diverged in epoch 3, ", summary.Error, StringComparison.Ordinal);

        // It has ended: the same command does not try again.
        Assert.Equal(summary.Error, new Runner(corpus, CPU).Execute(run, _ => Assert.Fail("a step"), cancellation: Cancellation).Error);
    }

    [Fact]
    public void A_run_that_could_not_be_opened_is_not_held_by_this_process()
    {
        var run = store.GetOrCreate(Configuration(Small.Values with { Epochs = 1 }));
        var inItsWay = Directory.CreateDirectory(Path.Combine(run.Folder, VocabularyFile.Name, "something"));
        Assert.ThrowsAny<Exception>(() => new Runner(corpus, CPU).Execute(run, cancellation: Cancellation));
        inItsWay.Parent!.Delete(recursive: true);
        Assert.Equal(RunStatus.Finished, new Runner(corpus, CPU).Execute(run, cancellation: Cancellation).Status);
    }

    [Fact]
    public void An_allocation_that_libtorch_cannot_serve_ends_the_run_as_out_of_memory()
    {
        // No address space has room for this: it fails at once, and takes nothing.
        Regularizers.Add(new Late(call => call <= 4 ? 0 : empty(1L << 60).ToDouble()));
        Run(Small.Values.With("gamma", "1"), out var summary);
        Assert.Equal(RunStatus.OutOfMemory, summary.Status);
        Assert.Equal(1, summary.LastEpoch!.Epoch);
        Assert.NotNull(summary.ValidLoss);
        Assert.DoesNotContain('\n', summary.Error!);
    }

    [Fact]
    public void Another_error_of_libtorch_ends_the_run_as_failed()
    {
        Regularizers.Add(new Late(_ => zeros(2, 3).mm(zeros(2, 3)).ToDouble()));
        Run(Small.Values.With("gamma", "1"), out var summary);
        Assert.Equal(RunStatus.Failed, summary.Status);
        Assert.Contains("mat1 and mat2 shapes cannot be multiplied", summary.Error, StringComparison.Ordinal);
    }

    /// <summary>Stopped after random steps again and again, the stored run ends as the one that never was stopped.</summary>
    [Fact]
    public void A_run_that_was_stopped_goes_on_by_itself_and_ends_the_same()
    {
        var values = Small.Values.With(["alpha=2", "beta=1", "epochs=5"]);
        var whole = Run(values, out var expected);

        var elsewhere = new RunStore(folder["stopped"]).GetOrCreate(whole.Configuration);
        Assert.Equal(RunStatus.Pending, elsewhere.Status);
        var random = new Random(4);
        var stops = 0;
        RunSummary? summary = null;
        while (summary is null)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var after = random.Next(1, 6);
            try
            {
                summary = new Runner(corpus, CPU).Execute(elsewhere, _ =>
                {
                    Assert.Equal(RunStatus.Running, elsewhere.Status);
                    if (--after == 0)
                        stop.Cancel();
                }, cancellation: stop.Token);
            }
            catch (OperationCanceledException)
            {
                stops++;
                Assert.Equal(RunStatus.Interrupted, elsewhere.Status);
            }
        }
        Assert.InRange(stops, 3, 15);
        Assert.Equal(Small.Figures(whole.ReadMetrics()), Small.Figures(elsewhere.ReadMetrics()));
        Assert.Equal((expected.ValidLoss, expected.TestLoss, expected.BestEpoch), (summary.ValidLoss, summary.TestLoss, summary.BestEpoch));
        using var scope = NewDisposeScope();
        var (a, b) = (SafeTensors.Read(whole.BestCheckpoint).Tensors, SafeTensors.Read(elsewhere.BestCheckpoint).Tensors);
        Assert.All(a, t => Assert.Equal(t.Value.Bits(), b[t.Key].Bits()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_damaged_checkpoint_is_told_and_the_one_before_it_is_taken(bool both)
    {
        var values = Small.Values.With("epochs", "4");
        var whole = Run(values, out var expected);
        var run = new RunStore(folder["damaged"]).GetOrCreate(whole.Configuration);
        using (var stop = new CancellationTokenSource())
            Assert.Throws<OperationCanceledException>(() => new Runner(corpus, CPU) { CheckpointInterval = TimeSpan.Zero }
                .Execute(run, p => { if (p.Position.Step == 8) stop.Cancel(); }, cancellation: stop.Token));
        foreach (var path in both ? new[] { run.LastCheckpoint, run.PreviousCheckpoint } : [run.LastCheckpoint])
        {
            var bytes = File.ReadAllBytes(path);
            bytes[bytes.Length / 2] ^= 4;
            File.WriteAllBytes(path, bytes);
        }
        // The next lease renames the folder of the one before.
        var damaged = run.LastCheckpoint.Replace("lease-1", "lease-2", StringComparison.Ordinal);
        var notices = new List<string>();
        long first = 0;
        var summary = new Runner(corpus, CPU) { Notice = notices.Add }.Execute(run, p => first = first == 0 ? p.Position.Step : first, cancellation: Cancellation);
        Assert.Equal(both ? 2 : 1, notices.Count);
        Assert.StartsWith($"{damaged} is not a whole safetensors file: its SHA-256 differs from the one stored in it.", notices[0], StringComparison.Ordinal);
        Assert.EndsWith(both ? "There is none before it: training starts anew." : "Going on from the one before it.", notices[^1], StringComparison.Ordinal);
        Assert.Equal(both ? 1 : 9, first);
        Assert.Equal(Small.Figures(whole.ReadMetrics()), Small.Figures(run.ReadMetrics()));
        Assert.Equal(expected.TestLoss, summary.TestLoss);
    }

    [Fact]
    public void What_killed_writers_left_is_gone_once_the_run_has_ended()
    {
        var run = store.GetOrCreate(Configuration(Small.Values with { Epochs = 2 }));
        Directory.CreateDirectory(Path.Combine(run.Folder, "lease-1"));
        Directory.CreateDirectory(Path.Combine(run.Folder, "b.partial"));
        foreach (var left in new[] { "configuration.json.a.partial", "vocabulary.json.a.partial", "b.partial/progress.json", "lease-1/last.safetensors.a.partial" })
            File.WriteAllText(Path.Combine(run.Folder, left), "half");
        new Runner(corpus, CPU).Execute(run, cancellation: Cancellation);
        Assert.Equal(["best.safetensors", "configuration.json", "lock", "metrics.jsonl", "summary.json", "vocabulary.json"],
            Directory.EnumerateFileSystemEntries(run.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_regularizer_that_is_not_known_here_is_not_left_out_in_silence()
    {
        var run = store.GetOrCreate(Configuration(Small.Values) with { Values = Small.Values with { Regularization = Small.Values.Regularization.Add("omega", 0.5) } });
        var fault = Assert.Throws<WorkbenchException>(() => new Runner(corpus, CPU).Execute(run, cancellation: Cancellation));
        Assert.Contains("omega=0.5: expected a known regularizer, one of alpha, beta", fault.Message, StringComparison.Ordinal);
        Assert.Equal(RunStatus.Pending, run.Status);
    }

    [Fact]
    public void Other_data_than_the_run_was_begun_on_is_refused()
    {
        var run = store.GetOrCreate(Configuration(Small.Values));
        var other = corpus with { Hash = new string('9', 64) };
        var fault = Assert.Throws<WorkbenchException>(() => new Runner(other, CPU).Execute(run, cancellation: Cancellation));
        Assert.Equal($"Run {run.Id} was begun on data with hash {corpus.Hash[..12]}, 'small' now has 999999999999.", fault.Message);
    }

    [Fact]
    public void Circumstances_are_recorded()
    {
        Run(Small.Values with { Epochs = 1 }, out var summary);
        var c = summary.Circumstances;
        Assert.Equal((LibTorch.Version, "cpu", get_num_threads()), (c.LibTorch, c.Device, c.Threads));
        Assert.All(new[] { c.Workbench, c.DotNet, c.Processor, c.OperatingSystem }, text => Assert.NotEmpty(text));
        Assert.InRange(c.PeakMemory, 50_000_000, 1L << 40);
        Assert.InRange(DateTime.UtcNow - c.Started, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        Assert.True(summary.Seconds > 0 && summary.TokensPerSecond > 0);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static RunConfiguration Configuration(HyperParameters values) =>
        new() { Data = corpus.Name, DataHash = corpus.Hash, Profile = "test", Values = values.Validated() };

    private StoredRun Run(HyperParameters values, out RunSummary summary)
    {
        var run = store.GetOrCreate(Configuration(values));
        summary = new Runner(corpus, CPU).Execute(run, cancellation: Cancellation);
        return run;
    }

    /// <summary>A penalty that depends on how often it was asked for; its coefficient is gamma.</summary>
    private sealed class Late(Func<int, double> value) : IRegularizer
    {
        private int calls;
        public string Name => "late";
        public string Coefficient => "gamma";
        public Tensor Penalty(Tensor raw, Tensor dropped) => raw.mean() * value(++calls);
    }
}
