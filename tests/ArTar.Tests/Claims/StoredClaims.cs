using ArTar.Tests.Training;
using ArTar.Workbench.Claims;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Models;
using ArTar.Workbench.Training;

namespace ArTar.Tests.Claims;

/// <summary>Faked runs for the paper's claims: summaries and metrics in a store of their own.</summary>
internal sealed class StoredClaims : IDisposable
{
    private const int Best = 2;
    private readonly TemporaryFolder folder = new();
    private readonly int seeds;

    public StoredClaims(int seeds)
    {
        this.seeds = seeds;
        Store = new(folder.Path);
        Judge = new() { Store = Store, Plan = Plan, Unigram = _ => (500, 400) };
    }

    public RunStore Store { get; }

    public ClaimJudge Judge { get; set; }

    public IEnumerable<int> Seeds => Enumerable.Range(1, seeds);

    public void Dispose() => folder.Dispose();

    public static PaperClaim Claim(string number) => PaperClaims.All.Single(c => c.Number == number);

    public ClaimVerdict Verdict(string number) => Judge.Judge(Claim(number));

    /// <summary>Fakes every run of a claim; a null perplexity is a run that diverged. The test perplexity is nine tenths of it.</summary>
    public void Fill(string number, Func<string, int, double?> valid, Func<string, int, NearestIdentity>? identity = null)
    {
        foreach (var need in Claim(number).Needs)
        {
            var plan = Plan(need);
            foreach (var row in plan.Rows)
                foreach (var seed in Seeds)
                    FakedRuns.Write(Store, plan.Configuration(row, seed), valid(row.Id, seed) is { } v ? Finished(v, 0.9 * v) : Ended(RunStatus.Diverged), identity?.Invoke(row.Id, seed));
        }
    }

    /// <summary>Ids of a table's rows.</summary>
    public IEnumerable<string> Rows(string table) => Plan(new(KnownTables.Named(table), [], [])).Rows.Select(r => r.Id);

    /// <summary>Fakes one run of a table; a null perplexity is a run that diverged.</summary>
    public void Write(string table, string row, int seed, double? valid)
    {
        var plan = Plan(new(KnownTables.Named(table), [row], []) { Seeds = seed });
        FakedRuns.Write(Store, plan.Configuration(plan.Rows[0], seed), valid is { } v ? Finished(v, 0.9 * v) : Ended(RunStatus.Diverged));
    }

    /// <summary>The run of a row of a claim.</summary>
    public RunConfiguration Configuration(string number, string row, int seed) =>
        Claim(number).Needs.Select(Plan).SelectMany(p => p.Rows.Where(r => r.Id == row).Select(r => p.Configuration(r, seed))).First();

    /// <summary>A result as the claims see it: not the last epoch is the best.</summary>
    public static RunSummary Finished(double valid, double test) => FakedRuns.Finished(valid, test) with { BestEpoch = Best, Circumstances = FakedRuns.Usual };

    public static RunSummary Ended(RunStatus status) => FakedRuns.Ended(status) with { BestEpoch = Best, Circumstances = FakedRuns.Usual };

    /// <summary>The same without files: what a test sees of runs with these perplexities. Unigram perplexity is 500.</summary>
    public static ClaimEvidence Evidence(IReadOnlyDictionary<(string Row, int Seed), double?> valid) => new(
        [.. valid.Select(v => new ClaimRun
        {
            Row = v.Key.Row,
            Seed = v.Key.Seed,
            Run = $"{v.Key.Row} {v.Key.Seed}",
            Status = v.Value is null ? RunStatus.Diverged : RunStatus.Finished,
            Summary = v.Value is { } perplexity ? Finished(perplexity, perplexity) : Ended(RunStatus.Diverged),
            Parameters = Parameters(v.Key.Row),
            Configuration = new() { Data = "small", DataHash = "", Profile = "", Values = new() },
        })], _ => (500, 400), _ => throw new NotSupportedException());

    /// <summary>Parameters of an LSTM of a row's size, counted by hand: embedding, decoder's bias, two layers of four gates; 12 words.</summary>
    public static long Parameters(string row)
    {
        long hidden = row.Split('+')[0] switch { "middle" => 300, "large" => 400, _ => 200 };
        return 12 * hidden + 12 + 2 * 4 * (2 * hidden * hidden + 2 * hidden);
    }

    private TablePlan Plan(ClaimRuns need) => TablePlan.For(need.Table, Profile.Get("laptop"), Corpus.Facts, need.Rows, need.Settings, need.Seeds ?? seeds);

    public static Corpus Corpus { get; } = Small.Corpus();
}
