using ArTar.Workbench.Tables;

namespace ArTar.Workbench.Claims;

/// <summary>
/// The paper's main claim: AR and TAR beside more complicated techniques, and on top of them. Seed 1 chooses a value of each rival, seeds
/// 2, 3 and 4 decide; docs/claims.md says why.
/// </summary>
internal sealed class RivalClaims
{
    private const int FirstSeed = 2, LastSeed = 4; // of those that decide
    private const double Comparable = -1; // per cent of the plain model's perplexity

    private static readonly int[] deciding = [.. Enumerable.Range(FirstSeed, LastSeed - FirstSeed + 1)];

    private readonly Table table;
    private readonly Value plain;
    private readonly IReadOnlyList<Rival> rivals;

    /// <summary>A value of a technique: the row with it alone, and the one with AR + TAR on top.</summary>
    private sealed record Value(Row Alone, Row WithBoth);

    /// <summary>A technique with its values, which stand from weak to strong.</summary>
    private sealed record Rival(IReadOnlyList<Value> Values, bool IsOwnOption);

    /// <param name="table">The techniques are its first axis; its second has nothing, then AR + TAR.</param>
    private RivalClaims(Table table)
    {
        this.table = table;
        var (techniques, penalties) = (table.Axes[0].Choices, table.Axes[1].Choices);
        Value Of(Choice technique)
        {
            Row With(Choice penalty) => table.Rows.Single(r => r.Choices[0] == technique && r.Choices[1] == penalty);
            return new(With(penalties[0]), With(penalties[1]));
        }
        plain = Of(techniques.Single(t => t.Settings.Count == 0));
        // Choices that set the same hyper-parameters are values of one technique.
        rivals = [.. techniques.Where(t => t.Settings.Count > 0).GroupBy(t => string.Join(' ', t.Settings.Select(s => s.Key)))
            .Select(g => new Rival([.. g.Select(Of)], g.First().Settings.Any(s => s.Key == "memoryAlpha")))];
    }

    /// <summary>Claims 9a and 9b.</summary>
    public static IReadOnlyList<PaperClaim> All { get; } = By(KnownTables.Named("invasive"));

    /// <summary>The claims by the rows of a table.</summary>
    internal static IReadOnlyList<PaperClaim> By(Table table)
    {
        var all = new RivalClaims(table);
        return
        [
            new()
            {
                Number = "9a",
                Statement = "AR + TAR are as good as more complicated techniques, or better",
                Test = "gain of AR + TAR minus each rival's, at the value that seed 1 chose; as good is within 1 %",
                Needs = [all.Chosen, all.Deciding([all.plain.Alone, all.plain.WithBoth])],
                Next = evidence => all.Next(evidence, withBoth: false),
                Decide = evidence => all.Found(evidence, _ => all.plain.WithBoth,
                    i => i.Low > 0 ? "superior" : i.Low > Comparable ? "comparable" : i.High < Comparable ? null : "undecided"),
            },
            new()
            {
                Number = "9b",
                Statement = "they can be combined with those techniques",
                Test = "gain of each rival with AR + TAR minus the rival's alone, at the value that seed 1 chose",
                Needs = [all.Chosen, all.Deciding([all.plain.Alone])],
                Next = evidence => all.Next(evidence, withBoth: true),
                Decide = evidence => all.Found(evidence, rival => rival.WithBoth,
                    i => i.Low > 0 ? "held" : i.High < 0 ? null : "undecided"),
            },
        ];
    }

    private ClaimRuns Chosen => new(table, [.. rivals.SelectMany(r => r.Values).Select(v => v.Alone)], []) { Seeds = 1 };

    private ClaimRuns Deciding(IEnumerable<Row> rows) => new(table, [.. rows], []) { FirstSeed = FirstSeed, Seeds = LastSeed };

