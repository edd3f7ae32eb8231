using ArTar.Workbench.Tables;

namespace ArTar.Workbench.Claims;

/// <summary>
/// The paper's claims as docs/claims.md has them. Their tests were fixed there before the runs that decide; what the words leave open is
/// told at the method that had to choose.
/// </summary>
internal static class PaperClaims
{
    /// <summary>A tanh RNN trains acceptably up to this many times the LSTM's validation perplexity.</summary>
    private const double Acceptable = 1.25;

    private const string Alpha = "alpha", Beta = "beta", Size = "size";

    private static readonly FigureColumn gain = new("gain_percent", "gain %", FigureKind.Percent),
        testGain = new("test_gain_percent", "test gain %", FigureKind.Percent);

    /// <summary>All claims, in the order of docs/claims.md.</summary>
    public static IReadOnlyList<PaperClaim> All { get; } =
    [
        new()
        {
            Number = "1",
            Statement = "AR lowers validation perplexity",
            Test = "gain of the best alpha over alpha = 0",
            Needs = [Rows(1)],
            IsByInterval = true,
            Decide = evidence => BestGain(evidence, Alpha),
        },
        new()
        {
            Number = "2a",
            Statement = "TAR lowers it, too",
            Test = "gain of the best beta over beta = 0",
            Needs = [Rows(2)],
            IsByInterval = true,
            Decide = evidence => BestGain(evidence, Beta),
        },
        new()
        {
            Number = "2b",
            Statement = "TAR gains less than AR",
            Test = "the best alpha's gain minus the best beta's",
            Needs = [Rows(1), Rows(2)],
            IsByInterval = true,
            Decide = GainLess,
        },
        new()
        {
            Number = "3a",
            Statement = "AR + TAR together lower it",
            Test = "gain of alpha = 2, beta = 1",
            Needs = [Rows(3, With(Size, "medium"))],
            IsByInterval = true,
            Decide = PairGain,
        },
        new()
        {
            Number = "3b",
            Statement = "the best coefficients together are smaller than the best alone",
            Test = "the best pair against the best alpha and the best beta alone",
            Needs = [new(KnownTables.Named("surface"), [], [])],
            Decide = Smaller,
        },
        new()
        {
            Number = "4",
            Statement = "the gain falls as the model grows",
            Test = "slope of the gain over log2 of the parameters; claimed is a negative one",
            Needs = [Rows(3)],
            IsByInterval = true,
            Decide = FallsWithSize,
        },
        new()
        {
            Number = "5",
            Statement = "the coefficients of Penn Treebank help on WikiText-2 untuned",
            Test = "gain of alpha = 2, beta = 1",
            Needs = [Rows(4)],
            IsByInterval = true,
            Decide = PairGain,
        },
        new()
        {
            Number = "6a",
            Statement = "they help a GRU",
            Test = "gain of alpha = 2, beta = 1",
            Needs = [Rows(6, With("cell", "gru"))],
            IsByInterval = true,
            Decide = PairGain,
        },
        new()
        {
            Number = "6b",
            Statement = "a tanh RNN does not train acceptably without them",
            Test = "valid at most 1.25 times the LSTM's with them, and not without",
            Needs =
            [
                Rows(6, With("cell", "tanh")),
                Rows(3, r => r.Baseline is null && With(Size, "medium")(r)) with { ForComparison = true },
            ],
            Decide = TrainsOnlyWithThem,
        },
        new()
        {
            Number = "7",
            Statement = "TAR pushes the tanh RNN's recurrent matrix towards an identity-like map",
            Test = "|U - cI| / |U| with beta = 1 minus without; claimed is a negative difference, with c > 0",
            Needs = [Rows(2, r => With(Beta, "0")(r) || With(Beta, "1")(r)) with { Settings = ["cell=tanh"] }],
            Beside = "6",
            IsByInterval = true,
            Decide = TowardsIdentity,
        },
        new()
        {
            Number = "8",
            Statement = "the cost per step is negligible, and the cell stays as it is",
            Test = "what AR + TAR add to a step; negligible is at most 1 %",
            DecidedIn = "measured by ./bench/run, see docs/performance.md",
        },
        .. RivalClaims.All,
    ];

