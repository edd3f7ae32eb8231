using System.Diagnostics;
using System.Globalization;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;

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
                var finished = FakedRuns.Finished(Math.Exp(loss)) with { Circumstances = FakedRuns.Usual };
                FakedRuns.Write(store, plan.Configuration(row, seed),
                    row.Id == "alpha=8" && seed == 5 ? finished with { Status = RunStatus.Diverged, TestLoss = null } : finished);
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
