using System.Net;

namespace ArTar.Workbench.Figures;

/// <summary>
/// Where the parts of a chart lie at a width: its words broken into lines, and the margins that they need, in pixels. Widths of words are
/// those of DejaVu Sans, the widest of the usual letters, as the machine that draws may have no other.
/// </summary>
internal sealed class FigureLayout
{
    /// <summary>Size of the title; all other letters have <see cref="Plot.FontSize"/>.</summary>
    public const int TitleSize = 17;

    private const double Letter = 0.6; // its mean width, in parts of its size
    private const int LineOfTitle = 22, Line = 19, LineOfLegend = 20, Narrow = 480, Symbol = 50, LeftOfNumbers = 72, ColourBar = 110;
    private const double MostOfHeight = 0.78, MostOfColumn = 0.62; // what the chart itself may take of the picture's height

    private readonly double width;

    /// <summary>Lays words out.</summary>
    public FigureLayout(FigureWords words, double width)
    {
        this.width = width;
        IsNarrow = width < Narrow;
        Right = IsNarrow ? 10 : 30;
        // Where it is narrow, the name of a row stands above what is drawn of it.
        HasNamesAbove = IsNarrow && words is { Rows: not null, HasScale: false };
        Rows = words.Rows is null ? null : Names(words.Rows, HasNamesAbove ? width - 40 : (IsNarrow ? 0.34 : 0.27) * width);
        Left = Rows is null ? LeftOfNumbers : HasNamesAbove ? 20
            : 14 + Rows.Select(WidthOf).DefaultIfEmpty(0).Max() + (words.Y.Length > 0 ? 28 : 0);
        // The cells of a map say their figures; where it is narrow they need the room of the scale.
        Drawn = width - Left - Right - (words.HasScale && !IsNarrow ? ColourBar : 0);
        Columns = words.Columns is null ? null : Names(words.Columns, Drawn / Math.Max(1, words.Columns.Count) - 6);
        Legend = Names(words.Legend, 0.95 * width - Symbol);
        (Title, Top) = TitleOf(words);
        Bottom = BottomOf(words);
    }

    /// <summary>Whether it is as narrow as a paper's column.</summary>
    public bool IsNarrow { get; }

    /// <summary>Whether the names of rows stand in the chart, each above its row.</summary>
    public bool HasNamesAbove { get; }

    /// <summary>Title and circumstances, with plotly's marks.</summary>
    public string Title { get; }

    /// <summary>Margins.</summary>
    public int Top { get; }

    /// <inheritdoc cref="Top"/>
    public int Bottom { get; }

    /// <inheritdoc cref="Top"/>
    public int Right { get; }

    /// <summary>About what the labels at the left take, which plotly measures itself.</summary>
    public double Left { get; }

    /// <summary>About the width of the chart itself.</summary>
    public double Drawn { get; }

    /// <summary>Names along the axes and in the legend, broken into lines.</summary>
    public IReadOnlyList<string>? Rows { get; }

    /// <inheritdoc cref="Rows"/>
    public IReadOnlyList<string>? Columns { get; }

    /// <inheritdoc cref="Rows"/>
    public IReadOnlyList<string> Legend { get; }

    /// <summary>A height at which the chart itself is as high as asked for, and at least half of the picture.</summary>
    /// <param name="wanted">What is asked for.</param>
    /// <param name="isSquare">Whether the chart is a square, which more height makes no larger.</param>
    public int Height(double wanted, bool isSquare)
    {
        if (isSquare)
            return (int)Math.Ceiling(Top + Bottom + Math.Min(wanted, Drawn));
        // Names stand at equal distances, so the one with the most lines decides.
        var rows = (Rows?.Count ?? 0) * ((Rows?.Select(LinesOf).DefaultIfEmpty(0).Max() ?? 0) * Line + (HasNamesAbove ? 24 : 8));
        var share = Math.Min(IsNarrow ? MostOfColumn : MostOfHeight, 0.5 / (Drawn / width) + 0.04);
        return (int)Math.Ceiling(Top + Bottom + Math.Max(Math.Max(wanted, rows), (Top + Bottom) * share / (1 - share)));
    }

    private (string Lines, int Margin) TitleOf(FigureWords words)
    {
        var labels = words.IsOnTop ? 26 : 0;
        if (words.Title.Length == 0)
            return ("", labels + 16);
        var large = Broken(words.Title, (int)(0.96 * width / (Letter * TitleSize)));
        List<string> small = words.Subtitle.Length == 0 ? [] : Broken(words.Subtitle, (int)(0.96 * width / (Letter * Plot.FontSize)));
        var text = string.Join("<br>", large.Select(Plot.Plain)
            .Concat(small.Select(l => $"<span style=\"font-size:{Plot.FontSize}px\">{Plot.Plain(l)}</span>")));
        return (text, labels + 38 + LineOfTitle * (large.Count + small.Count));
    }

    private int BottomOf(FigureWords words)
    {
        var axis = 14 + (words.IsOnTop ? 0 : Line * (Columns?.Select(LinesOf).DefaultIfEmpty(1).Max() ?? 1))
            + (words.X.Length > 0 ? 24 : 0);
        if (Legend.Count == 0)
            return axis;
        // A legend of several rows has columns as wide as its widest entry.
        var widths = Legend.Select(n => Symbol + WidthOf(n)).ToList();
        var columns = widths.Sum() <= 0.95 * width ? Legend.Count : Math.Max(1, (int)(0.95 * width / widths.Max()));
        return axis + 14 + Legend.Chunk(columns).Sum(row => row.Max(n => LineOfLegend + Line * (LinesOf(n) - 1)));
    }

    // They come as they stand in a chart, written for plotly.js.
    private static List<string> Names(IEnumerable<string> names, double room)
    {
        var letters = Math.Max(4, (int)(room / (Letter * Plot.FontSize)));
        return [.. names.Select(n => string.Join("<br>", Broken(WebUtility.HtmlDecode(n), letters).Select(Plot.Plain)))];
    }

    /// <summary>A word as long as its place; figures stay whole.</summary>
    public static string Shortened(string word, double room)
    {
        var (plain, most) = (WebUtility.HtmlDecode(word), Math.Max(3, (int)((room - 6) / (Letter * Plot.FontSize))));
        return plain.Length <= most || plain.Any(char.IsAsciiDigit) ? word : Plot.Plain(string.Concat(plain.AsSpan(0, most - 1), "…"));
    }

    private static int LinesOf(string text) => text.Split("<br>").Length;

    private static double WidthOf(string text) => Letter * Plot.FontSize * text.Split("<br>").Max(l => WebUtility.HtmlDecode(l).Length);

    private static List<string> Broken(string text, int letters)
    {
        var lines = new List<string>();
        foreach (var word in text.Split(' '))
            if (lines.Count > 0 && lines[^1].Length + 1 + word.Length <= letters)
                lines[^1] += " " + word;
            else
                lines.Add(word);
        return lines;
    }
}
