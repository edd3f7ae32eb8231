using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;
using Plotly.NET;

namespace ArTar.Workbench.Figures;

/// <summary>
/// Draws what rows gain over their baselines at the same learning rate. The rate falls when validation no longer does, so a row that goes
/// on improving keeps a high one for longer, and has fewer epochs left at the low ones: its last perplexity tells of that, too, this
/// chart does not.
/// </summary>
public static class RateFigure
{
    private const double Worst = -100; // a perplexity twice the baseline's; what is worse would set the axis

    /// <summary>
    /// Gain of each row at each learning rate, mean and deviation over seeds; null where no row has a baseline that shares a rate with it.
    /// </summary>
    /// <param name="report">The table.</param>
    /// <param name="courses">The metrics of each row's seeds, in the report's order; see <see cref="Lab.Courses"/>.</param>
    public static GenericChart? Of(TableReport report,
        IReadOnlyList<(string Name, IReadOnlyList<IReadOnlyList<EpochMetrics>> Seeds)> courses)
    {
        var seedsOf = report.Rows.Zip(courses).ToDictionary(p => p.First.Row.Id, p => p.Second.Seeds);
        var rows = report.Rows.Where(r => r.Row.Baseline is not null && seedsOf.ContainsKey(r.Row.Baseline.Id))
            .Select(r => (r.Row.Label, Gains: Gains(seedsOf[r.Row.Id], seedsOf[r.Row.Baseline!.Id], report.Plan.Corpus.VocabularySize)))
                .Where(r => r.Gains.Count > 0).ToList();
        if (rows.Count == 0)
            return null;
        string Name(double rate) => rate.ToString(rate < 1e-3 ? "G2" : "0.####", CultureInfo.InvariantCulture);
        string[] rates = [.. rows.SelectMany(r => r.Gains).Select(g => g.Rate).Distinct().OrderDescending().Select(Name)];
        // By the gain at the lowest rate that a row has reached, the highest first.
        var (named, others) = Plot.Best(rows, r => -r.Gains[^1].Percent.Mean);
        var grey = Plot.Grey(others.Select(row => (row.Label, (object)row.Gains.Select(g => Name(g.Rate)).ToArray(),
            (object)row.Gains.Select(g => g.Percent.Mean).ToArray())));
        var traces = grey.Concat(named.Select((row, i) => (object)new
        {
            type = "scatter",
            mode = "lines+markers",
            name = row.Label,
            x = row.Gains.Select(g => Name(g.Rate)).ToArray(),
            y = row.Gains.Select(g => g.Percent.Mean).ToArray(),
            error_y = Plot.Errors(row.Gains.Select(g => g.Percent)),
            line = new { color = Plot.Palette[i % Plot.Palette.Count] },
            marker = new { color = Plot.Palette[i % Plot.Palette.Count], symbol = Plot.Symbols[i % Plot.Symbols.Count], size = 9 },
        })).Append(Plot.Reference("no gain", [rates[0], rates[^1]], 0));
        var ends = rows.SelectMany(r => r.Gains).Select(g => g.Percent)
            .Select(g => (Low: g.Mean - g.Deviation, High: g.Mean + g.Deviation)).ToList();
        var (isCut, best) = (ends.Any(e => e.Low < Worst), ends.Max(e => e.High));
        return Plot.Of($"{report.Plan.Table.Name}: the gain at the same learning rate", report.Conditions,
            "learning rate, as training lowers it", "gain, %", traces,
            xAxis: new { type = "category", categoryorder = "array", categoryarray = rates },
            yAxis: isCut ? new { range = new[] { Worst, Math.Max(best, 0) + 10 } } : null,
            caption: "The lowest validation perplexity that a row reached at a learning rate, below its baseline's at the same rate, seed "
                + "by seed, in per cent. The rate falls when validation stops improving: a row that improves for longer has fewer epochs "
                + "at the low rates. Left out are rates that not every seed reached, or at which one was no better than a model that "
                + "finds all words equally likely."
                + (isCut ? " What is worse than −100 % lies beyond the picture." : "")
                + (others.Count == 0 ? ""
                    : $" Of {rows.Count} rows the {named.Count} that gain most at the lowest rate have names and colours."));
    }

    private static List<(double Rate, MeanDeviation Percent)> Gains(IReadOnlyList<IReadOnlyList<EpochMetrics>> ours,
        IReadOnlyList<IReadOnlyList<EpochMetrics>> baseline, int vocabulary)
    {
        Dictionary<double, double> Lowest(IReadOnlyList<EpochMetrics> epochs) => epochs.GroupBy(e => e.LearningRate)
            .Select(g => (Rate: g.Key, Lowest: g.Min(e => e.ValidPerplexity))).Where(g => g.Lowest < vocabulary)
                .ToDictionary(g => g.Rate, g => g.Lowest);
        var pairs = ours.Zip(baseline).Where(p => p.First.Count > 0 && p.Second.Count > 0)
            .Select(p => (Ours: Lowest(p.First), Before: Lowest(p.Second))).ToList();
        return pairs.Count == 0 ? []
            : [.. pairs[0].Ours.Keys.OrderDescending()
                .Where(rate => pairs.TrueForAll(p => p.Ours.ContainsKey(rate) && p.Before.ContainsKey(rate)))
            .Select(rate => (rate, MeanDeviation.Of(pairs.Select(p => 100 * (1 - p.Ours[rate] / p.Before[rate])))!.Value))];
    }
}
