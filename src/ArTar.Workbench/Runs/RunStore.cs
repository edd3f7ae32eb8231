using ArTar.Workbench.Training;

namespace ArTar.Workbench.Runs;

/// <summary>All runs of a workspace: plain folders that a person can read, copy and delete.</summary>
/// <param name="folder">The folder that holds one folder for each run.</param>
public sealed class RunStore(string folder)
{
    private const string RemovedSuffix = ".removed";

    /// <summary>The store of a workspace.</summary>
    public RunStore(Workspace workspace) : this(workspace.Runs) { }

    /// <summary>The store in a folder that was named: published results, say, or another workspace.</summary>
    /// <param name="folder">The folder that holds one folder for each run, or one with such a folder <c>runs</c>; a path from the current
    /// folder, else from the workspace, else from the repository.</param>
    /// <param name="workspace">The workspace.</param>
    /// <exception cref="WorkbenchException">There is no run.</exception>
    public static RunStore In(string folder, Workspace workspace)
    {
        string[] places = [Path.GetFullPath(folder), Path.GetFullPath(folder, workspace.Root),
            Path.GetFullPath(folder, Workspace.Repository ?? workspace.Root)];
        return places.SelectMany(p => new[] { Path.Combine(p, "runs"), p }).Select(p => new RunStore(p))
            .FirstOrDefault(s => s.Readings().Any())
            ?? throw new WorkbenchException(
                $"There are no runs in '{places[0]}': expected a folder that holds one folder for each run, or a folder runs with them, "
                    + "such as 'results' of the repository.");
    }

    /// <summary>The folder that holds one folder for each run.</summary>
    public string Folder => folder;

    /// <summary>The run of a configuration; it is created when there is none.</summary>
    /// <exception cref="WorkbenchException">Its folder is there and cannot be read, or holds another run.</exception>
    public StoredRun GetOrCreate(RunConfiguration configuration)
    {
        var path = Path.Combine(folder, configuration.Id);
        if (RunReading.FaultWithoutConfiguration(path) is { } fault)
            throw new WorkbenchException(fault);
        return StoredRun.Open(path) ?? StoredRun.Create(path, configuration);
    }

    /// <summary>
    /// The runs of a plan, created where there are none, once all is there that those without a result need until their ends. One that
    /// cannot be read is left out: tables and lists say what is wrong with it.
    /// </summary>
    /// <param name="planned">The plan.</param>
    /// <param name="resources">How they are trained.</param>
    /// <exception cref="WorkbenchException">Something that a run needs is not there.</exception>
    internal IReadOnlyList<(PlannedRun Plan, StoredRun Run)> Prepare(IEnumerable<PlannedRun> planned, RunResources resources) =>
        [.. Checked(planned, resources).Select(p => (p.Plan, p.Reading.Run ?? GetOrCreate(p.Plan.Configuration)))];

    /// <summary>Sees to it that all is there that the runs of a plan need; nothing is created.</summary>
    /// <inheritdoc cref="Prepare"/>
    internal void Require(IEnumerable<PlannedRun> planned, RunResources resources) => Checked(planned, resources);

    private List<(PlannedRun Plan, RunReading Reading)> Checked(IEnumerable<PlannedRun> planned, RunResources resources)
    {
        var readable = planned.Select(p => (Plan: p, Reading: Read(p.Configuration.Id))).Where(p => p.Reading.Status != RunStatus.Damaged)
            .ToList();
        RunRequirements.Check([.. readable.Where(p => !p.Reading.HasEnded).Select(p => p.Plan)], resources, folder);
        return readable;
    }

    /// <summary>The run of a configuration, or null.</summary>
    /// <exception cref="WorkbenchException">It cannot be read, or its folder holds another run.</exception>
    public StoredRun? Find(RunConfiguration configuration) => Find(configuration.Id);

    /// <summary>The run of this exact name, or null.</summary>
    /// <exception cref="WorkbenchException">It cannot be read, or its folder holds another run.</exception>
    public StoredRun? Find(string id) => StoredRun.Open(Path.Combine(folder, id));

