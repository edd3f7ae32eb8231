namespace ArTar.Cli.Sweeps;

/// <summary>How far a sweep has come, computed from its files and what its engine says; ten thousand rows take about a second.</summary>
internal sealed record SweepState
{
    /// <summary>The sweep.</summary>
    public required Sweep Sweep { get; init; }

    /// <summary>The rows, in order.</summary>
    public required IReadOnlyList<RunState> Rows { get; init; }

    /// <summary>What the engine says.</summary>
    public required EngineView Engine { get; init; }

    /// <summary>Seconds of training over all attempts that have ended.</summary>
    public required long Seconds { get; init; }

    /// <summary>Whether the budget of hours is used up.</summary>
    public bool IsOverBudget => Sweep.Header.Spec.Budget.Hours is { } hours && Seconds >= hours * 3600;

    /// <summary>Whether every row is over.</summary>
    public bool IsOver => Rows.All(r => r.IsOver);

    /// <summary>Whether an attempt is open whose end is not written down.</summary>
    public required bool HasOpenAttempt { get; init; }

    /// <summary>Whether rows or the last of an attempt are left, and somebody works on them.</summary>
    public bool GoesOn => (!IsOver || HasOpenAttempt) && (Engine.IsAtWork ?? true);

    /// <summary>Rows of a status.</summary>
    public int Count(RunStatus status) => Rows.Count(r => r.Status == status);

    /// <summary>Reads the state.</summary>
    public static SweepState Read(Sweep sweep, ISweepEngine engine)
    {
        var view = engine.Look(sweep);
        var attempts = sweep.Attempts.All();
        var retries = sweep.Header.Spec.Resources.Retries;
        var rows = new RunState[sweep.Rows.Count];
        Parallel.For(0, rows.Length, i => rows[i] = Read(sweep, i + 1, [.. attempts[i + 1]], retries, view));
        return new() { Sweep = sweep, Rows = rows, Engine = view, Seconds = attempts.SelectMany(a => a).Sum(a => a.Seconds),
            HasOpenAttempt = attempts.SelectMany(a => a).Any(a => a.Outcome == AttemptOutcome.Running) };
    }

    private static RunState Read(Sweep sweep, int number, IReadOnlyList<Attempt> attempts, int retries, EngineView view)
    {
        var row = sweep.Rows[number - 1];
        var failures = AttemptLog.Failures(attempts);
        var stored = sweep.Store.Read(row.Run);
        var summary = stored.Summary;
        var state = new RunState
        {
            Number = number, Run = row.Run, Label = row.Label, Work = row.Work, Status = RunStatus.Pending, Summary = summary,
            Attempts = attempts.Count(a => a.Outcome != AttemptOutcome.Retried), Failures = failures,
        };
        if (stored.Fault.Length > 0)
            return state with { Status = RunStatus.Failed, Remark = stored.Fault };
        if (summary?.Status is RunStatus.Finished or RunStatus.Diverged)
            return state with { Status = summary.Status, Remark = summary.Error ?? "" };
        var (found, host) = Error(sweep, attempts);
        var error = found ?? summary?.Error ?? "";
        state = state with { Host = host };
        if (failures > retries)
            return state with { Status = summary?.Status ?? RunStatus.Failed, Remark = error };
        var holder = sweep.Store.HolderOf(row.Run);
        var isOurs = view.IsRunning?.Invoke(number) ?? attempts.Any(a => a.Outcome == AttemptOutcome.Running) && (view.IsAtWork ?? true);
        if (isOurs || holder is not null && stored.Status == RunStatus.Running)
            return state with
            {
                Status = RunStatus.Running, Progress = holder?.Progress, Summary = null, Host = holder?.Host,
                Remark = isOurs ? holder is null ? "starting" : ""
                    : $"trained by process {holder!.Process} on {holder.Host}, not by this sweep",
            };
        var begun = attempts.Count > 0 || holder is not null;
        return state with { Status = begun ? RunStatus.Interrupted : RunStatus.Pending, Summary = null,
            Remark = failures > 0 ? error : view.RemarkOn?.Invoke(number) ?? "" };
    }

    private static (string? Text, string? Host) Error(Sweep sweep, IReadOnlyList<Attempt> attempts) =>
        attempts.Where(a => a.Outcome is AttemptOutcome.Failed or AttemptOutcome.Lost).OrderBy(a => a.Number)
            .LastOrDefault() is { Row: > 0 } last
            ? sweep.Attempts.Read(last) is var told && last.Outcome == AttemptOutcome.Lost
                ? ($"lost with {told?.Host ?? "its machine"}", told?.Host) : (told?.Error ?? "failed", told?.Host)
            : (null, null);
}
