using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using Plotly.NET;

namespace ArTar.Workbench.Figures;

/// <summary>
/// Draws a table: perplexity over the coefficient for an ablation, a map where the rows are pairs of choices, a dot for each row otherwise.
/// </summary>
public static class TableFigure
{
    /// <summary>The chart of a report; rows without a result yet are left out.</summary>
    public static GenericChart Of(TableReport report)
    {
        var (table, subtitle) = (report.Plan.Table, report.Conditions + "; lower is better");
        var floor = report.BestPossible is null ? ""
            : " The dash-dotted line is a model that knows the generated language perfectly: nothing lies below it but by chance.";
        if (table.Ablation is { Parameter: { } parameter } axis)
            return Plot.Of(table.Name, subtitle,
                parameter.IsCoefficient ? $"{parameter.Key}, the {parameter.Meaning}" : Plot.Plain(axis.Title), "perplexity",
                Curves(report, axis),
                caption: (report.Rows.Any(r => r.Row.Baseline is not null)
                    ? $"Where the validation curve lies below the dotted line, the {(parameter.IsCoefficient ? "coefficient" : "value")} "
                        + "helped; it is" : "The best value is")
                    + $" chosen by validation, and the test curve shows whether the choice holds.{floor}");
        if (table.Map is { } map)
            return PerplexityMap.Of(table.Name, subtitle, Plot.Plain(string.Join(", ", map.X.Select(at => table.Axes[at].Title))),
                table.Axes[map.Y].Parameter is null ? "" : Plot.Plain(table.Axes[map.Y].Title),
                Cells(report, map), map.Caption + floor);
        return Plot.Of(table.Name, subtitle, "perplexity", "", Dots(report),
            height: 220 + 34 * (report.Rows.Count(r => r.Valid is not null) + CitedHere(report).Count), yAxis: new { type = "category" },
            caption: "Further to the left is better."
                + (CitedHere(report).Count > 0 ? " Open grey marks are cited from other publications." : "") + floor);
    }

    /// <summary>
    /// The cells of a map in the order of the table's axes, whatever the order of its rows; a cell without a row stays empty.
    /// </summary>
    private static IEnumerable<(string X, string Y, MeanDeviation? Valid, string Remark)> Cells(TableReport report, TableMap map)
    {
        var axes = report.Plan.Table.Axes;
        // A number stands on the axis as such, a choice with its label where it has one.
        string Name(ReportRow row, int axis) => axes[axis].Parameter is { IsNumber: true } || row.Row.Choices[axis].Label.Length == 0
            ? row.Row.Choices[axis].Name : row.Row.Choices[axis].Label;
        string X(ReportRow row) => string.Join(", ", map.X.Select(at => Name(row, at)));
        int Place(ReportRow row, int axis) => axes[axis].Choices.ToList().IndexOf(row.Row.Choices[axis]);
        var columns = report.Rows.OrderBy(r => map.X.Aggregate(0, (place, at) => place * axes[at].Choices.Count + Place(r, at))).Select(X)
            .Distinct().ToList();
        var rows = report.Rows.OrderBy(r => Place(r, map.Y)).Select(r => Name(r, map.Y)).Distinct().ToList();
        var found = report.Rows.ToDictionary(r => (X(r), Name(r, map.Y)));
        return from y in rows from x in columns let row = found.GetValueOrDefault((x, y)) select (x, y, row?.Valid, row?.Remark ?? "");
    }

    private static IEnumerable<object?> Curves(TableReport report, Axis axis)
    {
        // The rows of a search stand in any order.
        var rows = report.Rows.Where(r => r.Valid is not null).Select(r => (X: r.Row.Choices[0].Number, Report: r)).OrderBy(r => r.X)
            .ToList();
        if (rows.Count == 0)
            yield break;
        double[] xs = [.. rows.Select(r => r.X)], ends = [xs[0], xs[^1]];
        object Curve(string name, Func<ReportRow, MeanDeviation> figure, int colour, string symbol) => new
        {
            type = "scatter",
            mode = "lines+markers",
            name,
            x = xs,
            y = rows.Select(r => figure(r.Report).Mean).ToArray(),
            error_y = Plot.Errors(rows.Select(r => figure(r.Report))),
            line = new { color = Plot.Palette[colour] },
            marker = new { color = Plot.Palette[colour], symbol, size = 9 },
        };
        yield return Curve("validation", r => r.Valid!.Value, 0, "circle");
        yield return Curve("test", r => r.Test!.Value, 1, "diamond");
        // What gains are measured against; a search has nothing of the kind, but a coefficient of 0 is no penalty.
        bool IsBaseline(Row row) =>
            rows.Exists(other => other.Report.Row.Baseline?.Id == row.Id) || axis.Parameter!.IsCoefficient && row.Choices[0].Number == 0;
        if (rows.FirstOrDefault(r => IsBaseline(r.Report.Row)) is { Report: { } baseline })
            yield return Plot.Reference($"validation at {axis.Name} = {baseline.Row.Choices[0].Name}", ends, baseline.Valid!.Value.Mean);
        if (report.BestPossible is { } ideal)
            yield return Plot.Reference("ideal model, validation", ends, ideal.Valid, Plot.Floor);
    }

