using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Models;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Claims;

/// <summary>What the stored runs say on a claim, with everything that it comes from.</summary>
internal sealed record ClaimVerdict
{
    /// <summary>The claim.</summary>
    public required PaperClaim Claim { get; init; }

    /// <summary>The verdict.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>What the test found; null where it could not be made.</summary>
    public ClaimFinding? Finding { get; init; }

    /// <summary>Why there is no verdict; empty where there is one.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The runs, those that are missing too, row by row; a run that several rows share stands at each.</summary>
    public IReadOnlyList<ClaimRun> Runs { get; init; } = [];

    /// <summary>The commands that train the runs; what is stored they leave as it is.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];

    /// <summary>Those of <see cref="Commands"/> that would train something now.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>What one must know besides.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Runs that have ended, and all of them, each counted once.</summary>
    public (int Ended, int All) Completeness
    {
        get
        {
            var distinct = Runs.DistinctBy(r => r.Run).ToList();
            return (distinct.Count(r => r.HasEnded), distinct.Count);
        }
    }

    /// <summary>A verdict as people read it.</summary>
    public static string Words(Verdict verdict) => verdict switch
    {
        Verdict.Held => "held",
        Verdict.NotHeld => "not held",
        Verdict.Undecided => "undecided at this scale",
        Verdict.NotRun => "not run",
        Verdict.NotComputed => "not computed",
        _ => "decided elsewhere",
    };
}

/// <summary>Judges claims by stored runs; it never trains anything.</summary>
internal sealed class ClaimJudge
{
    /// <summary>The runs.</summary>
    public required RunStore Store { get; init; }

    /// <summary>The plan of the rows that a claim needs: scale, data set and seeds are chosen here.</summary>
    public required Func<ClaimRuns, TablePlan> Plan { get; init; }

    /// <summary>Validation and test perplexity of the unigram model on a run's data, which a run that diverged counts as.</summary>
    public required Func<RunConfiguration, (double Valid, double Test)> Unigram { get; init; }

    /// <summary>What one types to train the runs of a plan, those that failed too if it is told so; null where nobody types.</summary>
    public Func<ClaimRuns, TablePlan, bool, string>? Command { get; init; }

    /// <summary>Judges a claim.</summary>
    public ClaimVerdict Judge(PaperClaim claim)
    {
        if (claim.Decide is not { } decide)
            return new() { Claim = claim, Verdict = Verdict.Elsewhere, Reason = claim.DecidedIn! };
        var judged = new ClaimVerdict { Claim = claim, Verdict = Verdict.NotComputed };
        try
        {
            (ClaimRuns Need, TablePlan Plan, List<ClaimRun> Runs) Planned(ClaimRuns need)
            {
                var plan = Plan(need);
                return (need, plan, [.. RunsOf(plan).Where(r => r.Seed >= need.FirstSeed)]);
            }
            ClaimEvidence Evidence(IEnumerable<ClaimRun> runs) => new([.. runs], Unigram, IdentityOf);
            var needs = claim.Needs.Select(Planned).ToList();
            if (claim.Next is { } next)
                needs.AddRange(next(Evidence(needs.SelectMany(n => n.Runs).Where(r => r.HasEnded))).Select(Planned));
            judged = judged with
            {
                Runs = [.. needs.SelectMany(n => n.Runs)],
                Commands = Command is null ? [] : [.. needs.Select(n => Command(n.Need, n.Plan, false))],
                Missing = Command is null ? [] : [.. needs.Where(n => !n.Runs.TrueForAll(r => r.HasEnded))
                    .Select(n => Command(n.Need, n.Plan, n.Runs.Exists(r => r.Status is RunStatus.Failed or RunStatus.OutOfMemory)))],
            };
            var (ended, all) = judged.Completeness;
            if (ended < all)
                return judged with
                {
                    Verdict = Verdict.NotRun,
                    Reason = FormattableString.Invariant($"{all - ended} of {all} runs missing"),
                    Notes = claim.Next is null ? [] : decide(Evidence(judged.Runs.Where(r => r.HasEnded))).Notes,
                };
            var finding = decide(Evidence(judged.Runs));
            return judged with { Verdict = finding.Verdict, Finding = finding, Notes = [.. finding.Notes, .. NotesOn(judged.Runs)] };
        }
        catch (WorkbenchException e)
        {
            // Data that is not installed, or a damaged run: the other claims do not depend on it.
            return judged with { Reason = e.Message };
        }
    }

    private List<ClaimRun> RunsOf(TablePlan plan)
    {
        var report = TableReport.Build(plan, Store);
        if (report.Faults.Count > 0)
            throw new WorkbenchException(report.Faults[0]);
        return [.. report.Rows.SelectMany(row => plan.Configurations(row.Row).Zip(row.Runs, (configuration, run) => new ClaimRun
        {
            Row = row.Row,
            Seed = configuration.Values.Seed,
            Run = run.Run,
            Status = run.Status,
            Summary = run.Summary,
            Parameters = row.Parameters,
            Configuration = configuration,
        }))];
    }

    private NearestIdentity IdentityOf(ClaimRun run)
    {
        if (run.Summary!.BestEpoch == 0)
            throw new WorkbenchException($"Run {run.Run} diverged in its first epoch, so it has no best checkpoint to look at.");
        return Store.Find(run.Run)!.ReadMetrics().FirstOrDefault(e => e.Epoch == run.Summary.BestEpoch)?.Identity
            ?? throw new WorkbenchException(
                $"Run {run.Run} did not record how close its recurrent matrix is to a multiple of the identity. Once its folder lies "
                    + "elsewhere, it is trained anew.");
    }

    private static IEnumerable<string> NotesOn(IReadOnlyList<ClaimRun> runs)
    {
        var distinct = runs.DistinctBy(r => r.Run).ToList();
        if (distinct.Where(r => r.Status == RunStatus.Diverged).Select(r => r.Run).ToList() is { Count: > 0 } diverged)
            yield return $"diverged, and so counted as the unigram model's perplexity where perplexity is: {string.Join(", ", diverged)}";
        if (distinct.Where(r => r.Summary!.Circumstances is { Device: "cpu", Kernels: KernelChoice.Plain }
                && KernelChoices.AreFast(r.Configuration.Values.Techniques))
            .Select(r => r.Run).ToList() is { Count: > 0 } plain)
            yield return $"trained with the plain kernels, unlike the others: {string.Join(", ", plain)}";
    }
}
