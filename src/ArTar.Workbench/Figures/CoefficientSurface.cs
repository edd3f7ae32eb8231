using System.Globalization;
using ArTar.Workbench.Experiments;
using Plotly.NET;

namespace ArTar.Workbench.Figures;

/// <summary>Draws perplexity over AR's and TAR's coefficients together.</summary>
public static class CoefficientSurface
{
    /// <summary>A cell for each pair of coefficients, with its value; pairs that were not measured stay empty, the best one is bold.</summary>
    /// <param name="cells">Coefficients and validation perplexity.</param>
    /// <param name="subtitle">Data and scale.</param>
    public static GenericChart Of(IEnumerable<(double Alpha, double Beta, Measure Valid)> cells, string subtitle)
    {
        var all = cells.Where(c => double.IsFinite(c.Valid.Mean)).ToList();
        double[] alphas = [.. all.Select(c => c.Alpha).Distinct().Order()], betas = [.. all.Select(c => c.Beta).Distinct().Order()];
        var best = all.Count == 0 ? double.NaN : all.Min(c => c.Valid.Mean);
        Measure? At(double alpha, double beta) => all.Where(c => c.Alpha == alpha && c.Beta == beta).Select(c => (Measure?)c.Valid).FirstOrDefault();
        string Text(Measure? cell) => cell is not { } m ? ""
            : (m.Mean == best ? "<b>{0}</b>" : "{0}").Replace("{0}", m.Mean.ToString("F1", CultureInfo.InvariantCulture) + (m.Count > 1 ? $"<br>± {m.Deviation.ToString("F1", CultureInfo.InvariantCulture)}" : ""), StringComparison.Ordinal);
        string[] Names(double[] values) => [.. values.Select(v => v.ToString(CultureInfo.InvariantCulture))];
        var heat = new
        {
            type = "heatmap",
            x = Names(alphas),
            y = Names(betas),
            z = betas.Select(b => alphas.Select(a => At(a, b)?.Mean).ToArray()).ToArray(),
            text = betas.Select(b => alphas.Select(a => Text(At(a, b))).ToArray()).ToArray(),
            texttemplate = "%{text}",
            textfont = new { color = "black" },
            colorscale = Plot.Scale,
            xgap = 2,
            ygap = 2,
            hoverongaps = false,
            hovertemplate = "alpha %{x}, beta %{y}: %{z:.2f}<extra></extra>",
            colorbar = new { title = new { text = "validation<br>perplexity" }, outlinewidth = 0 },
        };
        return Plot.Of("AR and TAR together", subtitle, "alpha (AR)", "beta (TAR)", [heat], 180 + 70 * Math.Max(3, betas.Length),
            xAxis: new { type = "category", showgrid = false }, yAxis: new { type = "category", showgrid = false },
            caption: "Darker is better; the best pair is bold. The left column is TAR alone, the bottom row AR alone. Empty cells were not measured.");
    }
}
