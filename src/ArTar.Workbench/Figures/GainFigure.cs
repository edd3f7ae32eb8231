using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;
using Plotly.NET;

namespace ArTar.Workbench.Figures;

/// <summary>Draws what the rows of a table gain over their baselines while something grows: the model, or the training text.</summary>
public static class GainFigure
{
    /// <summary>
    /// Gain of each row that has a baseline, with its seeds; null for a table that says of nothing that it grows, or with fewer than two
    /// such rows.
    /// </summary>
    public static GenericChart? Of(TableReport report)
    {
        var plan = report.Plan;
        if (plan.Table.GainOver is not { } over)
            return null;
        var points = report.Rows.Where(r => r.GainPercent is not null).Select(r => (X: Value(plan, r, over), Report: r)).OrderBy(p => p.X)
            .ToList();
        if (points.Count < 2)
            return null;
        double[] xs = [.. points.Select(p => p.X)];
        var gains = points.Select(p => p.Report.GainPercent!.Value).ToList();
        var seeds = points.SelectMany(p => p.Report.Gains.OfType<SeedGain>().Select(g => (p.X, g.Percent))).ToList();
        object?[] traces =
        [
            Plot.Reference("no gain", [xs[0], xs[^1]], 0),
            seeds.Count == points.Count ? null : new
            {
                type = "scatter", mode = "markers", name = "each seed", x = seeds.Select(s => s.X).ToArray(),
                y = seeds.Select(s => s.Percent).ToArray(),
                marker = new { color = Plot.Palette[0], symbol = "circle-open", size = 7 },
            },
            new
            {
                type = "scatter", mode = "lines+markers", name = seeds.Count == points.Count ? "gain" : "mean ± standard deviation",
                x = xs, y = gains.Select(g => g.Mean).ToArray(),
                error_y = Plot.Errors(gains),
                line = new { color = Plot.Palette[0] }, marker = new { color = Plot.Palette[0], symbol = "diamond", size = 9 },
            },
        ];
        var ofParameters = over == Table.Parameters;
        var isLogarithmic = xs[0] > 0; // they are sorted
        return Plot.Of(plan.Table.IsOfPaper ? $"{plan.Table.Name}: the gain" : plan.Table.Title, plan.Circumstances,
            (ofParameters ? "parameters, in millions" : HyperParameter.Get(over).Title) + (isLogarithmic ? " (logarithmic)" : ""),
            "gain in validation perplexity, %", traces, logX: isLogarithmic,
            xAxis: new { tickvals = xs,
                ticktext = xs.Select(x => ofParameters ? x.ToString("0.##", CultureInfo.InvariantCulture)
                    : x >= 1000 ? x.ToString("N0", CultureInfo.InvariantCulture) : Numbers.Text(x)).ToArray() },
            caption: "How far each row's validation perplexity lies below its baseline's, seed by seed, in per cent. Above the dotted line "
                + "what the row adds helps. A line that falls to the right says that it helps less the more there is.");
    }

    private static double Value(TablePlan plan, ReportRow row, string over) => over == Table.Parameters ? row.Parameters / 1e6
        : HyperParameter.Get(over).Number(plan.Configuration(row.Row, plan.Seeds[0]).Values);
}
