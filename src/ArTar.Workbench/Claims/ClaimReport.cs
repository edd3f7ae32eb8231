using ArTar.Workbench.Output;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;

namespace ArTar.Workbench.Claims;

/// <summary>Verdicts for people and scripts, with every run that they come from.</summary>
/// <param name="Profile">The scale.</param>
/// <param name="Seeds">Seeds of each row.</param>
/// <param name="Data">The data set where the user chose one.</param>
/// <param name="Verdicts">The verdicts.</param>
internal sealed record ClaimReport(string Profile, int Seeds, string? Data, IReadOnlyList<ClaimVerdict> Verdicts)
{
    private static readonly Column[] columns =
    [
        new("no.", Words: true) { Key = "number" }, new("the paper's claim", Words: true) { Key = "claim" }, new("verdict", Words: true),
        new("mean (95 % interval)") { Key = "interval" },
        new("test split", Priority: 2) { Key = "test" }, new("runs", Priority: 1),
    ];

    private string Scale => $"profile {Profile}, seeds 1 to {Seeds}{(Data is null ? "" : $", data {Path.GetFileName(Data)}")}";

    /// <summary>The verdicts in all formats.</summary>
    public Report Report => new(Sheet, new ClaimDocument(Profile, Seeds, [.. Verdicts.Select(ClaimRecord.Of)]),
        Records.ToCsv(Verdicts.SelectMany(ClaimLine.Of)));

    // Verdicts by an interval, and whether each stands once all that are planned are taken together, those without runs included.
    private List<(ClaimVerdict Judged, bool Stands)> Judged()
    {
        var judged = Verdicts.Where(v => v.Finding?.Interval is not null).ToList();
        return [.. judged.Zip(MeanInterval.Holm([.. judged.Select(v => v.Finding!.Interval!.Value)], Planned))];
    }

    private int Planned => Verdicts.Count(v => v.Claim.IsByInterval);

    // What several verdicts side by side say together. Those that seeds are counted for have no interval and take no part.
    private string? Together
    {
        get
        {
            var judged = Judged();
            var all = Math.Max(judged.Count, Planned);
            if (all < 2 || judged.TrueForAll(j => j.Judged.Verdict == Verdict.Undecided))
                return null;
            string Numbers(bool does) => string.Join(", ", judged.Where(j => j.Judged.Verdict != Verdict.Undecided && j.Stands == does)
                .Select(j => j.Judged.Claim.Number));
            return string.Create(CultureInfo.InvariantCulture, $"{(judged.Count < all ? $"{judged.Count} of " : "")}{all} intervals stand ")
                + $"here side by side, each at 95 %; taken together {(judged.Count < all ? "with those to come " : "")}(Holm's "
                + $"correction) these verdicts stand: {(Numbers(true) is { Length: > 0 } yes ? yes : "none")}"
                + $"{(Numbers(false) is { Length: > 0 } no ? $"; these would not: {no}" : "")}";
        }
    }

    /// <summary>The verdicts that a table decides, a line each.</summary>
    public IReadOnlyList<string> Of(Table table)
    {
        // A table does not decide a claim for which its rows were changed.
        bool Decides(PaperClaim claim) => claim.Beside is { } beside ? beside == table.Id
            : claim.Needs.Any(n => n.Table.Id == table.Id && n.Settings.Count == 0 && !n.ForComparison);
        var stands = Judged().ToDictionary(j => j.Judged, j => j.Stands);
        // Of a claim that is decided in parts it is told which are there.
        return [.. Verdicts.Where(v => (v.Finding is not null || v.Claim.Next is not null) && Decides(v.Claim)).Select(v =>
            $"Claim {v.Claim.Number}, {v.Claim.Statement}: {ClaimVerdict.Words(v.Verdict)}. {v.Finding?.Summary ?? v.Reason}"
            + (v.Verdict != Verdict.Undecided && stands.TryGetValue(v, out var stays) && !stays
                ? "; not beyond chance once all verdicts are taken together" : ""))];
    }

    /// <summary>A row for each claim.</summary>
    public Sheet Sheet => new(columns, [.. Verdicts.Select(judged => new SheetRow(
        [
            judged.Claim.Number,
            judged.Claim.Statement,
            ClaimVerdict.Words(judged.Verdict) + (judged.Verdict == Verdict.NotRun ? $": {judged.Reason}" : ""),
            judged.Finding?.Summary ?? "",
            judged.Finding?.TestMean ?? "",
            judged.Completeness is { All: > 0 } c ? FormattableString.Invariant($"{c.Ended} of {c.All}") : "",
        ], judged.Finding is null ? Tone.Muted : Tone.Plain))])
    {
        Title = "The paper's claims",
        Subtitle = Scale,
        Notes = Together is { } together ? [together] : [],
    };

