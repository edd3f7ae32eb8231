using Microsoft.Data.Analysis;

namespace ArTar.Workbench.Tables;

/// <summary>
/// A table as a data frame, for questions of one's own. What was measured, what is cited and what a reader has filled
/// in of the paper are rows of their own, told apart by the column <c>source</c>; a figure that is not known is null, never 0.
/// </summary>
public static class TableFrame
{
    /// <summary>What the column <c>source</c> says of a row that was trained here.</summary>
    public const string Measured = "measured";

    /// <summary>What it says of the paper's own figures for that row, which a reader has filled in.</summary>
    public const string Paper = "paper";

    /// <summary>What it says of another publication's row.</summary>
    public const string Cited = "cited";

    /// <summary>
    /// The frame: <c>row</c> and <c>source</c>, then figures, all of them doubles because whole numbers overflow silently in
    /// sums. Parameters are in millions, perplexities are means over seeds, <c>± valid</c> and <c>± test</c> the standard
    /// deviations (null for one seed), gains are against the row's baseline on the validation split.
    /// </summary>
    public static DataFrame Of(TableReport report)
    {
        var lines = new List<(string Row, string Source, double?[] Figures, string Remark)>();
        foreach (var row in report.Rows)
        {
            lines.Add((row.Row.Label, Measured,
                [
                    row.Parameters / 1e6, row.Valid?.Mean, Deviation(row.Valid), row.Test?.Mean, Deviation(row.Test), row.Train?.Mean,
                    row.Gain?.Mean, row.GainPercent?.Mean, row.Valid?.Count ?? 0, row.Seconds?.Mean,
                ], row.Remark));
            if (report.Paper.GetValueOrDefault(row.Row.Id) is { } paper)
                lines.Add((row.Row.Label, Paper, [null, paper.Valid, null, paper.Test, null, null, null, null, null, null], ""));
        }
        foreach (var cited in report.Plan.Table.Cited)
        {
            var (valid, test) = (Published(cited.Valid), Published(cited.Test));
            lines.Add((cited.Label, Cited,
                [CitedRow.Count(cited.Parameters) / 1e6, valid.Mean, valid.Deviation, test.Mean, test.Deviation, null, null, null,
                    null, null], ""));
        }
        return new(
        [
            new StringDataFrameColumn("row", lines.Select(l => l.Row)),
            new StringDataFrameColumn("source", lines.Select(l => l.Source)),
            .. figures.Select((name, i) => (DataFrameColumn)new DoubleDataFrameColumn(name, lines.Select(l => l.Figures[i]))),
            new StringDataFrameColumn("remark", lines.Select(l => l.Remark)),
        ]);
    }

    private static readonly string[] figures =
        ["parameters (M)", "valid", "± valid", "test", "± test", "train", "gain", "gain %", "seeds", "seconds"];

    private static double? Deviation(MeanDeviation? measure) => measure is { Count: > 1 } m ? m.Deviation : null;

    /// <summary>Reads <c>81.9 ± 0.2</c>, <c>81.9</c> or <c>-</c>.</summary>
    private static (double? Mean, double? Deviation) Published(string figure)
    {
        double? Part(string text) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
        var parts = figure.Split('±', StringSplitOptions.TrimEntries);
        return (Part(parts[0]), parts.Length > 1 ? Part(parts[1]) : null);
    }
}
