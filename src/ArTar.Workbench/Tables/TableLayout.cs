using System.Globalization;
using ArTar.Workbench.Data;
using ArTar.Workbench.Output;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Tables;

/// <summary>A line of a table as text, one cell for each of <see cref="TableLayout.Columns"/>.</summary>
/// <param name="Cited">True for a figure of another publication, false for one that was measured here.</param>
/// <param name="Cells">The cells; empty where there is nothing to say.</param>
internal sealed record TableLine(bool Cited, IReadOnlyList<string> Cells);

/// <summary>What people read of a table, whatever it is printed on: columns, lines and the legend below them.</summary>
internal static class TableLayout
{
    /// <summary>Stands where the paper has a figure that our copy of it does not show.</summary>
    public const string Lost = "lost";

    /// <summary>Names of the columns. The first and the last hold words, the others figures.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["row", "params", "valid", "test", "gain", "gain %", "train", "time", "tokens/s", "paper", "remarks"];

    // A longer table's labels say which row has what; a list of thirty values says it to nobody.
    private const int RowsToSpellOut = 8;

    /// <summary>The measured lines, then the cited ones.</summary>
    public static IReadOnlyList<TableLine> Lines(TableReport report) =>
        [.. report.Rows.Select(r => Measured(r, report.Plan.Table.IsOfPaper)), .. report.Plan.Table.Cited.Select(Cited)];

    private static TableLine Measured(ReportRow row, bool isOfPaper) => new(false,
    [
        row.Row.Label,
        Printed.Millions(row.Parameters),
        $"{row.Valid}",
        $"{row.Test}",
        Signed(row.Gain),
        Signed(row.GainPercent),
        $"{row.Train}",
        row.Seconds is { } seconds ? Printed.Duration(seconds.Mean) : "",
        row.TokensPerSecond is { } speed ? speed.Mean.ToString("N0", CultureInfo.InvariantCulture) : "",
        isOfPaper ? Lost : "",
        row.Remark,
    ]);

    private static TableLine Cited(CitedRow row) => new(true, [row.Label, row.Parameters, row.Valid, row.Test, "", "", "", "", "", "", "cited"]);

    /// <summary>What the figures mean and what they depend on, a line each.</summary>
    public static IReadOnlyList<string> Legend(TableReport report)
    {
        var plan = report.Plan;
        var corpus = plan.Corpus;
        var shared = report.SharedValues;
        // A profile that holds the same value as the recipe holds the recipe's assumption.
        var guessed = shared.Where(s => HyperParameter.Get(s.Key) is { IsAssumed: true } p && p.Default == s.Value).Select(s => s.ToString());
        var seeds = plan.Seeds.Count == 1 ? "seed 1" : $"{plan.Seeds.Count} seeds, mean ± standard deviation";
        var lines = new List<string>();
        if (report.BestPossible is { } best)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"best possible (ideal model): valid {best.Valid:F2}, test {best.Test:F2}"));
        lines.Add("perplexities, lower is better; gain: valid below the baseline's, seed by seed; train: last epoch" + (plan.Table.IsOfPaper ? "; paper's own cells are lost in our copy" : ""));
        lines.Add($"data: {corpus.Title}, hash {corpus.Hash[..12]}; tokens {Printed.Count(corpus.TrainTokens)} train, {Printed.Count(corpus.ValidTokens)} valid, {Printed.Count(corpus.TestTokens)} test; vocabulary {Printed.Count(corpus.VocabularySize)}");
        lines.Add($"profile {plan.Profile.Name}; {seeds}; all rows: {string.Join(' ', shared)}");
        if (report.DifferingValues is { Count: > 0 } differing)
            lines.Add(plan.Rows.Count <= RowsToSpellOut
                ? $"row by row: {string.Join(' ', differing.Select(v => $"{v.Key}={string.Join(',', v.ByRow)}"))}"
                : $"rows differ in: {string.Join(' ', differing.Select(v => $"{v.Key}={string.Join('|', v.ByRow.Distinct())}"))}");
        if (plan.Settings.Count > 0)
            lines.Add($"set by hand: {string.Join(' ', plan.Settings)}");
        var assumptions = guessed.Prepend(plan.Table.Assumed).Where(a => a.Length > 0);
        lines.Add($"assumed, the paper's digits are lost: {string.Join(", ", assumptions)}");
        lines.AddRange(report.Circumstances.Select(c => $"measured on {c}"));
        return lines;
    }

    private static string Signed(MeanDeviation? measure) => measure is not { } m ? "" : (m.Mean >= 0 ? "+" : "") + m;
}
