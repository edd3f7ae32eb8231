using Spectre.Console;

namespace ArTar.Cli;

/// <summary>A column of a <see cref="TextTable"/>.</summary>
/// <param name="Header">Its name.</param>
/// <param name="Words">Words stand to the left, figures to the right.</param>
/// <param name="Priority">0 stays; where there is little room the highest goes first.</param>
internal sealed record TextColumn(string Header, bool Words = false, int Priority = 0);

/// <summary>
/// Lines of cells under a header. Cells never wrap: where the width does not do, the least important columns go, then the first
/// column is shortened, then further columns go. Columns that hold nothing are left out.
/// </summary>
internal sealed class TextTable(params IReadOnlyList<TextColumn> columns)
{
    private const int Gap = 2, ShortFirst = 40, ShortestFirst = 16, Dispensable = 4;

    /// <summary>Keep columns that hold nothing yet, so that a table that fills does not jump.</summary>
    public bool KeepsEmpty { get; init; }

    private readonly List<(IReadOnlyList<string> Cells, string? Style)> lines = [];

    /// <summary>Adds a line.</summary>
    /// <param name="cells">A cell for each column, as plain text.</param>
    /// <param name="style">A style of Spectre.Console, such as "dim".</param>
    public void Add(IReadOnlyList<string> cells, string? style = null) => lines.Add((cells, style));

    /// <summary>Adds a rule across the table.</summary>
    public void AddRule() => lines.Add(([], null));

    /// <summary>The table in Spectre.Console's markup, each line at most so wide.</summary>
    public IEnumerable<string> Lines(int width)
    {
        var widths = columns.Select((c, i) => lines.Where(l => l.Cells.Count > 0).Select(l => l.Cells[i].Length).Append(0).Max() is var w && (w > 0 || KeepsEmpty) ? Math.Max(w, c.Header.Length) : 0).ToArray();
        var kept = Enumerable.Range(0, columns.Count).Where(i => widths[i] > 0 || KeepsEmpty).ToList();
        int Total() => kept.Sum(i => widths[i] + Gap) - Gap;
        void Shorten(int least) => widths[0] = Math.Min(widths[0], Math.Max(least, widths[0] - Math.Max(0, Total() - width)));
        while (Total() > width && kept.MaxBy(i => columns[i].Priority) is var least && columns[least].Priority > 0)
        {
            if (columns[least].Priority < Dispensable)
                Shorten(ShortFirst);
            if (Total() > width)
                kept.Remove(least);
        }
        Shorten(ShortestFirst);

        string Line(Func<int, string> cell) => string.Join(new string(' ', Gap), kept.Select(i => Padded(cell(i), widths[i], columns[i].Words))).TrimEnd();
        yield return $"[bold]{Markup.Escape(Line(i => columns[i].Header))}[/]";
        yield return new string('─', Math.Min(width, Total()));
        foreach (var (cells, style) in lines)
        {
            if (cells.Count == 0)
            {
                yield return new string('─', Math.Min(width, Total()));
                continue;
            }
            var line = Markup.Escape(Line(i => cells[i]));
            yield return style is null ? line : $"[{style}]{line}[/]";
        }
    }

    /// <summary>Prints the table.</summary>
    public void Write(IAnsiConsole console)
    {
        foreach (var line in Lines(console.Profile.Width))
            console.MarkupLine(line);
    }

    private static string Padded(string cell, int width, bool words)
    {
        if (cell.Length > width)
            cell = string.Concat(cell.AsSpan(0, width - 1), "…");
        return words ? cell.PadRight(width) : cell.PadLeft(width);
    }
}
