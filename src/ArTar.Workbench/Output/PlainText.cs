namespace ArTar.Workbench.Output;

/// <summary>
/// Sheets as aligned lines of text. Where the width does not do, the least important columns go, then the first column becomes narrower,
/// its words on several lines, then further columns go. What went is named in a last line. Columns that hold nothing are left out.
/// </summary>
internal static class PlainText
{
    private const int Gap = 2, ShortFirst = 40, ShortestFirst = 16, Dispensable = 4;

    /// <summary>A line, and how it stands out; the header has no tone.</summary>
    public readonly record struct Line(string Text, Tone? Tone);

    /// <summary>Header, rule, and a line for each row.</summary>
    /// <param name="sheet">The sheet; title and notes are the caller's.</param>
    /// <param name="width">Characters that a line may have.</param>
    /// <param name="keepsEmpty">Keep columns that hold nothing yet, so that a table that fills does not jump.</param>
    public static IEnumerable<Line> Lines(Sheet sheet, int width = int.MaxValue, bool keepsEmpty = false)
    {
        var columns = sheet.Columns;
        keepsEmpty |= sheet.KeepsEmpty;
        var rows = sheet.Rows.Select(r => (r.Tone, r.BeginsPart, Cells: r.Cells.Select(c => CleanText.Line(c.Text)).ToList())).ToList();
        var widths = columns.Select((c, i) => rows.Select(r => r.Cells[i].Length).Append(0).Max() is var w && (w > 0 || keepsEmpty)
            ? Math.Max(w, c.Header.Length) : 0).ToArray();
        var kept = Enumerable.Range(0, columns.Count).Where(i => widths[i] > 0 || keepsEmpty).ToList();
        var gone = new List<string>();
        int Total() => kept.Sum(i => widths[i] + Gap) - Gap;
        void Shorten(int least) => widths[0] = Math.Min(widths[0], Math.Max(least, widths[0] - Math.Max(0, Total() - width)));
        while (Total() > width && kept.MaxBy(i => columns[i].Priority) is var least && columns[least].Priority > 0)
        {
            if (columns[least].Priority < Dispensable)
                Shorten(ShortFirst);
            if (Total() <= width)
                break;
            kept.Remove(least);
            gone.Add(columns[least].Header);
        }
        Shorten(ShortestFirst);

        string Text(Func<int, string> cell) =>
            string.Join(new string(' ', Gap), kept.Select(i => Padded(cell(i), widths[i], columns[i].Words))).TrimEnd();
        var rule = new Line(new('─', Math.Min(width, Total())), Tone.Plain);
        yield return new(Text(i => columns[i].Header), null);
        yield return rule;
        foreach (var (tone, beginsPart, cells) in rows)
        {
            if (beginsPart)
                yield return rule;
            // A list that moves on a terminal has one line for each row; elsewhere a name that has no room goes on below itself.
            var names = keepsEmpty ? [cells[0]] : Broken(cells[0], widths[0]);
            yield return new(Text(i => i == 0 ? names[0] : cells[i]), tone);
            foreach (var more in names.Skip(1))
                yield return new($"  {more}", tone);
        }
        if (gone.Count > 0)
            yield return new($"no room for: {string.Join(", ", gone)}", Tone.Muted);
    }

    /// <summary>The whole sheet: heading, table and notes.</summary>
    public static string Of(Sheet sheet)
    {
        var lines = Lines(sheet).Select(l => l.Text).Concat(sheet.Notes);
        return string.Join('\n', sheet.Heading.Length == 0 ? lines : lines.Prepend(sheet.Heading));
    }

    // Lines of a name, those behind the first two characters shorter as they are indented.
    private static List<string> Broken(string name, int width)
    {
        var lines = new List<string> { "" };
        foreach (var word in name.Split(' '))
            if (lines[^1].Length == 0)
                lines[^1] = word;
            else if (lines[^1].Length + 1 + word.Length <= width - (lines.Count > 1 ? 2 : 0))
                lines[^1] += " " + word;
            else
                lines.Add(word);
        return lines;
    }

    private static string Padded(string cell, int width, bool words)
    {
        if (cell.Length > width)
            cell = string.Concat(cell.AsSpan(0, width - 1), "…");
        return words ? cell.PadRight(width) : cell.PadLeft(width);
    }
}
