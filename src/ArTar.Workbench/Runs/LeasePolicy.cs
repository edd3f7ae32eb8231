using System.Diagnostics;

namespace ArTar.Workbench.Runs;

/// <summary>How long a process that wants to train a run bears with another one that does.</summary>
internal sealed record LeasePolicy
{
    private const int Look = 25; // milliseconds between two looks

    /// <summary>Whether to wait until the other one is done or dead; otherwise it is an error that it is not.</summary>
    public bool Waits { get; init; }

    /// <summary>A process that shows no sign of life for so long is taken for dead.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a lock may be held for an instant: by whoever asks for the status, by a process that is stopping.</summary>
    private static readonly TimeSpan instant = TimeSpan.FromSeconds(2);

    /// <summary>Returns, with the run's lock, once nobody living trains it.</summary>
    /// <exception cref="WorkbenchException">Another process trains it.</exception>
    /// <exception cref="OperationCanceledException">Stopped while waiting.</exception>
    public FileStream WaitForTurn(StoredRun run, Action<string>? notice, CancellationToken cancellation)
    {
        var (begun, quiet) = (Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp());
        LeaseHolder? seen = null;
        var told = false;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var held = run.TryLock();
            var other = RunLease.ReadHolder(RunLease.NewestFolder(run.Folder));
            // Locks reach no further than one machine on many file systems; on this one they tell.
            if (held is not null && (other is null || other.Machine == LeaseHolder.Here))
                return held;
            var moved = seen is not null && other is not null
                && (other.Beat, other.Machine, other.Process) != (seen.Beat, seen.Machine, seen.Process);
            if (seen is null || moved)
                quiet = Stopwatch.GetTimestamp();
            seen = other ?? seen;
            if (Stopwatch.GetElapsedTime(quiet) >= Patience && (held is not null || Waits))
            {
                notice?.Invoke($"Taking the run over from process {other?.Process} on {other?.Host}, which has shown no sign of life for "
                    + $"{Patience.TotalSeconds:0} s.");
                return held ?? run.ReplaceLock();
            }
            held?.Dispose();
            if (!Waits && (moved || held is null && Stopwatch.GetElapsedTime(begun) > instant))
                throw new WorkbenchException(
                    $"Run {run.Id} is being trained by another process{(other is null ? "" : $" ({other.Process} on {other.Host})")}. "
                        + "Wait for it, or stop that one first.");
            if (!told && Stopwatch.GetElapsedTime(begun) > instant)
            {
                notice?.Invoke($"Another process{(other is null ? "" : $" ({other.Process} on {other.Host})")} has the run; "
                    + "waiting for it.");
                told = true;
            }
            if (Waits && run.ReadSummary() is not null)
                throw new RunEndedElsewhereException();
            Thread.Sleep(Look);
        }
    }
}

/// <summary>The run came to its end in another process while this one waited for its turn.</summary>
internal sealed class RunEndedElsewhereException : Exception;

/// <summary>Another process has taken the run over, since this one seemed dead; nothing of it is lost.</summary>
/// <param name="run">Name of the run.</param>
/// <param name="inner">What this process met.</param>
internal sealed class TakenOverException(string run, Exception? inner = null)
    : Exception($"Run {run} was taken over by another process, to which this one had seemed dead.", inner);
