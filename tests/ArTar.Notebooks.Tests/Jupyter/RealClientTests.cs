using System.Globalization;
using System.Text.Json.Nodes;
using ArTar.Notebooks.Cells;
using ArTar.Notebooks.Formatting;
using ArTar.Notebooks.Headless;
using ArTar.Notebooks.Ipynb;
using ArTar.Notebooks.Tests.Committed;
using ArTar.Workbench.Figures;

namespace ArTar.Notebooks.Tests.Jupyter;

/// <summary>The kernel with the clients that people use: jupyter-client, nbclient and nbconvert from Debian.</summary>
public sealed class RealClientTests(RealClientTests.Installed installed) : IClassFixture<RealClientTests.Installed>
{
    private readonly string folder = installed.Checked();

    private (string, string)[] Environment => installed.Environment;

    /// <summary>The kernel, installed for these clients in a folder that is their home and the workspace of what they run.</summary>
    public sealed class Installed : IDisposable
    {
        private static readonly Lazy<bool> hasClients = new(() =>
            File.Exists(Artar.Python) && Artar.Finish(Artar.Start(Artar.Python, ["-c", "import jupyter_client, nbclient, nbconvert"])).Code == 0);

        private readonly string folder = Directory.CreateTempSubdirectory("jupyter ").FullName;
        private readonly Lazy<bool> isThere;

        public Installed() => isThere = new(() =>
            Artar.Finish(Artar.Start(Artar.DotNet, [Artar.Program, "kernel", "install", "--no-precompile"], folder, Environment)).Code == 0);

        public (string, string)[] Environment =>
            [("JUPYTER_DATA_DIR", folder), ("HOME", folder), ("PYTHONWARNINGS", "ignore"), (CommittedNotebooksTests.Home.Variable, Path.Combine(folder, "home"))];

        /// <summary>The folder, once the kernel is in it; without the clients the calling test is skipped.</summary>
        public string Checked()
        {
            Requires.That(hasClients.Value, "jupyter-client, nbclient or nbconvert", "sudo apt-get install jupyter-client python3-nbclient jupyter-nbconvert");
            Assert.True(isThere.Value, "the kernel is not installed");
            return folder;
        }

        public void Dispose() => Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Jupyter_client_starts_runs_interrupts_restarts_and_ends_the_kernel()
    {
        var seen = JsonNode.Parse(Python("client.py"))!;
        Assert.Equal("3", (string?)seen["value"]);
        Assert.Equal(["busy", "idle"], seen["states"]!.AsArray().Select(s => (string?)s));
        Assert.Equal("Interrupted", (string?)seen["interrupted"]);
        Assert.Equal("kept", (string?)seen["kept"]);
        Assert.Equal("CS0103", (string?)seen["after restart"]);
        Assert.Contains("WriteLine", seen["completions"]!.AsArray().Select(c => (string?)c));
        Assert.False((bool)seen["left running"]!);
    }

    [Fact]
    public void A_kernel_does_not_outlive_the_Python_that_started_it()
    {
        var process = int.Parse(Python("orphan.py"), CultureInfo.InvariantCulture);
        Assert.True(SpinWait.SpinUntil(() => !Directory.Exists($"/proc/{process}"), Cells.Engine.Patience));
    }

    [Fact]
    public void Nbclient_shows_the_same_as_a_run_without_a_front_end_and_charts_have_a_picture_for_where_no_script_runs()
    {
        var (path, mine, target) = (Artar.Data("test.ipynb"), Path.Combine(folder, "mine.ipynb"), Path.Combine(folder, "out.ipynb"));
        Assert.Equal(0, Artar.Run(folder, "notebook", "run", path, "--output", mine).Code);
        Python("execute.py", path, target);
        var (ours, theirs) = (NotebookFile.Load(mine), NotebookFile.Load(target));
        foreach (var (our, their) in ours.Cells.Zip(theirs.Cells))
        {
            Assert.Equal(our.ExecutionCount, their.ExecutionCount);
            Assert.Equal(Comparable(our), Comparable(their));
        }
        var chart = NotebookJson.Text(theirs.Cells.Single(c => c.Id == "chart").Outputs[0]!["data"]!["text/html"]);
        Assert.Equal(Chromium.Find() is not null, chart.Contains("src=\"data:image/png;base64,", StringComparison.Ordinal));
    }

    [Fact]
    public void Nbconvert_runs_a_notebook_and_stops_at_an_error()
    {
        var path = Path.Combine(folder, "test.ipynb");
        File.Copy(Artar.Data("test.ipynb"), path);
        var page = Artar.Finish(Artar.Start(Artar.Python, ["-m", "nbconvert", "--execute", "--to", "html", path], folder, Environment));
        Assert.True(page.Code == 0, page.Errors);
        Assert.Contains("newPlot", File.ReadAllText(Path.ChangeExtension(path, ".html")), StringComparison.Ordinal);

        var notebook = NotebookFile.Load(path);
        notebook.Cells[^1].Source = "\nthrow new WorkbenchException(\"It fails here.\");";
        notebook.Save(path);
        var failed = Artar.Finish(Artar.Start(Artar.Python, ["-m", "nbconvert", "--execute", "--to", "notebook", path], folder, Environment));
        Assert.NotEqual(0, failed.Code);
        Assert.Contains("In[7], line 2", failed.Errors, StringComparison.Ordinal);
        Assert.Contains("WorkbenchException: It fails here.", failed.Errors, StringComparison.Ordinal);
    }

    // That each of them runs is tested in this kernel's own engine.
    [Theory]
    [InlineData("00-getting-started.ipynb")]
    [InlineData("08-tar-and-the-identity.ipynb")]
    [InlineData("10-your-own-regularizer.ipynb")]
    public void Nbconvert_runs_notebooks_of_the_repository(string name)
    {
        var notebook = NotebookFile.Load(Path.Combine(Repository.Notebooks, name));
        Parameters.Inject(name, notebook, new Dictionary<string, string> { ["settings"] = CommittedNotebooksTests.Tiny });
        var path = Path.Combine(folder, name);
        notebook.Save(path);
        var said = Artar.Finish(Artar.Start(Artar.Python, ["-m", "nbconvert", "--execute", "--to", "notebook", "--inplace", "--ExecutePreprocessor.timeout=300", path],
            folder, Environment));
        Assert.True(said.Code == 0, said.Errors);
        var cells = NotebookFile.Load(path).Cells.Where(c => c.Type == "code").ToList();
        Assert.Equal(Enumerable.Range(1, cells.Count), cells.Select(c => c.ExecutionCount ?? 0));
        Assert.Contains(cells.SelectMany(c => c.Outputs), o => o?["data"] is JsonObject shown && shown.ContainsKey("application/vnd.plotly.v1+json"));
    }

    // This client keeps text in the pieces in which it came, with every \r: what it shows in the end is compared.
    private static List<string> Comparable(NotebookCell cell)
    {
        var outputs = new List<string>();
        var printed = "";
        foreach (var output in cell.Outputs.OfType<JsonObject>())
            if ((string?)output["output_type"] == "stream")
                printed += NotebookJson.Text(output["text"]);
            else
                outputs.Add(NotebookJson.Write(output));
        return [CarriageReturns.Final(printed), .. outputs];
    }

    private string Python(string script, params string[] arguments)
    {
        var (code, output, errors) = Artar.Finish(Artar.Start(Artar.Python, [Artar.Data(script), .. arguments], folder, Environment));
        Assert.True(code == 0, errors);
        return output;
    }
}
