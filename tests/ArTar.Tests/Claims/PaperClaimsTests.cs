using System.Globalization;
using ArTar.Workbench;
using ArTar.Workbench.Claims;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Models;
using ArTar.Workbench.Training;
using CsCheck;

namespace ArTar.Tests.Claims;

/// <summary>Verdicts on the paper's claims from faked runs; nothing is trained. In the collection because regularizers belong to the process.</summary>
[Collection(TorchTests.Name)]
public sealed class PaperClaimsTests
{
    private static readonly double[] baselines = [100, 200, 400];

    // Gains 4, 5, 6 have the interval 2.516 to 7.484, gains 1, 2, 3 have -0.484 to 4.484.
    [Theory]
    [InlineData(4, Verdict.Held, "the mean is on the claim's side")]
    [InlineData(-6, Verdict.NotHeld, "the mean is on the other side")]
    [InlineData(1, Verdict.Undecided, "the mean is on the claim's side")]
    [InlineData(-3, Verdict.Undecided, "the mean is on the other side")]
    [InlineData(-1, Verdict.Undecided, "the mean is zero")]
    public void Each_claim_that_an_interval_decides(double least, Verdict verdict, string direction)
    {
        double Gain(int seed) => least + seed - 1;
        double With(int seed, double gain) => baselines[seed - 1] * (1 - gain / 100);
        using var runs = new StoredClaims(3);
        void Check(string number, int side)
        {
            var judged = runs.Verdict(number);
            var found = judged.Finding!;
            Assert.Equal((number, verdict), (number, judged.Verdict));
            // Rows are found by their values, whatever they are called.
            Assert.Equal(found.Seeds.SelectMany(s => s.Values), runs.VerdictByValues(number).Finding!.Seeds.SelectMany(s => s.Values));
            Assert.Equal(side * (least + 1), found.Interval!.Value.Mean, 1e-9);
            Assert.Equal(2 * 4.30265 / Math.Sqrt(3), found.Interval.Value.High - found.Interval.Value.Low, 1e-9);
            if (least != -1) // rounding gives a mean of zero a sign
                Assert.Equal(direction, found.Direction);
            if (number != "7")
                Assert.Equal(found.Interval.Value.Mean, found.TestInterval!.Value.Mean, 1e-9); // all test perplexities are nine tenths
        }

        // One coefficient is the best of all by far.
        runs.Fill("1", (row, seed) => row switch { "alpha=0" => baselines[seed - 1], "alpha=4" => With(seed, Gain(seed)), _ => With(seed, -50) });
        Check("1", 1);
        runs.Fill("2a", (row, seed) => row switch { "beta=0" => baselines[seed - 1], "beta=8" => With(seed, Gain(seed)), _ => With(seed, -50) });
        Check("2a", 1);
        // AR gains that much more than TAR's 3 %.
        runs.Fill("2b", (row, seed) => row switch
        {
            "alpha=0" or "beta=0" => baselines[seed - 1],
            "alpha=1" => With(seed, 3 + Gain(seed)),
            "beta=2" => With(seed, 3),
            _ => With(seed, -50),
        });
        Check("2b", 1);
        foreach (var (number, without) in new[] { ("3a", "medium"), ("5", "medium"), ("6a", "gru") })
        {
            runs.Fill(number, (row, seed) => row == without ? baselines[seed - 1] : With(seed, Gain(seed)));
            Check(number, 1);
        }
        // Gains on a line over log2 of the parameters.
        runs.Fill("4", (row, seed) =>
        {
            var size = row.Split('+')[0];
            var slope = -Gain(seed);
            return row == size ? baselines[seed - 1] : With(seed, slope * (Math.Log2(StoredClaims.Parameters(size)) - 20));
        });
        Check("4", -1);
        // Distances below 1 that differ by hundredths; the claim's side is the negative one.
        runs.Fill("7", (_, _) => 100, (row, seed) => new() { Multiple = 0.2, Distance = row == "beta=0" ? 0.8 : 0.8 - Gain(seed) / 100, DiagonalMass = 0.1 });
        var matrix = runs.Verdict("7");
        Assert.Equal(verdict, matrix.Verdict);
        Assert.Equal(-(least + 1) / 100, matrix.Finding!.Interval!.Value.Mean, 1e-9);
        Assert.Null(matrix.Finding.TestInterval);
    }

