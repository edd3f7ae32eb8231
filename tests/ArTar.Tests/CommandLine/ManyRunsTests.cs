using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;

namespace ArTar.Tests.CommandLine;

/// <summary>A table over a thousand stored runs.</summary>
public sealed class ManyRunsTests(ITestOutputHelper output) : IDisposable
{
    private const int Seeds = 167;
    private readonly Artar artar = new();

    public void Dispose() => artar.Dispose();

    [Fact]
    public void Is_right_and_quick()
    {
        var plan = TablePlan.For(KnownTables.Get(1), Profile.Get("quick"), Corpora.Load("synthetic", new(artar.Home), cancellation: TestContext.Current.CancellationToken).Facts, [], [], Seeds);
        var store = new RunStore(new Workspace(artar.Home));
        var random = new Random(1);
        var losses = new Dictionary<(string Row, int Seed), double>();
        foreach (var row in plan.Rows)
            foreach (var seed in plan.Seeds)
            {
                var loss = losses[(row.Id, seed)] = 4 + random.NextDouble();
                var diverged = row.Id == "alpha=8" && seed == 5;
                var epoch = new EpochMetrics
                {
                    Epoch = 1, LearningRate = 10, TrainLoss = 4, ValidLoss = loss, Penalties = new Dictionary<string, double>(), GradientNorm = 1, Seconds = 1, TokensPerSecond = 1000,
                };
                var summary = new RunSummary
                {
                    Status = diverged ? RunStatus.Diverged : RunStatus.Finished,
                    BestEpoch = 1, ValidLoss = loss, TestLoss = diverged ? null : loss, LastEpoch = epoch, Seconds = 1, TokensPerSecond = 1000,
                    Circumstances = new()
                    {
                        Workbench = "1", LibTorch = "2", DotNet = "10", Device = "cpu", Kernels = KernelChoice.Fast, Threads = 1, Processor = "p", OperatingSystem = "o", Started = DateTime.UnixEpoch, PeakMemory = 1,
                    },
                };
                var configuration = plan.Configuration(row, seed);
                var folder = Directory.CreateDirectory(Path.Combine(store.Folder, configuration.Id)).FullName;
                File.WriteAllText(Path.Combine(folder, "configuration.json"), JsonSerializer.Serialize(configuration, Json.Indented));
                File.WriteAllText(Path.Combine(folder, "summary.json"), JsonSerializer.Serialize(summary, Json.Indented));
            }

        TableReport.Build(plan, store);
        var clock = Stopwatch.StartNew();
        var report = TableReport.Build(plan, store);
        output.WriteLine($"report over {report.Completeness.All} runs: {clock.ElapsedMilliseconds} ms");
        Assert.Equal((6 * Seeds, 6 * Seeds), report.Completeness);
        foreach (var row in report.Rows)
        {
            var seeds = plan.Seeds.Where(s => row.Row.Id != "alpha=8" || s != 5).ToList();
            Assert.Equal(seeds.Average(s => Math.Exp(losses[(row.Row.Id, s)])), row.Valid!.Value.Mean, 9);
            if (row.Row.Baseline is { } baseline)
                Assert.Equal(seeds.Average(s => Math.Exp(losses[(baseline.Id, s)]) - Math.Exp(losses[(row.Row.Id, s)])), row.Gain!.Value.Mean, 9);
        }
        Assert.Equal($"1 of {Seeds} diverged", report.Rows[^1].Remark);

        clock.Restart();
        var said = artar.Run("table", "1", "--seeds", Seeds.ToString(CultureInfo.InvariantCulture), "--format", "csv");
        output.WriteLine($"the whole command: {clock.ElapsedMilliseconds} ms");
        Assert.Equal((0, ""), (said.Code, said.Errors));
        Assert.Equal(1 + 6 * Seeds, said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(1 + 6 * Seeds, artar.Run("runs", "list", "--format", "csv").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }
}
