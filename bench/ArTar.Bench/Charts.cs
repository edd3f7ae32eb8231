using ArTar.Workbench.Figures;

namespace ArTar.Bench;

/// <summary>The results as figures.</summary>
internal static class Charts
{
    /// <summary>The figures that these results allow.</summary>
    public static IEnumerable<Figure> Of(Results results)
    {
        if (results.Scaling.Count > 0)
        {
            yield return Time(results);
            yield return Memory(results);
        }
        if (results.Tables.Count > 0)
            yield return Tables(results);
    }

    private static string Machine(Results results) =>
        FormattableString.Invariant($"{results.Conditions.Processor}, {results.Conditions.Threads} threads; ")
            + "LSTM, AR + TAR; but for what varies H = 200, V = 10000, B = 20, T = 35, 2 layers";

    private static Figure Time(Results results)
    {
        var points = results.Scaling;
        var bound = Statistics.Median(points.Select(p => p.BoundShare.Median * p.Seconds.Median / p.Flops));
        double[] ends = [points.Min(p => p.Flops), points.Max(p => p.Flops)];
        var traces = points.GroupBy(p => p.Varied).Select((of, i) => (object)new
        {
            type = "scatter",
            mode = "lines+markers",
            name = FormattableString.Invariant($"{of.Key} from {of.Min(p => p.Value)} to {of.Max(p => p.Value)}"),
            x = of.Select(p => p.Flops / 1e9).ToArray(),
            y = of.Select(p => 1000 * p.Seconds.Median).ToArray(),
            text = of.Select(p => $"{p.Varied} = {p.Value}").ToArray(),
            line = new { color = Plot.Palette[i] },
            marker = new { color = Plot.Palette[i], symbol = Plot.Symbols[i], size = 9 },
        }).Append(new
        {
            type = "scatter",
            mode = "lines",
            name = "at the processor's limit",
            x = ends.Select(f => f / 1e9).ToArray(),
            y = ends.Select(f => 1000 * f * bound).ToArray(),
            line = new { color = Plot.Given, dash = "dash" },
        });
        return new("performance-step",
            Plot.Of("A training step's time grows as its matrix products do", Machine(results),
                "matrix products of a step, GFLOP (logarithmic)", "ms (logarithmic)", traces,
            560, logX: true, logY: true,
            caption: "Each line changes one size. The dashed line is what the matrix products alone would take if the processor did "
                + "nothing but multiply and add."));
    }

    private static Figure Memory(Results results)
    {
        var points = results.Scaling.Where(p => p.Varied is "H" or "V").ToList();
        var traces = points.GroupBy(p => p.Varied).Select((of, i) => (object)new
        {
            type = "scatter",
            mode = "lines+markers",
            name = of.Key == "H" ? "H, at V = 10000" : "V, at H = 200",
            x = of.Select(p => (double)p.Value / (p.Varied == "H" ? 200 : 10_000)).ToArray(),
            y = of.Select(p => p.PeakMemory / 1e6).ToArray(),
            line = new { color = Plot.Palette[i] },
            marker = new { color = Plot.Palette[i], symbol = Plot.Symbols[i], size = 9 },
        });
        return new("performance-memory",
            Plot.Of("Peak memory of a training process", Machine(results), "H as a multiple of 200, V as a multiple of 10000", "MB",
                traces, 420, yAxis: new { rangemode = "tozero" },
            caption: "The most that the process has held; its runtime and libraries are the part that is left at the origin."));
    }

    private static Figure Tables(Results results)
    {
        var traces = results.Tables.GroupBy(t => (t.Side, t.Jobs, t.Threads)).OrderBy(g => g.Key.Side == Sides.Ours.Id ? 0 : 1)
            .ThenBy(g => g.Key.Jobs).Select((of, i) => (object)new
        {
            type = "scatter",
            mode = "lines+markers",
            name = Report.Way(of.Key.Side, of.Key.Jobs, of.Key.Threads),
            x = of.Select(t => t.Rows).ToArray(),
            y = of.Select(t => t.Seconds).ToArray(),
            line = new { color = Plot.Palette[i] },
            marker = new { color = Plot.Palette[i], symbol = Plot.Symbols[i], size = 9 },
        });
        return new("performance-tables",
            Plot.Of("Rows of table 1, from start to end",
                FormattableString.Invariant($"{results.Conditions.Processor}; profile laptop, a tenth of its text and fewer epochs"),
            "rows", "seconds", traces, 420, xAxis: new { dtick = 1, rangemode = "tozero" }, yAxis: new { rangemode = "tozero" }));
    }
}