    [Fact]
    public void The_best_coefficient_is_chosen_by_the_other_seeds()
    {
        // Seed 1: the others average 100 (alpha = 1) and 96.5 (alpha = 2). Seeds 2 and 3: 95 against 96 and 95.5.
        double[] one = [90, 100, 100], two = [95, 96, 97];
        using var runs = new StoredClaims(3);
        runs.Fill("1", (row, seed) => row switch { "alpha=0" => 100, "alpha=1" => one[seed - 1], "alpha=2" => two[seed - 1], _ => 150 });
        var judged = runs.Verdict("1");
        Assert.Equal([2, 1, 1], judged.Finding!.Seeds.Select(s => s.Values[0]));
        Near([5, 0, 0], judged.Finding.Seeds.Select(s => s.Values[3]));
        Near([5, 0, 0], judged.Finding.Seeds.Select(s => s.Values[4]));
        Assert.Equal([runs.Configuration("1", "alpha=0", 1).Id, runs.Configuration("1", "alpha=2", 1).Id], judged.Finding.Seeds[0].Runs);
        Assert.Equal(Verdict.Undecided, judged.Verdict);

        // Of equals the smaller one, though its own seed likes the other.
        runs.Fill("1", (row, seed) => row is "alpha=0" or "alpha=4" || row == "alpha=2" && seed > 1 ? 100 : 101);
        Assert.Equal([2, 4, 4], runs.Verdict("1").Finding!.Seeds.Select(s => s.Values[0]));
    }

    public static TheoryData<int[], Verdict, string> Surfaces => new()
    {
        // Best alpha alone, best beta alone, best pair, for each of two seeds.
        { [4, 2, 2, 2, 4, 2, 4, 1], Verdict.Held, "2 of 2 seeds for it, 0 against" },
        { [4, 2, 6, 1, 4, 2, 1, 4], Verdict.NotHeld, "0 of 2 seeds for it, 2 against" },
        { [4, 2, 4, 2, 4, 2, 2, 2], Verdict.Undecided, "1 of 2 seeds for it, 0 against" },
        { [4, 2, 4, 4, 4, 2, 2, 2], Verdict.Undecided, "1 of 2 seeds for it, 1 against" },
        { [4, 2, 4, 2, 4, 2, 4, 2], Verdict.Undecided, "0 of 2 seeds for it, 0 against" },
    };

    [Theory]
    [MemberData(nameof(Surfaces))]
    public void The_best_pair_against_the_best_alone(int[] best, Verdict verdict, string direction)
    {
        using var runs = new StoredClaims(2);
        runs.Fill("3b", (row, seed) => OnSurface(row, best[((seed - 1) * 4)..]));
        var judged = runs.Verdict("3b");
        Assert.Equal((verdict, direction), (judged.Verdict, judged.Finding!.Direction));
        Assert.Equal(best.Select(b => (double)b), judged.Finding.Seeds.SelectMany(s => s.Values.Take(4)));
        Assert.Equal((verdict, direction), (runs.VerdictByValues("3b").Verdict, runs.VerdictByValues("3b").Finding!.Direction));
        Near([80, 90, 70, 63], judged.Finding.Seeds[0].Values.Skip(4));
        Assert.Empty(judged.Notes);
    }

    // 80 and 90 at the best alone, 70 at the best pair, 100 elsewhere.
    private static double OnSurface(string row, int[] best)
    {
        var at = row.Split('+').Select(p => int.Parse(p.Split('=')[1], CultureInfo.InvariantCulture)).ToArray();
        return (at[0], at[1]) == (best[2], best[3]) ? 70 : at[1] == 0 && at[0] == best[0] ? 80 : at[0] == 0 && at[1] == best[1] ? 90 : 100;
    }

    [Fact]
    public void A_pair_with_a_zero_is_no_pair_but_is_told()
    {
        // AR alone is best of all: with zeros (4, 0) would beat (4, 2); among true pairs (6, 1) is the best.
        using var runs = new StoredClaims(2);
        runs.Fill("3b", (row, _) => row switch { "alpha=4+beta=0" => 60, "alpha=0+beta=2" => 90, "alpha=6+beta=1" => 80, _ => 100 });
        var judged = runs.Verdict("3b");
        Assert.Equal(Verdict.NotHeld, judged.Verdict);
        Assert.Equal("were zeros allowed among the best coefficients, the verdict would be: held (2 of 2 seeds for it, 0 against)", Assert.Single(judged.Notes));
    }

