using System.Diagnostics;
using System.Globalization;
using ArTar.Workbench;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Sweeps;

namespace ArTar.Cli.Sweeps;

/// <summary>
/// Sees rows of a sweep through to their ends, each in a worker process: starts them, some side by side, writes down every attempt, and tries
/// again what failed. The local engine runs one for the whole sweep, SLURM one in each task. It can be killed at any moment; the next one goes on.
/// </summary>
internal sealed class SweepSupervisor(Sweep sweep, string? job)
{
    private const double LongestPause = 60; // seconds before another try
    private readonly RunResources resources = sweep.Header.Spec.Resources;
    private int failed;

    /// <summary>Sees the rows through.</summary>
    /// <returns>How many have no result in spite of all attempts.</returns>
    public async Task<int> RunAsync(IEnumerable<int> rows, CancellationToken stop)
    {
        await RunPool.ForEachAsync(rows, resources, (row, gpu) => SeeThroughAsync(row, gpu, stop));
        return failed;
    }

    private async Task SeeThroughAsync(int row, string? gpu, CancellationToken stop)
    {
        var log = new RowLog(sweep.LogOf(row));
        var troubles = 0;
        while (!stop.IsCancellationRequested)
        {
            string? fault;
            try
            {
                fault = await TryAsync(row, gpu, log, stop);
                if (fault is null)
                    return;
                troubles = AttemptLog.Failures(sweep.Attempts.Of(row));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or WorkbenchException)
            {
                // The sweep's own files cannot be written: a full disk, a folder that has vanished.
                fault = e.Message;
                troubles++;
            }
            if (troubles > resources.Retries)
            {
                Interlocked.Increment(ref failed);
                log.Write($"given up after {troubles} failed attempts: {fault}");
                Console.Error.WriteLine($"Row {row} ({sweep.Rows[row - 1].Label}): given up after {troubles} failed attempts: {fault}");
                return;
            }
            var pause = Math.Min(LongestPause, Math.Pow(2, troubles - 1)) / 2;
            log.Write(string.Create(CultureInfo.InvariantCulture, $"failed: {fault}; another attempt in {pause} s"));
            await Task.Delay(TimeSpan.FromSeconds(pause), stop).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>One attempt.</summary>
    /// <returns>What went wrong; null when there is nothing more to do.</returns>
    private async Task<string?> TryAsync(int row, string? gpu, RowLog log, CancellationToken stop)
    {
        var id = sweep.Rows[row - 1].Run;
        if (sweep.Store.HasEnded(id))
            return null;
        if (sweep.Header.Spec.Budget.Hours is { } hours && sweep.Attempts.Seconds() >= hours * 3600)
        {
            log.Write(string.Create(CultureInfo.InvariantCulture, $"not begun: the budget of {hours} hours is used up"));
            return null;
        }
        var attempt = sweep.Attempts.Begin(row, job, sweep.Store.SavedAt(id));
        var clock = Stopwatch.StartNew();
        string? error = null;
        var outcome = AttemptOutcome.Failed;
        try
        {
            if (AttemptLog.Failures(sweep.Attempts.Of(row)) > resources.Retries)
            {
                outcome = AttemptOutcome.Stopped;
                return "no attempt is left";
            }
            var run = sweep.Store.GetOrCreate(sweep.ConfigurationOf(row));
            RunStore.Retry(run);
            log.Write($"attempt {attempt.Number} on {Environment.MachineName}{(job is null ? "" : $", SLURM task {job}")}{(gpu is null ? "" : $", GPU {gpu}")}");
            (outcome, error) = await WorkAsync(run, gpu, log, stop);
            return error;
        }
        catch (Exception e) when (e is WorkbenchException or IOException or UnauthorizedAccessException)
        {
            return error = e.Message;
        }
        finally
        {
            sweep.Attempts.End(attempt, outcome, clock.Elapsed, error);
        }
    }

    private async Task<(AttemptOutcome Outcome, string? Error)> WorkAsync(StoredRun run, string? gpu, RowLog log, CancellationToken stop)
    {
        var worker = new ProcessWorker(sweep.Workspace, resources) { WaitsForOthers = true, Heard = log.Write };
        var (complaint, code) = await worker.TrainAsync([run], gpu, (_, p) =>
        {
            if (p.IsEpochEnd)
                log.Write(RunBoard.Epoch(p));
        }, (_, text) => log.Write(text), stop);
        var summary = run.ReadSummary();
        log.Write(summary is null ? $"no result: {complaint}" : summary.Status.Describe() + (summary.Error is null ? "" : $": {summary.Error}"));
        return code switch
        {
            _ when summary?.Status is RunStatus.Finished or RunStatus.Diverged => (AttemptOutcome.Ended, null),
            _ when summary is not null => (AttemptOutcome.Failed, summary.Error ?? summary.Status.Describe()),
            ExitCodes.Interrupted when stop.IsCancellationRequested => (AttemptOutcome.Stopped, null),
            // Asked to stop by somebody else, or taken over: the next attempt finds out how things stand.
            ExitCodes.Interrupted or ExitCodes.TakenOver => (AttemptOutcome.Stopped, complaint),
            _ => (AttemptOutcome.Failed, complaint),
        };
    }
}

/// <summary>A row's log: a line for all that happens to it, with the time.</summary>
internal sealed class RowLog(string path)
{
    private readonly Lock gate = new();

    public void Write(string text)
    {
        lock (gate)
            try
            {
                File.AppendAllText(path, string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd HH:mm:ss}Z  {text}\n"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A full disk: what the log would say also stands in the attempts and in the runs.
            }
    }
}
