using ArTar.Workbench.Analysis;
using Plotly.NET;

namespace ArTar.Workbench.Figures;

/// <summary>Draws what the last layer of several models does: the sizes that AR and TAR act on.</summary>
public static class HiddenStateFigures
{
    private const int Bins = 40;

    /// <summary>How |h_t| is distributed over all steps.</summary>
    /// <param name="models">Name and hidden states of each model.</param>
    /// <param name="subtitle">Data and scale.</param>
    public static GenericChart Norms(IReadOnlyList<(string Name, HiddenStates States)> models, string subtitle) =>
        Density(models, subtitle, s => s.Norms, "How large the hidden state is", "|h<sub>t</sub>|, L2 norm over units",
            "AR pulls the hidden state towards 0: the stronger it is, the further to the left the curve lies.");

    /// <summary>How |h_t - h_(t-1)| is distributed over all pairs of steps.</summary>
    /// <inheritdoc cref="Norms"/>
    public static GenericChart Steps(IReadOnlyList<(string Name, HiddenStates States)> models, string subtitle) =>
        Density(models, subtitle, s => s.StepNorms, "How far the hidden state moves in a step",
            "|h<sub>t</sub> − h<sub>t−1</sub>|, L2 norm over units",
            "TAR holds the hidden state back: the stronger it is, the further to the left the curve lies. AR does so too, as small states "
                + "make small steps.");

    /// <summary>Mean |h| of every unit, the largest first: whether few units do the work.</summary>
    /// <inheritdoc cref="Norms"/>
    public static GenericChart Units(IReadOnlyList<(string Name, HiddenStates States)> models, string subtitle)
    {
        var (named, others) = Plot.First(models);
        double[] Places(HiddenStates states) => [.. Enumerable.Range(1, states.MeanMagnitudeByUnit.Length).Select(n => (double)n)];
        double[] Means(HiddenStates states) => [.. states.MeanMagnitudeByUnit.OrderDescending().Select(v => (double)v)];
        return Plot.Of("How active each unit is", subtitle, "unit, the most active first", "mean |h<sub>i</sub>| over the text",
            [
                .. Plot.Grey(others.Select(m => (m.Name, (object)Places(m.States), (object)Means(m.States)))),
                .. named.Select((m, i) => Line(i, m.Name, Places(m.States), Means(m.States))),
            ],
            yAxis: new { rangemode = "tozero" },
            caption: "Every model's units in their own order. A flat curve: all units take part; a steep one: a few do the work and the "
                + "others rest near 0." + Plot.Rest(named.Count, others.Count));
    }

    private static GenericChart Density(
        IReadOnlyList<(string Name, HiddenStates States)> models, string subtitle, Func<HiddenStates, float[]> values, string title,
        string x, string caption)
    {
        var (named, others) = Plot.First(models);
        (string Name, double[] X, double[] Y) Curve((string Name, HiddenStates States) model)
        {
            // Bins of each model's own width: a narrow distribution beside a wide one would else be a single spike.
            var all = values(model.States);
            var (least, largest) = all.Length == 0 ? (0, 1) : (all.Min(), all.Max());
            var width = Math.Max(largest - least, 1e-6f) / (double)Bins;
            var counts = new double[Bins];
            foreach (var value in all)
                counts[Math.Min(Bins - 1, (int)((value - least) / width))]++;
            // The mean in the legend: what a reader wants to compare.
            var mean = all.Length == 0 ? 0 : all.Average();
            return (FormattableString.Invariant($"{model.Name} (mean {mean:F2})"),
                [least, .. counts.Select((_, bin) => least + (bin + 0.5) * width), largest],
                [0, .. counts.Select(c => c / (Math.Max(1, all.Length) * width)), 0]);
        }
        return Plot.Of(title, subtitle, x, "density",
            [
                .. Plot.Grey(others.Select(Curve).Select(c => (c.Name, (object)c.X, (object)c.Y))),
                .. named.Select(Curve).Select((c, i) => Line(i, c.Name, c.X, c.Y)),
            ], xAxis: new { rangemode = "tozero" },
            yAxis: new { rangemode = "tozero" }, caption: caption + Plot.Rest(named.Count, others.Count));
    }

    private static object Line(int i, string name, double[] x, double[] y) => new
    {
        type = "scatter",
        mode = "lines",
        name,
        x,
        y,
        line = new { color = Plot.Palette[i % Plot.Palette.Count], dash = Plot.Dashes[i % Plot.Dashes.Count], width = 2 },
    };
}