    /// <summary>The claims as they are tested at a scale: at <c>small</c>, where a row takes hours, by fewer coefficients.</summary>
    public static IReadOnlyList<PaperClaim> At(Profile scale) =>
        scale.Name == "small" ? [.. All.Select(c => c with
        {
            Test = TestAtSmall(c), Needs = [.. c.Needs.Select(AtSmall)], IsByInterval = c.Number is "1" or "2a" or "2b" or "3a",
        })] : All;

    // Which they are was fixed in docs/claims.md before any of those runs.
    private static ClaimRuns AtSmall(ClaimRuns need) => need.Rows.Count > 0 ? need : need.Table.Number switch
    {
        1 => need with { Rows = [.. need.Table.Rows.Where(r => With(Alpha, "0")(r) || With(Alpha, "2")(r))] },
        2 => need with { Rows = [.. need.Table.Rows.Where(r => With(Beta, "0")(r) || With(Beta, "1")(r) || With(Beta, "2")(r))] },
        _ => need,
    };

    private static string TestAtSmall(PaperClaim claim) => claim.Number switch
    {
        "1" => "gain of alpha = 2 over alpha = 0",
        "2a" => "gain of the better of beta = 1 and 2 over beta = 0",
        "2b" => "alpha = 2's gain minus the better of beta = 1 and 2's",
        _ => claim.Test,
    };

    private static ClaimRuns Rows(int table, Func<Row, bool>? which = null) =>
        new(KnownTables.Get(table), which is null ? [] : [.. KnownTables.Get(table).Rows.Where(which)], []);

    /// <summary>Rows that change a hyper-parameter, or the size, to this value.</summary>
    private static Func<Row, bool> With(string key, string value) => row => row.Settings.Contains(new(key, value));

    private static ClaimFinding BestGain(ClaimEvidence evidence, string coefficient) => ClaimFinding.ByInterval(1, "%",
        [
            new(coefficient, coefficient, FigureKind.Coefficient),
            new("baseline_valid", $"valid, {coefficient} = 0", FigureKind.Perplexity),
            new("valid", "valid", FigureKind.Perplexity),
            gain, testGain,
        ],
        [.. evidence.Seeds.Select(seed =>
        {
            var row = BestAlone(evidence, coefficient, seed);
            return new SeedFigures(seed,
                [evidence.Strength(row, coefficient), evidence.Valid(row.Baseline!, seed), evidence.Valid(row, seed),
                    evidence.Gain(row, seed), evidence.TestGain(row, seed)],
                [evidence.Run(row.Baseline!, seed), evidence.Run(row, seed)]);
        })], gain.Key, testGain.Key);

    /// <summary>The row with the coefficient that the other seeds choose; the smaller one of equals.</summary>
    private static Row BestAlone(ClaimEvidence evidence, string coefficient, int seed) =>
        evidence.BestWithout(seed, evidence.By(coefficient).Where(row => evidence.Strength(row, coefficient) > 0));

    private static ClaimFinding GainLess(ClaimEvidence evidence) => ClaimFinding.ByInterval(1, "%",
        [
            new("alpha", "alpha", FigureKind.Coefficient),
            new("ar_gain_percent", "AR's gain %", FigureKind.Percent),
            new("beta", "beta", FigureKind.Coefficient),
            new("tar_gain_percent", "TAR's gain %", FigureKind.Percent),
            new("difference_percent", "difference", FigureKind.Percent),
            new("test_difference_percent", "test difference", FigureKind.Percent),
        ],
        [.. evidence.Seeds.Select(seed =>
        {
            var (ar, tar) = (BestAlone(evidence, Alpha, seed), BestAlone(evidence, Beta, seed));
            var (arGain, tarGain) = (evidence.Gain(ar, seed), evidence.Gain(tar, seed));
            return new SeedFigures(seed,
                [evidence.Strength(ar, Alpha), arGain, evidence.Strength(tar, Beta), tarGain, arGain - tarGain,
                    evidence.TestGain(ar, seed) - evidence.TestGain(tar, seed)],
                [.. new[] { ar.Baseline!, ar, tar.Baseline!, tar }.Select(row => evidence.Run(row, seed)).Distinct()]);
        })], "difference_percent", "test_difference_percent");

