using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ArTar.Notebooks.Formatting;
using ArTar.Notebooks.Headless;
using ArTar.Notebooks.Ipynb;

namespace ArTar.Notebooks.Tests.Committed;

/// <summary>
/// The notebooks of the repository: they keep to the dialect, are stored with their outputs, and run from start to end, at a scale
/// so small that their figures mean nothing. They train in a workspace of their own. In a collection of its own because a run changes the
/// process's current directory.
/// </summary>
[CollectionDefinition(nameof(CommittedNotebooksTests), DisableParallelization = true)]
[Collection(nameof(CommittedNotebooksTests))]
public sealed partial class CommittedNotebooksTests(CommittedNotebooksTests.Home home) : IClassFixture<CommittedNotebooksTests.Home>
{
    internal const string Tiny = "epochs=1 hidden=8 trainTokens=1500 batchSize=5";
    private static readonly string folder = Repository.Notebooks;

    public static TheoryData<string> Notebooks => [.. Directory.EnumerateFiles(folder, "*.ipynb").Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)];

    [Fact]
    public void There_are_thirteen_numbered_from_00() =>
        Assert.Equal(Enumerable.Range(0, 13).Select(i => $"{i:00}"), Notebooks.Select(n => n.Data[..2]));

    [Theory]
    [MemberData(nameof(Notebooks))]
    public void Keeps_to_the_dialect(string name) => Assert.Empty(Dialect.Check(Path.Combine(folder, name)));

    [Theory]
    [MemberData(nameof(Notebooks))]
    public void Is_stored_as_it_was_run_with_a_picture_of_every_chart(string name)
    {
        var cells = NotebookFile.Load(Path.Combine(folder, name)).Cells.Where(c => c.Type == "code").ToList();
        Assert.SkipWhen(cells.All(c => c.ExecutionCount is null), $"{name} is stored without outputs; artar notebook run notebooks/{name} --in-place --pictures adds them");
        Assert.Equal(Enumerable.Range(1, cells.Count), cells.Select(c => c.ExecutionCount ?? 0));
        var shown = cells.SelectMany(c => c.Outputs).Select(o => o?["data"] as JsonObject).OfType<JsonObject>().ToList();
        var charts = shown.Where(d => d.ContainsKey("application/vnd.plotly.v1+json")).ToList();
        Assert.NotEmpty(charts);
        Assert.All(charts, chart =>
        {
            Assert.Null(StoredPicture.Fault("image/png", chart["image/png"]));
            Assert.False(chart.ContainsKey("text/html"));
        });
    }

    [Theory]
    [MemberData(nameof(Notebooks))]
    public void Is_written_as_front_ends_write_it_so_that_saving_changes_nothing(string name)
    {
        var path = Path.Combine(folder, name);
        var text = File.ReadAllText(path);
        Assert.Equal(text, NotebookJson.Write(JsonNode.Parse(text)) + "\n");
        Requires.That(File.Exists("/usr/bin/node"), "Node.js", "sudo apt-get install nodejs");
        var (code, written, errors) = Artar.Finish(Artar.Start("/usr/bin/node", [Artar.Data("save.js"), path]));
        Assert.True(code == 0, errors);
        Assert.Equal(text, written);
    }

    [Theory]
    [MemberData(nameof(Notebooks))]
    public async Task Runs_from_start_to_end_its_solutions_too(string name)
    {
        var path = Path.Combine(folder, name);
        var notebook = NotebookFile.Load(path);
        // The code in solutions is run where it stands, after the cells before it.
        for (var i = notebook.Cells.Count - 1; i >= 0; i--)
            if (notebook.Cells[i].Type == "markdown")
                foreach (Match solution in Solution().Matches(notebook.Cells[i].Source).Reverse())
                    notebook.Insert(i + 1, NotebookCell.NewCode($"solution-{i}-{solution.Index}", solution.Groups[1].Value));
        var options = new RunOptions
        {
            Parameters = new Dictionary<string, string> { ["settings"] = Tiny },
            CellTimeout = TimeSpan.FromMinutes(5),
            Formatters = WorkbenchFormatters.Create(),
        };
        var before = Environment.GetEnvironmentVariable(Home.Variable);
        Environment.SetEnvironmentVariable(Home.Variable, home.Folder);
        try
        {
            var failure = await NotebookRunner.RunAsync(path, notebook, options, cancellation: TestContext.Current.CancellationToken);
            Assert.True(failure is null, $"{failure}\n{string.Join('\n', failure?.Error.Trace ?? [])}");
        }
        finally
        {
            Environment.SetEnvironmentVariable(Home.Variable, before);
        }
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Solution();

    /// <summary>A workspace that all notebooks share, so that each run is trained once.</summary>
    public sealed class Home : IDisposable
    {
        public const string Variable = "ARTAR_HOME";

        public string Folder { get; } = Directory.CreateTempSubdirectory("artar-notebooks-").FullName;

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
