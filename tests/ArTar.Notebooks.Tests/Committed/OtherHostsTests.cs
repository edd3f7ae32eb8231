using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ArTar.Notebooks.Tests.Committed;

/// <summary>
/// Notebooks in a process that knows nothing of the workbench: Roslyn's own script engine and <c>setup.csx</c>, and the two
/// conventions by which .NET Interactive and Verso show a value (tests/ArTar.ScriptHost).
/// </summary>
public sealed class OtherHostsTests
{
    [Theory]
    [InlineData("00-getting-started.ipynb")]
    [InlineData("08-tar-and-the-identity.ipynb")]
    [InlineData("10-your-own-regularizer.ipynb")]
    public void A_notebook_runs_and_shows_its_tables_and_charts_by_both_conventions(string name)
    {
        var folder = Directory.CreateTempSubdirectory("artar-hosts-").FullName;
        try
        {
            var setup = Directory.CreateDirectory(Path.Combine(folder, "artifacts", "notebook")).FullName;
            File.Copy(Path.Combine(Repository.Root, "artifacts", "notebook", "setup.csx"), Path.Combine(setup, "setup.csx"));
            var notebook = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "notebooks")).FullName, name);
            var text = File.ReadAllText(Path.Combine(Repository.Notebooks, name));
            var tiny = Regex.Replace(text, """(settings = \\")(\\")""", $"$1{CommittedNotebooksTests.Tiny}$2");
            Assert.NotEqual(text, tiny);
            File.WriteAllText(notebook, tiny);

            // Built beside these tests, in the same configuration.
            var built = new DirectoryInfo(AppContext.BaseDirectory);
            var host = Path.Combine(built.Parent!.Parent!.FullName, "ArTar.ScriptHost", built.Name, "ArTar.ScriptHost.dll");
            var (code, output, errors) = Artar.Finish(Artar.Start(Artar.DotNet, [host, notebook], folder, ("ARTAR_HOME", folder)));
            Assert.True(code == 0, errors);
            var shown = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)
                .Where(cell => ((string?)cell["type"])?.StartsWith("ArTar.", StringComparison.Ordinal) == true).ToList();
            Assert.Contains(shown, cell => ((string)cell["type"]!).EndsWith(".ChartView", StringComparison.Ordinal));
            Assert.Contains(shown, cell => ((string)cell["html"]!).Contains("<table>", StringComparison.Ordinal));
            foreach (var cell in shown)
            {
                Assert.StartsWith("<", (string)cell["html"]!, StringComparison.Ordinal);
                Assert.StartsWith("<", (string)cell["formatted"]!["text/html"]!, StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