    private static IEnumerable<object?> Dots(TableReport report)
    {
        // Plotly draws categories from the bottom up, in the order in which it meets them.
        var rows = report.Rows.Where(r => r.Valid is not null).Reverse().ToList();
        var cited = CitedHere(report).Reverse().ToList();
        object? Cited(string name, Func<CitedRow, string> figure, string symbol)
        {
            var given = cited.Where(c => CitedRow.Figure(figure(c)) is not null).ToList();
            return given.Count == 0 ? null : new
            {
                type = "scatter",
                mode = "markers",
                name,
                x = given.Select(c => CitedRow.Figure(figure(c))!.Value).ToArray(),
                y = given.Select(Label).ToArray(),
                marker = new { color = Plot.Given, symbol, size = 9 },
            };
        }
        object? Measured(string name, Func<ReportRow, MeanDeviation> figure, int colour, string symbol) => rows.Count == 0 ? null : new
        {
            type = "scatter",
            mode = "markers",
            name,
            x = rows.Select(r => figure(r).Mean).ToArray(),
            y = rows.Select(r => r.Row.Label).ToArray(),
            error_x = Plot.Errors(rows.Select(figure)),
            marker = new { color = Plot.Palette[colour], symbol, size = 11 },
        };

        var seeds = rows.Where(r => r.Valid!.Value.Count > 1)
            .SelectMany(r => r.Runs.Where(run => run.Status == RunStatus.Finished).Select(run => run.Summary!.ValidPerplexity!.Value)
                .Select(valid => (r.Row.Label, Valid: valid))).ToList();

        string[] order = [.. rows.Select(r => r.Row.Label), .. cited.Select(Label)];
        yield return new { type = "scatter", mode = "markers", showlegend = false, hoverinfo = "skip", x = new double?[order.Length],
            y = order };
        yield return Cited("validation, cited", c => c.Valid, "circle-open");
        yield return Cited("test, cited", c => c.Test, "diamond-open");
        if (seeds.Count > 0)
            yield return new
            {
                type = "scatter",
                mode = "markers",
                name = "each seed, validation",
                x = seeds.Select(s => s.Valid).ToArray(),
                y = seeds.Select(s => s.Label).ToArray(),
                marker = new { color = Plot.Palette[0], symbol = "line-ns-open", size = 9 },
            };
        yield return Measured("validation, measured", r => r.Valid!.Value, 0, "circle");
        yield return Measured("test, measured", r => r.Test!.Value, 1, "diamond");
        if (report.BestPossible is { } ideal && rows.Count > 0)
            yield return new
            {
                type = "scatter",
                mode = "lines+markers", // markers, though unseen, keep the axis away from the line
                marker = new { size = 12, color = "rgba(0, 0, 0, 0)" },
                name = "ideal model, validation",
                x = new[] { ideal.Valid, ideal.Valid },
                y = new[] { rows[0].Row.Label, rows[^1].Row.Label },
                line = new { color = Plot.Given, dash = Plot.Floor },
            };
    }

    /// <summary>The cited rows, unless the report is on another corpus: those perplexities do not belong on one axis.</summary>
    private static IReadOnlyList<CitedRow> CitedHere(TableReport report) =>
        report.Plan.Corpus.Name == report.Plan.Table.Data ? report.Plan.Table.Cited : [];

    private static string Label(CitedRow row) => row.Parameters == "-" ? row.Label : $"{row.Label}, {row.Parameters}";
}
