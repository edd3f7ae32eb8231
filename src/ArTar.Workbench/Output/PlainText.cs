namespace ArTar.Workbench.Output;

/// <summary>
/// Sheets as aligned lines of text. Where the width does not do, the least important columns go, then the first column becomes narrower,
/// its words on several lines, then further columns go, then others become narrower. What went is named in a last line. Columns that
/// hold nothing are left out.
/// </summary>
internal static class PlainText
{
    private const int Gap = 2, ShortFirst = 40, EasyFirst = 20, ShortestFirst = 16, Shortest = 10, Dispensable = 4;

    /// <summary>A line, and how it stands out; the header has no tone.</summary>
    public readonly record struct Line(string Text, Tone? Tone);

    /// <summary>Header, rule, and a line for each row.</summary>
    /// <param name="sheet">The sheet; title and notes are the caller's.</param>
    /// <param name="width">Characters that a line may have.</param>
    /// <param name="isLive">For a list that moves on a terminal: columns that hold nothing yet are kept, and each row has one line.</param>
    public static IEnumerable<Line> Lines(Sheet sheet, int width = int.MaxValue, bool isLive = false)
    {
        if (sheet.Columns.Count == 0)
            yield break;
        var (columns, keepsEmpty) = (sheet.Columns, isLive || sheet.ShowsEmpty);
        var rows = sheet.Rows.Select(r => (r.Tone, r.BeginsPart, Cells: r.Cells.Select(c => CleanText.Line(c.Text)).ToList())).ToList();
        var widths = columns.Select((c, i) => rows.Select(r => r.Cells[i].Length).Append(0).Max() is var w && (w > 0 || keepsEmpty)
            ? Math.Max(w, c.Header.Length) : 0).ToArray();
        var kept = Enumerable.Range(0, columns.Count).Where(i => widths[i] > 0 || keepsEmpty).ToList();
        var gone = new List<string>();
        int Total() => kept.Sum(i => widths[i] + Gap) - Gap;
        void Shorten(int least) => widths[0] = Math.Min(widths[0], Math.Max(least, widths[0] - Math.Max(0, Total() - width)));
        void Narrow(IEnumerable<int> some, int least)
        {
            while (Total() > width && some.Where(i => widths[i] > least).OrderByDescending(i => widths[i]).ToList() is [var widest, ..])
                widths[widest]--;
        }
        while (Total() > width && kept.MaxBy(i => columns[i].Priority) is var least && columns[least].Priority > 0)
        {
            if (columns[least].Priority < Dispensable)
                Shorten(ShortFirst);
            if (Total() <= width)
                break;
            kept.Remove(least);
            gone.Add(columns[least].Header);
        }
        if (!isLive)
        {
            Shorten(EasyFirst);
            Narrow(kept.Skip(1).Where(i => columns[i].Words), EasyFirst);
        }
        Shorten(ShortestFirst);
        if (!isLive)
            Narrow(kept.Skip(1), Shortest);

        string Joined(Func<int, string> cell) =>
            string.Join(new string(' ', Gap), kept.Select(i => Padded(cell(i), widths[i], columns[i].Words))).TrimEnd();
        // What has no room goes on below itself.
        IEnumerable<string> Texts(Func<int, string> cell)
        {
            if (isLive)
                return [Joined(cell)];
            var broken = kept.ToDictionary(i => i, i => Broken(cell(i), widths[i], i == kept[0] ? "  " : ""));
            var most = broken.Values.Select(b => b.Count).DefaultIfEmpty(1).Max();
            return Enumerable.Range(0, most).Select(n => Joined(i => broken[i].ElementAtOrDefault(n) ?? ""));
        }
        var rule = new Line(new('─', Math.Clamp(Total(), 0, width)), Tone.Plain);
        foreach (var text in Texts(i => columns[i].Header))
            yield return new(text, null);
        yield return rule;
        foreach (var (tone, beginsPart, cells) in rows)
        {
            if (beginsPart)
                yield return rule;
            foreach (var text in Texts(i => cells[i]))
                yield return new(text, tone);
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

    private static List<string> Broken(string cell, int width, string indentation)
    {
        if (cell.Length <= width)
            return [cell];
        var lines = new List<string> { "" };
        var most = Math.Max(1, width - indentation.Length);
        foreach (var word in cell.Split(' ').SelectMany(w => w.Length == 0 ? [""] : w.Chunk(most).Select(part => new string(part))))
            if (lines[^1].Trim().Length == 0)
                lines[^1] += word;
            else if (lines[^1].Length + 1 + word.Length <= width)
                lines[^1] += " " + word;
            else
                lines.Add(indentation + word);
        return lines;
    }

    private static string Padded(string cell, int width, bool words)
    {
        if (cell.Length > width)
            cell = string.Concat(cell.AsSpan(0, width - 1), "…");
        return words ? cell.PadRight(width) : cell.PadLeft(width);
    }
}
