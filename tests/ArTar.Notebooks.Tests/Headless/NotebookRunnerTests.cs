using System.Text.Json.Nodes;
using ArTar.Notebooks.Cells;
using ArTar.Notebooks.Formatting;
using ArTar.Notebooks.Headless;
using ArTar.Notebooks.Ipynb;
using ArTar.Workbench;

namespace ArTar.Notebooks.Tests.Headless;

public sealed class NotebookRunnerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("notebooks ").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_notebook_runs_and_keeps_what_its_cells_showed()
    {
        var notebook = NotebookFile.Load(Artar.Data("test.ipynb"));
        var seen = new List<CellProgress>();
        var options = new RunOptions { Formatters = WorkbenchFormatters.Create(), Parameters = new Dictionary<string, string> { ["profile"] = "smoke", ["alpha"] = "3" } };
        Assert.Null(await NotebookRunner.RunAsync(Artar.Data("test.ipynb"), notebook, options, seen.Add, TestContext.Current.CancellationToken));
        Assert.Equal(Enumerable.Range(1, 8).SelectMany(i => new[] { (i, false), (i, true) }), seen.Select(p => (p.Number, p.Elapsed is not null)));

        var injected = notebook.Cells[3];
        Assert.Equal("// Parameters\nprofile = \"smoke\";\nalpha = 3d;", injected.Source);
        var progress = notebook.Cells.Single(c => c.Id == "progress");
        Assert.Equal(4, progress.ExecutionCount);
        Assert.Equal("step 3 of 3\n", NotebookJson.Text(progress.Outputs[0]!["text"]));
        Assert.Equal("smoke, 1 seeds, alpha 3", Data(progress, 1, "text/plain"));

        var table = notebook.Cells.Single(c => c.Id == "table");
        Assert.Equal("display_data", (string?)table.Outputs[0]!["output_type"]);
        Assert.Contains("&lt;AR&gt;</td>", Data(table, 0, "text/html"), StringComparison.Ordinal);
        Assert.Equal("hidden=20 epochs=2", Data(table, 1, "text/plain"));

        var chart = notebook.Cells.Single(c => c.Id == "chart");
        Assert.Equal("epoch", (string?)chart.Outputs[0]!["data"]!["application/vnd.plotly.v1+json"]!["layout"]!["xaxis"]!["title"]!["text"]);
        Assert.Contains("newPlot", Data(chart, 0, "text/html"), StringComparison.Ordinal);
        Assert.Contains("<td style=\"text-align:right\">–</td>", Data(notebook.Cells.Single(c => c.Id == "frame"), 0, "text/html"), StringComparison.Ordinal);

        // A second run of what came out changes not one byte.
        var path = Path.Combine(folder, "run.ipynb");
        notebook.Save(path);
        var again = NotebookFile.Load(path);
        Assert.Null(await NotebookRunner.RunAsync(path, again, options, null, TestContext.Current.CancellationToken));
        Assert.Equal(File.ReadAllBytes(path), again.ToBytes());
    }

    [Fact]
    public async Task The_first_failing_cell_ends_the_run_and_is_named()
    {
        var path = Artar.Data("test.ipynb");
        var notebook = NotebookFile.Load(path);
        var failure = await NotebookRunner.RunAsync(path, notebook, new() { Parameters = new Dictionary<string, string> { ["fails"] = "true" } }, null, TestContext.Current.CancellationToken);
        Assert.Equal($"{path}, cell 8, line 3: WorkbenchException: It fails because it was asked to.", failure?.ToString());
        var output = notebook.Cells[^1].Outputs.Single()!;
        Assert.Equal(("error", "WorkbenchException"), ((string?)output["output_type"], (string?)output["ename"]));
    }

    [Fact]
    public async Task A_cell_that_runs_too_long_is_stopped()
    {
        // The time counts from before the cell is compiled, which takes long the first time.
        CellEngine.WarmUp();
        var (path, notebook) = Write("Console.Write(\"x\");\nwhile (true) { }", "1");
        var failure = await NotebookRunner.RunAsync(path, notebook, new() { CellTimeout = TimeSpan.FromSeconds(5) }, null, TestContext.Current.CancellationToken);
        Assert.Equal((1, "Timeout", "It ran longer than 5 s and was stopped."), (failure!.Number, failure.Error.Name, failure.Error.Message));
        Assert.Equal("x", NotebookJson.Text(notebook.Cells[0].Outputs[0]!["text"]));
        Assert.Null(notebook.Cells[1].ExecutionCount);
    }

    [Fact]
    public async Task A_run_can_be_stopped()
    {
        var (path, notebook) = Write("await Task.Delay(-1);");
        using var stop = new CancellationTokenSource();
        var running = NotebookRunner.RunAsync(path, notebook, new(), _ => stop.CancelAfter(200), stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_later_cell_updates_what_an_earlier_one_displayed()
    {
        var (path, notebook) = Write("var shown = \"old\".Display();", "shown.Update(\"new\");");
        Assert.Null(await NotebookRunner.RunAsync(path, notebook, new(), null, TestContext.Current.CancellationToken));
        Assert.Equal("new", Data(notebook.Cells[0], 0, "text/plain"));
        Assert.Empty(notebook.Cells[1].Outputs);
    }

    [Fact]
    public async Task A_cell_may_be_expected_to_fail()
    {
        var (path, notebook) = Write("throw new Exception();", "2");
        notebook.Cells[0].Metadata["tags"] = new JsonArray("raises-exception");
        Assert.Null(await NotebookRunner.RunAsync(path, notebook, new(), null, TestContext.Current.CancellationToken));
        Assert.Equal("2", Data(notebook.Cells[1], 0, "text/plain"));
    }

    [Theory]
    [InlineData("seeds", "two", "seeds=two: expected a whole number, like the default 1")]
    [InlineData("alpha", "x", "expected a number, like the default 2")]
    [InlineData("fails", "yes", "expected true or false")]
    [InlineData("profil", "quick", "has no parameter 'profil'; did you mean 'profile'? Known are profile, seeds, alpha, fails.")]
    public void Parameters_that_do_not_fit_are_refused(string name, string value, string expected)
    {
        var notebook = NotebookFile.Load(Artar.Data("test.ipynb"));
        var before = notebook.ToBytes();
        var e = Assert.Throws<WorkbenchException>(() => Parameters.Inject("test.ipynb", notebook, new Dictionary<string, string> { [name] = value }));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Equal(before, notebook.ToBytes());
    }

    [Theory]
    [InlineData("string s = \"\";", "a\"b\\c\n", "s = \"a\\\"b\\\\c\\n\";")]
    [InlineData("var s = \"x\";", "5", "s = \"5\";")]
    [InlineData("int[] s = [1];", "[1, 2]", "s = [1, 2];")]
    [InlineData("var s = -1.5;", "2", "s = 2d;")]
    [InlineData("string? s = null;", "y", "s = \"y\";")]
    [InlineData("long s = 1;", "3", "s = 3L;")]
    [InlineData("int? s = 1;", "null", "s = null;")]
    [InlineData("int? s = null;", "3", "s = 3;")]
    [InlineData("string? s = null;", "null", "s = \"null\";")]
    [InlineData("double s = 1;", "NaN", "s = double.NaN;")]
    [InlineData("double? s = null;", "-Infinity", "s = double.NegativeInfinity;")]
    [InlineData("float s = 1;", "NaN", "s = float.NaN;")]
    [InlineData("decimal s = 1;", "0.5", "s = 0.5m;")]
    [InlineData("var s = 1.5m;", "1e2", "s = 100m;")]
    [InlineData("ulong s = 1;", "18446744073709551615", "s = 18446744073709551615UL;")]
    [InlineData("char s = 'a';", "'", "s = '\\'';")]
    public void Values_become_literals_of_the_declared_type(string declaration, string value, string expected)
    {
        var notebook = NotebookFile.Load(Artar.Data("test.ipynb"));
        notebook.Cells[2].Source = declaration;
        Parameters.Inject("x", notebook, new Dictionary<string, string> { ["s"] = value });
        Assert.EndsWith("\n" + expected, notebook.Cells[3].Source, StringComparison.Ordinal);
        Parameters.Inject("x", notebook, new Dictionary<string, string> { ["s"] = value });
        Assert.Single(notebook.Cells, c => c.Tags.Contains("injected-parameters"));
    }

    [Theory]
    [InlineData("const int s = 1;", "3", "declares it as const, which cannot be set")]
    [InlineData("int? s = 1;", "x", "expected a whole number or null")]
    [InlineData("decimal s = 1;", "x", "expected a number, like")]
    [InlineData("double s = 1;", "0,5", "expected a number, like")]
    [InlineData("byte s = 1;", "256", "expected a whole number, like")]
    public void Values_of_another_kind_are_refused_in_words(string declaration, string value, string expected)
    {
        var notebook = NotebookFile.Load(Artar.Data("test.ipynb"));
        notebook.Cells[2].Source = declaration;
        var e = Assert.Throws<WorkbenchException>(() => Parameters.Inject("x", notebook, new Dictionary<string, string> { ["s"] = value }));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    private static string Data(NotebookCell cell, int output, string type) => NotebookJson.Text(cell.Outputs[output]!["data"]![type]);

    private (string Path, NotebookFile Notebook) Write(params string[] cells)
    {
        var notebook = NotebookFile.Parse("{\"cells\":[],\"metadata\":{},\"nbformat\":4,\"nbformat_minor\":5}"u8.ToArray());
        foreach (var (index, source) in cells.Index())
            notebook.Insert(index, NotebookCell.NewCode($"c{index}", source));
        return (Path.Combine(folder, "written.ipynb"), notebook);
    }
}
