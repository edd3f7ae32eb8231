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
            if (run is null && FaultWithoutConfiguration(folder) is { } fault)
                return new(id, RunStatus.Damaged, null, null, fault);
            var summary = run?.ReadSummary();
            return new(id, summary?.Status ?? run?.Status ?? RunStatus.Pending, run, summary);
        }
        catch (Exception e) when (e is WorkbenchException or IOException or UnauthorizedAccessException)
        {
            return new(id, RunStatus.Damaged, null, null, e.Message);
        }
    }

    /// <summary>
    /// Why a folder is the folder of a run that cannot be read: something of a run lies in it, and no configuration. Null where it is none.
    /// </summary>
    internal static string? FaultWithoutConfiguration(string folder)
    {
        if (!Directory.Exists(folder) || File.Exists(Path.Combine(folder, StoredRun.ConfigurationFile)))
            return null;
        try
        {
            var found = Directory.EnumerateFileSystemEntries(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)
                .Where(name => name is StoredRun.SummaryFile or StoredRun.MetricsFile or StoredRun.BestFile).ToList();
            if (found.Count == 0 && RunLease.NewestFolder(folder) is { } lease)
                found.Add(Path.GetFileName(lease));
            return found.Count == 0 ? null
                : $"'{folder}' has {string.Join(" and ", found.Take(2))}, but no file {StoredRun.ConfigurationFile} that says of which "
                + "run. Bring that file back, or move the folder elsewhere; the run is then trained anew.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"'{folder}' cannot be read: {e.Message}";
        }
    }
}
