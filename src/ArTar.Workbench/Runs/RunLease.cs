using System.Diagnostics;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Runs;

/// <summary>
/// A process's right to train a run. While it trains, the run's files lie in the folder <c>lease-N</c>, and whoever comes next renames
/// that folder to <c>lease-N+1</c>. So a process that was believed dead and is not (a lost node, a stopped virtual machine) finds its paths
/// gone whatever it does next: it can neither spoil a checkpoint nor publish a result. A file system need only rename atomically for this.
/// </summary>
internal sealed class RunLease : IDisposable
{
    private const string Prefix = "lease-", ProgressFile = "progress.json";
    private static readonly TimeSpan beatInterval = TimeSpan.FromSeconds(2);

    private readonly StoredRun run;
    private readonly FileStream held;
    private readonly Timer timer;
    private readonly Lock gate = new();
    private readonly CancellationTokenSource lost = new();
    private readonly long started = Stopwatch.GetTimestamp();
    private LeaseHolder holder;
    private double? firstFraction;
    private bool ended;

    private RunLease(StoredRun run, FileStream held, string folder)
    {
        (this.run, this.held, Folder) = (run, held, folder);
        holder = new() { Machine = LeaseHolder.Here, Process = Environment.ProcessId, Beat = 0 };
        timer = new(_ => Beat(), null, TimeSpan.Zero, beatInterval);
    }

    /// <summary>The folder; it is somebody else's once it is not there any more.</summary>
    public string Folder { get; }

    /// <summary>Cancelled when another process has taken the run over.</summary>
    public CancellationToken Lost => lost.Token;

    /// <summary>A file in the folder.</summary>
    public string this[string file] => Path.Combine(Folder, file);

    /// <summary>The newest lease's folder, or null when nobody has begun or the run has ended.</summary>
    public static string? NewestFolder(string run) => !Directory.Exists(run) ? null
        : Directory.EnumerateDirectories(run).Where(f => Number(f) > 0).MaxBy(Number);

    /// <summary>The file that tells who trains, in a lease's folder.</summary>
    public static string ProgressIn(string folder) => Path.Combine(folder, ProgressFile);

    /// <summary>What the process that trains a run says; null when none does, or it has stopped in good order.</summary>
    public static LeaseHolder? ReadHolder(string? folder)
    {
        try
        {
            return folder is null ? null : Json.Read<LeaseHolder>(PlainFile.ReadAllText(ProgressIn(folder)));
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return null; // not there, or cut off by a full disk: as good as none
        }
    }

    /// <summary>Takes the run for this process; waits or refuses while another one trains it, as <paramref name="policy"/> say.</summary>
    /// <exception cref="WorkbenchException">Another process trains it.</exception>
    public static RunLease Take(StoredRun run, LeasePolicy policy, Action<string>? notice, CancellationToken cancellation)
    {
        while (true)
        {
            var held = policy.WaitForTurn(run, notice, cancellation);
            string? before = null;
            try
            {
                before = NewestFolder(run.Folder);
                if (Advance(run.Folder, before) is { } folder)
                    return new(run, held, folder);
            }
            catch (IOException) when (NewestFolder(run.Folder) != before || run.ReadSummary() is not null)
            {
                // Somebody was quicker.
            }
            catch
            {
                held.Dispose();
                throw;
            }
            held.Dispose();
            if (run.ReadSummary() is not null)
                throw new RunEndedElsewhereException();
        }
    }

    /// <summary>Takes in how far training has come; other processes are told with the next beat.</summary>
    public RunProgress Take(TrainingProgress told)
    {
        lock (gate)
        {
            firstFraction ??= told.Fraction;
            var gone = told.Fraction - firstFraction.Value;
            var progress = RunProgress.Of(told,
                gone > 0 ? Stopwatch.GetElapsedTime(started).TotalSeconds * (1 - told.Fraction) / gone : null);
            holder = holder with { Progress = progress };
            return progress;
        }
    }

    /// <summary>Moves files into the run's own folder, in this order; those that are there already are skipped.</summary>
    public void Publish(params IEnumerable<string> files)
    {
        foreach (var file in files.Where(f => File.Exists(this[f])))
            File.Move(this[file], Path.Combine(run.Folder, file), overwrite: true);
    }

    /// <summary>Removes the folder with what is left in it, and what was left beside it: the run has ended.</summary>
    public void Remove()
    {
        StopBeating();
        Directory.Delete(Folder, recursive: true);
        try
        {
            AtomicFile.RemoveLeftovers(run.Folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever begins a run that has ended removes them, too.
        }
    }

    /// <summary>Lets go of the run; what lies in the folder is for whoever goes on.</summary>
    public void Dispose()
    {
        StopBeating();
        try
        {
            File.Delete(this[ProgressFile]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Taken over, or the disk is gone: the lock and the beat tell the rest.
        }
        timer.Dispose();
        held.Dispose();
        lost.Dispose();
    }

    private void StopBeating()
    {
        lock (gate)
            ended = true;
    }

    private void Beat()
    {
        lock (gate)
        {
            if (ended)
                return;
            holder = holder with { Beat = holder.Beat + 1 };
            try
            {
                WriteHolder(Folder, holder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A full disk is no reason to stop; that another process has the folder now is one.
                if (HasNewer())
                    lost.Cancel();
            }
        }
    }

    private bool HasNewer()
    {
        try
        {
            return Directory.Exists(run.Folder) && NewestFolder(run.Folder) != Folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // nobody can tell now, the next beat may
        }
    }

    /// <summary>The next lease's folder, if this process and no other got it.</summary>
    private static string? Advance(string run, string? current)
    {
        var next = Path.Combine(run, Prefix + ((current is null ? 0 : Number(current)) + 1).ToString(CultureInfo.InvariantCulture));
        if (current is not null)
        {
            Directory.Move(current, next);
            return next;
        }
        // No rename replaces a folder that holds a file: one of several that begin at once wins.
        var fresh = Path.Combine(run, $"{Path.GetRandomFileName()}{AtomicFile.TemporarySuffix}");
        Directory.CreateDirectory(fresh);
        WriteHolder(fresh, new() { Machine = LeaseHolder.Here, Process = Environment.ProcessId, Beat = 0 });
        try
        {
            Directory.Move(fresh, next);
        }
        catch
        {
            Directory.Delete(fresh, recursive: true);
            throw;
        }
        // Whoever looked long ago may begin beside a later lease; the later one counts.
        if (NewestFolder(run) == next)
            return next;
        Directory.Delete(next, recursive: true);
        return null;
    }

    private static void WriteHolder(string folder, LeaseHolder holder)
    {
        // Not flushed to the disk: after a power cut nobody trains any more.
        var path = ProgressIn(folder);
        File.WriteAllText(path + AtomicFile.TemporarySuffix, JsonSerializer.Serialize(holder, Json.Compact) + "\n");
        File.Move(path + AtomicFile.TemporarySuffix, path, overwrite: true);
    }

    private static int Number(string folder) => Path.GetFileName(folder).Split('-') is ["lease", var number]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
}
