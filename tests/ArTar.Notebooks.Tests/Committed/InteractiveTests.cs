using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ArTar.Notebooks.Tests.Cells;

namespace ArTar.Notebooks.Tests.Committed;

/// <summary>.NET Interactive itself: some of the repository's notebooks as they are, and the packages from a feed outside the repository.</summary>
public sealed class InteractiveTests(InteractivePackage package, CommittedNotebooksTests.Home home)
    : IClassFixture<InteractivePackage>, IClassFixture<CommittedNotebooksTests.Home>
{
    // A process each: in one that took them all every cell would be compiled after all cells before it, and take ever longer. So not all of them:
    // these show tables, frames, a surface, hidden states and samples; that each notebook runs is tested in our own engine.
    [Theory]
    [InlineData("00-getting-started.ipynb")]
    [InlineData("03-ar-and-tar.ipynb")]
    [InlineData("07-hidden-states.ipynb")]
    [InlineData("09-samples.ipynb")]
    public void Notebooks_run_unchanged(string name)
    {
        using var tool = new InteractiveTool(Repository.Notebooks, (CommittedNotebooksTests.Home.Variable, home.Folder));
        var text = Regex.Replace(File.ReadAllText(Path.Combine(Repository.Notebooks, name)), """(settings = \\")(\\")""", $"$1{CommittedNotebooksTests.Tiny}$2");
        var charts = 0;
        foreach (var cell in JsonNode.Parse(text)!["cells"]!.AsArray().Where(c => (string?)c!["cell_type"] == "code"))
        {
            var code = string.Concat(cell!["source"]!.AsArray().Select(l => (string?)l));
            var (type, message, value) = tool.Run(code);
            Assert.True(type == "CommandSucceeded", $"{name}: {code}\n{message}");
            charts += value.GetValueOrDefault("text/html", "").Contains("data-chart=", StringComparison.Ordinal) ? 1 : 0;
        }
        Assert.True(charts > 0, $"{name} has shown no chart");
    }

    [Fact]
    public void The_package_from_a_feed_trains_a_table_and_stops_when_it_is_cancelled()
    {
        var table = Package.Run($"new Lab(settings: \"{CommittedNotebooksTests.Tiny}\").Table(1, \"alpha=0\")");
        Assert.True(table.Type == "CommandSucceeded", table.Message);
        Assert.Contains("alpha = 0", table.Value["text/html"], StringComparison.Ordinal);

        var training = Package.Start("new Lab(settings: \"epochs=100000 hidden=16 trainTokens=2000\") { Threads = 1 }.Table(1, \"alpha=0\")");
        string? type;
        do
            type = Package.Next(training).Type;
        while (type is not ("DisplayedValueUpdated" or "CommandFailed" or "CommandSucceeded"));
        Assert.Equal("DisplayedValueUpdated", type);
        var watch = Stopwatch.StartNew();
        Package.Send("Cancel", new() { ["targetKernelName"] = "csharp" });
        Assert.Equal("CommandFailed", Package.Finish(training).Type);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"it took {watch.Elapsed.TotalSeconds:F1} s");
        Assert.Equal("5", Package.Run($"$\"{{2 + 3}}\"").Value["text/plain"]);
    }

    [Fact]
    public void Progress_moves_in_one_output_that_ends_with_what_was_trained()
    {
        var told = new List<(string Type, string? Id, string? Text)>();
        var training = Package.Start("var one = new Lab(settings: \"epochs=40 hidden=24 trainTokens=4000 batchSize=5\").Table(1, \"alpha=0\");");
        while (Package.Next(training) is var (type, data) && type is not ("CommandSucceeded" or "CommandFailed"))
            if (data["formattedValues"] is JsonArray forms)
                told.Add((type, (string?)data["valueId"], (string?)forms.Single()!["value"]));
        Assert.Equal("DisplayedValueProduced", told[0].Type);
        Assert.True(told.Count > 1, "nothing moved");
        Assert.All(told.Skip(1), t => Assert.Equal(("DisplayedValueUpdated", told[0].Id), (t.Type, t.Id)));
        Assert.Contains("epoch", string.Concat(told.Select(t => t.Text)), StringComparison.Ordinal);
        Assert.StartsWith("1 run: 0 stored before, 1 trained now in ", told[^1].Text, StringComparison.Ordinal);
    }

    private const string BothForms = "text/html text/plain", PlotlyForm = "application/vnd.plotly.v1+json ";

    [Theory]
    [InlineData("using static TorchSharp.torch;\nones(2, 2)", BothForms, BothForms, true)]
    [InlineData("new DataFrame(new DoubleDataFrameColumn(\"loss\", new[] { 1.5, 2.5 }))", BothForms, "text/html", false)]
    [InlineData("Html.List([(\"AR\", \"<2>\")])", BothForms, BothForms, true)]
    [InlineData("Show.Chart(Plotly.NET.CSharp.Chart.Line<int, int, string>(new[] { 1, 2 }, new[] { 3, 4 }))", PlotlyForm + BothForms, BothForms, true)]
    [InlineData("Plotly.NET.CSharp.Chart.Line<int, int, string>(new[] { 1, 2 }, new[] { 3, 4 })", PlotlyForm + BothForms, "text/html", false)]
    [InlineData("new Lab(settings: \"epochs=1 hidden=8 trainTokens=1500 batchSize=5\").Table(1, \"alpha=0\")", BothForms, BothForms, false)]
    [InlineData("new HyperParameters()", BothForms, BothForms, true)]
    [InlineData("$\"{2.5}\"", "text/plain", "text/plain", true)]
    public void Values_show_in_the_same_forms_as_in_our_kernel_except_for_bare_values_of_other_libraries(string code, string ours, string theirs, bool sameText)
    {
        var (type, message, interactive) = Package.Run(code);
        Assert.True(type == "CommandSucceeded", message);
        using var kernel = new Engine(null, Notebooks.Formatting.WorkbenchFormatters.Create());
        var result = kernel.Run(code);
        Assert.True(result.Error is null, result.Error?.Message);
        var own = result.Value!.Data;
        Assert.Equal((ours, theirs), (string.Join(' ', own.Select(d => d.Key).Order(StringComparer.Ordinal)), string.Join(' ', interactive.Keys.Order(StringComparer.Ordinal))));
        if (sameText)
            foreach (var form in interactive.Keys)
                Assert.Equal((string?)own[form], interactive[form]);
    }

    private InteractiveTool Package => package.Tool;
}
