using ArTar.Workbench.Stack;
using ArTar.Workbench.Tables;

namespace ArTar.Cli.Sweeps;

/// <summary>A row of a sweep: a run to be trained.</summary>
internal sealed record SweepRow : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized()
    {
        StoredValue.FileName(Run);
        StoredValue.Within(Work, 0);
    }

    /// <summary>Name of the run, and of its folder in the store.</summary>
    public required string Run { get; init; }

    /// <summary>What people read: table, row, seed.</summary>
    public required string Label { get; init; }

    /// <summary>How much work it is, in any unit that all rows share: epochs times parameters.</summary>
    public double Work { get; init; }
}

/// <summary>
/// A sweep: a folder with what was asked for (<c>sweep.json</c>), its rows (<c>rows.jsonl</c>), a small file for each attempt at a row
/// (<c>attempts/</c>), its tables (<c>tables.json</c>), logs and job scripts. The results are in the store of runs, where tables find them.
/// How far the sweep has come is computed from these files by whoever asks, on whichever machine; no process has to live for it.
/// </summary>
internal sealed class Sweep
{
    private const string HeaderFile = "sweep.json", RowsFile = "rows.jsonl", TablesFile = "tables.json", CancelledFile = "cancelled";
    private const long MostRows = 256 << 20;

    /// <summary>What stands in a sweep that is not written down for its token and for its digest.</summary>
    internal const string TokenToBe = "TOKEN", DigestToBe = "DIGEST";

    private IReadOnlyList<SweepRow>? rows;
    private int[][]? tasks;
    private bool isWritten = true;

    private Sweep(Workspace workspace, string folder, SweepHeader header) => (Workspace, Folder, Header) = (workspace, folder, header);

    /// <summary>The workspace whose runs the sweep trains.</summary>
    public Workspace Workspace { get; }

    /// <summary>Absolute path of the folder.</summary>
    public string Folder { get; }

    /// <summary>What was asked for.</summary>
    public SweepHeader Header { get; }

    /// <summary>The name.</summary>
    public string Name => Path.GetFileName(Folder);

    /// <summary>The rows, in order.</summary>
    /// <exception cref="WorkbenchException">The file is damaged; without any row nothing would be left to do.</exception>
    public IReadOnlyList<SweepRow> Rows => rows ??= Lines().Select(line => Parse<SweepRow>(line)).ToArray() is { Length: > 0 } all ? all
        : throw Damaged(Path.Combine(Folder, RowsFile), new JsonException("there is no row in it"));

    /// <summary>The attempts at rows.</summary>
    public AttemptLog Attempts => new(Path.Combine(Folder, "attempts"));

    /// <summary>Logs, for people.</summary>
    public string Logs => Path.Combine(Folder, "logs");

    /// <summary>Job scripts, and what became of them.</summary>
    public string Jobs => Path.Combine(Folder, "jobs");

    /// <summary>The store of the results.</summary>
    public RunStore Store => new(Workspace);

    /// <summary>Whether it was cancelled, and not taken up again since.</summary>
    public bool IsCancelled => File.Exists(Path.Combine(Folder, CancelledFile));

    /// <summary>The tables that the sweep fills, as they were when it was submitted.</summary>
    public IReadOnlyList<TablePlan> Plans => [.. Tables(Path.Combine(Folder, TablesFile)).Select(t => t.ToPlan())];

    // Each seed is a row: what claims more than there are would be planned at great length.
    private StoredTable[] Tables(string path) => Parse<StoredTable[]>(PlainFile.ReadAllText(path), path) is var tables
        && tables.All(t => t?.Seeds <= Rows.Count) ? tables
        : throw Damaged(path, new JsonException($"seeds: expected at most {Rows.Count}, the rows of the sweep"));

    /// <summary>Log of a row, by its number from 1.</summary>
    public string LogOf(int row) => Path.Combine(Logs, FormattableString.Invariant($"{row:D5}.log"));

    /// <summary>What a row trains on what, by its number from 1.</summary>
    public RunConfiguration ConfigurationOf(int row) => Parse<StoredRow>(Lines().ElementAt(row - 1)).Configuration;

