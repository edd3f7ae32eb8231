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
    private readonly Profile scale;

    public StoredClaims(int seeds, string profile = "laptop")
    {
        (this.seeds, scale) = (seeds, Profile.Get(profile));
        Store = new(folder.Path);
        Judge = new() { Store = Store, Plan = Plan, Unigram = _ => (500, 400), Command = (need, plan, again) => Cli.ClaimsCommand.Typed(need, plan, null, again) };
    }

    public RunStore Store { get; }

    public ClaimJudge Judge { get; set; }

    public IEnumerable<int> Seeds => Enumerable.Range(1, seeds);

    public void Dispose() => folder.Dispose();

    public static PaperClaim Claim(string number) => PaperClaims.All.Single(c => c.Number == number);

    public ClaimVerdict Verdict(string number) => Judge.Judge(Here(number));

    private PaperClaim Here(string number) => PaperClaims.At(scale).Single(c => c.Number == number);

    /// <summary>The same by tables whose rows have ids and labels that say nothing.</summary>
    public ClaimVerdict VerdictByValues(string number)
    {
        static Row Nameless(Table table, Row row) => row with
        {
            Id = $"r{table.Rows.Index().Single(r => r.Item.Id == row.Id).Index}", Label = "",
            Baseline = row.Baseline is { } baseline ? Nameless(table, baseline) : null,
        };
        static Table Renamed(Table table) => table with { Rows = [.. table.Rows.Select(r => Nameless(table, r))] };
        var claim = RivalClaims.By(Renamed(KnownTables.Named("invasive"))).FirstOrDefault(c => c.Number == number)
            ?? Claim(number) with
            {
                Needs = [.. Claim(number).Needs.Select(n => n with { Table = Renamed(n.Table), Rows = [.. n.Rows.Select(r => Nameless(n.Table, r))] })],
            };
        return Judge.Judge(claim);
    }

    /// <summary>Fakes every run of a claim; a null perplexity is a run that diverged. The test perplexity is nine tenths of it.</summary>
    public void Fill(string number, Func<string, int, double?> valid, Func<string, int, NearestIdentity>? identity = null)
    {
        foreach (var need in Here(number).Needs)
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
        var own = KnownTables.Named(table);
        var plan = Plan(new(own, [own.Rows.Single(r => r.Id == row)], []) { Seeds = seed });
        FakedRuns.Write(Store, plan.Configuration(plan.Rows[0], seed), valid is { } v ? Finished(v, 0.9 * v) : Ended(RunStatus.Diverged));
    }

    /// <summary>The run of a row of a claim.</summary>
    public RunConfiguration Configuration(string number, string row, int seed) =>
        Claim(number).Needs.Select(Plan).SelectMany(p => p.Rows.Where(r => r.Id == row).Select(r => p.Configuration(r, seed))).First();

    /// <summary>A result as the claims see it: not the last epoch is the best.</summary>
    public static RunSummary Finished(double valid, double test) => FakedRuns.Finished(valid, test) with { BestEpoch = Best, Circumstances = FakedRuns.Usual };

    public static RunSummary Ended(RunStatus status) => FakedRuns.Ended(status) with { BestEpoch = Best, Circumstances = FakedRuns.Usual };

    /// <summary>The same without files: what a test sees of runs with these perplexities. Unigram perplexity is 500.</summary>
    public static ClaimEvidence Evidence(string number, int seeds, IReadOnlyDictionary<(string Row, int Seed), double?> valid) => new(
        [.. Claim(number).Needs.Select(n => PlanOf(n, seeds)).SelectMany(p => p.Rows.SelectMany(row => p.Configurations(row).Select(c => new ClaimRun
        {
            Row = row,
            Seed = c.Values.Seed,
            Run = c.Id,
            Status = valid[(row.Id, c.Values.Seed)] is null ? RunStatus.Diverged : RunStatus.Finished,
            Summary = valid[(row.Id, c.Values.Seed)] is { } perplexity ? Finished(perplexity, perplexity) : Ended(RunStatus.Diverged),
            Parameters = Parameters(row.Id),
            Configuration = c,
        })))], _ => (500, 400), _ => throw new NotSupportedException());

    /// <summary>Parameters of an LSTM of a row's size, counted by hand: embedding, decoder's bias, two layers of four gates; 12 words.</summary>
    public static long Parameters(string row)
    {
        long hidden = row.Split('+')[0] switch { "middle" => 300, "large" => 400, _ => 200 };
        return 12 * hidden + 12 + 2 * 4 * (2 * hidden * hidden + 2 * hidden);
    }

    private TablePlan Plan(ClaimRuns need) => PlanOf(need, seeds, scale);

    private static TablePlan PlanOf(ClaimRuns need, int seeds, Profile? scale = null) =>
        TablePlan.For(need.Table, scale ?? Profile.Get("laptop"), Corpus.Facts, [.. need.Rows.Select(r => r.Id)], need.Settings, need.Seeds ?? seeds);

    public static Corpus Corpus { get; } = Small.Corpus();
}
