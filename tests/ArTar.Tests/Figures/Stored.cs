using System.Text.Json;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;

namespace ArTar.Tests.Figures;

/// <summary>Runs as if they had been trained, with figures that tests choose.</summary>
internal static class Stored
{
    public static TablePlan Plan(int table, Corpus corpus, int seeds = 1, string profile = "quick", params string[] rows) =>
        TablePlan.For(KnownTables.Get(table), Profile.Get(profile), corpus.Facts, rows, [], seeds);

    /// <summary>Stores every run of a plan; perplexity depends on row and seed, and falls over six epochs.</summary>
    public static void Write(RunStore store, TablePlan plan, Func<Row, int, double> perplexity)
    {
        foreach (var row in plan.Rows)
            foreach (var seed in plan.Seeds)
            {
                var run = store.GetOrCreate(plan.Configuration(row, seed));
                var valid = perplexity(row, seed);
                var epochs = Enumerable.Range(1, 6).Select(e => Epoch(e, rate: e < 4 ? 10 : 5, train: valid + 60 - 11 * e, valid: valid + 30 - 5 * e)).ToList();
                StoredRun.WriteMetrics(run.Folder, epochs);
                StoredRun.WriteSummary(run.Folder, new()
                {
                    Status = RunStatus.Finished, ValidLoss = Math.Log(valid), TestLoss = Math.Log(valid - 3), BestEpoch = 6, LastEpoch = epochs[^1],
                    Circumstances = new()
                    {
                        Workbench = "1.0.0", LibTorch = "2.10.0", DotNet = "10.0.1", Device = "cpu", Threads = 2, Processor = "Some CPU",
                        OperatingSystem = "Linux", Started = DateTime.UnixEpoch, PeakMemory = 1,
                    },
                });
            }
    }

    /// <summary>Turns a stored run into one that diverged.</summary>
    public static void Diverge(StoredRun run) => StoredRun.WriteSummary(run.Folder, run.ReadSummary()! with { Status = RunStatus.Diverged, ValidLoss = null, TestLoss = null });

    public static EpochMetrics Epoch(int number, double rate, double train, double valid) => new()
    {
        Epoch = number, LearningRate = rate, TrainLoss = Math.Log(train), ValidLoss = Math.Log(valid), Penalties = new Dictionary<string, double>(),
        GradientNorm = 1, Seconds = 1, TokensPerSecond = 1000,
    };
}