    // The rows that seed 1 chose, of those rivals of which it has all values.
    private ClaimRuns[] Next(ClaimEvidence evidence, bool withBoth)
    {
        Row[] rows = [.. rivals.Select(r => Best(evidence, r)).OfType<Value>()
            .SelectMany(v => withBoth ? new[] { v.Alone, v.WithBoth } : [v.Alone])];
        return rows.Length == 0 ? [] : [Deciding(rows)];
    }

    private static Value? Best(ClaimEvidence evidence, Rival rival) =>
        rival.Values.All(v => evidence.Has(v.Alone, 1)) ? rival.Values.MinBy(v => evidence.Valid(v.Alone, 1)) : null;

    /// <summary>
    /// A verdict for each rival whose runs have all ended. The claim holds where it does for each of those that are somebody else's, and
    /// does not where it does not for one of them.
    /// </summary>
    /// <param name="evidence">The runs that have ended.</param>
    /// <param name="ours">The row whose gain stands against a rival's.</param>
    /// <param name="judge">The verdict in a word; null where the claim does not hold for the rival.</param>
    private ClaimFinding Found(ClaimEvidence evidence, Func<Value, Row> ours, Func<MeanInterval, string?> judge)
    {
        var (columns, values, notes, words) = (new List<FigureColumn>(), new List<double[]>(), new List<string>(), new List<string?>());
        var intervals = new List<MeanInterval>();
        foreach (var rival in rivals)
        {
            if (Best(evidence, rival) is not { } best || !deciding.All(seed =>
                evidence.Has(plain.Alone, seed) && evidence.Has(best.Alone, seed) && evidence.Has(ours(best), seed)))
                continue;
            double[] figures = [.. deciding.Select(seed => evidence.Gain(ours(best), seed) - evidence.Gain(best.Alone, seed))];
            var (label, interval) = (best.Alone.Label, MeanInterval.Of(figures));
            var word = judge(interval);
            columns.Add(new(best.Alone.Id, label, FigureKind.Percent));
            values.Add(figures);
            intervals.Add(interval);
            notes.Add($"{label}: {word ?? "not held"}, {FigureColumn.Signed(interval.Mean, 1)} % "
                + $"({FigureColumn.Signed(interval.Low, 1)} to {FigureColumn.Signed(interval.High, 1)})"
                + (best == rival.Values[0] || best == rival.Values[^1]
                    ? "; the best of its values is the last at one end, so it may be better still" : "")
                + (rival.IsOwnOption ? "; the paper's own option, it has no part in the verdict" : ""));
            if (!rival.IsOwnOption)
                words.Add(word);
        }
        if (intervals.Count > 1 && intervals.Exists(i => i.Low > 0 || i.High < 0))
        {
            var beyond = columns.Zip(MeanInterval.Holm(intervals)).Where(c => c.Second).Select(c => c.First.Title).ToList();
            notes.Add(FormattableString.Invariant($"{intervals.Count} intervals stand here side by side, each at 95 %; taken together ")
                + $"(Holm's correction) {(beyond.Count == 0 ? "none of them lies" : "these lie")} beyond 0"
                + (beyond.Count == 0 ? "" : $": {string.Join(", ", beyond)}"));
        }
        var isWhole = words.Count == rivals.Count(r => !r.IsOwnOption);
        return new()
        {
            Verdict = words.Contains(null) ? Verdict.NotHeld : isWhole && !words.Contains("undecided") ? Verdict.Held : Verdict.Undecided,
            Columns = columns,
            Seeds = [.. deciding.Select((seed, i) => new SeedFigures(seed, [.. values.Select(v => v[i])],
                [.. evidence.Runs.Where(r => r.Seed == seed).Select(r => r.Run).Distinct()]))],
            Direction = string.Join(", ", words.CountBy(w => w ?? "not held")
                .Select(w => FormattableString.Invariant($"{w.Value} {w.Key}"))) + FormattableString.Invariant($" of {words.Count} rivals"),
            Notes = notes,
        };
    }
}
