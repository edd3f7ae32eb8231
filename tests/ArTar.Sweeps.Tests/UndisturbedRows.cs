[assembly: AssemblyFixture(typeof(ArTar.Sweeps.Tests.UndisturbedRows))]

namespace ArTar.Sweeps.Tests;

/// <summary>Rows that nobody disturbed, to compare with.</summary>
public sealed class UndisturbedRows : IDisposable
{
    private readonly Artar artar = new();

    internal const int Epochs = 200;

    /// <summary>Two rows of a small text, hundreds of epochs long: each takes a few seconds and writes dozens of checkpoints.</summary>
    internal static string Spec(string data) => $"{{tables: 1, rows: [alpha=0, alpha=2], data: \"{data}\", set: {{epochs: {Epochs}, hidden: 8, batchSize: 4}}, resources: {{threads: 1, checkpointEvery: 0.05}}}}";

    public UndisturbedRows()
    {
        OwnText.Write(Data);
        Assert.Equal(0, artar.Run("table", "1", "--rows", "alpha=0,alpha=2", "--data", Data, "--jobs", "2", "--threads", "1", "--checkpoint-every", "0.05", "--set", $"epochs={Epochs}", "hidden=8", "batchSize=4").Code);
    }

    /// <summary>The text that all of these tests train on.</summary>
    public string Data => Path.Combine(artar.Home, "text");

    /// <summary>Both rows, in a workspace, ended as they did here, and nothing else lies there.</summary>
    internal void AssertSame(string runs)
    {
        var expected = Directory.EnumerateDirectories(artar.Runs).ToList();
        Assert.Equal(expected.Select(Path.GetFileName).Order(), Directory.EnumerateDirectories(runs).Select(Path.GetFileName).Order());
        foreach (var folder in expected)
        {
            var other = Path.Combine(runs, Path.GetFileName(folder));
            Artar.AssertSame(folder, other);
            Assert.Equal(["best.safetensors", "configuration.json", "lock", "metrics.jsonl", "summary.json", "vocabulary.json"],
                Directory.EnumerateFileSystemEntries(other).Select(Path.GetFileName).Order());
        }
    }

    public void Dispose() => artar.Dispose();
}
