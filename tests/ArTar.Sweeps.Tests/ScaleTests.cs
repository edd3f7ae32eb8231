using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using ArTar.Sweeps.Tests.Slurm;
using ArTar.Workbench;
using ArTar.Cli.Sweeps;

namespace ArTar.Sweeps.Tests;

/// <summary>Ten thousand rows that do nothing: submitted, tracked and collected.</summary>
[Collection(SlurmTests.Name)]
public sealed class ScaleTests(SlurmCluster cluster, ITestOutputHelper output) : IDisposable
{
    private const string Spec = "{grid: {alpha: [0,1,2,3,4,5,6,7,8,9], beta: [0,1,2,3,4,5,6,7,8,9]}, seeds: 100, set: {epochs: 1, hidden: 8}}";
    private const int Rows = 10_000;
    private readonly Artar artar = new();

    public void Dispose() => artar.Dispose();

    [Fact]
    public void Are_split_into_arrays_shown_and_taken_out_of_the_queue_again()
    {
        Assert.NotNull(cluster);
        // Jobs are queued, and nothing starts.
        SlurmCluster.Run("scontrol", "update", "partitionname=main", "state=down");
        try
        {
            var clock = Stopwatch.StartNew();
            var said = artar.Run("sweep", "submit", Spec, "--name", "many", "--engine", "slurm");
            Assert.True(said.Code == 0, said.Errors);
            output.WriteLine($"submitted in {clock.Elapsed.TotalSeconds:0.0} s");
            Assert.Contains("Submitted 10000 rows as 10 arrays, jobs ", said.Output, StringComparison.Ordinal); // MaxArraySize is 1001
            Assert.Equal(10, Directory.EnumerateFiles(Path.Combine(artar.Home, "sweeps", "many", "jobs"), "*.sh").Count());
            var status = Timed("status", "many");
            Assert.Contains("10,000 rows: 10,000 waiting", status, StringComparison.Ordinal);
            Assert.Contains("SLURM: 0 tasks run, 10000 wait", status, StringComparison.Ordinal);
            said = artar.Run("sweep", "cancel", "many");
            Assert.True(said.Code == 0, said.Errors);
            Sweeping.Until(() => artar.Status("many").Engine.IsAtWork == false, "an empty queue");
        }
        finally
        {
            SlurmCluster.Run("scontrol", "update", "partitionname=main", "state=up");
        }
    }

    [Fact]
    public void Are_tracked_and_collected()
    {
        var workspace = new Workspace(artar.Home);
        var clock = Stopwatch.StartNew();
        var sweep = Sweep.Create(workspace, SpecReader.Read(Spec) with { Name = "many" }, "local");
        output.WriteLine($"written down in {clock.Elapsed.TotalSeconds:0.0} s");
        Assert.Equal(Rows, sweep.Rows.Count);

        clock.Restart();
        var lines = File.ReadAllLines(Path.Combine(sweep.Folder, "rows.jsonl"));
        Parallel.For(0, Rows, i => sweep.EndWithoutTraining(i + 1, JsonNode.Parse(lines[i])!["configuration"]!.ToJsonString(), 4 + (i + 1) / (double)Rows, diverged: (i + 1) % 100 == 0));
        output.WriteLine($"ended by a simulation in {clock.Elapsed.TotalSeconds:0.0} s");
        var status = Timed("status", "many");
        Assert.Contains("10,000 rows: 9,900 finished, 100 diverged", status, StringComparison.Ordinal);
        Assert.Contains("and 9,975 more rows", status, StringComparison.Ordinal);
        Timed("wait", "many");
        var csv = Timed("collect", "many", "--format", "csv");
        Assert.Equal(1 + Rows, csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Timed("report", "many");
    }

    // How long it takes is written down, not judged: a busy machine's clock says little.
    private string Timed(params string[] arguments)
    {
        var clock = Stopwatch.StartNew();
        var said = artar.Run(["sweep", .. arguments]);
        Assert.True(said.Code == 0, said.Errors);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{arguments[0]}: {clock.Elapsed.TotalSeconds:0.00} s"));
        return said.Output;
    }
}
