using System.Collections.Concurrent;

namespace ArTar.Cli.Sweeps;

/// <summary>
/// Sees rows of a sweep through to their ends, each in a worker process or several together as a stack: starts them, some side by side,
/// writes down every attempt, and tries again what failed. The local engine runs one for the whole sweep, SLURM one in each task. It can be
/// killed at any moment; the next one goes on.
/// </summary>
internal sealed class SweepSupervisor(Sweep sweep, string? job)
{
    private const double LongestPause = 60; // seconds before another try
    private readonly RunResources resources = sweep.Header.Spec.Resources;
    private readonly ConcurrentDictionary<int, bool> givenUp = [];
    private readonly HashSet<(int Row, int Attempts)> again = [];

    /// <summary>A row that has not come to its end, with its log.</summary>
    private sealed record Row(int Number, string Run, RowLog Log)
    {
        /// <summary>What went wrong in the last attempt; null when there is nothing more to do.</summary>
        public string? Fault { get; set; }

        /// <summary>Failed attempts.</summary>
        public int Troubles { get; set; }
    }

    /// <summary>Sees the rows through.</summary>
    /// <returns>How many have no result in spite of all attempts.</returns>
    public async Task<int> RunAsync(IEnumerable<int> rows, CancellationToken stop)
    {
        List<int> open = [.. rows.Where(row => !HasEnded(row))];
        while (open.Count > 0)
        {
            await RunPool.ForEachAsync(sweep.StacksOf(open, resources), resources, (stack, gpu) => SeeThroughAsync(stack, gpu, stop));
            open = TakenUpAgain(stop);
        }
        return givenUp.Keys.Count(row => !HasEnded(row));
    }

    /// <summary>
    /// Rows that were given up and have attempts left: a person may have given them back meanwhile, and what the disk did not let us write
    /// down was not counted. Each is told of once.
    /// </summary>
    public List<int> TakenUpAgain(CancellationToken stop) => job is not null || stop.IsCancellationRequested
        ? [] // SLURM has a job of its own for each further try
        : [.. givenUp.Keys.Where(row => !HasEnded(row) && sweep.Attempts.Of(row) is var all
            && AttemptLog.Failures(all) <= resources.Retries && again.Add((row, all.Count)))];

    private bool HasEnded(int row) => HasEnded(sweep.Rows[row - 1].Run);

    private bool HasEnded(string run) => sweep.Store.HasEnded(run);

