using ArTar.Tests.Figures;
using ArTar.Tests.Training;
using ArTar.Workbench;
using ArTar.Workbench.Output;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;

namespace ArTar.Tests.Tables;

public sealed class PaperCellsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private IReadOnlyDictionary<string, PaperCell> Of(string yaml)
    {
        Directory.CreateDirectory(folder["tables"]);
        File.WriteAllText(folder["tables/paper-cells.yaml"], yaml);
        return PaperCells.Of(KnownTables.Get(1), new(folder.Path));
    }

    [Fact]
    public void As_it_comes_the_file_says_nothing_and_no_table_has_a_column_of_the_paper()
    {
        Assert.Empty(PaperCells.Of(KnownTables.Get(1), new(Workspace.Repository!)));
        var report = Report();
        Assert.DoesNotContain(TableSheet.Of(report).WithoutEmptyColumns().Columns, c => c.Key == "paper");
        Assert.DoesNotContain("lost", string.Join(' ', TableSheet.Of(report).Rows.SelectMany(r => r.Cells).Select(c => c.Text)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_reader_fills_in_stands_beside_what_was_measured()
    {
        var report = Report() with { Paper = Of("1:\n  alpha=0: {valid: 70.5, test: 68}\n  alpha=2: {test: 66.25}\n") };
        var sheet = TableSheet.Of(report).Choose(["row", "paper"]);
        Assert.Equal(["70.50 / 68.00", "", "– / 66.25"], sheet.Rows.Take(3).Select(r => r.Cells[1].Text));
        Assert.Contains(TableSheet.Legend(report), l => l.Contains("paper: its own valid / test, from tables/paper-cells.yaml", StringComparison.Ordinal));
        Assert.Empty(PaperCells.Of(KnownTables.Get(2), new(folder.Path)));
    }

    [Theory]
    [InlineData("9:\n  alpha=0: {valid: 70}\n", "line 1, column 1: unknown table '9'")]
    [InlineData("1:\n  alpha=3: {valid: 70}\n", "line 2, column 3: unknown row 'alpha=3'")]
    [InlineData("1:\n  alpha=2: {valdi: 70}\n", "line 2, column 13: unknown key 'valdi'; did you mean 'valid'?")]
    [InlineData("1:\n  alpha=2: {valid: 0.5}\n", "line 2, column 20: valid: 0.5; expected a perplexity, which is above 1.")]
    [InlineData("1:\n  alpha=2: {valid: seventy}\n", "line 2, column 20: valid: seventy; expected a number.")]
    [InlineData("1:\n  alpha=2: 70\n", "line 2, column 12: alpha=2: expected figures, such as {valid: 70.0, test: 68.0}.")]
    [InlineData("1: 70\n", "line 1, column 4: table 1: expected rows")]
    public void Faults_are_named_with_their_line(string yaml, string message) =>
        Assert.Contains(message, Assert.Throws<WorkbenchException>(() => Of(yaml)).Message, StringComparison.Ordinal);

    private TableReport Report()
    {
        var (plan, store) = (FakedRuns.Plan(1, Small.Corpus()), new RunStore(folder["runs"]));
        FakedRuns.Write(store, plan, (_, _) => 100);
        return TableReport.Build(plan, store);
    }

    [Fact]
    public void The_samples_are_the_papers_appendix_and_no_table_of_it() =>
        Assert.Equal("The paper's appendix. Text drawn from the model", KnownTables.Get(7).Name);
}
