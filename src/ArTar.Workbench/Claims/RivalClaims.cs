using System.Text.RegularExpressions;
using ArTar.Workbench.Tables;

namespace ArTar.Workbench.Claims;

/// <summary>
/// The paper's main claim: AR and TAR beside more complicated techniques, and on top of them. Seed 1 chooses a value of each rival, seeds
/// 2, 3 and 4 decide; docs/claims.md says why.
/// </summary>
internal static partial class RivalClaims
{
    private const string Plain = "plain", Both = "+ar+tar", OwnOption = "c";
    private const int LastSeed = 4;
    private const double Comparable = -1; // per cent of the plain model's perplexity

    private static readonly Table table = KnownTables.Named("invasive");

    // A technique's name is what is left of its choices' names without their values, which stand from weak to strong.
    private static readonly IReadOnlyList<Rival> rivals = [.. table.Axes[0].Choices.Where(c => c.Name != Plain)
        .GroupBy(c => LettersOf().Match(c.Name).Value).Select(g => new Rival(g.Key, [.. g]))];

    private static readonly int[] deciding = [.. Enumerable.Range(2, LastSeed - 1)];

    private sealed record Rival(string Key, IReadOnlyList<Choice> Values);

    /// <summary>Claims 9a and 9b.</summary>
    public static IReadOnlyList<PaperClaim> All { get; } =
    [
        new()
        {
            Number = "9a",
            Statement = "AR + TAR are as good as more complicated techniques, or better",
            Test = "gain of AR + TAR minus each rival's, at the value that seed 1 chose; as good is within 1 %",
            Needs = [Chosen, new(table, [Plain, Plain + Both], []) { Seeds = LastSeed }],
            Next = evidence => Next(evidence, withBoth: false),
            Decide = evidence => Found(evidence, _ => Plain + Both,
                i => i.Low > 0 ? "superior" : i.Low > Comparable ? "comparable" : i.High < Comparable ? null : "undecided"),
        },
        new()
        {
            Number = "9b",
            Statement = "they can be combined with those techniques",
            Test = "gain of each rival with AR + TAR minus the rival's alone, at the value that seed 1 chose",
            Needs = [Chosen, new(table, [Plain], []) { Seeds = LastSeed }],
            Next = evidence => Next(evidence, withBoth: true),
            Decide = evidence => Found(evidence, rival => rival + Both,
                i => i.Low > 0 ? "held" : i.High < 0 ? null : "undecided"),
        },
    ];

    private static ClaimRuns Chosen => new(table, [.. rivals.SelectMany(r => r.Values).Select(v => v.Id)], []) { Seeds = 1 };

    // The rows that seed 1 chose, of those rivals of which it has all values.
    private static ClaimRuns[] Next(ClaimEvidence evidence, bool withBoth)
    {
        string[] rows = [.. rivals.Select(r => Best(evidence, r)).OfType<Choice>()
            .SelectMany(v => withBoth ? new[] { v.Id, v.Id + Both } : [v.Id])];
        return rows.Length == 0 ? [] : [new(table, rows, []) { Seeds = LastSeed }];
    }

    private static Choice? Best(ClaimEvidence evidence, Rival rival) =>
        rival.Values.All(v => evidence.Has(v.Id, 1)) ? rival.Values.MinBy(v => evidence.Valid(v.Id, 1)) : null;

    /// <summary>
    /// A verdict for each rival whose runs have all ended. The claim holds where it does for each of those that are somebody else's, and
    /// does not where it does not for one of them.
    /// </summary>
    /// <param name="evidence">The runs that have ended.</param>
    /// <param name="ours">The row whose gain stands against a rival's.</param>
    /// <param name="judge">The verdict in a word; null where the claim does not hold for the rival.</param>
    private static ClaimFinding Found(ClaimEvidence evidence, Func<string, string> ours, Func<MeanInterval, string?> judge)
    {
        var (columns, values, notes, words) = (new List<FigureColumn>(), new List<double[]>(), new List<string>(), new List<string?>());
        foreach (var rival in rivals)
        {
            if (Best(evidence, rival) is not { } best
                || !deciding.All(seed => evidence.Has(Plain, seed) && evidence.Has(best.Id, seed) && evidence.Has(ours(best.Id), seed)))
                continue;
            double Gain(string row, int seed) => evidence.Gain(row, Plain, seed);
            double[] figures = [.. deciding.Select(seed => Gain(ours(best.Id), seed) - Gain(best.Id, seed))];
            var interval = MeanInterval.Of(figures);
            var word = judge(interval);
            columns.Add(new(best.Id, best.Label, FigureKind.Percent));
            values.Add(figures);
            notes.Add($"{best.Label}: {word ?? "not held"}, {FigureColumn.Signed(interval.Mean, "F1")} % "
                + $"({FigureColumn.Signed(interval.Low, "F1")} to {FigureColumn.Signed(interval.High, "F1")})"
                + (best == rival.Values[0] ? "; the weakest of its values is the best, so it may be better still"
                    : best == rival.Values[^1] ? "; the strongest of its values is the best, so it may be better still" : "")
                + (rival.Key == OwnOption ? "; the paper's own option, it has no part in the verdict" : ""));
            if (rival.Key != OwnOption)
                words.Add(word);
        }
        var isWhole = words.Count == rivals.Count(r => r.Key != OwnOption);
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

    [GeneratedRegex("^[a-z]+")]
    private static partial Regex LettersOf();
}
