namespace ArTar.Workbench.Figures;

/// <summary>The words of a chart, which decide how much room is left for what it draws.</summary>
internal sealed record FigureWords
{
    /// <summary>What it shows; empty for a picture without a title.</summary>
    public required string Title { get; init; }

    /// <summary>Its circumstances.</summary>
    public required string Subtitle { get; init; }

    /// <summary>Name of the horizontal axis.</summary>
    public required string X { get; init; }

    /// <summary>Name of the vertical axis.</summary>
    public required string Y { get; init; }

    /// <summary>Names along the horizontal axis, as <see cref="Plot.Plain"/> writes them; null where numbers stand.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Names along the vertical axis, written so, too; null where numbers stand.</summary>
    public IReadOnlyList<string>? Rows { get; init; }

    /// <summary>Entries of the legend, written so, too.</summary>
    public IReadOnlyList<string> Legend { get; init; } = [];

    /// <summary>Whether the horizontal axis lies above the chart.</summary>
    public bool IsOnTop { get; init; }

    /// <summary>Whether the picture must fit onto a page of paper.</summary>
    public bool IsOnPaper { get; init; }

    /// <summary>Whether a scale of colours stands beside the chart.</summary>
    public bool HasScale { get; init; }
}
