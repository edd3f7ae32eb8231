namespace ArTar.Workbench.Figures;

/// <summary>
/// How large a picture comes out on paper, and in which letters. The chart is laid out for the room that its letters leave at that size,
/// then scaled as a whole, so that lines, markers and margins keep their proportion to the letters.
/// </summary>
public sealed record FigureSize
{
    private const double PixelsPerInch = 96, MillimetresPerInch = 25.4, PointsPerInch = 72; // of CSS
    private const double PaperLetters = 8;
    private const double ScreenDensity = 2 * PixelsPerInch, PaperDensity = 300;

    /// <summary>Width in CSS pixels, 96 to the inch.</summary>
    public double Width { get; init; } = Plot.Width;

    /// <summary>Height in CSS pixels; null for as high as the chart asks for at that width.</summary>
    public double? Height { get; init; }

    /// <summary>Size of the letters in CSS pixels.</summary>
    public double Letters { get; init; } = Plot.FontSize;

    /// <summary>Pixels of a PNG to the inch: 192, or 300 for a width in millimetres.</summary>
    public double Density { get; init; } = ScreenDensity;

    /// <summary>Whether the letters have serifs, as a paper's text has.</summary>
    public bool IsSerif { get; init; }

    /// <summary>Whether title and circumstances stand in the picture; a paper has them in its caption.</summary>
    public bool HasTitle { get; init; } = true;

    /// <summary>Whether a caption outside the picture says what it depends on.</summary>
    internal bool IsForPaper => Density == PaperDensity || !HasTitle || FigureLayout.IsColumn(Width / Scale);

    /// <summary>The factor between the layout's pixels and CSS pixels.</summary>
    public double Scale => Letters / Plot.FontSize;

    /// <summary>Reads a size as the command line gives it.</summary>
    /// <param name="width"><c>84mm</c>, <c>600px</c> or <c>600</c> (pixels); null for the width on a screen.</param>
    /// <param name="points">Size of the letters in points; null for 8 where the width is in millimetres, else 10.5.</param>
    /// <param name="height">Written like the width; null for as high as the chart asks for.</param>
    /// <exception cref="WorkbenchException">Not a size, or one that the letters do not fit into.</exception>
    public static FigureSize Parse(string? width, double? points, string? height = null)
    {
        var size = new FigureSize();
        if (points is null && width?.EndsWith("mm", StringComparison.OrdinalIgnoreCase) == true)
            points = PaperLetters;
        if (points is { } p)
            size = p is >= 4 and <= 72 ? size with { Letters = p * PixelsPerInch / PointsPerInch } : throw new WorkbenchException(
                FormattableString.Invariant($"font size {p}: expected a number of points from 4 to 72, such as 8."));
        if (width is not null)
        {
            var (pixels, isPaper) = Pixels("width", width);
            size = size with { Width = pixels, Density = isPaper ? PaperDensity : ScreenDensity };
        }
        if (height is not null)
            size = size with { Height = Pixels("height", height).Pixels };
        size.Require("width", width ?? "860px", size.Width, 20);
        if (height is not null)
            size.Require("height", height, size.Height!.Value, 12);
        return size;
    }

    /// <summary>A length of CSS pixels as SVG writes it: in millimetres, or in pixels where the width was said in them.</summary>
    internal string Length(double pixels) => Density == PaperDensity
        ? FormattableString.Invariant($"{Millimetres(pixels):0.###}mm") : FormattableString.Invariant($"{pixels:0.##}px");

    /// <summary>Millimetres of CSS pixels.</summary>
    internal static double Millimetres(double pixels) => pixels / PixelsPerInch * MillimetresPerInch;

    private static (double Pixels, bool IsPaper) Pixels(string side, string text)
    {
        var isPaper = text.EndsWith("mm", StringComparison.OrdinalIgnoreCase);
        var number = isPaper || text.EndsWith("px", StringComparison.OrdinalIgnoreCase) ? text[..^2] : text;
        if (!Numbers.TryRead(number, out double value) || value is not (> 0 and < 10_000))
            throw new WorkbenchException($"{side} {text}: expected a {side} such as "
                + (side == "width" ? "84mm (a column of a two-column paper), 600px or 600." : "60mm, 400px or 400."));
        return (isPaper ? value / MillimetresPerInch * PixelsPerInch : value, isPaper);
    }

    private void Require(string side, string text, double pixels, int letters)
    {
        var least = letters * Letters;
        if (pixels < least)
            throw new WorkbenchException(FormattableString.Invariant(
                $"{side} {text} is too {(side == "width" ? "narrow" : "low")} for letters of ")
                    + FormattableString.Invariant($"{Letters * PointsPerInch / PixelsPerInch:0.#} points: take at least ")
                    + FormattableString.Invariant($"{Math.Ceiling(Millimetres(least)):F0}mm, or smaller letters."));
    }
}
