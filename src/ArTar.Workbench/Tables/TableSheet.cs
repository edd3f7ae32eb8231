using ArTar.Workbench.Output;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Tables;

/// <summary>What people read of a table, whatever it is printed on: columns, rows and the legend below them.</summary>
internal static class TableSheet
{
    /// <summary>The columns, whatever the table.</summary>
    public static IReadOnlyList<Column> Columns { get; } =
    [
        new("row", Words: true),
        new("params", Priority: 2),
        new("valid") { Best = -1 },
        new("test") { Best = -1 },
        new("gain", Priority: 1) { Best = 1 },
        new("gain %", Priority: 3) { Key = "gain_percent", Best = 1 },
        new("train", Priority: 4),
        new("time", Priority: 5),
        new("tokens/s", Priority: 7) { Key = "tokens_per_second" },
        new("paper", Priority: 6),
        new("remarks", Words: true),
    ];

    // A longer table's labels say which row has what; a list of thirty values says it to nobody.
    private const int RowsToSpellOut = 8;

    /// <summary>The measured rows, then the cited ones.</summary>
    public static Sheet Of(TableReport report)
    {
        var plan = report.Plan;
        return new(Columns,
            [.. report.Rows.Select(r => Measured(r, report.Paper.GetValueOrDefault(r.Row.Id))), .. plan.Table.Cited.Select(Cited)])
        {
            Title = plan.Table.Name,
            Subtitle = $"profile {plan.Profile.Name}, on {plan.Corpus.Title}",
            Notes = Legend(report),
        };
    }

    private static SheetRow Measured(ReportRow row, PaperCell? paper) => new(
    [
        row.Row.Label,
        Printed.Millions(row.Parameters),
        Figure(row.Valid),
        Figure(row.Test),
        Figure(row.Gain, signed: true),
        Figure(row.GainPercent, signed: true),
        Figure(row.Train),
        row.Seconds is { } seconds ? Printed.Duration(seconds.Mean) : "",
        row.TokensPerSecond is { } speed ? Printed.Count(speed.Mean) : "",
        new(paper?.ToString() ?? "") { IsMuted = true },
        string.Join(", ", ((string[])[row.Remark, row.IsFusible ? "" : "not fused"]).Where(r => r.Length > 0)),
    ]);

    private static SheetRow Cited(CitedRow row, int index) =>
        new([$"cited: {row.Label}", row.Parameters, row.Valid, row.Test, "", "", "", "", "", "", ""],
            Tone.Muted) { BeginsPart = index == 0 };

    private static Cell Figure(MeanDeviation? figure, bool signed = false) =>
        Cell.Figure(figure?.Mean, figure is { Count: > 1 } f ? f.Deviation : null, signed);

    /// <summary>What the figures mean and what they depend on, a line each.</summary>
    public static IReadOnlyList<string> Legend(TableReport report)
    {
        var plan = report.Plan;
        var corpus = plan.Corpus;
        var shared = report.SharedValues;
        // A profile that holds the same value as the recipe holds the recipe's assumption.
        var guessed = shared.Where(s => HyperParameter.Get(s.Key) is { IsAssumed: true } p && p.Default == s.Value)
            .Select(s => s.ToString());
        var seeds = plan.Seeds.Count == 1 ? "seed 1" : $"{plan.Seeds.Count} seeds, mean ± standard deviation";
        var lines = new List<string>();
        if (report.BestPossible is { } best)
            lines.Add($"best possible (ideal model): valid {Printed.Perplexity(best.Valid)}, test {Printed.Perplexity(best.Test)}");
        lines.Add("perplexities, lower is better; gain: valid below the baseline's, seed by seed; train: last epoch"
            + (report.Paper.Count > 0 ? $"; paper: its own valid / test, from {PaperCells.File}" : ""));
        lines.Add($"data: {corpus.Title}, hash {corpus.Hash[..12]}; tokens {Printed.Count(corpus.TrainTokens)} train, "
            + $"{Printed.Count(corpus.ValidTokens)} valid, "
            + $"{Printed.Count(corpus.TestTokens)} test; vocabulary {Printed.Count(corpus.VocabularySize)}");
        lines.Add($"profile {plan.Profile.Name}; {seeds}; all rows: {string.Join(' ', shared)}");
        if (report.DifferingValues is { Count: > 0 } differing)
            lines.Add(plan.Rows.Count <= RowsToSpellOut
                ? $"row by row: {string.Join(' ', differing.Select(v => $"{v.Key}={string.Join(',', v.ByRow)}"))}"
                : $"rows differ in: {string.Join(' ', differing.Select(v => $"{v.Key}={string.Join('|', v.ByRow.Distinct())}"))}");
        if (!report.Rows.All(r => r.IsFusible))
            lines.Add("not fused: acts between two steps within the cell, so that no fused layer, such as cuDNN's, can compute the row");
        if (plan.Settings.Count > 0)
            lines.Add($"set by hand: {string.Join(' ', plan.Settings)}");
        var assumptions = guessed.Prepend(plan.Table.Assumed).Where(a => a.Length > 0);
        lines.Add($"assumed, as these digits are not legible in the text of the paper that we have: {string.Join(", ", assumptions)}");
        lines.AddRange(report.Circumstances.Select(c => $"measured on {c}"));
        return lines;
    }
}
