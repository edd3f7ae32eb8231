using ArTar.Tests.Training;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Output;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;
using CsCheck;

namespace ArTar.Tests.Tables;

/// <summary>Tables computed from stored summaries; nothing is trained. In the collection because regularizers belong to the process.</summary>
[Collection(TorchTests.Name)]
public sealed class TableReportTests : IDisposable
{
    private static readonly Corpus corpus = Small.Corpus();
    private readonly TemporaryFolder folder = new();
    private readonly RunStore store;

    public TableReportTests() => store = new(folder.Path);

    public void Dispose() => folder.Dispose();

    private static TablePlan Plan(int seeds, params string[] rows) => TablePlan.For(KnownTables.Get(1), Profile.Get("laptop"), corpus.Facts, rows, [], seeds);

    [Theory]
    [InlineData(3, "Hidden=64 epochs=2", "Hidden=64 is set for every row, so rows that should differ in Hidden do not.")]
    [InlineData(1, "alpha=1", "alpha=1 is set for every row, so rows that should differ in alpha do not.")]
    [InlineData(1, "hidden=64", null)]
    [InlineData(1, "", null)]
    public void A_change_to_every_row_that_makes_rows_alike_is_told(int table, string settings, string? told) => Assert.Equal(told,
        TablePlan.For(KnownTables.Get(table), Profile.Get("laptop"), Training.Small.Corpus().Facts, [], settings.Split(' ', StringSplitOptions.RemoveEmptyEntries), 1).Levelled);

