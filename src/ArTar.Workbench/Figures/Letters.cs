using System.Net;

namespace ArTar.Workbench.Figures;

/// <summary>
/// How wide words are, and how they are broken or shortened for a room. Widths are those of DejaVu Sans, the widest of the usual letters,
/// as the machine that draws may have no other. Words of charts are written for plotly.js (<see cref="Plot.Plain"/>).
/// </summary>
internal static class Letters
{
    /// <summary>Width of a text's longest line, in pixels.</summary>
    public static double Width(string text, double size = Plot.FontSize) =>
        size * text.Split("<br>").Max(line => WebUtility.HtmlDecode(line).Sum(Width));

    /// <summary>Lines of a text that has been broken.</summary>
    public static int Lines(string text) => text.Split("<br>").Length;

    /// <summary>Texts with line breaks between their words.</summary>
    public static IReadOnlyList<string> Broken(IEnumerable<string> texts, double room) => [.. texts.Select(text => string.Join("<br>",
        Lines(WebUtility.HtmlDecode(text), Math.Max(room, 3 * Plot.FontSize), Plot.FontSize).Select(Plot.Plain)))];

    /// <summary>A plain text's lines.</summary>
    public static List<string> Lines(string text, double room, double size)
    {
        var lines = new List<string>();
        foreach (var word in text.Split(' '))
            if (lines.Count > 0 && size * (lines[^1].Sum(Width) + Width(' ') + word.Sum(Width)) <= room)
                lines[^1] += " " + word;
            else
                lines.Add(word);
        return lines;
    }

    /// <summary>A word as long as its place, cut at its end; figures stay whole.</summary>
    public static string Shortened(string word, double room) =>
        Width(word) <= room || WebUtility.HtmlDecode(word).Any(char.IsAsciiDigit) ? word : Cut(word, room, atEnd: true);

    /// <summary>
    /// Names of rows in one line each: one that goes on where the row above began shows what is added to it, and what is too long loses its
    /// middle, as names begin with a technique and end with its strength.
    /// </summary>
    /// <param name="names">The names from the bottom up.</param>
    /// <param name="room">Their most width.</param>
    public static IReadOnlyList<string> InOneLine(IReadOnlyList<string> names, double room)
    {
        string Added(int i) => i + 1 < names.Count && names[i].StartsWith(names[i + 1] + ", ", StringComparison.Ordinal)
            ? $"\u2003… {names[i][(names[i + 1].Length + 2)..]}" : names[i];
        List<string> whole = [.. names.Select((_, i) => Added(i))];
        string InRoom(string name, bool atWord) => Width(name) <= room ? name : Cut(name, room, atEnd: false, atWord);
        var cut = whole.Select(n => InRoom(n, atWord: true)).ToList();
        return [.. cut.Select((n, i) => cut.Count(other => other == n) > 1 ? InRoom(whole[i], atWord: false) : n)];
    }

    // The end that is kept begins with a word, unless that leaves other names the same.
    private static string Cut(string text, double room, bool atEnd, bool atWord = false)
    {
        var plain = WebUtility.HtmlDecode(text);
        for (var letters = plain.Length - 1; ; letters--)
        {
            var tail = atEnd ? 0 : letters / 2;
            if (atWord && plain.IndexOf(' ', plain.Length - tail) is > 0 and var blank)
                tail = plain.Length - blank - 1;
            var cut = Plot.Plain($"{plain[..(letters - tail)].TrimEnd(' ', ',')}…{plain[^tail..].TrimStart()}");
            if (Width(cut) <= room || letters <= 3)
                return cut;
        }
    }

    private static double Width(char c) => c switch
    {
        ' ' or '.' or ',' or ':' or ';' or '\'' or '|' or 'i' or 'j' or 'l' or 'I' => 0.34,
        'f' or 'r' or 't' or '(' or ')' or '-' => 0.42,
        'm' or 'w' or 'M' or 'W' or '%' => 1,
        '+' or '=' or '±' or '<' or '>' => 0.84,
        >= 'A' and <= 'Z' or '&' => 0.74,
        '\u200B' => 0,
        < '\u0250' => 0.64,
        _ => 1,
    };
}
