namespace ArTar.Workbench.Figures;

/// <summary>Where the parts of a chart lie at a width: its words broken into lines, and the margins that they need, in pixels.</summary>
internal sealed class FigureLayout
{
    /// <summary>Size of the title; all other letters have <see cref="Plot.FontSize"/>.</summary>
    public const int TitleSize = 17;

    /// <summary>Height of a line of letters, and what a row needs beside its name.</summary>
    public const int Line = 19, Mark = 12, RowOfMap = 42;

    private const int LineOfTitle = 22, LineOfLegend = 19, Narrow = 480, Symbol = 50,
        PadOfLine = 8, PadOfLines = 24, LeftOfNumbers = 80, LeftOfSquare = 54, ColourBar = 130;
    private const int RowInOneLine = 18;
    private const double LeastChart = 0.54, MostOfHeight = 0.88; // of the picture
    private const double HighestOfWidth = 2.38; // a column of 84 mm then is at most 200 mm high, as a page is
    private const double NamesAtLeft = 0.25, NamesOfMap = 0.16, NamesInChart = 0.58, LeastOfNames = 0.21; // of the width

    private readonly double width;
    private readonly int gap;

    /// <summary>Lays words out.</summary>
    /// <param name="words">The words.</param>
    /// <param name="width">Width of the picture.</param>
    /// <param name="most">Height that it must not exceed, where one was asked for.</param>
    public FigureLayout(FigureWords words, double width, double? most = null)
    {
        this.width = width;
        IsNarrow = IsColumn(width);
        Right = IsNarrow ? 6 : 30;
        gap = IsNarrow ? 9 : 14;
        // Where it is narrow, the name of a row stands above what is drawn of it.
        Rows = words.Rows is null ? null : Letters.Broken(words.Rows, (words.HasScale ? NamesOfMap : NamesAtLeft) * width);
        var above = words.Rows is { } names && (!words.HasScale ? IsNarrow || words.IsOnPaper && RowHeights.Sum() > 0.8 * width
            : IsNarrow && names.Select(n => Letters.Width(n)).DefaultIfEmpty(0).Max() > LeastOfNames * width);
        if (above)
            (Names, Rows) = (words.HasScale ? RowNames.AboveCells : RowNames.Above, Letters.Broken(words.Rows!, width - 50));
        Left = Rows is null ? LeftOfNumbers : above ? 20
            : 14 + Rows.Select(r => Letters.Width(r)).DefaultIfEmpty(0).Max() + (words.Y.Length > 0 ? 28 : 0);
        // The cells of a map say their figures; where it is narrow they need the room of the scale.
        Drawn = width - Left - Right - (words.HasScale && !IsNarrow ? ColourBar : 0);
        Columns = words.Columns is null ? null : Letters.Broken(words.Columns, Drawn / Math.Max(1, words.Columns.Count) - 6);
        Legend = Letters.Broken(words.Legend, Drawn - Symbol);
        (Title, Top) = TitleOf(words);
        Bottom = BottomOf(words);
        if (Names == RowNames.Above && Top + Bottom + RowHeights.Sum() > (most ?? (IsNarrow ? HighestOfWidth : 1) * width))
        {
            Names = RowNames.Beside;
            Rows = Letters.InOneLine(words.Rows!, NamesInChart * Drawn);
        }
    }

    /// <summary>Whether it is as narrow as a paper's column: its caption says the circumstances.</summary>
    public bool IsNarrow { get; }

    /// <summary>Whether a width is that of a paper's column.</summary>
    public static bool IsColumn(double width) => width < Narrow;

    /// <summary>Air above the title.</summary>
    public int TitlePad => IsNarrow && Letters.Lines(Title) < 2 ? PadOfLine : PadOfLines;

    /// <summary>Where the names of rows stand.</summary>
    public RowNames Names { get; } = RowNames.Left;

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

    /// <summary>The least height of each row. Names at the left stand at equal distances, so the one with the most lines decides.</summary>
    public IEnumerable<double> RowHeights => (Rows ?? []).Select(name => Names switch
    {
        RowNames.Above => Line * Letters.Lines(name) + Mark,
        RowNames.AboveCells => Line * MostLines + RowOfMap,
        RowNames.Beside => RowInOneLine,
        _ => (double)(Line * MostLines + 8),
    });

    /// <summary>Lines of the longest name of a row.</summary>
    public int MostLines => Rows?.Select(Letters.Lines).DefaultIfEmpty(0).Max() ?? 0;

    /// <summary>A height at which the chart itself is as high as asked for, and at least half of the picture.</summary>
    /// <param name="wanted">What is asked for; rows in a narrow picture take what they need.</param>
    /// <param name="isSquare">Whether the chart is a square, which more height makes no larger.</param>
    public int Height(double wanted, bool isSquare)
    {
        if (isSquare)
        {
            // Its labels are short.
            var (least, most) = (Math.Min(wanted, Drawn), Drawn + LeftOfNumbers - LeftOfSquare);
            return (int)Math.Ceiling(Top + Bottom + (least * least > LeastChart * width * (Top + Bottom + least) ? least : most));
        }
        var share = Math.Min(MostOfHeight, LeastChart / (Drawn / width));
        return (int)Math.Ceiling(Top + Bottom + Math.Max(Math.Max(Names == RowNames.Left ? wanted : 0, RowHeights.Sum()),
            (Top + Bottom) * share / (1 - share)));
    }

    private (string Lines, int Margin) TitleOf(FigureWords words)
    {
        var labels = words.IsOnTop ? 26 : 0;
        if (words.Title.Length == 0)
            return ("", labels + gap);
        var large = Letters.Lines(words.Title, 0.96 * width, TitleSize);
        List<string> small = words.Subtitle.Length == 0 || IsNarrow ? [] : Letters.Lines(words.Subtitle, 0.96 * width, Plot.FontSize);
        var text = string.Join("<br>", large.Select(Plot.Plain)
            .Concat(small.Select(l => $"<span style=\"font-size:{Plot.FontSize}px\">{Plot.Plain(l)}</span>")));
        return (text, labels + gap + (IsNarrow && large.Count < 2 ? PadOfLine : PadOfLines) + LineOfTitle * (large.Count + small.Count));
    }

    private int BottomOf(FigureWords words)
    {
        var axis = gap + (words.IsOnTop ? 0 : Line * (Columns?.Select(Letters.Lines).DefaultIfEmpty(1).Max() ?? 1))
            + (words.X.Length > 0 ? 24 : 0);
        if (Legend.Count == 0)
            return axis;
        // A legend is as wide as the chart; one of several rows has columns as wide as its widest entry.
        var widths = Legend.Select(n => Symbol + Letters.Width(n)).ToList();
        var columns = widths.Sum() <= Drawn ? Legend.Count : Math.Max(1, (int)(Drawn / widths.Max()));
        return axis + gap + Legend.Chunk(columns).Sum(row => row.Max(n => LineOfLegend + Line * (Letters.Lines(n) - 1)));
    }
}