    private static ClaimFinding PairGain(ClaimEvidence evidence)
    {
        var row = evidence.Rows.Single(r => r.Baseline is not null);
        return ClaimFinding.ByInterval(1, "%",
            [new("baseline_valid", "valid, without", FigureKind.Perplexity), new("valid", "valid, AR + TAR", FigureKind.Perplexity), gain,
                testGain],
            [.. evidence.Seeds.Select(seed => new SeedFigures(seed,
                [evidence.Valid(row.Baseline!, seed), evidence.Valid(row, seed), evidence.Gain(row, seed), evidence.TestGain(row, seed)],
                [evidence.Run(row.Baseline!, seed), evidence.Run(row, seed)]))], gain.Key, testGain.Key);
    }

    /// <summary>
    /// Each seed's own lowest perplexity is the best here: no gain is taken on it, so nothing is flattered. A pair is one of two positive
    /// coefficients, as the best alone are positive ones: with a zero it would be AR or TAR alone. Where pairs with a zero
    /// would give another verdict, a note says so.
    /// </summary>
    private static ClaimFinding Smaller(ClaimEvidence evidence)
    {
        var (strict, loose) = (Smaller(evidence, above: 0), Smaller(evidence, above: -1));
        return loose.Verdict == strict.Verdict ? strict : strict with
        {
            Notes = [$"were zeros allowed among the best coefficients, the verdict would be: {ClaimVerdict.Words(loose.Verdict)} "
                + $"({loose.Direction})"],
        };
    }

    private static ClaimFinding Smaller(ClaimEvidence evidence, double above) => ClaimFinding.ByCount(
        [
            new("alpha_alone", "alpha alone", FigureKind.Coefficient),
            new("beta_alone", "beta alone", FigureKind.Coefficient),
            new("alpha", "alpha together", FigureKind.Coefficient),
            new("beta", "beta together", FigureKind.Coefficient),
            new("alpha_alone_valid", "valid, alpha alone", FigureKind.Perplexity),
            new("beta_alone_valid", "valid, beta alone", FigureKind.Perplexity),
            new("valid", "valid, together", FigureKind.Perplexity),
            new("test", "test, together", FigureKind.Perplexity),
        ],
        [.. evidence.Seeds.Select(seed =>
        {
            double Of(Row row, string coefficient) => evidence.Strength(row, coefficient);
            Row Best(Func<Row, bool> among) => evidence.By(Alpha, Beta).Where(among).MinBy(row => evidence.Valid(row, seed))!;
            var ar = Best(row => Of(row, Alpha) > above && Of(row, Beta) == 0);
            var tar = Best(row => Of(row, Alpha) == 0 && Of(row, Beta) > above);
            var pair = Best(row => Of(row, Alpha) > above && Of(row, Beta) > above);
            var (alpha, beta) = (Of(pair, Alpha).CompareTo(Of(ar, Alpha)), Of(pair, Beta).CompareTo(Of(tar, Beta)));
            return (new SeedFigures(seed,
                [Of(ar, Alpha), Of(tar, Beta), Of(pair, Alpha), Of(pair, Beta), evidence.Valid(ar, seed), evidence.Valid(tar, seed),
                    evidence.Valid(pair, seed), evidence.Test(pair, seed)],
                [evidence.Run(ar, seed), evidence.Run(tar, seed), evidence.Run(pair, seed)]),
                alpha > 0 || beta > 0 ? false : alpha < 0 || beta < 0 ? true : (bool?)null);
        })]);

