namespace ArTar.Cli.Sweeps;

/// <summary>
/// Trains a sweep on this machine: one supervisor process in the background, which outlives the shell and starts a worker process for each
/// row. If it is killed nothing is lost; <c>artar sweep retry</c> starts another one.
/// </summary>
/// <param name="self">How the command line is started.</param>
internal sealed class LocalEngine(SelfCommand self) : ISweepEngine
{
    private const int SecondsToStart = 30, SecondsToStop = 120;

    // In a session of its own where the system can, so that neither a closed terminal nor its Ctrl+C reaches it; and without the files that
    // the submitting shell has open, a lock among them perhaps.
    private const string Detach = """
        log=$1; shift
        if command -v setsid >/dev/null 2>&1; then set -- setsid "$@"; fi
        "$@" </dev/null >>"$log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
        """;

    public string Start(Sweep sweep, IReadOnlyList<int> rows)
    {
        sweep.RequireOwn();
        AwaitStop(sweep);
        sweep.MarkCancelled(false);
        var there = Supervision.Read(sweep);
        // One that may live unseen on another machine is no hindrance: of two attempts at a run one waits for the other.
        if (there is not null && Supervision.IsAlive(sweep, there) == true)
            return $"Its supervisor is at work already ({there}); rows that were given up come after the others.";
        var log = Path.Combine(sweep.Logs, "supervisor.log");
        var before = File.Exists(log) ? new FileInfo(log).Length : 0;
        string[] command = [self.Program, .. self.First, "sweep", "supervise", sweep.Name];
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo(command[0], command[1..]) { CreateNoWindow = true, RedirectStandardInput = true,
                RedirectStandardOutput = true, RedirectStandardError = true }
            : new ProcessStartInfo("/bin/sh", ["-c", Detach, "artar", log, .. command]);
        start.Environment["ARTAR_HOME"] = sweep.Workspace.Root;
        start.WorkingDirectory = sweep.Folder;
        using var process = Process.Start(start)!;
        if (!OperatingSystem.IsWindows())
            process.WaitForExit();
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < SecondsToStart)
        {
            if (Supervision.Read(sweep) is { } now && now.Started != there?.Started
                && (now.Ended || Supervision.IsAlive(sweep, now) == true))
                return $"Its supervisor is at work in the background ({now}).";
            if (File.Exists(log) && new FileInfo(log).Length > before && Tail(log, before) is { } words
                && words.Contains("artar: ", StringComparison.Ordinal))
                throw new WorkbenchException($"The supervisor of sweep {sweep.Name} did not start: {words.Trim()}");
            Thread.Sleep(50);
        }
        throw new WorkbenchException(
            $"The supervisor of sweep {sweep.Name} did not start within {SecondsToStart} s; {log} may say why. 'artar sweep retry "
                + $"{sweep.Name}' tries again.");
    }

    /// <summary>
    /// A supervisor that was told to stop does so, and cannot be held back: it must be gone before the mark of the cancelled is.
    /// </summary>
    private static void AwaitStop(Sweep sweep)
    {
        var clock = Stopwatch.StartNew();
        while (sweep.IsCancelled && Supervision.Read(sweep) is { } there && Supervision.IsAlive(sweep, there) == true)
        {
            if (clock.Elapsed.TotalSeconds > SecondsToStop)
                throw new WorkbenchException(
                    $"Sweep {sweep.Name} was cancelled, and its supervisor ({there}) has not stopped within {SecondsToStop} s. 'artar "
                        + $"sweep retry {sweep.Name}' waits again; if that process hangs, end it first.");
            Thread.Sleep(50);
        }
    }

    public EngineView Look(Sweep sweep)
    {
        var there = Supervision.Read(sweep);
        bool? alive = there is null ? false : Supervision.IsAlive(sweep, there);
        return new()
        {
            IsAtWork = alive,
            Text = there is null ? $"not started; 'artar sweep retry {sweep.Name}' starts it"
                : alive == true ? $"on this machine's processes: supervisor {there}"
                : alive == null ? $"supervisor {there}, on another machine, gives no sign of life; 'artar sweep retry {sweep.Name}' "
                    + "starts one here"
                : there.Ended ? "its supervisor is done"
                : $"its supervisor ({there}) is gone; 'artar sweep retry {sweep.Name}' resumes from the checkpoints",
        };
    }

    public string Cancel(Sweep sweep)
    {
        sweep.MarkCancelled(true);
        return Supervision.Read(sweep) is { } there && Supervision.IsAlive(sweep, there) != false
            ? "Rows that run save a checkpoint and stop." : "Nothing was running.";
    }

    private static string Tail(string path, long from)
    {
        using var stream = PlainFile.Open(path);
        stream.Seek(from, SeekOrigin.Begin);
        return new StreamReader(stream).ReadToEnd();
    }
}

/// <summary>Who supervises a sweep on a machine: <c>supervisor.json</c>, written anew every few seconds while it lives.</summary>
internal sealed record Supervision
{
    private static readonly TimeSpan freshness = TimeSpan.FromSeconds(30);

    /// <summary>The machine; see <see cref="LeaseHolder.Machine"/>.</summary>
    public required string Machine { get; init; }

    /// <summary>The process on that machine.</summary>
    public required int Process { get; init; }

    /// <summary>When it started, UTC.</summary>
    public required DateTime Started { get; init; }

    /// <summary>Whether it came to its end in good order.</summary>
    public bool Ended { get; init; }

    /// <summary>What is stored; null when nobody ever supervised the sweep.</summary>
    public static Supervision? Read(Sweep sweep)
    {
        try
        {
            return File.Exists(PathIn(sweep)) ? Json.Read<Supervision>(PlainFile.ReadAllText(PathIn(sweep))) : null;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return null;
        }
    }

    /// <summary>Writes it down.</summary>
    public void Write(Sweep sweep) => AtomicFile.WriteAllText(PathIn(sweep), JsonSerializer.Serialize(this, Json.Compact) + "\n");

    /// <summary>The lock of the one supervisor that a sweep has on a machine; null while another process has it.</summary>
    public static FileStream? TryLock(Sweep sweep) => StoredRun.TryLock(Path.Combine(sweep.Folder, "supervisor.lock"));

    /// <summary>Whether it lives; null when that cannot be told from here.</summary>
    public static bool? IsAlive(Sweep sweep, Supervision there)
    {
        if (there.Ended)
            return false;
        // Nothing outlives a machine's restart.
        if (there.Machine != LeaseHolder.Here && there.Host == LeaseHolder.Here.Split(' ')[0])
            return false;
        if (there.Machine != LeaseHolder.Here)
            return DateTime.UtcNow - File.GetLastWriteTimeUtc(PathIn(sweep)) < freshness ? true : null;
        try
        {
            using var held = TryLock(sweep);
            return held is null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Process and host.</summary>
    public override string ToString() => $"process {Process} on {Host}";

    private string Host => Machine.Split(' ')[0];

    private static string PathIn(Sweep sweep) => Path.Combine(sweep.Folder, "supervisor.json");
}
