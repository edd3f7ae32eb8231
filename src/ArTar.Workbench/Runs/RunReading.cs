using ArTar.Workbench.Training;

namespace ArTar.Workbench.Runs;

/// <summary>A run as lists and tables read it: one that cannot be read is a line that says so, and hides no other.</summary>
/// <param name="Id">Name of the run, and of its folder in the store.</param>
/// <param name="Status">How far it has come.</param>
/// <param name="Run">The run; null where there is none, or it cannot be read.</param>
/// <param name="Summary">Its result; null while it has none.</param>
/// <param name="Fault">What is wrong with it; empty for nothing.</param>
internal readonly record struct RunReading(string Id, RunStatus Status, StoredRun? Run, RunSummary? Summary, string Fault = "")
{
    /// <summary>Whether it has a result: finished, or diverged.</summary>
    public bool HasEnded => Status is RunStatus.Finished or RunStatus.Diverged;

    /// <summary>Reads the run in a folder.</summary>
    public static RunReading Of(string folder)
    {
        var id = Path.GetFileName(folder);
        try
        {
            var run = StoredRun.Open(folder);
            if (run is null && StoredRun.FaultWithoutConfiguration(folder) is { } fault)
                return new(id, RunStatus.Damaged, null, null, fault);
            var summary = run?.ReadSummary();
            if (run is not null && summary is { Status: RunStatus.Finished })
                RequireSame(summary, run.ReadMetrics(), Path.Combine(folder, StoredRun.SummaryFile));
            return new(id, summary?.Status ?? run?.Status ?? RunStatus.Pending, run, summary);
        }
        catch (Exception e) when (e is WorkbenchException or IOException or UnauthorizedAccessException)
        {
            return new(id, RunStatus.Damaged, null, null, e.Message);
        }
    }

    // A result without metrics says all that a table needs; one that contradicts them is another run's, or was changed.
    private static void RequireSame(RunSummary summary, IReadOnlyList<EpochMetrics> metrics, string path)
    {
        if (metrics.Count > 0 && metrics.FirstOrDefault(m => m.Epoch == summary.BestEpoch)?.ValidLoss != summary.ValidLoss)
            throw new WorkbenchException($"'{path}' has another validation loss than epoch {summary.BestEpoch} of the metrics beside it: "
                + "one of the two is another run's, or was changed. Nothing in this folder is used as long.");
    }
}
