using ArTar.Tests.Training;
using ArTar.Workbench;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using Microsoft.Data.Analysis;

namespace ArTar.Tests.Tables;

/// <summary>In the collection because regularizers belong to the process.</summary>
[Collection(TorchTests.Name)]
public sealed class TableFrameTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("226k", 226_000.0)]
    [InlineData("13.3M", 13_300_000.0)]
    [InlineData("1.5B", 1.5e9)]
    [InlineData("13300000", 13_300_000.0)]
    [InlineData("-", null)]
    [InlineData("M", null)]
    public void Parameters_that_are_cited_are_counted_in_their_unit(string text, double? count)
    {
        Assert.Equal(count, CitedRow.Count(text));
        Assert.Equal(count is not null, CitedRow.IsCount(text));
    }

    [Fact]
    public void Measured_papers_and_cited_rows_are_told_apart_and_what_is_not_known_is_null()
    {
        var store = new RunStore(folder.Path);
        var plan = TablePlan.For(KnownTables.Get(5), Profile.Get("laptop"), Small.Corpus().Facts, ["medium+ar+tar", "large+ar+tar"], [], 2);
        foreach (var (seed, valid) in new[] { (1, 80.0), (2, 84.0) })
            FakedRuns.Write(store, plan.Configuration(plan.Rows[0], seed), FakedRuns.Finished(valid));
        var report = TableReport.Build(plan, store) with { Paper = new Dictionary<string, PaperCell> { ["medium+ar+tar"] = new(70.5, null) } };
        var frame = TableFrame.Of(report);

        var lines = frame.Rows.Select(r => frame.Columns.Zip(r).ToDictionary(c => c.First.Name, c => c.Second)).ToList();
        Assert.Equal(["measured", "paper", "measured", .. Enumerable.Repeat("cited", plan.Table.Cited.Count)], lines.Select(l => (string)l["source"]));
        Assert.Equal(82.0, (double)lines[0]["valid"], 1e-9);
        Assert.Equal(Math.Sqrt(8), (double)lines[0]["± valid"], 1e-9);
        Assert.Equal(2.0, lines[0]["seeds"]);
        Assert.Equal(report.Rows[0].Parameters / 1e6, lines[0]["parameters (M)"]);
        Assert.Equal((70.5, null, null), (lines[1]["valid"], lines[1]["test"], lines[1]["seeds"]));
        Assert.Equal((null, null, 0.0, "not run"), (lines[2]["valid"], lines[2]["test"], lines[2]["seeds"], lines[2]["remark"]));

        // As published: 81.9 ± 0.2 with 20M; and one without validation, one without a size.
        var gal = lines.Single(l => (string)l["row"] == "Gal & Ghahramani 2016, variational LSTM (medium)");
        Assert.Equal((20.0, 81.9, 0.2, 79.7, 0.1), (gal["parameters (M)"], gal["valid"], gal["± valid"], gal["test"], gal["± test"]));
        var kim = lines.Single(l => ((string)l["row"]).StartsWith("Kim", StringComparison.Ordinal));
        Assert.Equal((19.0, null, 78.9, null), (kim["parameters (M)"], kim["valid"], kim["test"], kim["± test"]));
        Assert.Null(lines[^1]["parameters (M)"]);
        Assert.All(frame.Columns, c => Assert.True(c is StringDataFrameColumn or DoubleDataFrameColumn));
    }
}
