using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;
using Plotly.NET;

namespace ArTar.Workbench.Figures;

/// <summary>Draws how perplexity fell over the epochs.</summary>
public static class LearningCurves
{
    private const int MostMarkers = 10;
    private const double Hopeless = 30; // times the lowest perplexity

    /// <summary>
    /// Validation (solid) and training (dashed) perplexity of several models; a triangle where the learning rate was divided. Several
    /// seeds of a model become their mean with a band of one standard deviation; a triangle then stands where it fell for any of them.
    /// </summary>
    /// <param name="models">Name of each model, and the metrics of each of its seeds' epochs.</param>
    /// <param name="title">What the models have in common.</param>
    /// <param name="subtitle">Data and scale.</param>
    /// <param name="bestPossible">Validation perplexity of the ideal model, where it is known.</param>
    public static GenericChart Of(
        IEnumerable<(string Name, IReadOnlyList<IReadOnlyList<EpochMetrics>> Seeds)> models, string title, string subtitle,
        double? bestPossible = null)
    {
        var all = models.Select(m => (m.Name, Epochs: Epochs(m.Seeds))).Where(m => m.Epochs.Count > 0).ToList();
        var (named, others) = Plot.Best(all, m => m.Epochs.Min(e => e.Valid.Mean));
        var drawn = all.SelectMany(m => m.Epochs).SelectMany(e => new[] { e.Train.Mean, e.Valid.Mean }).Append(bestPossible ?? double.NaN)
            .Where(double.IsFinite).ToList();
        // One curve that has gone astray must not press all others flat.
        var ceiling = all.Count == 0 ? 0 : Hopeless * all.Min(m => m.Epochs.Min(e => e.Valid.Mean));
        var isCut = drawn.Count > 0 && drawn.Max() > ceiling;
        object? yAxis = isCut ? new { range = new[] { Math.Log10(0.95 * drawn.Min()), Math.Log10(ceiling) } } : null;
        var grey = Plot.Grey(others.Select(m => (m.Name, (object)m.Epochs.Select(e => e.Number).ToArray(),
            (object)m.Epochs.Select(e => e.Valid.Mean).ToArray())));
        return Plot.Of(title, subtitle, "epoch", "perplexity (logarithmic)", [.. grey, .. Traces(named, bestPossible)], 520,
            logY: true, xAxis: new { rangemode = "tozero" }, yAxis: yAxis,
            caption: "Solid: validation; dashed: training, with dropout and while the weights change, so that it can lie above. A "
                + "triangle marks an epoch that starts with a smaller learning rate. Where a dashed line falls on while its solid one "
                + "stays, the model learns by heart."
                + (others.Count == 0 ? ""
                    : $" Of {all.Count} rows the {named.Count} with the lowest validation perplexity have names and colours.")
                + (isCut ? string.Create(CultureInfo.InvariantCulture, $" What is above {ceiling:N0} lies beyond the picture.") : "")
                + (bestPossible is null ? "" : " Dash-dotted: a model that knows the generated language perfectly."));
    }

    private sealed record Epoch(int Number, MeanDeviation Train, MeanDeviation Valid, bool IsSlower);

    // The epochs that every seed has finished, while the figures are finite.
    private static List<Epoch> Epochs(IReadOnlyList<IReadOnlyList<EpochMetrics>> seeds)
    {
        var count = seeds.Where(s => s.Count > 0).Select(s => s.Count).DefaultIfEmpty(0).Min();
        var trained = seeds.Where(s => s.Count > 0).ToList();
        return [.. Enumerable.Range(0, count).Select(i => new Epoch(trained[0][i].Epoch,
            MeanDeviation.Of(trained.Select(s => s[i].TrainPerplexity))!.Value,
            MeanDeviation.Of(trained.Select(s => s[i].ValidPerplexity))!.Value,
            i > 0 && trained.Any(s => s[i].LearningRate < s[i - 1].LearningRate)))
            .TakeWhile(e => double.IsFinite(e.Train.Mean) && double.IsFinite(e.Valid.Mean))];
    }

    private static IEnumerable<object?> Traces(List<(string Name, List<Epoch> Epochs)> models, double? bestPossible)
    {
        foreach (var (i, (name, epochs)) in models.Index())
        {
            var (color, x) = (Plot.Palette[i % Plot.Palette.Count], epochs.Select(e => e.Number).ToArray());
            if (epochs.Any(e => e.Valid.Count > 1))
                yield return Plot.Band(x, [.. epochs.Select(e => e.Valid)], color);
            yield return new
            {
                type = "scatter",
                mode = "lines",
                name = $"{name}, training",
                showlegend = false,
                x,
                y = epochs.Select(e => e.Train.Mean).ToArray(),
                line = new { color, dash = "dash", width = 1.5 },
            };
            yield return new
            {
                type = "scatter",
                mode = "lines+markers",
                name,
                x,
                y = epochs.Select(e => e.Valid.Mean).ToArray(),
                line = new { color },
                marker = new { color, symbol = Plot.Symbols[i % Plot.Symbols.Count], size = 8, maxdisplayed = MostMarkers },
            };
        }
        yield return models.Count == 0 ? null : Plot.Entry("dashed: training", Plot.Given, "dash");
        var falls = models.SelectMany((m, i) => m.Epochs.Where(e => e.IsSlower)
            .Select(e => (Epoch: e, Color: Plot.Palette[i % Plot.Palette.Count]))).ToList();
        yield return falls.Count == 0 ? null : new
        {
            type = "scatter",
            mode = "markers",
            name = "rate divided",
            x = falls.Select(f => f.Epoch.Number).ToArray(),
            y = falls.Select(f => f.Epoch.Valid.Mean).ToArray(),
            marker = new { color = falls.Select(f => f.Color).ToArray(), symbol = "triangle-down-open", size = 11 },
        };
        if (bestPossible is { } ideal && models.Count > 0)
            yield return Plot.Reference("ideal model, validation", [1, models.Max(m => m.Epochs[^1].Number)], ideal, Plot.Floor);
    }
}