    /// <summary>The run of this exact name as it stands, whatever is wrong with it.</summary>
    internal RunReading Read(string id) => RunReading.Of(Path.Combine(folder, id));

    /// <summary>The metrics of the run of this exact name; none where it or its result cannot be read.</summary>
    internal IReadOnlyList<EpochMetrics> MetricsOf(string id)
    {
        try
        {
            return Read(id).Run?.ReadMetrics() ?? [];
        }
        catch (WorkbenchException)
        {
            return [];
        }
    }

    /// <summary>Whether the run of this exact name has a result: finished or diverged. One that cannot be read has none.</summary>
    public bool HasEnded(string id) => Read(id).HasEnded;

    /// <summary>
    /// Who trains the run of this exact name, and how far it has come; null when nobody does, or has stopped in good order.
    /// </summary>
    internal LeaseHolder? HolderOf(string id) => RunLease.ReadHolder(RunLease.NewestFolder(Path.Combine(folder, id)));

    /// <summary>When the newest checkpoint of the run of this exact name was written, UTC; null where it has none.</summary>
    internal DateTime? SavedAt(string id)
    {
        if (RunLease.NewestFolder(Path.Combine(folder, id)) is not { } lease)
            return null;
        var written = new[] { StoredRun.LastFile,
            StoredRun.PreviousFile }.Select(f => File.GetLastWriteTimeUtc(Path.Combine(lease, f))).Max();
        return written.Year > 1601 ? written : null; // what is not there has the first day of time
    }

    /// <summary>All runs that can be read, by name.</summary>
    public IEnumerable<StoredRun> All() => Readings().Select(r => r.Run).OfType<StoredRun>();

    /// <summary>All runs as they stand, by name, also those that cannot be read.</summary>
    /// <param name="part">Only those whose names contain this.</param>
    internal IEnumerable<RunReading> Readings(string? part = null) => Folders(part).Select(RunReading.Of);

    /// <summary>The names of all runs, in no order; nothing is read.</summary>
    public IEnumerable<string> Names() =>
        !Directory.Exists(folder) ? [] : Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path));

    /// <summary>The one run whose name contains a text, or whose folder it names.</summary>
    /// <exception cref="WorkbenchException">None, or several.</exception>
    public StoredRun Get(string name)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new WorkbenchException("An empty name names no run; expected a part of a run's name, or its folder.");
        if (Directory.Exists(name) && Path.TrimEndingDirectorySeparator(Path.GetFullPath(name)) is var place)
            if (StoredRun.Open(place) is { } given)
                return given;
            else if (RunReading.FaultWithoutConfiguration(place) is { } fault)
                throw new WorkbenchException(fault);
        var found = Folders(name).ToList();
        return (found.Count == 1 ? found[0] : found.FirstOrDefault(f => Path.GetFileName(f) == name)) is { } one
            ? StoredRun.Open(one) ?? throw new WorkbenchException(RunReading.Of(one).Fault)
            : found.Count switch
        {
            0 => throw new WorkbenchException($"No run in {folder} has '{name}' in its name"
                + (Folders(null).FirstOrDefault() is { } some ? $"; the first one there is {Path.GetFileName(some)}."
                    : "; there is none yet.")),
            _ => throw new WorkbenchException(
                $"'{name}' fits {found.Count} runs; name one of them in full:\n  "
                    + $"{string.Join("\n  ", found.Take(10).Select(f => Path.GetFileName(f)))}"),
        };
    }

    // By the folder's name alone, so that a damaged run stands in the way of no other.
    private IEnumerable<string> Folders(string? part) => !Directory.Exists(folder) ? [] : Directory.EnumerateDirectories(folder)
        .Where(path => (part is null || Path.GetFileName(path).Contains(part, StringComparison.OrdinalIgnoreCase))
            && !path.EndsWith(RemovedSuffix, StringComparison.Ordinal)
            && (File.Exists(Path.Combine(path, StoredRun.ConfigurationFile)) || RunReading.FaultWithoutConfiguration(path) is not null))
        .Order(StringComparer.Ordinal);

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