    private async Task SeeThroughAsync(IEnumerable<int> stack, string? gpu, CancellationToken stop)
    {
        List<Row> rows = [.. stack.Select(row => new Row(row, sweep.Rows[row - 1].Run, new(sweep.LogOf(row))))];
        while (!stop.IsCancellationRequested)
        {
            foreach (var row in rows)
                row.Fault = null;
            try
            {
                await TryAsync(rows, gpu, stop);
                rows.RemoveAll(r => r.Fault is null);
                foreach (var row in rows)
                    row.Troubles = AttemptLog.Failures(sweep.Attempts.Of(row.Number));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or WorkbenchException)
            {
                // The sweep's own files cannot be written: a full disk, a folder that has vanished.
                foreach (var row in rows)
                    (row.Fault, row.Troubles) = (e.Message, row.Troubles + 1);
            }
            foreach (var row in rows.Where(r => r.Troubles > resources.Retries))
                GiveUp(row);
            rows.RemoveAll(r => r.Troubles > resources.Retries);
            if (rows.Count == 0)
                return;
            var pause = Math.Min(LongestPause, Math.Pow(2, rows.Max(r => r.Troubles) - 1)) / 2;
            foreach (var row in rows)
                row.Log.Write(string.Create(CultureInfo.InvariantCulture, $"failed: {row.Fault}; another attempt in {pause} s"));
            await Task.Delay(TimeSpan.FromSeconds(pause), stop).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private void GiveUp(Row row)
    {
        givenUp[row.Number] = true;
        var words = $"given up after {row.Troubles} failed attempts: {row.Fault}";
        row.Log.Write(words);
        Console.Error.WriteLine($"Row {row.Number} ({sweep.Rows[row.Number - 1].Label}): {words}");
    }

    /// <summary>One attempt at each row, all of them at once; a row's fault is set where there is more to do.</summary>
    private async Task TryAsync(IEnumerable<Row> rows, string? gpu, CancellationToken stop)
    {
        List<Row> open = [.. rows.Where(r => !HasEnded(r.Run))];
        if (open.Count > 0 && sweep.Header.Spec.Budget.Hours is { } hours && sweep.Attempts.Seconds() >= hours * 3600)
        {
            foreach (var row in open)
                row.Log.Write(string.Create(CultureInfo.InvariantCulture, $"not begun: the budget of {hours} hours is used up"));
            return;
        }
        var begun = new List<(Row Row, Attempt Attempt, StoredRun Run)>();
        var clock = Stopwatch.StartNew();
        foreach (var row in open)
            if (Begin(row, gpu) is var (attempt, run))
                begun.Add((row, attempt, run));
        if (begun.Count == 0)
            return;
        var outcomes = new (AttemptOutcome Outcome, string? Error)[begun.Count];
        Array.Fill(outcomes, (AttemptOutcome.Failed, null));
        try
        {
            var complaint = await WorkAsync([.. begun.Select(b => b.Run)], [.. begun.Select(b => b.Row.Log)], gpu, stop);
            foreach (var (i, one) in begun.Index())
                outcomes[i] = OutcomeOf(one.Run, one.Row.Log, complaint, stop);
        }
        catch (Exception e) when (e is WorkbenchException or IOException or UnauthorizedAccessException)
        {
            Array.Fill(outcomes, (AttemptOutcome.Failed, e.Message));
        }
        finally
        {
            // Rows of a stack share its time, and so its cost.
            foreach (var (i, one) in begun.Index())
            {
                one.Row.Fault = outcomes[i].Error;
                sweep.Attempts.End(one.Attempt, outcomes[i].Outcome, clock.Elapsed / begun.Count, outcomes[i].Error);
            }
        }
    }

    /// <summary>Writes down that an attempt begins; null where none can.</summary>
    private (Attempt Attempt, StoredRun Run)? Begin(Row row, string? gpu)
    {
        var attempt = sweep.Attempts.Begin(row.Number, job, sweep.Store.SavedAt(row.Run));
        try
        {
            if (AttemptLog.Failures(sweep.Attempts.Of(row.Number)) > resources.Retries)
            {
                row.Fault = "no attempt is left";
                sweep.Attempts.End(attempt, AttemptOutcome.Stopped, TimeSpan.Zero);
                return null;
            }
            var run = sweep.Store.GetOrCreate(sweep.ConfigurationOf(row.Number));
            RunStore.Retry(run);
            row.Log.Write($"attempt {attempt.Number} on "
                + $"{Environment.MachineName}{(job is null ? "" : $", SLURM task {job}")}{(gpu is null ? "" : $", GPU {gpu}")}");
            return (attempt, run);
        }
        catch (Exception e) when (e is WorkbenchException or IOException or UnauthorizedAccessException)
        {
            row.Fault = e.Message;
            sweep.Attempts.End(attempt, AttemptOutcome.Failed, TimeSpan.Zero, e.Message);
            return null;
        }
    }

    private async Task<Complaint> WorkAsync(IReadOnlyList<StoredRun> runs, IReadOnlyList<RowLog> logs, string? gpu, CancellationToken stop)
    {
        void All(string text)
        {
            foreach (var log in logs)
                log.Write(text);
        }
        if (runs.Count > 1)
            All($"in a stack of {runs.Count} runs");
        var worker = new ProcessWorker(sweep.Workspace, resources) { WaitsForOthers = true, Heard = All };
        return await worker.TrainAsync(runs, gpu, (at, p) =>
        {
            if (p.IsEpochEnd)
                logs[at].Write(RunBoard.Epoch(p));
        }, (at, text) => logs[at].Write(text), stop);
    }

    private static (AttemptOutcome Outcome, string? Error) OutcomeOf(StoredRun run, RowLog log, Complaint complaint, CancellationToken stop)
    {
        var summary = run.ReadSummary();
        log.Write(summary is null ? $"no result: {complaint.Text}"
            : summary.Status.Describe() + (summary.Error is null ? "" : $": {summary.Error}"));
        return complaint.Code switch
        {
            _ when summary?.Status is RunStatus.Finished or RunStatus.Diverged => (AttemptOutcome.Ended, null),
            _ when summary is not null => (AttemptOutcome.Failed, summary.Error ?? summary.Status.Describe()),
            ExitCodes.Interrupted when stop.IsCancellationRequested => (AttemptOutcome.Stopped, null),
            // Asked to stop by somebody else, or taken over: the next attempt finds out how things stand.
            ExitCodes.Interrupted or ExitCodes.TakenOver => (AttemptOutcome.Stopped, complaint.Text),
            _ => (AttemptOutcome.Failed, complaint.Text),
        };
    }
}
