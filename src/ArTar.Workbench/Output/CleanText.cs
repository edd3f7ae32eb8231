using System.Buffers;

namespace ArTar.Workbench.Output;

/// <summary>
/// Text that others wrote (tokens, names, messages) made safe for a terminal, a page or a picture: what is not seen but acts, as
/// an escape sequence, a line's end in a name or a mark that turns the direction of writing, is replaced by a sign that is seen.
/// </summary>
internal static class CleanText
{
    private const char Unknown = '\uFFFD';

    private static readonly SearchValues<char> plain =
        SearchValues.Create(string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c)));

    /// <summary>Text for one line: no character that acts is left.</summary>
    public static string Line(string text) => Clean(text, keepsLines: false);

    /// <summary>The same with its lines and tabs.</summary>
    public static string Lines(string text) => Clean(text, keepsLines: true);

    private static string Clean(string text, bool keepsLines)
    {
        if (!text.AsSpan().ContainsAnyExcept(plain))
            return text;
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) // half of a surrogate pair comes out as U+FFFD
            if (keepsLines && rune.Value is '\n' or '\t' or '\r')
                clean.Append((char)rune.Value);
            else if (Rune.GetUnicodeCategory(
                rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                clean.Append(Picture(rune.Value));
            else if (TurnsDirection(rune.Value) || (rune.Value & 0xFFFE) == 0xFFFE)
                clean.Append(Unknown);
            else
                clean.Append(rune);
        return clean.ToString();
    }

    // Unicode has pictures of the first control characters: ␛ for escape, ␊ for a line's end.
    private static char Picture(int control) => control < ' ' ? (char)('\u2400' + control) : control == 0x7F ? '\u2421' : Unknown;

    internal static bool TurnsDirection(int character) => character is >= 0x202A and <= 0x202E or >= 0x2066 and <= 0x2069;
}
