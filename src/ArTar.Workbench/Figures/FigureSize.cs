using System.Globalization;
using System.Text.Json.Nodes;

namespace ArTar.Workbench.Figures;

/// <summary>
/// How large a picture comes out on paper. The chart is laid out for the room that its letters leave at that width, then scaled as
/// a whole, so that lines, markers and margins keep their proportion to the letters.
/// </summary>
public sealed record FigureSize
{
    private const double PixelsPerInch = 96, MillimetresPerInch = 25.4, PointsPerInch = 72; // of CSS
    private const double ScreenDensity = 2 * PixelsPerInch, PaperDensity = 300;

    /// <summary>Width in CSS pixels, 96 to the inch.</summary>
    public double Width { get; init; } = Plot.Width;

    /// <summary>Size of the letters in CSS pixels.</summary>
    public double Letters { get; init; } = Plot.FontSize;

    /// <summary>Pixels of a PNG to the inch: 192, or 300 for a width in millimetres.</summary>
    public double Density { get; init; } = ScreenDensity;

    /// <summary>The factor between the layout's pixels and CSS pixels.</summary>
    public double Scale => Letters / Plot.FontSize;

    /// <summary>Reads a size as the command line gives it.</summary>
    /// <param name="width"><c>84mm</c>, <c>600px</c> or <c>600</c> (pixels); null for the width on a screen.</param>
    /// <param name="points">Size of the letters in points; null for 10.5.</param>
    /// <exception cref="WorkbenchException">Not a width, or one that the letters do not fit into.</exception>
    public static FigureSize Parse(string? width, double? points)
    {
        var size = new FigureSize();
        if (points is { } p)
            size = p is >= 4 and <= 72 ? size with { Letters = p * PixelsPerInch / PointsPerInch } : throw new WorkbenchException(
                FormattableString.Invariant($"font size {p}: expected a number of points from 4 to 72, such as 8."));
        if (width is not null)
        {
            var isPaper = width.EndsWith("mm", StringComparison.OrdinalIgnoreCase);
            var number = isPaper || width.EndsWith("px", StringComparison.OrdinalIgnoreCase) ? width[..^2] : width;
            if (!Numbers.TryRead(number, out double value) || value is not (> 0 and < 10_000))
                throw new WorkbenchException(
                    $"width {width}: expected a width such as 84mm (a column of a two-column paper), 600px or 600.");
            size = size with
            {
                Width = isPaper ? value / MillimetresPerInch * PixelsPerInch : value,
                Density = isPaper ? PaperDensity : ScreenDensity,
            };
        }
        var least = 20 * size.Letters;
        var (letters, millimetres) = (size.Letters * PointsPerInch / PixelsPerInch, least / PixelsPerInch * MillimetresPerInch);
        return size.Width >= least ? size : throw new WorkbenchException(
            FormattableString.Invariant($"width {width ?? "860px"} is too narrow for letters of {letters:0.#} points: ")
                + FormattableString.Invariant($"take at least {millimetres:F0}mm, or smaller letters."));
    }

    /// <summary>Lays a figure out for this size.</summary>
    /// <param name="figure">Data and layout, as <see cref="Figure.ToJson"/> gives them; the layout is changed.</param>
    /// <returns>Width and height of the layout, before it is scaled by <see cref="Scale"/>.</returns>
    internal (int Width, int Height) Fit(JsonObject figure)
    {
        var layout = figure["layout"]!.AsObject();
        var width = (int)Math.Round(Width / Scale);
        var height = layout["height"]?.GetValue<int>() ?? 480;
        if (width != Plot.Width)
        {
            var (title, subtitle, _) = Figure.WordsOf(figure);
            var (lines, top) = Plot.Title(title, subtitle, width, layout["xaxis"]?["side"]?.GetValue<string>());
            var bottom = Plot.Bottom(figure["data"]!.AsArray()
                .Where(t => t!["showlegend"]?.GetValue<bool>() != false && t["type"]!.GetValue<string>() != "heatmap")
                .Select(t => t!["name"]?.GetValue<string>()).OfType<string>(), width);
            var margin = layout["margin"]!.AsObject();
            // What the margins grow by, the picture grows by; what is between them shrinks a little where it is narrow.
            var between = height - margin["t"]!.GetValue<int>() - margin["b"]!.GetValue<int>();
            var narrowed = Math.Clamp(0.4 + 0.6 * width / Plot.Width, 0.65, 1);
            var isRows = layout["yaxis"]?["type"]?.GetValue<string>() == "category";
            height = top + bottom + Math.Max(top + bottom, isRows ? between : (int)(between * narrowed));
            layout["title"]!["text"] = lines;
            // The cells of a map say their figures; on paper they need the room of the scale.
            foreach (var map in figure["data"]!.AsArray().Where(t => t!["type"]!.GetValue<string>() == "heatmap" && t["text"] is not null))
                map!["showscale"] = false;
            (margin["t"], margin["b"]) = (top, bottom);
        }
        (layout["width"], layout["height"]) = (width, height);
        return (width, height);
    }
}
