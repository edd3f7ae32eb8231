using System.Text.Json;
using System.Text.Json.Nodes;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Models;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;

namespace ArTar.Tests;

/// <summary>Runs as if they had been trained, with figures that tests choose. Not through the store, which flushes each file to the disk.</summary>
internal static class FakedRuns
{
    private const int Epochs = 6;

    public static RunEnvironment Here { get; } = new()
    {
        Workbench = "1.0.0", LibTorch = "2.10.0", DotNet = "10.0.1", Device = "cpu", Threads = 2, Processor = "Some CPU",
        OperatingSystem = "Linux", Started = DateTime.UnixEpoch, PeakMemory = 1,
    };

    /// <summary>As the program trains where nothing else is asked.</summary>
    public static RunEnvironment Usual { get; } = Here with { Kernels = KernelChoice.Fast, Threads = 1 };

    public static TablePlan Plan(int table, Corpus corpus, int seeds = 1, string profile = "quick", params string[] rows) =>
        TablePlan.For(KnownTables.Get(table), Profile.Get(profile), corpus.Facts, rows, [], seeds);

    public static EpochMetrics Epoch(int number, double rate, double train, double valid) => new()
    {
        Epoch = number, LearningRate = rate, TrainLoss = Math.Log(train), ValidLoss = Math.Log(valid), Penalties = new Dictionary<string, double>(),
        GradientNorm = 1, Seconds = 1, TokensPerSecond = 1000,
    };

    /// <summary>A result with these perplexities; of the test split three less where it is not said.</summary>
    public static RunSummary Finished(double valid, double? test = null, double? train = null) => new()
    {
        Status = RunStatus.Finished, ValidLoss = Math.Log(valid), TestLoss = Math.Log(test ?? valid - 3), BestEpoch = Epochs, Circumstances = Here,
        LastEpoch = Epoch(Epochs, 5, train ?? valid - 6, valid),
    };

    /// <summary>A result that is none.</summary>
    public static RunSummary Ended(RunStatus status) => new() { Status = status, BestEpoch = Epochs, Error = "why", Circumstances = Here };

    /// <summary>Stores every run of a plan; perplexity depends on row and seed.</summary>
    public static void Write(RunStore store, TablePlan plan, Func<Row, int, double> perplexity)
    {
        foreach (var row in plan.Rows)
            foreach (var seed in plan.Seeds)
                Write(store, plan.Configuration(row, seed), Finished(perplexity(row, seed)));
    }

    /// <summary>Stores a run whose perplexity falls until its best epoch; that one alone has the matrix.</summary>
    public static void Write(RunStore store, RunConfiguration configuration, RunSummary summary, NearestIdentity? identity = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(store.Folder, configuration.Id)).FullName;
        File.WriteAllText(Path.Combine(folder, "configuration.json"), JsonSerializer.Serialize(configuration, Json.Indented) + "\n");
        var (valid, wrong) = (Math.Exp(summary.ValidLoss ?? 5), new NearestIdentity { Multiple = -9, Distance = 0.123, DiagonalMass = 0.5 });
        var epochs = Enumerable.Range(1, Epochs)
            .Select(e => Epoch(e, rate: e < 4 ? 10 : 5, train: valid + 60 - 11 * e, valid: valid + 5 * Math.Abs(summary.BestEpoch - e)))
            .Select(e => e.Epoch != summary.BestEpoch ? e with { Identity = identity is null ? null : wrong }
                : e with { Identity = identity, ValidLoss = summary.ValidLoss ?? 5 });
        File.WriteAllLines(Path.Combine(folder, "metrics.jsonl"), epochs.Select(e => JsonSerializer.Serialize(e, Json.Compact)));
        End(folder, summary);
    }

    /// <summary>Gives a run's folder its result, or another one.</summary>
    public static void End(string folder, RunSummary summary) =>
        File.WriteAllText(Path.Combine(folder, "summary.json"), JsonSerializer.Serialize(summary, Json.Indented) + "\n");

    /// <summary>Turns a stored run into one that diverged.</summary>
    public static void Diverge(StoredRun run) => End(run.Folder, run.ReadSummary()! with { Status = RunStatus.Diverged, ValidLoss = null, TestLoss = null });

    /// <summary>Cuts one of a run's files off, as a full disk or a broken copy does.</summary>
    public static void Damage(string folder, string file = "summary.json")
    {
        var path = Path.Combine(folder, file);
        File.WriteAllText(path, File.ReadAllText(path)[..50]);
    }

    /// <summary>Writes another value, in JSON, into one of a run's files.</summary>
    public static void Change(string folder, string file, string key, string value)
    {
        var path = Path.Combine(folder, file);
        var content = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        content[key] = JsonNode.Parse(value);
        File.WriteAllText(path, content.ToJsonString());
    }

    /// <summary>Has a run's lock until it is disposed of, as the process that trains it has.</summary>
    public static IDisposable Running(StoredRun run) =>
        new FileStream(Path.Combine(run.Folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
}
