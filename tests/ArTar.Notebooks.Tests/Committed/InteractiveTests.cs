using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ArTar.Notebooks.Tests.Committed;

/// <summary>.NET Interactive itself: the repository's notebooks as they are, and the packages from a feed outside the repository.</summary>
public sealed class InteractiveTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("artar-interactive-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(CommittedNotebooksTests.Notebooks), MemberType = typeof(CommittedNotebooksTests))]
    public void Every_notebook_runs_unchanged(string name)
    {
        using var tool = new InteractiveTool(Repository.Notebooks, ("ARTAR_HOME", folder));
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
    public void The_package_from_a_feed_shows_tensors_and_charts_trains_a_table_and_stops_when_it_is_cancelled()
    {
        using var tool = new InteractiveTool(folder, ("ARTAR_HOME", folder));
        var version = string.Create(CultureInfo.InvariantCulture, $"1.0.0-test{DateTime.UtcNow:yyyyMMddHHmmss}");
        foreach (var project in new[] { "ArTar.Workbench.csproj", "src/ArTar.Interactive/ArTar.Interactive.csproj" })
        {
            var packed = Artar.Finish(Artar.Start(Artar.DotNet, ["pack", Path.Combine(Repository.Root, project), "-c", "Release", "-o", folder, $"-p:Version={version}", $"-p:ArtifactsPath={folder}/build", "-v:quiet", "-tl:off"], Repository.Root));
            Assert.True(packed.Code == 0, packed.Output);
        }
        try
        {
            var (type, message, _) = tool.Run($"#i \"nuget:{folder}\"\n#r \"nuget: ArTar.Workbench.Interactive, {version}\"");
            Assert.True(type == "CommandSucceeded", message);
            Assert.StartsWith("<pre>float32 [2, 2] on cpu", tool.Run("using static TorchSharp.torch;\nones(2, 2)").Value["text/html"], StringComparison.Ordinal);
            Assert.Contains("newPlot", tool.Run("Show.Chart(Plotly.NET.CSharp.Chart.Line<int, int, string>(new[] { 1, 2 }, new[] { 3, 4 }))").Value["text/html"], StringComparison.Ordinal);
            var table = tool.Run($"new Lab(settings: \"{CommittedNotebooksTests.Tiny}\").Table(1, \"alpha=0\")");
            Assert.True(table.Type == "CommandSucceeded", table.Message);
            Assert.Contains("alpha = 0", table.Value["text/html"], StringComparison.Ordinal);

            var training = tool.Start("new Lab(settings: \"epochs=100000 hidden=16 trainTokens=2000\") { Threads = 1 }.Table(1, \"alpha=0\")");
            while (tool.Next(training).Type != "StandardOutputValueProduced")
            {
            }
            var watch = Stopwatch.StartNew();
            tool.Send("Cancel", new() { ["targetKernelName"] = "csharp" });
            Assert.Equal("CommandFailed", tool.Finish(training).Type);
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"it took {watch.Elapsed.TotalSeconds:F1} s");
            Assert.Equal("5", tool.Run("$\"{2 + 3}\"").Value["text/plain"]);
        }
        finally
        {
            // NuGet keeps what was installed for good.
            var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            foreach (var package in new[] { "artar.workbench", "artar.workbench.interactive" }.Select(p => Path.Combine(packages, p, version)).Where(Directory.Exists))
                Directory.Delete(package, recursive: true);
        }
    }
}
