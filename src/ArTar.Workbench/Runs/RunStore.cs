namespace ArTar.Workbench.Runs;

/// <summary>All runs of a workspace: plain folders that a person can read, copy and delete.</summary>
/// <param name="folder">The folder that holds one folder for each run.</param>
public sealed class RunStore(string folder)
{
    private const string RemovedSuffix = ".removed";

    /// <summary>The store of a workspace.</summary>
    public RunStore(Workspace workspace) : this(workspace.Runs) { }

    /// <summary>The store in a folder that was named: published results, say, or another workspace.</summary>
    /// <param name="folder">The folder that holds one folder for each run, or one with such a folder <c>runs</c>; a path from the current folder, else from the workspace, else from the repository.</param>
    /// <param name="workspace">The workspace.</param>
    /// <exception cref="WorkbenchException">There is no run.</exception>
    public static RunStore In(string folder, Workspace workspace)
    {
        string[] places = [Path.GetFullPath(folder), Path.GetFullPath(folder, workspace.Root), Path.GetFullPath(folder, Workspace.Repository ?? workspace.Root)];
        return places.SelectMany(p => new[] { Path.Combine(p, "runs"), p }).Select(p => new RunStore(p)).FirstOrDefault(s => s.All().Any())
            ?? throw new WorkbenchException($"There are no runs in '{places[0]}': expected a folder that holds one folder for each run, or a folder runs with them, such as 'results' of the repository.");
    }

    /// <summary>The folder that holds one folder for each run.</summary>
    public string Folder => folder;

    /// <summary>The run of a configuration; it is created when there is none.</summary>
    public StoredRun GetOrCreate(RunConfiguration configuration)
    {
        var path = Path.Combine(folder, configuration.Id);
        return StoredRun.Open(path) ?? StoredRun.Create(path, configuration);
    }

    /// <summary>The run of a configuration, or null.</summary>
    public StoredRun? Find(RunConfiguration configuration) => StoredRun.Open(Path.Combine(folder, configuration.Id));

    /// <summary>The run of this exact name, or null.</summary>
    public StoredRun? Find(string id) => StoredRun.Open(Path.Combine(folder, id));

    /// <summary>The result of the run of this exact name; null while it has none. Reads nothing else.</summary>
    /// <exception cref="WorkbenchException">The file is damaged.</exception>
    public RunSummary? SummaryOf(string id) => StoredRun.ReadSummary(Path.Combine(folder, id));

    /// <summary>Whether the run of this exact name has a result: finished or diverged. Quicker than <see cref="SummaryOf"/>, for listings.</summary>
    /// <exception cref="WorkbenchException">The file is damaged.</exception>
    public bool HasEnded(string id) => StoredRun.ReadStatus(Path.Combine(folder, id)) is RunStatus.Finished or RunStatus.Diverged;

    /// <summary>Who trains the run of this exact name, and how far it has come; null when nobody does, or has stopped in good order.</summary>
    internal LeaseHolder? HolderOf(string id) => RunLease.ReadHolder(RunLease.NewestFolder(Path.Combine(folder, id)));

    /// <summary>When the newest checkpoint of the run of this exact name was written, UTC; null where it has none.</summary>
    internal DateTime? SavedAt(string id)
    {
        if (RunLease.NewestFolder(Path.Combine(folder, id)) is not { } lease)
            return null;
        var written = new[] { StoredRun.LastFile, StoredRun.PreviousFile }.Select(f => File.GetLastWriteTimeUtc(Path.Combine(lease, f))).Max();
        return written.Year > 1601 ? written : null; // what is not there has the first day of time
    }

    /// <summary>All runs, by name.</summary>
    /// <exception cref="WorkbenchException">A run's configuration is damaged.</exception>
    public IEnumerable<StoredRun> All() => Named("");

    /// <summary>The names of all runs, in no order; nothing is read.</summary>
    public IEnumerable<string> Names() => !Directory.Exists(folder) ? [] : Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path));

    /// <summary>The one run whose name contains a text, or whose folder it names.</summary>
    /// <exception cref="WorkbenchException">None, or several.</exception>
    public StoredRun Get(string name)
    {
        if (Directory.Exists(name) && StoredRun.Open(Path.GetFullPath(name)) is { } given)
            return given;
        var found = Named(name).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new WorkbenchException($"No run in {folder} has '{name}' in its name. 'artar runs list' shows them all."),
            _ => found.FirstOrDefault(r => r.Id == name) ?? throw new WorkbenchException(
                $"'{name}' fits {found.Count} runs; name one of them in full:\n  {string.Join("\n  ", found.Take(10).Select(r => r.Id))}"),
        };
    }

    // By the folder's name first, so that a damaged run stands in the way of no other.
    private IEnumerable<StoredRun> Named(string part) => !Directory.Exists(folder) ? [] : Directory.EnumerateDirectories(folder)
        .Where(path => Path.GetFileName(path).Contains(part, StringComparison.OrdinalIgnoreCase) && !path.EndsWith(RemovedSuffix, StringComparison.Ordinal))
        .Order(StringComparer.Ordinal).Select(StoredRun.Open).OfType<StoredRun>();

    /// <summary>Deletes a run's folder.</summary>
    /// <exception cref="WorkbenchException">Another process trains it.</exception>
    public static void Remove(StoredRun run)
    {
        // Renamed first: a kill in between leaves a folder that no longer looks like a run.
        var gone = run.Folder + RemovedSuffix;
        using (var held = run.Lock())
        {
            if (Directory.Exists(gone))
                Directory.Delete(gone, recursive: true);
            if (OperatingSystem.IsWindows())
                held.Dispose(); // no folder moves there while a file in it is open
            Directory.Move(run.Folder, gone);
        }
        Directory.Delete(gone, recursive: true); // not earlier: NFS keeps open files
    }

    /// <summary>Forgets how a run ended when it failed or ran out of memory, so that it is trained again.</summary>
    /// <returns>Whether there was such an end to forget.</returns>
    /// <exception cref="WorkbenchException">Another process trains it.</exception>
    public static bool Retry(StoredRun run)
    {
        if (run.ReadSummary()?.Status is not (RunStatus.Failed or RunStatus.OutOfMemory))
            return false;
        using (run.Lock())
            run.DeleteSummary();
        return true;
    }
}
