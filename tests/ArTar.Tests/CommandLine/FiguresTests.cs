using System.Text.Json.Nodes;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;

namespace ArTar.Tests.CommandLine;

/// <summary><c>artar figures</c>: charts of stored runs, as files and a page.</summary>
public sealed class FiguresTests : IDisposable
{
    private readonly Artar artar = new();

    public void Dispose() => artar.Dispose();

    [Fact]
    public void Stored_runs_become_figures_without_training_and_without_a_browser()
    {
        Requires.That(OperatingSystem.IsLinux(), "Linux", "elsewhere browsers are found without the PATH");
        var plan = FakedRuns.Plan(1, Corpora.Load(Corpora.Synthetic, new(artar.Home), cancellation: TestContext.Current.CancellationToken), seeds: 2);
        FakedRuns.Write(new RunStore(artar.Runs), plan, (row, seed) => 100 + seed);
        var said = Artar.Finish(artar.Start(["figures", "1", "--seeds", "2", "--format", "html,svg", "--threads", "1"], ("PATH", "/nowhere"), ("ARTAR_CHROMIUM", "")));
        Assert.Equal(1, said.Code);
        Assert.Contains("sudo apt-get install chromium", said.Errors, StringComparison.Ordinal);
        Assert.Contains("ARTAR_CHROMIUM", said.Errors, StringComparison.Ordinal);
        var figures = Path.Combine(artar.Home, "figures");
        var files = Directory.EnumerateFiles(figures).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();
        foreach (var name in new[] { "table-1-quick", "table-1-quick-learning", "data-synthetic-zipf", "data-synthetic-windows" })
        {
            Assert.Contains($"{name}.html", files);
            Assert.Contains($"{name}.json", files);
            Assert.Contains($"id=\"{name}\"", File.ReadAllText(Path.Combine(figures, "index.html")), StringComparison.Ordinal);
        }
        Assert.DoesNotContain(files, f => f!.EndsWith(".svg", StringComparison.Ordinal));
        var table = JsonNode.Parse(File.ReadAllText(Path.Combine(figures, "table-1-quick.json")))!;
        Assert.NotNull(table["data"]![0]!["error_y"]);
        Assert.Equal(12, Directory.GetDirectories(artar.Runs).Length);
    }

    [Theory]
    [InlineData("--format html,svgg: expected formats out of html, json, svg, png, pdf, separated by commas; did you mean 'svg'?", "figures", "--format", "html,svgg")]
    [InlineData("width broad", "figures", "--width", "broad")]
    [InlineData("height 0mm: expected a height such as 60mm", "figures", "--format", "pdf", "--height", "0mm")]
    [InlineData("--no-title is for pictures; ask for some by --format svg, png or pdf.", "figures", "--no-title")]
    [InlineData("--width is for pictures; ask for one by --figure table.pdf.", "table", "1", "--width", "84mm")]
    [InlineData("There is no table '9'", "figures", "9")]
    [InlineData("No run is stored for any table in profile quick", "figures")]
    [InlineData("chart.bmp: expected a file name that ends in .html, .json, .svg, .png, .pdf", "table", "1", "--figure", "chart.bmp")]
    [InlineData("has 'nothing' in its name", "probe", "nothing")]
    public void Errors_say_what_to_mend(string message, params string[] arguments)
    {
        var said = artar.Run(arguments);
        Assert.Contains(message, said.Errors, StringComparison.Ordinal);
        Assert.Equal((1, ""), (said.Code, said.Output));
        Assert.Empty(Directory.EnumerateFileSystemEntries(artar.Home));
    }
}
