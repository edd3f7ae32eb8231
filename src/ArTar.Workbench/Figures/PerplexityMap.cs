using ArTar.Workbench.Tables;
using Plotly.NET;

namespace ArTar.Workbench.Figures;

/// <summary>Draws perplexities over two choices, a cell for each pair of them.</summary>
internal static class PerplexityMap
{
    // One hopeless cell must not make all others look alike.
    private const double Palest = 1.5;

    /// <summary>The map; the best cell is bold, and what has no perplexity says why or stays empty.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="subtitle">Data and scale.</param>
    /// <param name="x">Name of the choice across.</param>
    /// <param name="y">Name of the choice up.</param>
    /// <param name="cells">Both choices, validation perplexity where there is one, and a remark where something is missing. Choices stand
    /// in the order in which they come.</param>
    /// <param name="caption">How to read it.</param>
    public static GenericChart Of(string title, string subtitle, string x, string y,
        IEnumerable<(string X, string Y, MeanDeviation? Valid, string Remark)> cells, string caption)
    {
        var all = cells.ToList();
        string[] columns = [.. all.Select(c => c.X).Distinct()], rows = [.. all.Select(c => c.Y).Distinct()];
        var found = all.ToDictionary(c => (c.X, c.Y));
        var measured = all.Select(c => c.Valid).OfType<MeanDeviation>().Where(m => double.IsFinite(m.Mean)).Select(m => m.Mean)
            .DefaultIfEmpty(double.NaN).ToList();
        var best = measured.Min();
        var counts = all.Select(c => c.Valid?.Count).OfType<int>().ToHashSet();
        string Text((string X, string Y) at)
        {
            if (!found.TryGetValue(at, out var cell))
                return "";
            if (cell.Valid is not { } m)
                return cell.Remark;
            // As short as a narrow cell needs it; what is hopeless needs no digits.
            string Number(double value) =>
                value.ToString(value < 1000 ? "F1" : value < 10_000 ? "F0" : "0e0", CultureInfo.InvariantCulture);
            var mean = m.Mean == best ? $"<b>{Number(m.Mean)}</b>" : Number(m.Mean);
            return mean + (m.Count > 1 ? $"<br>± {Number(m.Deviation)}" : "");
        }
        var heat = new
        {
            type = "heatmap",
            x = columns,
            y = rows,
            z = rows.Select(r => columns.Select(c => found.GetValueOrDefault((c, r)).Valid?.Mean).ToArray()).ToArray(),
            zmin = best,
            zmax = Math.Min(measured.Max(), Palest * best),
            text = rows.Select(r => columns.Select(c => Text((c, r))).ToArray()).ToArray(),
            texttemplate = "%{text}",
            textfont = new { color = "black", size = Plot.FontSize }, // else plotly makes them as small as it likes
            colorscale = Plot.Scale,
            xgap = 2,
            ygap = 2,
            hoverongaps = false,
            hovertemplate = x + " %{x}, " + y + " %{y}: %{z:.2f}<extra></extra>",
            colorbar = new { title = new { text = "validation<br>perplexity"
                + (measured.Max() > Palest * best ? "<br>(white: worse)" : "") }, outlinewidth = 0 },
        };
        return Plot.Of(title, subtitle, x, y, [heat], 180 + 70 * Math.Max(3, rows.Length),
            xAxis: new { type = "category", showgrid = false, mirror = true },
            yAxis: new { type = "category", showgrid = false, mirror = true }, background: Plot.Absent,
            caption: caption + (counts.Contains(1) && counts.Count > 1 ? " A cell without ± is one seed." : ""));
    }
}