    [Fact]
    public void A_row_that_no_fused_layer_can_compute_says_so()
    {
        (string Row, bool Fused)[] rows = [("plain", true), ("ns50+ar+tar", true), ("ed0.1", true), ("wd0.5", true), ("vd0.25", false),
            ("rd0.25", false), ("zo0.25+ar+tar", false), ("ln10", false), ("c1", false)];
        var plan = TablePlan.For(KnownTables.Named("invasive"), Profile.Get("laptop"), corpus.Facts, [.. rows.Select(r => r.Row)], [], 1);
        var report = TableReport.Build(plan, store);
        Assert.Equal(rows, report.Rows.Select(r => (r.Row.Id, r.IsFusible)));
        Assert.Contains(TableSheet.Legend(report), l => l.StartsWith("not fused: ", StringComparison.Ordinal));
        var remarks = report.ToString().Split('\n').Where(l => l.EndsWith("not fused", StringComparison.Ordinal)).ToList();
        Assert.Equal(rows.Count(r => !r.Fused), remarks.Count);
        Assert.DoesNotContain("fused", TableReport.Build(Plan(1), store).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Means_and_deviations_over_seeds_and_gains_seed_by_seed()
    {
        // By hand: valid 100, 110, 120 and 90, 108, 111; gains 10, 2, 9.
        double[] baseline = [100, 110, 120], ours = [90, 108, 111];
        for (var seed = 1; seed <= 3; seed++)
        {
            Store("alpha=0", seed, FakedRuns.Finished(baseline[seed - 1], test: baseline[seed - 1] - 4, train: 50 + seed) with { Seconds = 10 * seed });
            Store("alpha=2", seed, FakedRuns.Finished(ours[seed - 1], test: ours[seed - 1] - 3, train: 60 + seed) with { Seconds = 20 });
        }
        var report = TableReport.Build(Plan(3, "alpha=0", "alpha=2"), store);
        var (plain, ar) = (report.Rows[0], report.Rows[1]);
        Near(110, 10, plain.Valid);
        Near(103, Math.Sqrt((13 * 13 + 5 * 5 + 8 * 8) / 2.0), ar.Valid);
        Near(106, 10, plain.Test);
        Near(100, Math.Sqrt((13 * 13 + 5 * 5 + 8 * 8) / 2.0), ar.Test);
        Near(7, Math.Sqrt((9 + 25 + 4) / 2.0), ar.Gain);
        Near((10.0 + 200.0 / 110 + 7.5) / 3, double.NaN, ar.GainPercent);
        Near(62, 1, ar.Train);
        Near(20, 10, plain.Seconds);
        Assert.Null(plain.Gain);
        Assert.Equal(("", ""), (plain.Remark, ar.Remark));
        Assert.Equal((6, 6), report.Completeness);
        Assert.Equal("7.00 ± 4.36", $"{ar.Gain}");
    }

    [Fact]
    public void A_measure_agrees_with_the_textbook() => Gen.Double[1, 1000].Array[0, 8].Sample(figures =>
    {
        if (MeanDeviation.Of(figures) is not { } measure)
        {
            Assert.Empty(figures);
            return;
        }
        // The other formula of the variance: (sum of squares - n * mean^2) / (n - 1).
        var n = figures.Length;
        var mean = figures.Sum() / n;
        Assert.Equal(n, measure.Count);
        Assert.Equal(mean, measure.Mean, 1e-9 * mean);
        Assert.Equal(n == 1 ? 0 : (figures.Sum(x => x * x) - n * mean * mean) / (n - 1), measure.Deviation * measure.Deviation, 1e-6 * mean * mean);
    });

    [Fact]
    public void Runs_that_did_not_finish_are_named_and_not_counted()
    {
        Store("alpha=0", 1, FakedRuns.Finished(100));
        Store("alpha=0", 2, FakedRuns.Finished(120));
        Store("alpha=0", 3, FakedRuns.Finished(500));
        Store("alpha=1", 1, FakedRuns.Finished(90));
        Store("alpha=1", 2, FakedRuns.Ended(RunStatus.Diverged) with { ValidLoss = 2 });
        Store("alpha=2", 1, FakedRuns.Ended(RunStatus.OutOfMemory));
        Store("alpha=2", 2, FakedRuns.Ended(RunStatus.Failed));
        Store("alpha=2", 3, FakedRuns.Ended(RunStatus.Diverged));
        store.GetOrCreate(Plan(3).Configuration(Row("alpha=4"), 1));
        var stopped = store.GetOrCreate(Plan(3).Configuration(Row("alpha=4"), 2));
        File.WriteAllText(stopped.LastCheckpoint, "");
        var rows = TableReport.Build(Plan(3), store).Rows.ToDictionary(r => r.Row.Id);

        Near(90, 0, rows["alpha=1"].Valid);
        Near(10, 0, rows["alpha=1"].Gain); // over seed 1 of the baseline, not over its mean
        Assert.Equal(1, rows["alpha=1"].Gain!.Value.Count);
        Assert.Equal("90.00", $"{rows["alpha=1"].Valid}");
        Assert.Equal("1 of 3 not run, 1 of 3 diverged", rows["alpha=1"].Remark);
        Assert.Equal("1 of 3 diverged, 1 of 3 out of memory, 1 of 3 failed", rows["alpha=2"].Remark);
        Assert.Null(rows["alpha=2"].Valid);
        Assert.Null(rows["alpha=2"].Gain);
        Assert.Equal("2 of 3 not run, 1 of 3 interrupted", rows["alpha=4"].Remark);
        Assert.Equal("not run", rows["alpha=6"].Remark);
        Assert.Equal((8, 18), TableReport.Build(Plan(3), store).Completeness);
        Assert.Equal("not run", TableReport.Build(Plan(1, "alpha=6"), store).Rows[0].Remark);
    }

    [Fact]
    public void Gains_count_though_the_baseline_row_is_not_shown()
    {
        Store("alpha=0", 1, FakedRuns.Finished(100));
        Store("alpha=2", 1, FakedRuns.Finished(101));
        var row = Assert.Single(TableReport.Build(Plan(1, "alpha=2"), store).Rows);
        Near(-1, 0, row.Gain);
    }

    [Fact]
    public void A_table_finds_the_runs_of_another_with_the_same_configuration()
    {
        Store("alpha=0", 1, FakedRuns.Finished(100));
        var second = TablePlan.For(KnownTables.Get(2), Profile.Get("laptop"), corpus.Facts, [], [], 1);
        Near(100, 0, TableReport.Build(second, store).Rows[0].Valid);
        var larger = TablePlan.For(KnownTables.Get(2), Profile.Get("laptop"), corpus.Facts, [], ["hidden=64"], 1);
        Assert.Equal("not run", TableReport.Build(larger, store).Rows[0].Remark);
    }

    [Fact]
    public void Circumstances_and_shared_values_come_without_repeats()
    {
        Store("alpha=0", 1, FakedRuns.Finished(100));
        Store("alpha=1", 1, FakedRuns.Finished(100));
        Store("alpha=2", 1, FakedRuns.Finished(100) with { Circumstances = FakedRuns.Here with { Threads = 1 } });
        var report = TableReport.Build(Plan(1), store);
        Assert.Equal(
            [
                "cpu, 2 threads, plain kernels, Some CPU; libtorch 2.10.0, .NET 10.0.1; workbench 1.0.0",
                "cpu, 1 thread, plain kernels, Some CPU; libtorch 2.10.0, .NET 10.0.1; workbench 1.0.0",
            ], report.Circumstances);
        Assert.Contains(new("cell", "lstm"), report.SharedValues);
        Assert.DoesNotContain(report.SharedValues, v => v.Key is "seed" or "alpha");
        var (key, byRow) = Assert.Single(report.DifferingValues);
        Assert.Equal("alpha: 0 1 2 4 6 8", $"{key}: {string.Join(' ', byRow)}");
    }

    [Fact]
    public void The_legend_says_in_what_the_rows_differ()
    {
        var sizes = TablePlan.For(KnownTables.Get(3), Profile.Get("laptop"), corpus.Facts, [], [], 1);
        Assert.Contains("row by row: hidden=200,200,300,300,400,400 dropout=0.3,0.3,0.3,0.3,0.4,0.4 alpha=0,2,0,2,0,2 beta=0,1,0,1,0,1", TableSheet.Legend(TableReport.Build(sizes, store)));
        var map = TablePlan.For(KnownTables.Named("tanh"), Profile.Get("laptop"), corpus.Facts, [], [], 1);
        Assert.Contains("rows differ in: recurrentInit=uniform|identity learningRate=20|5|1 clip=0.25|1 alpha=0|2 beta=0|1", TableSheet.Legend(TableReport.Build(map, store)));
        var one = TablePlan.For(KnownTables.Get(3), Profile.Get("laptop"), corpus.Facts, ["medium+ar+tar"], [], 1);
        Assert.Contains(new("alpha", "2"), TableReport.Build(one, store).SharedValues);
        Assert.DoesNotContain(TableSheet.Legend(TableReport.Build(one, store)), line => line.StartsWith("row by row", StringComparison.Ordinal));
    }

    [Fact]
    public void A_damaged_summary_is_a_row_that_says_so_and_hides_no_other()
    {
        Store("alpha=0", 1, FakedRuns.Finished(100));
        FakedRuns.Damage(store.All().Single().Folder);
        Store("alpha=2", 1, FakedRuns.Finished(90));
        var report = TableReport.Build(Plan(1), store);
        Assert.Matches(@"summary\.json is damaged \(.*\).* Move the folder \S+ elsewhere; the run is then trained anew, and nothing is lost\.$", Assert.Single(report.Faults));
        Assert.Equal("damaged", report.Rows.Single(r => r.Row.Id == "alpha=0").Remark);
        Assert.Equal(90, report.Rows.Single(r => r.Row.Id == "alpha=2").Valid!.Value.Mean, 1e-9);
    }

    private static Row Row(string id) => KnownTables.Get(1).Rows.Single(r => r.Id == id);

    private void Store(string row, int seed, RunSummary summary) => FakedRuns.Write(store, Plan(3).Configuration(Row(row), seed), summary);

    private static void Near(double mean, double deviation, MeanDeviation? measure)
    {
        Assert.NotNull(measure);
        Assert.Equal(mean, measure.Value.Mean, 1e-9);
        if (!double.IsNaN(deviation))
            Assert.Equal(deviation, measure.Value.Deviation, 1e-9);
    }

    [Fact]
    public void Every_field_for_programs_is_documented()
    {
        var page = File.ReadAllText(Path.Combine(TestData.Repository, "docs", "command-line.md"));
        var fields = Records.ToCsv(Array.Empty<TableRecord>()).TrimEnd('\n').Split(',');
        Assert.Equal(35, fields.Length);
        Assert.All(fields, field => Assert.Contains($"`{field}`", page, StringComparison.Ordinal));
    }
}