    /// <summary>The verdicts as a page: all of them in a table, then each with its figures by seed, the commands and the runs.</summary>
    /// <param name="runs">Where the runs' folders lie, to link to them; null for no links.</param>
    public string Markdown(string? runs = null) => Output.Markdown.Of(Sheet.WithoutEmptyColumns()) + Details(runs);

    /// <summary>The table of verdicts alone, for a page that says where the rest stands.</summary>
    /// <param name="list">Where the figures and runs of each claim stand.</param>
    public string Brief(string list) => Output.Markdown.Of(Sheet.WithoutEmptyColumns())
        + $"\nFigures by seed, runs and commands of each claim: [{Path.GetFileName(list)}]({list}).\n";

    /// <summary>What stands below the table of all verdicts.</summary>
    public string Details(string? runs = null)
    {
        var text = new StringBuilder();
        foreach (var judged in Verdicts)
            Section(text, judged, runs);
        var circumstances = Verdicts.SelectMany(v => v.Runs).DistinctBy(r => r.Run).Select(r => r.Summary?.Circumstances)
            .OfType<RunEnvironment>()
            .CountBy(c => c.ToString()).ToList();
        if (circumstances.Count > 0)
            text.Append("\n### What was measured on\n\n")
                .AppendJoin("", circumstances.Select(c => $"- {Printed.Count(c.Value, "run")}: {Output.Markdown.Escaped(c.Key)}\n"));
        return text.ToString();
    }

    private static void Section(StringBuilder text, ClaimVerdict judged, string? runs)
    {
        text.Append(CultureInfo.InvariantCulture,
            $"\n### {judged.Claim.Number}. {Capitalised(judged.Claim.Statement)}: "
                + $"{ClaimVerdict.Words(judged.Verdict)}\n\n{Sentence(judged)}\n");
        if (judged.Finding is { } found)
            text.Append('\n').Append(Output.Markdown.Table(Sheet.Of(
                [new("seed"), .. found.Columns.Select(c => new Column(c.Title))],
                found.Seeds.Select(s => (IReadOnlyList<Cell>)[s.Seed, .. found.Columns.Zip(s.Values, (c, v) => (Cell)c.Text(v))]))));
        if (judged.Notes.Count > 0)
            text.Append('\n').AppendJoin("", judged.Notes.Select(n => $"- {Output.Markdown.Escaped(n)}\n"));
        if (judged.Commands.Count > 0)
            text.Append('\n').Append(Output.Markdown.Code("bash", judged.Commands));
        if (judged.Runs.Count == 0)
            return;
        text.Append(CultureInfo.InvariantCulture, $"\n<details><summary>{Printed.Count(judged.Completeness.All, "run")}</summary>\n\n");
        text.Append(Output.Markdown.Table(Sheet.Of(
            [new("row", Words: true), new("seed", Words: true), new("run", Words: true) { IsCode = true }, new("status", Words: true),
                new("valid"), new("test")],
            judged.Runs.Select(r => (IReadOnlyList<Cell>)
            [
                r.Row.Id, r.Seed, new(r.Run) { Link = runs is not null && r.HasEnded ? $"{runs}/{r.Run}" : null }, r.Status.Describe(),
                Printed.Perplexity(r.ValidPerplexity), Printed.Perplexity(r.TestPerplexity),
            ]))));
        text.Append("\n</details>\n");
    }

    /// <summary>The verdict in a sentence: figures and what decided, or why there is none.</summary>
    public static string Sentence(ClaimVerdict judged)
    {
        var test = Capitalised(judged.Claim.Test);
        if (judged.Finding is not { } found)
            return $"{test}: {ClaimVerdict.Words(judged.Verdict)}, {Output.Markdown.Escaped(judged.Reason)}".TrimEnd('.') + ".";
        var decided = found.Interval is null ? found.Direction
            : string.Create(CultureInfo.InvariantCulture,
                $"{found.Summary}, 95 % interval over {found.Seeds.Count} seeds ({MeanInterval.Quantile(found.Seeds.Count - 1):F2} "
                    + $"standard errors to each side); {found.Direction}");
        return $"{test}: {decided}."
            + (found.TestSummary.Length > 0 ? $" On the test split, which decides nothing: {found.TestSummary}." : "");
    }

    private static string Capitalised(string text) => $"{char.ToUpperInvariant(text[0])}{text[1..]}";
}