    /// <summary>Rows put together that are trained as one job: as many of a shape as fit, each alone where nothing is stacked.</summary>
    /// <param name="rows">Numbers of rows, from 1.</param>
    /// <param name="resources">Where they are trained.</param>
    public IEnumerable<int[]> StacksOf(IEnumerable<int> rows, RunResources resources)
    {
        if (!resources.MayStack)
            return rows.Select(row => new[] { row });
        var shapes = Shapes();
        var corpora = Plans.Select(p => p.Corpus).ToList();
        return StackShape.Group(rows, row => shapes[row - 1],
            shape => resources.StackOf(shape, corpora.First(c => c.Hash == shape.DataHash).VocabularySize));
    }

    /// <summary>The rows that one task of a cluster trains, which goes by the first of them; it depends on nothing but the sweep.</summary>
    public IReadOnlyList<int> TaskOf(int row) => Tasks is { } tasks ? tasks[row - 1] : [row];

    // Null where each row has a task of its own.
    private int[][]? Tasks => Header.Spec.Resources.Stack <= 1 ? null : tasks ??= TasksOf(Shapes(), Header.Spec.Resources.Stack);

    /// <summary>For each row the rows of its task, where so many of a shape share one.</summary>
    internal static int[][] TasksOf(StackShape[] shapes, int most)
    {
        var stacks = StackShape.Group(Enumerable.Range(1, shapes.Length), row => shapes[row - 1], _ => most);
        var byRow = new int[shapes.Length][];
        foreach (var stack in stacks)
            foreach (var row in stack)
                byRow[row - 1] = stack;
        return byRow;
    }

    private StackShape[] Shapes() => [.. Lines().Select(line => Parse<StoredRow>(line).Shape)];

    /// <summary>Whether this user has submitted it, or has taken it over.</summary>
    public bool IsOwn => SweepSignature.IsThere(Folder, Name, HeaderFile, RowsFile, TablesFile);

    /// <summary>What its jobs find again when they run: whatever was signed is still the same.</summary>
    public string Digest => isWritten ? SweepSignature.Digest(Folder, Name, HeaderFile, RowsFile, TablesFile) : DigestToBe;

    /// <summary>
    /// Takes over a sweep that somebody else has submitted, or that was changed since: what it holds may run from here on.
    /// </summary>
    public void Adopt() => SweepSignature.Write(Folder, Name, HeaderFile, RowsFile, TablesFile);

    /// <summary>Refuses to run or end what this user has not submitted.</summary>
    /// <exception cref="WorkbenchException">It is not the user's own.</exception>
    public void RequireOwn()
    {
        if (!IsOwn)
            throw new WorkbenchException($"Sweep {Name} is not signed as yours: somebody else has submitted it, or it was changed or "
                + $"copied under another name, so nothing of it is run or ended. Read {Path.Combine(Folder, HeaderFile)}; 'artar sweep "
                + $"retry {Name} --adopt' then takes it over.");
    }

    /// <summary>Marks the sweep as cancelled, or takes the mark away.</summary>
    public void MarkCancelled(bool cancelled)
    {
        var path = Path.Combine(Folder, CancelledFile);
        if (cancelled)
            AtomicFile.WriteAllText(path, "'artar sweep retry' resumes it\n");
        else
            File.Delete(path);
    }

    /// <summary>Plans a sweep and writes it down, whole or not at all. Nothing is started.</summary>
    /// <exception cref="WorkbenchException">As <see cref="SweepPlan.Of"/>.</exception>
    public static Sweep Create(Workspace workspace, SweepSpec spec, string engine) => Create(SweepPlan.Of(workspace, spec, engine));

