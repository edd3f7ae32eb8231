namespace ArTar.Cli.Sweeps;

/// <summary>How an attempt at a row ended.</summary>
internal enum AttemptOutcome
{
    /// <summary>It has not.</summary>
    Running,

    /// <summary>The row has come to its end: finished, or diverged.</summary>
    Ended,

    /// <summary>It was asked to stop, and saved a checkpoint.</summary>
    Stopped,

    /// <summary>It failed or crashed.</summary>
    Failed,

    /// <summary>It never said how it ended: its machine, or whoever watched over it, was lost.</summary>
    Lost,

    /// <summary>No attempt, but a person's wish to count failures anew from here on.</summary>
    Retried,
}

/// <summary>An attempt at a row.</summary>
/// <param name="Row">Number of the row, from 1.</param>
/// <param name="Number">Number of the attempt, from 1.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Seconds">How long it took; of one that was lost, until its last checkpoint; 0 while that is not known.</param>
internal readonly record struct Attempt(int Row, int Number, AttemptOutcome Outcome, long Seconds)
{
    /// <summary>Whether it was lost, but not what it had done: a checkpoint was written after it began.</summary>
    public bool HasMoved => Outcome == AttemptOutcome.Lost && Seconds > 0;

    /// <summary>Name of the attempt's file: <c>00012-3-failed-45</c>.</summary>
    public string FileName =>
        string.Create(CultureInfo.InvariantCulture,
            $"{Row:D5}-{Number}-{Outcome.ToString().ToLowerInvariant()}{(Seconds > 0 ? $"-{Seconds}" : "")}");

    internal static Attempt? Parse(string name) => name.Split('-') is [var row, var number, var outcome, .. var rest] && rest.Length <= 1
        && int.TryParse(row, NumberStyles.None, CultureInfo.InvariantCulture, out var r)
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
        && Enum.TryParse<AttemptOutcome>(outcome, ignoreCase: true, out var o)
            && long.TryParse(rest is [var s] ? s : "0", NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        ? new(r, n, o, seconds) : null;
}

/// <summary>Where an attempt was made and what went wrong.</summary>
internal sealed record AttemptDetails
{
    /// <summary>Host or node.</summary>
    public required string Host { get; init; }

    /// <summary>The process that watches over it.</summary>
    public required int Process { get; init; }

    /// <summary>SLURM's job, such as <c>17_3</c>.</summary>
    public string? Job { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTime Started { get; init; }

    /// <summary>What went wrong.</summary>
    public string? Error { get; init; }
}

/// <summary>
/// The attempts at a sweep's rows: a small file each, whose name holds all that a listing needs, so that one look into the folder tells of
/// ten thousand rows. A fresh file is claimed exclusively; an end is a rename.
/// </summary>
/// <param name="folder">The folder.</param>
internal sealed class AttemptLog(string folder)
{
    private const int LongestError = 600, Size = 1024;

    /// <summary>All attempts, by row.</summary>
    public ILookup<int, Attempt> All() => Named("*").ToLookup(a => a.Row);

    /// <summary>The attempts at one row, in order.</summary>
    public IReadOnlyList<Attempt> Of(int row) => [.. Named(FormattableString.Invariant($"{row:D5}-*")).OrderBy(a => a.Number)];

    /// <summary>Attempts that failed, or were lost before they had saved anything, since a person last asked to try again.</summary>
    public static int Failures(IEnumerable<Attempt> attempts) =>
        attempts.OrderBy(a => a.Number)
            .Aggregate(0, (count, a) =>
                a.Outcome switch { AttemptOutcome.Failed or AttemptOutcome.Lost when !a.HasMoved => count + 1, AttemptOutcome.Retried => 0,
                    _ => count });

    /// <summary>Seconds of all attempts that have ended.</summary>
    public long Seconds() => Named("*").Sum(a => a.Seconds);

    /// <summary>Begins an attempt. Earlier ones at the row that never said how they ended are lost now.</summary>
    /// <param name="row">The row, from 1.</param>
    /// <param name="job">SLURM's job.</param>
    /// <param name="saved">When the row's last checkpoint was written, UTC; null where there is none.</param>
    public Attempt Begin(int row, string? job, DateTime? saved = null)
    {
        while (true)
        {
            var before = Of(row);
            foreach (var open in before.Where(a => a.Outcome == AttemptOutcome.Running))
                Rename(open, open with { Outcome = AttemptOutcome.Lost, Seconds = SecondsUntil(open, saved) });
            var next = new Attempt(row, before.Count == 0 ? 1 : before[^1].Number + 1, AttemptOutcome.Running, 0);
            if (Create(next, new() { Host = HostName, Process = Environment.ProcessId, Job = job, Started = DateTime.UtcNow }))
                return next;
        }
    }

    // By the clock of the disk, which wrote both files.
    private long SecondsUntil(Attempt attempt, DateTime? saved) => saved is { } then
        ? Math.Max(0, (long)Math.Ceiling((then - File.GetLastWriteTimeUtc(Path.Combine(folder, attempt.FileName))).TotalSeconds)) : 0;

    /// <summary>Writes down how an attempt ended; says nothing if it was given up for lost meanwhile.</summary>
    public void End(Attempt attempt, AttemptOutcome outcome, TimeSpan time, string? error = null)
    {
        try
        {
            if (error is not null && Read(attempt) is { } details)
                using (var stream = new FileStream(Path.Combine(folder, attempt.FileName), FileMode.Open))
                    Write(stream, details with { Error = error.Length <= LongestError ? error : error[..LongestError] + "…" });
        }
        catch (IOException)
        {
            // How it ended still goes into the name.
        }
        Rename(attempt, attempt with { Outcome = outcome, Seconds = (long)Math.Ceiling(time.TotalSeconds) });
    }

    /// <summary>Counts failures anew.</summary>
    public void Retry(int row)
    {
        var before = Of(row);
        if (Failures(before) > 0)
            Create(new(row, before[^1].Number + 1, AttemptOutcome.Retried, 0),
                new() { Host = HostName, Process = Environment.ProcessId, Started = DateTime.UtcNow });
    }

    /// <summary>Where an attempt was made and what went wrong; null when its file is gone or damaged.</summary>
    public AttemptDetails? Read(Attempt attempt)
    {
        try
        {
            return Json.Read<AttemptDetails>(PlainFile.ReadAllText(Path.Combine(folder, attempt.FileName)));
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Room is taken at the start, so that also a full disk has some for what went wrong.
    private static void Write(FileStream stream, AttemptDetails details)
    {
        JsonSerializer.Serialize(stream, details, Json.Compact);
        while (stream.Position < Size - 1)
            stream.WriteByte((byte)' ');
        stream.WriteByte((byte)'\n');
    }

    private static string HostName => LeaseHolder.Here.Split(' ')[0];

    private IEnumerable<Attempt> Named(string pattern) => new DirectoryInfo(folder) is { Exists: true } there
        ? Directory.EnumerateFiles(there.FullName, pattern).Select(f => Attempt.Parse(Path.GetFileName(f))).OfType<Attempt>() : [];

    private bool Create(Attempt attempt, AttemptDetails details)
    {
        var path = Path.Combine(folder, attempt.FileName);
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.CreateNew);
        }
        catch (IOException) when (Of(attempt.Row).Any(a => a.Number >= attempt.Number))
        {
            return false; // somebody was quicker
        }
        try
        {
            using (stream)
                Write(stream, details);
            return true;
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    private void Rename(Attempt from, Attempt to)
    {
        try
        {
            File.Move(Path.Combine(folder, from.FileName), Path.Combine(folder, to.FileName), overwrite: true);
        }
        catch (FileNotFoundException)
        {
            // It was given up for lost, or its end was written down by another.
        }
    }
}