    [Theory]
    [InlineData(124.9, 125.1, 124.9, 125.1, Verdict.Held)] // 1.25 times the LSTM's 100 is the limit
    [InlineData(110.0, 120.0, 125.1, 125.1, Verdict.NotHeld)] // without them, too; not even with them
    [InlineData(126.0, 120.0, 126.0, 130.0, Verdict.NotHeld)]
    [InlineData(110.0, 130.0, 110.0, 120.0, Verdict.Undecided)]
    [InlineData(110.0, null, 120.0, null, Verdict.Held)] // diverged: unigram perplexity, 500
    [InlineData(null, 120.0, null, null, Verdict.NotHeld)]
    public void A_tanh_RNN_trains_only_with_them(double? with1, double? without1, double? with2, double? without2, Verdict verdict)
    {
        using var runs = new StoredClaims(2);
        runs.Fill("6b", (row, seed) => row switch { "medium" => 100, "tanh" => seed == 1 ? without1 : without2, _ => seed == 1 ? with1 : with2 });
        var judged = runs.Verdict("6b");
        Assert.Equal(verdict, judged.Verdict);
        Assert.Equal(verdict, runs.VerdictByValues("6b").Verdict);
        Near([100, without1 ?? 500, (without1 ?? 500) / 100, with1 ?? 500, (with1 ?? 500) / 100], judged.Finding!.Seeds[0].Values.Take(5));
        Assert.Equal(with1 is null || without1 is null || with2 is null || without2 is null, judged.Notes.Any(n => n.StartsWith("diverged", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_matrix_near_a_negative_multiple_is_not_identity_like()
    {
        static NearestIdentity Matrix(string row, int seed) =>
            new() { Multiple = row == "beta=1" && seed == 2 ? -0.1 : 0.1, Distance = row == "beta=1" ? 0.5 - 0.001 * seed : 0.9, DiagonalMass = 0.1 };
        using var runs = new StoredClaims(3);
        runs.Fill("7", (_, _) => 100, Matrix);
        var judged = runs.Verdict("7");
        Assert.Equal(Verdict.Undecided, judged.Verdict);
        Assert.True(judged.Finding!.Interval!.Value.High < 0);
        Assert.Equal("c is not positive with beta = 1 for seed 2, as the claim demands for every seed", Assert.Single(judged.Notes));

        // The other way round it stays not held; a run that did not record its matrix decides nothing.
        runs.Fill("7", (_, _) => 100, (row, seed) => Matrix(row, seed) with { Distance = row == "beta=1" ? 0.9 : 0.5 - 0.001 * seed });
        Assert.Equal(Verdict.NotHeld, runs.Verdict("7").Verdict);
        runs.Fill("7", (_, _) => 100);
        Assert.Matches("^Run small-tanh200-seed1-[0-9a-f]+ did not record how close", NotComputed(runs.Verdict("7")));
        // A run that diverged after its best epoch has a best checkpoint; one that diverged before has none.
        runs.Fill("7", (row, seed) => row == "beta=0" && seed == 3 ? null : 100, (row, seed) => Matrix(row, 1));
        Assert.Equal(Verdict.Held, runs.Verdict("7").Verdict);
        FakedRuns.Write(runs.Store, runs.Configuration("7", "beta=1", 2), StoredClaims.Ended(RunStatus.Diverged) with { BestEpoch = 0 });
        Assert.Matches("diverged in its first epoch", NotComputed(runs.Verdict("7")));
    }

    [Fact]
    public void A_run_that_diverged_counts_as_unigram_perplexity()
    {
        using var runs = new StoredClaims(3);
        runs.Fill("3a", (row, seed) => row == "medium" ? 250 : seed == 2 ? null : 200);
        var judged = runs.Verdict("3a");
        Near([20, -100, 20], judged.Finding!.Seeds.Select(s => s.Values[2])); // 500 for 250
        Near([20, 100.0 * (225 - 400) / 225, 20], judged.Finding.Seeds.Select(s => s.Values[3]));
        Assert.Equal($"diverged, and so counted as the unigram model's perplexity where perplexity is: {runs.Configuration("3a", "medium+ar+tar", 2).Id}", Assert.Single(judged.Notes));

        // Without its data there is no such perplexity: that claim is refused, others are not.
        runs.Fill("6a", (row, _) => row == "gru" ? 100 : 90);
        runs.Judge = new() { Store = runs.Store, Plan = runs.Judge.Plan, Unigram = _ => throw new WorkbenchException("The corpus 'ptb' is not installed.") };
        Assert.Equal("The corpus 'ptb' is not installed.", NotComputed(runs.Verdict("3a")));
        Assert.Equal(Verdict.Held, runs.Verdict("6a").Verdict);
    }

    [Fact]
    public void Missing_runs_are_counted_and_the_command_named()
    {
        using var runs = new StoredClaims(3);
        var nothing = runs.Verdict("2b");
        Assert.Equal((Verdict.NotRun, "33 of 33 runs missing"), (nothing.Verdict, nothing.Reason)); // both baselines are one run
        Assert.Equal(["artar table 1 --profile laptop --seeds 3", "artar table 2 --profile laptop --seeds 3"], nothing.Missing);
        runs.Fill("1", (_, _) => 100);
        var half = runs.Verdict("2b");
        Assert.Equal((Verdict.NotRun, "15 of 33 runs missing"), (half.Verdict, half.Reason));
        Assert.Equal(["artar table 2 --profile laptop --seeds 3"], half.Missing);
        Assert.Null(half.Finding);

        Assert.Equal(["artar table surface --profile laptop --seeds 3"], runs.Verdict("3b").Missing);
        Assert.Equal(["artar table 2 --profile laptop --rows beta=0,beta=1 --set cell=tanh --seeds 3"], runs.Verdict("7").Missing);
        Assert.Equal(["artar table 6 --profile laptop --rows tanh,tanh+ar+tar --seeds 3"], runs.Verdict("6b").Missing);

        // What failed has no result: it is trained again with --retry.
        FakedRuns.Write(runs.Store, runs.Configuration("1", "alpha=2", 2), StoredClaims.Ended(RunStatus.OutOfMemory));
        var failed = runs.Verdict("1");
        Assert.Equal((Verdict.NotRun, "1 of 18 runs missing"), (failed.Verdict, failed.Reason));
        Assert.Equal(["artar table 1 --profile laptop --seeds 3 --retry"], failed.Missing);
        Assert.Equal((17, 18), failed.Completeness);

        // Who types no commands is shown none.
        runs.Judge = new() { Store = runs.Store, Plan = runs.Judge.Plan, Unigram = runs.Judge.Unigram };
        Assert.Empty(runs.Verdict("1").Commands.Concat(runs.Verdict("1").Missing));
    }

    [Fact]
    public void At_small_fewer_coefficients_decide()
    {
        using var runs = new StoredClaims(3, "small");
        Assert.Equal(["artar table 1 --profile small --rows alpha=0,alpha=2 --seeds 3"], runs.Verdict("1").Missing);
        Assert.Equal(["artar table 2 --profile small --rows beta=0,beta=1,beta=2 --seeds 3"], runs.Verdict("2a").Missing);
        Assert.Equal((0, 12), runs.Verdict("2b").Completeness);
        Assert.Equal((0, 75), runs.Verdict("3b").Completeness);

        // By the other two seeds each likes beta = 1, though seed 1 itself does not.
        runs.Fill("2b", (row, seed) => row switch { "alpha=2" => 90, "beta=1" => seed == 1 ? 97 : 94, "beta=2" => 95, _ => 100 });
        Assert.Equal(Verdict.Held, runs.Verdict("1").Verdict);
        Assert.Equal(10, runs.Verdict("1").Finding!.Interval!.Value.Mean, 1e-9);
        var tar = runs.Verdict("2a").Finding!;
        Assert.Equal(["beta", "baseline_valid", "valid", "gain_percent", "test_gain_percent"], tar.Columns.Select(c => c.Key));
        Assert.Equal([(1, 1, 3.0), (2, 2, 5.0), (3, 2, 5.0)], tar.Seeds.Select(s => (s.Seed, s.Values[0], Math.Round(s.Values[3], 9))));
        Assert.Equal(Verdict.Held, runs.Verdict("2b").Verdict);

        // Each table is told what it decides; what is there for comparison alone is not told.
        var report = new ClaimReport("small", 3, null, [.. PaperClaims.At(Profile.Get("small")).Select(runs.Judge.Judge)]);
        Assert.Equal(["Claim 1,", "Claim 2b"], report.Of(KnownTables.Get(1)).Select(said => said[..8]));
        Assert.StartsWith("Gain of alpha = 2 over alpha = 0: ", ClaimReport.Sentence(report.Verdicts[0]), StringComparison.Ordinal);
        Assert.Equal(["Claim 2a", "Claim 2b"], report.Of(KnownTables.Get(2)).Select(said => said[..8]));

        // Of the four claims of this scale that an interval decides 3a is to come.
        Assert.Equal(["3 of 4 intervals stand here side by side, each at 95 %; taken together with those to come (Holm's correction) these verdicts "
            + "stand: 1, 2a, 2b"], report.Sheet.Notes);
    }

    [Fact]
    public void A_name_with_markdown_in_it_is_printed_on_the_page_as_it_is()
    {
        using var runs = new StoredClaims(2);
        runs.Fill("1", (_, _) => 100);
        var odd = StoredClaims.Finished(90, 80);
        FakedRuns.Write(runs.Store, runs.Configuration("1", "alpha=1", 1), odd with { Circumstances = odd.Circumstances with { Processor = "CPU <b> *x* `y` [z](q)\u202E" } });
        var page = new ClaimReport("laptop", 2, null, [runs.Verdict("1")]).Markdown();
        Assert.Contains(@"CPU \<b> \*x\* \`y\` \[z\](q)" + "\uFFFD; libtorch", page, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_computed_says_why()
    {
        using var runs = new StoredClaims(2);
        runs.Fill("1", (_, _) => 100);
        var run = runs.Store.Find(runs.Configuration("1", "alpha=1", 1))!;
        FakedRuns.Damage(run.Folder);
        Assert.Matches(@"summary\.json is damaged", NotComputed(runs.Verdict("1")));
        runs.Fill("1", (_, _) => 100);
        FakedRuns.Write(runs.Store, run.Configuration, StoredClaims.Ended(RunStatus.Finished));
        Assert.Matches(@"summary\.json is damaged \(a finished run needs a validLoss, found none\)", NotComputed(runs.Verdict("1")));
        runs.Fill("1", (_, _) => 100);
        FakedRuns.Write(runs.Store, run.Configuration, StoredClaims.Finished(90, 80) with { Circumstances = FakedRuns.Here });
        Assert.Equal($"trained with the plain kernels, unlike the others: {run.Id}", Assert.Single(runs.Verdict("1").Notes));

        var none = new ClaimJudge { Store = runs.Store, Plan = _ => throw new WorkbenchException("not installed"), Unigram = _ => (500, 400) };
        Assert.Equal("not installed", NotComputed(none.Judge(StoredClaims.Claim("5"))));
        var cost = none.Judge(StoredClaims.Claim("8"));
        Assert.Equal(Verdict.Elsewhere, cost.Verdict);
        Assert.Contains("docs/performance.md", cost.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_figures_agree_with_a_naive_recomputation() => Gen.Select(Gen.Int[2, 6], Gen.Int[0, int.MaxValue]).Sample((count, draw) =>
    {
        var random = new Random(draw);
        var drawn = new Dictionary<(string Row, int Seed), double?>();
        double V(string row, int seed) => drawn[(row, seed)] ?? 500;
        // Runs that diverged are equals, so claim 3b, which sorts them, has none here.
        ClaimFinding Decide(string number, params IEnumerable<string> rows)
        {
            foreach (var row in rows)
                for (var seed = 1; seed <= count; seed++)
                    drawn[(row, seed)] = number != "3b" && random.Next(20) == 0 ? null : 50 + 100 * random.NextDouble();
            return StoredClaims.Claim(number).Decide!(StoredClaims.Evidence(number, count, drawn));
        }
        (int Value, double Gain) Best(string coefficient, int seed)
        {
            var (best, lowest) = (0, double.MaxValue);
            foreach (var value in new[] { 1, 2, 4, 6, 8 })
            {
                double sum = 0;
                for (var other = 1; other <= count; other++)
                    sum += other == seed ? 0 : V($"{coefficient}={value}", other);
                if (sum < lowest - 1e-9)
                    (best, lowest) = (value, sum);
            }
            return (best, 100 * (1 - V($"{coefficient}={best}", seed) / V($"{coefficient}=0", seed)));
        }
        var seeds = Enumerable.Range(1, count).ToList();
        int[] values = [0, 1, 2, 4, 6, 8], grid = [0, 1, 2, 4, 6];

        var ar = Decide("1", values.Select(v => $"alpha={v}"));
        Same([.. seeds.Select(s => Best("alpha", s).Gain)], 1, ar);
        var less = Decide("2b", values.SelectMany(v => new[] { $"alpha={v}", $"beta={v}" }));
        Same([.. seeds.Select(s => Best("alpha", s).Gain - Best("beta", s).Gain)], 1, less);
        Assert.Equal(seeds.SelectMany(s => new double[] { Best("alpha", s).Value, Best("beta", s).Value }), less.Seeds.SelectMany(s => new[] { s.Values[0], s.Values[2] }));
        Same([.. seeds.Select(s => Best("beta", s).Gain)], 1, StoredClaims.Claim("2a").Decide!(StoredClaims.Evidence("2a", count, drawn)));

        // Claim 3b by sorting all that there is.
        var surface = Decide("3b", grid.SelectMany(a => grid.Select(b => $"alpha={a}+beta={b}")));
        var said = seeds.Select(seed =>
        {
            var sorted = (from a in grid from b in grid orderby V($"alpha={a}+beta={b}", seed) select (a, b)).ToList();
            var (pair, alpha, beta) = (sorted.First(p => p is { a: > 0, b: > 0 }), sorted.First(p => p is { a: > 0, b: 0 }).a, sorted.First(p => p is { a: 0, b: > 0 }).b);
            return pair.a > alpha || pair.b > beta ? "no" : (pair.a, pair.b) == (alpha, beta) ? "neither" : "yes";
        }).ToList();
        Assert.Equal(said.TrueForAll(x => x == "yes") ? Verdict.Held : said.TrueForAll(x => x == "no") ? Verdict.NotHeld : Verdict.Undecided, surface.Verdict);

        // Claim 4: the slope as covariance over variance.
        string[] sizes = ["medium", "middle", "large"];
        var x = sizes.Select(s => Math.Log2(StoredClaims.Parameters(s))).ToArray();
        var slopes = Decide("4", sizes.SelectMany(s => new[] { s, s + "+ar+tar" }));
        Same([.. seeds.Select(seed =>
        {
            double[] y = [.. sizes.Select(size => 100 * (1 - V(size + "+ar+tar", seed) / V(size, seed)))];
            return (3 * x.Zip(y, (a, b) => a * b).Sum() - x.Sum() * y.Sum()) / (3 * x.Sum(a => a * a) - x.Sum() * x.Sum());
        })], -1, slopes);

        // Claim 6b.
        var trains = Decide("6b", "medium", "tanh", "tanh+ar+tar");
        var good = seeds.Count(s => V("tanh+ar+tar", s) / V("medium", s) <= 1.25 && V("tanh", s) / V("medium", s) > 1.25);
        Assert.Equal(good == count ? Verdict.Held : good == 0 ? Verdict.NotHeld : Verdict.Undecided, trains.Verdict);
    }, iter: 300, threads: 1);

    private static void Same(List<double> figures, int side, ClaimFinding found)
    {
        var n = figures.Count;
        var mean = figures.Sum() / n;
        var error = Math.Sqrt(Math.Max(0, figures.Sum(g => g * g) - n * mean * mean) / (n - 1) / n);
        var half = new[] { 12.7062, 4.30265, 3.18245, 2.77645, 2.57058 }[n - 2] * error;
        Assert.Equal(mean, found.Interval!.Value.Mean, 1e-5);
        Assert.Equal(mean - half, found.Interval.Value.Low, 1e-3);
        Assert.Equal(mean + half, found.Interval.Value.High, 1e-3);
        if (Math.Abs(Math.Abs(mean) - half) > 1e-2)
            Assert.Equal(Math.Abs(mean) < half ? Verdict.Undecided : mean * side > 0 ? Verdict.Held : Verdict.NotHeld, found.Verdict);
    }

    private static string NotComputed(ClaimVerdict judged)
    {
        Assert.Equal(Verdict.NotComputed, judged.Verdict);
        Assert.Null(judged.Finding);
        return judged.Reason;
    }

    private static void Near(IEnumerable<double> expected, IEnumerable<double> actual)
    {
        foreach (var (e, a) in expected.Zip(actual, (e, a) => (e, a)))
            Assert.Equal(e, a, 1e-9);
        Assert.Equal(expected.Count(), actual.Count());
    }
}