    /// <summary>Writes a sweep down, whole or not at all. Nothing is started.</summary>
    /// <exception cref="WorkbenchException">Its name was taken meanwhile.</exception>
    public static Sweep Create(SweepPlan plan)
    {
        var (workspace, folder) = (plan.Workspace, plan.Folder);
        var header = new SweepHeader
        {
            Spec = plan.Spec, Engine = plan.Engine, Submitted = DateTime.UtcNow, Workbench = RunEnvironment.Version,
            Token = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray())[..12],
        };
        var unfinished = Path.Combine(workspace.Sweeps, $"{Path.GetRandomFileName()}{AtomicFile.TemporarySuffix}");
        Directory.CreateDirectory(unfinished);
        try
        {
            foreach (var part in new[] { "attempts", "logs", "jobs" })
                Directory.CreateDirectory(Path.Combine(unfinished, part));
            AtomicFile.Write(Path.Combine(unfinished, RowsFile), stream =>
            {
                foreach (var row in plan.Rows)
                {
                    JsonSerializer.Serialize(stream, row, Json.Compact);
                    stream.WriteByte((byte)'\n');
                }
            });
            AtomicFile.WriteAllText(Path.Combine(unfinished, TablesFile),
                JsonSerializer.Serialize(plan.Plans.Select(StoredTable.Of), StoredTable.Format) + "\n");
            AtomicFile.WriteAllText(Path.Combine(unfinished, HeaderFile), JsonSerializer.Serialize(header, Json.Indented) + "\n");
            SweepSignature.Write(unfinished, Path.GetFileName(folder), HeaderFile, RowsFile, TablesFile);
            Directory.Move(unfinished, folder);
        }
        catch (IOException) when (Path.Exists(folder))
        {
            Directory.Delete(unfinished, recursive: true);
            throw SweepPlan.Taken(Path.GetFileName(folder)); // by another shell, just now
        }
        catch
        {
            Directory.Delete(unfinished, recursive: true);
            throw;
        }
        return new(workspace, folder, header);
    }

    /// <summary>A sweep that is not written down.</summary>
    internal static Sweep Described(Workspace workspace, string name, SweepSpec spec, string engine,
        params IReadOnlyList<StoredRow> rows) =>
        new(workspace, Path.Combine(workspace.Sweeps, name),
            new() { Spec = spec, Engine = engine, Submitted = DateTime.UtcNow, Workbench = RunEnvironment.Version, Token = TokenToBe })
        {
            isWritten = false,
            rows = [.. rows.Select(r => new SweepRow { Run = r.Run, Label = r.Label, Work = r.Work })],
            tasks = spec.Resources.Stack <= 1 ? null : TasksOf([.. rows.Select(r => r.Shape)], spec.Resources.Stack),
        };

    /// <summary>A sweep by its name, or by a part of it that fits no other.</summary>
    /// <exception cref="WorkbenchException">None, or several.</exception>
    public static Sweep Get(Workspace workspace, string name)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new WorkbenchException("An empty name names no sweep; expected a sweep's name, or a part of it.");
        var names = Names(workspace).ToList();
        var found = names.Contains(name) ? [name] : names.Where(n => n.Contains(name, StringComparison.OrdinalIgnoreCase)).ToList();
        return found switch
        {
            [var one] => Open(workspace, one),
            [] when names.Count == 0 =>
                throw new WorkbenchException($"There is no sweep in {workspace.Sweeps} yet. 'artar sweep submit' makes one."),
            [] => throw new WorkbenchException(
                $"There is no sweep '{name}' in {workspace.Sweeps}{Nearest.Guess(name, names)} 'artar sweep list' shows them all."),
            _ => throw new WorkbenchException(
                $"'{name}' fits {found.Count} sweeps; name one of them in full:\n  {string.Join("\n  ", found.Take(10))}"),
        };
    }

    /// <summary>Names of all sweeps.</summary>
    public static IEnumerable<string> Names(Workspace workspace) => !Directory.Exists(workspace.Sweeps) ? [] :
        Directory.EnumerateDirectories(workspace.Sweeps)
            .Where(f => IsThere(f) && !f.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal))
            .Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    // Also one of which a file is lost: what is wrong with it is said when it is opened.
    private static bool IsThere(string folder) =>
        new[] { HeaderFile, RowsFile, TablesFile }.Any(file => File.Exists(Path.Combine(folder, file)));

    private static Sweep Open(Workspace workspace, string name)
    {
        var folder = Path.Combine(workspace.Sweeps, name);
        if (!File.Exists(Path.Combine(folder, HeaderFile)))
            throw Damaged(Path.Combine(folder, HeaderFile), new FileNotFoundException("it is not there"));
        return new(workspace, folder,
            Parse<SweepHeader>(PlainFile.ReadAllText(Path.Combine(folder, HeaderFile)), Path.Combine(folder, HeaderFile)));
    }

    private IEnumerable<string> Lines() =>
        Path.Combine(Folder, RowsFile) is var path && File.Exists(path) ? PlainFile.ReadLines(path, MostRows)
            : throw Damaged(path, new FileNotFoundException("it is not there"));

    private T Parse<T>(string json) => Parse<T>(json, Path.Combine(Folder, RowsFile));

    private static T Parse<T>(string json, string path)
    {
        try
        {
            return Json.Read<T>(json, StoredTable.Format);
        }
        catch (JsonException e)
        {
            throw Damaged(path, e);
        }
    }

    private static WorkbenchException Damaged(string path, Exception e) =>
        new($"{path} is damaged ({e.Message}). The runs are not lost: submit the same spec under another name, and finished rows are "
            + "taken over.", e);
}
