using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ArTar.Workbench.Output;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;

namespace ArTar.Workbench.Claims;

/// <summary>Verdicts for docs and scripts, with every run that they come from.</summary>
internal static class ClaimFormats
{
    private static readonly string[] csvColumns =
    [
        "claim", "statement", "verdict", "reason", "unit", "mean", "low", "high", "test_mean", "test_low", "test_high", "seed", "figures", "runs", "commands", "notes",
    ];

    /// <summary>Names of the summary's columns, for <see cref="Line"/>.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["no.", "the paper's claim", "verdict", "mean (95 % interval)", "test split", "runs"];

    /// <summary>A verdict in a line of cells.</summary>
    /// <param name="judged">The verdict.</param>
    public static IReadOnlyList<string> Line(ClaimVerdict judged) =>
    [
        judged.Claim.Number,
        judged.Claim.Statement,
        ClaimVerdict.Words(judged.Verdict) + (judged.Verdict == Verdict.NotRun ? $": {judged.Reason}" : ""),
        judged.Finding?.Summary ?? "",
        judged.Finding?.TestMean ?? "",
        judged.Completeness is { All: > 0 } c ? FormattableString.Invariant($"{c.Ended} of {c.All}") : "",
    ];

    /// <summary>
    /// The verdicts in Markdown: all of them in a table, then each with its figures by seed, the runs and the commands.
    /// </summary>
    /// <param name="verdicts">The verdicts.</param>
    /// <param name="title">Profile, seeds and data, in words.</param>
    /// <param name="runs">Where the runs' folders lie, to link to them; null for no links.</param>
    public static string Markdown(IReadOnlyList<ClaimVerdict> verdicts, string title, string? runs = null)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{title}.\n\n");
        Table(text, Columns, verdicts.Select(Line), words: 3);
        foreach (var judged in verdicts)
            Section(text, judged, runs);
        var circumstances = verdicts.SelectMany(v => v.Runs).DistinctBy(r => r.Run).Select(r => r.Summary?.Circumstances).OfType<RunEnvironment>()
            .CountBy(c => c.ToString()).ToList();
        if (circumstances.Count > 0)
            text.Append("\n### What was measured on\n\n").AppendJoin("", circumstances.Select(c => $"- {Count(c.Value, "run")}: {c.Key}\n"));
        return text.ToString();
    }

    private static void Section(StringBuilder text, ClaimVerdict judged, string? runs)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n### {judged.Claim.Number}. {Capitalised(judged.Claim.Statement)}: {ClaimVerdict.Words(judged.Verdict)}\n\n{Sentence(judged)}\n");
        if (judged.Finding is { } found)
        {
            text.Append('\n');
            Table(text, ["seed", .. found.Columns.Select(c => c.Title)],
                found.Seeds.Select(s => (IReadOnlyList<string>)[s.Seed.ToString(CultureInfo.InvariantCulture), .. found.Columns.Zip(s.Values, (c, v) => c.Text(v))]), words: 0);
        }
        if (judged.Notes.Count > 0)
            text.Append('\n').AppendJoin("", judged.Notes.Select(n => $"- {n}\n"));
        if (judged.Commands.Count > 0)
            text.Append("\n```bash\n").AppendJoin("", judged.Commands.Select(c => $"{c}\n")).Append("```\n");
        if (judged.Runs.Count == 0)
            return;
        text.Append(CultureInfo.InvariantCulture, $"\n<details><summary>{Count(judged.Completeness.All, "run")}</summary>\n\n");
        Table(text, ["row", "seed", "run", "status", "valid", "test"], judged.Runs.Select(r => (IReadOnlyList<string>)
        [
            r.Row, r.Seed.ToString(CultureInfo.InvariantCulture), runs is not null && r.HasEnded ? $"[`{r.Run}`]({runs}/{r.Run})" : $"`{r.Run}`", r.Status.Describe(), Perplexity(r, r.Summary?.ValidPerplexity), Perplexity(r, r.Summary?.TestPerplexity),
        ]), words: 4);
        text.Append("\n</details>\n");
    }

    /// <summary>The verdict in a sentence: figures and what decided, or why there is none.</summary>
    public static string Sentence(ClaimVerdict judged)
    {
        var test = Capitalised(judged.Claim.Test);
        if (judged.Finding is not { } found)
            return $"{test}: {ClaimVerdict.Words(judged.Verdict)}, {judged.Reason}".TrimEnd('.') + ".";
        var decided = found.Interval is null ? found.Direction
            : string.Create(CultureInfo.InvariantCulture, $"{found.Summary}, 95 % interval over {found.Seeds.Count} seeds ({MeanInterval.Quantile(found.Seeds.Count - 1):F2} standard errors to each side); {found.Direction}");
        return $"{test}: {decided}." + (found.TestSummary.Length > 0 ? $" On the test split, which decides nothing: {found.TestSummary}." : "");
    }

    /// <summary>Comma-separated values: a line for each claim and seed, in full precision; a claim without figures has one line.</summary>
    public static string Csv(IReadOnlyList<ClaimVerdict> verdicts)
    {
        var text = new StringBuilder(Workbench.Csv.Line(csvColumns));
        foreach (var judged in verdicts)
        {
            string[] Fields(string seed, string figures, IEnumerable<string> runs) =>
            [
                judged.Claim.Number, judged.Claim.Statement, ClaimVerdict.Words(judged.Verdict), judged.Reason, judged.Finding?.Unit ?? "",
                .. Ends(judged.Finding?.Interval), .. Ends(judged.Finding?.TestInterval),
                seed, figures, string.Join(' ', runs), string.Join("; ", judged.Commands), string.Join("; ", judged.Notes),
            ];
            if (judged.Finding is not { } found)
                text.Append(Workbench.Csv.Line(Fields("", "", judged.Runs.Select(r => r.Run).Distinct())));
            else
                foreach (var seed in found.Seeds)
                    text.Append(Workbench.Csv.Line(Fields(seed.Seed.ToString(CultureInfo.InvariantCulture), string.Join(' ', found.Columns.Zip(seed.Values, (c, v) => $"{c.Key}={Number(v)}")), seed.Runs)));
        }
        return text.ToString();
    }

    /// <summary>One JSON object: profile, seeds, and <c>claims</c> with figures, runs and commands.</summary>
    /// <param name="verdicts">The verdicts.</param>
    /// <param name="profile">The scale.</param>
    /// <param name="seeds">Seeds of each row.</param>
    public static string ToJson(IReadOnlyList<ClaimVerdict> verdicts, string profile, int seeds) => new JsonObject
    {
        ["profile"] = profile,
        ["seeds"] = seeds,
        ["claims"] = new JsonArray([.. verdicts.Select(Record)]),
    }.ToJsonString(Json.Indented) + "\n";

    private static JsonObject Record(ClaimVerdict judged)
    {
        static JsonNode? Ends(MeanInterval? interval) => interval is { } i ? new JsonObject { ["mean"] = i.Mean, ["low"] = i.Low, ["high"] = i.High } : null;
        static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(t => (JsonNode)t)];
        return new()
        {
            ["claim"] = judged.Claim.Number,
            ["statement"] = judged.Claim.Statement,
            ["test"] = judged.Claim.Test,
            ["verdict"] = ClaimVerdict.Words(judged.Verdict),
            ["reason"] = judged.Reason,
            ["direction"] = judged.Finding?.Direction,
            ["unit"] = judged.Finding?.Unit,
            ["interval"] = Ends(judged.Finding?.Interval),
            ["test_interval"] = Ends(judged.Finding?.TestInterval),
            ["seeds"] = new JsonArray([.. (judged.Finding?.Seeds ?? []).Select(s => new JsonObject
            {
                ["seed"] = s.Seed,
                ["figures"] = new JsonObject(judged.Finding!.Columns.Zip(s.Values, (c, v) => KeyValuePair.Create(c.Key, (JsonNode?)v))),
                ["runs"] = Texts(s.Runs),
            })]),
            ["runs"] = new JsonArray([.. judged.Runs.Select(r => new JsonObject
            {
                ["row"] = r.Row,
                ["seed"] = r.Seed,
                ["run"] = r.Run,
                ["status"] = r.Status.Describe(),
                ["valid_perplexity"] = r.Status == RunStatus.Finished ? r.Summary?.ValidPerplexity : null,
                ["test_perplexity"] = r.Status == RunStatus.Finished ? r.Summary?.TestPerplexity : null,
                ["parameters"] = r.Parameters,
            })]),
            ["commands"] = Texts(judged.Commands),
            ["missing"] = Texts(judged.Missing),
            ["notes"] = Texts(judged.Notes),
        };
    }

    private static void Table(StringBuilder text, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> lines, int words)
    {
        void Add(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells.Select(c => c.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
        Add(columns);
        Add(columns.Select((_, i) => i < words ? "---" : "---:"));
        foreach (var line in lines)
            Add(line);
    }

    private static string Perplexity(ClaimRun run, double? value) =>
        run.Status == RunStatus.Finished && value is { } v ? Printed.Perplexity(v) : "";

    private static string[] Ends(MeanInterval? interval) => interval is { } i ? [Number(i.Mean), Number(i.Low), Number(i.High)] : ["", "", ""];

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Capitalised(string text) => $"{char.ToUpperInvariant(text[0])}{text[1..]}";

    private static string Count(int count, string what) => FormattableString.Invariant($"{count} {what}{(count == 1 ? "" : "s")}");
}