    private static ClaimFinding FallsWithSize(ClaimEvidence evidence)
    {
        var sizes = evidence.Rows.Where(r => r.Baseline is not null)
            .Select(r => (Row: r, Name: r.Settings.First(s => s.Key == Size).Value, Doublings: Math.Log2(evidence.Parameters(r)))).ToList();
        double Slope(Func<Row, double> figure)
        {
            var (x, y) = (sizes.Average(s => s.Doublings), sizes.Average(s => figure(s.Row)));
            return sizes.Sum(s => (s.Doublings - x) * (figure(s.Row) - y)) / sizes.Sum(s => (s.Doublings - x) * (s.Doublings - x));
        }
        return ClaimFinding.ByInterval(-1, "% per doubling",
            [
                .. sizes.Select(s => new FigureColumn($"{s.Name}_gain_percent", $"gain %, {s.Name}", FigureKind.Percent)),
                new("slope_percent", "slope", FigureKind.Percent),
                new("test_slope_percent", "test slope", FigureKind.Percent),
            ],
            [.. evidence.Seeds.Select(seed =>
            {
                double Gain(Row row) => evidence.Gain(row, seed);
                return new SeedFigures(seed,
                    [.. sizes.Select(s => Gain(s.Row)), Slope(Gain), Slope(row => evidence.TestGain(row, seed))],
                    [.. sizes.SelectMany(s => new[] { evidence.Run(s.Row.Baseline!, seed), evidence.Run(s.Row, seed) })]);
            })], "slope_percent", "test_slope_percent");
    }

    /// <summary>A seed speaks against the claim when the tanh RNN does without them or fails with them; so each seed speaks.</summary>
    private static ClaimFinding TrainsOnlyWithThem(ClaimEvidence evidence)
    {
        var tanh = evidence.Rows.Single(r => r.Baseline is not null);
        var model = evidence.Rows.Single(r => r != tanh && r != tanh.Baseline);
        return ClaimFinding.ByCount(
            [
                new("lstm_valid", "valid, LSTM", FigureKind.Perplexity),
                new("without_valid", "valid, without", FigureKind.Perplexity),
                new("without_ratio", "without / LSTM", FigureKind.Ratio),
                new("with_valid", "valid, AR + TAR", FigureKind.Perplexity),
                new("with_ratio", "AR + TAR / LSTM", FigureKind.Ratio),
                new("test_without_ratio", "test, without / LSTM", FigureKind.Ratio),
                new("test_with_ratio", "test, AR + TAR / LSTM", FigureKind.Ratio),
            ],
            [.. evidence.Seeds.Select(seed =>
            {
                var (lstm, without, with) = (evidence.Valid(model, seed), evidence.Valid(tanh.Baseline!, seed), evidence.Valid(tanh, seed));
                var testLstm = evidence.Test(model, seed);
                return (new SeedFigures(seed,
                    [lstm, without, without / lstm, with, with / lstm, evidence.Test(tanh.Baseline!, seed) / testLstm,
                        evidence.Test(tanh, seed) / testLstm],
                    [evidence.Run(model, seed), evidence.Run(tanh.Baseline!, seed), evidence.Run(tanh, seed)]),
                    (bool?)(with <= Acceptable * lstm && !(without <= Acceptable * lstm)));
            })]);
    }

    /// <summary>
    /// c is that of the matrix with TAR. A matrix near a negative multiple is not identity-like: then the claim cannot be held.
    /// </summary>
    private static ClaimFinding TowardsIdentity(ClaimEvidence evidence)
    {
        var tar = evidence.Rows.Single(r => r.Baseline is not null);
        var seeds = evidence.Seeds.Select(seed =>
        {
            var (without, with) = (evidence.Identity(tar.Baseline!, seed), evidence.Identity(tar, seed));
            return new SeedFigures(seed,
                [without.Distance, with.Distance, without.Multiple, with.Multiple, with.Distance - without.Distance],
                [evidence.Run(tar.Baseline!, seed), evidence.Run(tar, seed)]);
        }).ToList();
        var found = ClaimFinding.ByInterval(-1, "",
            [
                new("distance_without", "distance, without", FigureKind.Ratio),
                new("distance", "distance, beta = 1", FigureKind.Ratio),
                new("multiple_without", "c, without", FigureKind.Difference),
                new("multiple", "c, beta = 1", FigureKind.Difference),
                new("difference", "difference", FigureKind.Difference),
            ], seeds, "difference", test: null);
        var negative = seeds.Where(s => !(s.Values[3] > 0)).Select(s => s.Seed).ToList();
        return negative.Count == 0 ? found : found with
        {
            Verdict = found.Verdict == Verdict.Held ? Verdict.Undecided : found.Verdict,
            Notes = [$"c is not positive with beta = 1 for seed {string.Join(", ", negative)}, as the claim demands for every seed"],
        };
    }
}
