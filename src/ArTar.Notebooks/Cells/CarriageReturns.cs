namespace ArTar.Notebooks.Cells;

/// <summary>Text in which <c>\r</c> goes back to the start of the line, as progress bars use it.</summary>
internal static class CarriageReturns
{
    /// <summary>
    /// Removes what is overwritten within a piece of a stream. What the piece overwrites of the text before it stays to be
    /// done by whoever shows it.
    /// </summary>
    public static string Shorten(string piece)
    {
        if (!piece.Contains('\r', StringComparison.Ordinal))
            return piece;
        var lines = piece.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var isOpen = i == lines.Length - 1;
            if (i > 0 && !isOpen)
            {
                lines[i] = Written(lines[i]); // whole, so that nobody sees later that its blanks only covered something
                continue;
            }
            // The first line goes on after text that is not known here: its first \r must stay, unless nothing follows it.
            var known = i == 0 ? lines[0].IndexOf('\r', StringComparison.Ordinal) + 1 : 0;
            var rest = Overwrite(lines[i][known..], isOpen);
            lines[i] = rest.Length == 0 && known > 0 && !isOpen ? lines[i][..(known - 1)] : lines[i][..known] + rest;
        }
        return string.Join('\n', lines);
    }

    /// <summary>The text as it stands at the end, all of it known.</summary>
    public static string Final(string text) => text.Contains('\r', StringComparison.Ordinal)
        ? string.Join('\n', text.Split('\n').Select(Written))
        : text;

    // Blanks that covered a longer text are no part of what is written.
    private static string Written(string line) => line.Contains('\r', StringComparison.Ordinal)
        ? Overwrite(line, isOpen: false).TrimEnd(' ') : line;

    // An open line may be written on, from where its last part ends: that part must stay the last.
    private static string Overwrite(string line, bool isOpen)
    {
        if (!line.Contains('\r', StringComparison.Ordinal))
            return line;
        var parts = line.Split('\r');
        var before = Overlay(parts[..^1]);
        return isOpen && parts[^1].Length < before.Length ? before + "\r" + parts[^1] : Overlay([before, parts[^1]]);
    }

    private static string Overlay(IEnumerable<string> parts) =>
        parts.Aggregate("", (written, part) => part.Length >= written.Length ? part : part + written[part.Length..]);
}
