using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;

namespace ArTar.Workbench.Sweeps;

/// <summary>A row as it stands.</summary>
public sealed record RowState
{
    /// <summary>Number of the row, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The row.</summary>
    public required SweepRow Row { get; init; }

    /// <summary>How far it has come. <see cref="RunStatus.Failed"/> only once no attempt is left; until then it is interrupted.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>The result, once it has ended.</summary>
    public RunSummary? Summary { get; init; }

    /// <summary>How far training has come, while it runs.</summary>
    public RunProgress? Progress { get; init; }

    /// <summary>Attempts so far.</summary>
    public int Attempts { get; init; }

    /// <summary>Attempts that failed or were lost.</summary>
    public int Failures { get; init; }

    /// <summary>What is to be said besides.</summary>
    public string Remark { get; init; } = "";

    /// <summary>Whether nothing more happens to the row by itself.</summary>
    public bool IsOver => Status is RunStatus.Finished or RunStatus.Diverged or RunStatus.OutOfMemory or RunStatus.Failed;

    /// <summary>Done part of its training, from 0 to 1.</summary>
    public double Fraction => IsOver ? 1 : Progress?.Fraction ?? 0;
}

/// <summary>How far a sweep has come, computed from its files and what its engine says; ten thousand rows take about a second.</summary>
public sealed record SweepState
{
    /// <summary>The sweep.</summary>
    public required Sweep Sweep { get; init; }

    /// <summary>The rows, in order.</summary>
    public required IReadOnlyList<RowState> Rows { get; init; }

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
        var rows = new RowState[sweep.Rows.Count];
        Parallel.For(0, rows.Length, i => rows[i] = Read(sweep, i + 1, [.. attempts[i + 1]], retries, view));
        return new() { Sweep = sweep, Rows = rows, Engine = view, Seconds = attempts.SelectMany(a => a).Sum(a => a.Seconds), HasOpenAttempt = attempts.SelectMany(a => a).Any(a => a.Outcome == AttemptOutcome.Running) };
    }

    private static RowState Read(Sweep sweep, int number, IReadOnlyList<Attempt> attempts, int retries, EngineView view)
    {
        var row = sweep.Rows[number - 1];
        var failures = AttemptLog.Failures(attempts);
        RunSummary? summary = null;
        var damaged = "";
        try
        {
            summary = sweep.Store.SummaryOf(row.Run);
        }
        catch (WorkbenchException e)
        {
            damaged = e.Message;
        }
        var state = new RowState
        {
            Number = number, Row = row, Status = RunStatus.Pending, Summary = summary, Attempts = attempts.Count(a => a.Outcome != AttemptOutcome.Retried), Failures = failures,
        };
        if (damaged.Length > 0)
            return state with { Status = RunStatus.Failed, Remark = damaged };
        if (summary?.Status is RunStatus.Finished or RunStatus.Diverged)
            return state with { Status = summary.Status, Remark = summary.Error ?? "" };
        var error = Error(sweep, attempts) ?? summary?.Error ?? "";
        if (failures > retries)
            return state with { Status = summary?.Status ?? RunStatus.Failed, Remark = error };
        var progress = sweep.Store.ProgressOf(row.Run);
        var isOurs = view.IsRunning?.Invoke(number) ?? attempts.Any(a => a.Outcome == AttemptOutcome.Running) && (view.IsAtWork ?? true);
        if (isOurs || progress is not null && sweep.Store.Find(row.Run)?.Status == RunStatus.Running)
            return state with { Status = RunStatus.Running, Progress = progress, Summary = null, Remark = isOurs ? progress is null ? "starting" : "" : $"trained by process {progress!.Process} on {progress.Host}, not by this sweep" };
        var begun = attempts.Count > 0 || progress is not null;
        return state with { Status = begun ? RunStatus.Interrupted : RunStatus.Pending, Summary = null, Remark = failures > 0 ? error : view.RemarkOn?.Invoke(number) ?? "" };
    }

    private static string? Error(Sweep sweep, IReadOnlyList<Attempt> attempts) =>
        attempts.Where(a => a.Outcome is AttemptOutcome.Failed or AttemptOutcome.Lost).OrderBy(a => a.Number).LastOrDefault() is { Row: > 0 } last
            ? last.Outcome == AttemptOutcome.Lost ? $"lost with {sweep.Attempts.Read(last)?.Host ?? "its machine"}" : sweep.Attempts.Read(last)?.Error ?? "failed" : null;
}
