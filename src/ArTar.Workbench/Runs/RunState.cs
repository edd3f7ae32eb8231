namespace ArTar.Workbench.Runs;

/// <summary>A run of a plan as it stands: a line of a board.</summary>
internal sealed record RunState
{
    /// <summary>Its number in the plan, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Name of the run, and of its folder in the store.</summary>
    public required string Run { get; init; }

    /// <summary>What people read: table, row, seed.</summary>
    public required string Label { get; init; }

    /// <summary>How much work it is, in any unit that all runs share.</summary>
    public required double Work { get; init; }

    /// <summary>
    /// How far it has come. Of a sweep's row <see cref="RunStatus.Failed"/> only once no attempt is left; until then it is interrupted.
    /// </summary>
    public required RunStatus Status { get; init; }

    /// <summary>The result, once it has ended.</summary>
    public RunSummary? Summary { get; init; }

    /// <summary>How far training has come, while it runs.</summary>
    public RunProgress? Progress { get; init; }

    /// <summary>Attempts so far, of a sweep's row.</summary>
    public int Attempts { get; init; }

    /// <summary>Attempts that failed or were lost.</summary>
    public int Failures { get; init; }

    /// <summary>What is to be said besides.</summary>
    public string Remark { get; init; } = "";

    /// <summary>The machine that the remark names; null where it names none.</summary>
    public string? Host { get; init; }

    /// <summary>The remark without machines and folders, for pages that others read.</summary>
    public string PublicRemark =>
        PublicText.Of(Host is { Length: > 0 } ? Remark.Replace(Host, "a machine", StringComparison.Ordinal) : Remark);

    /// <summary>Whether nothing more happens to it by itself.</summary>
    public bool IsOver => Status is RunStatus.Finished or RunStatus.Diverged or RunStatus.OutOfMemory or RunStatus.Failed;

    /// <summary>Done part of its training, from 0 to 1.</summary>
    public double Fraction => IsOver ? 1 : Progress?.Fraction ?? 0;

    /// <summary>Done part of all work, from 0 to 1.</summary>
    public static double Done(IReadOnlyList<RunState> states) =>
        states.Sum(r => r.Work) is > 0 and var all ? states.Sum(r => r.Work * r.Fraction) / all : 1;

    /// <summary>Seconds until all are over, at the pace of those that run now; null while that cannot be told.</summary>
    public static double? SecondsLeft(IReadOnlyList<RunState> states)
    {
        var pace = states.Where(r => r is { Status: RunStatus.Running, Progress.SecondsLeft: > 0 })
            .Sum(r => r.Work * (1 - r.Fraction) / r.Progress!.SecondsLeft!.Value);
        return pace > 0 ? states.Sum(r => r.Work * (1 - r.Fraction)) / pace : null;
    }
}
