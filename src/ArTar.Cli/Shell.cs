namespace ArTar.Cli;

/// <summary>Commands as a shell reads them.</summary>
internal static class Shell
{
    /// <summary>A word for bash that stands for exactly this text, on one line whatever it holds.</summary>
    public static string Quoted(string text)
    {
        if (text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c)
            || c is '/' or '.' or '-' or '_' or '=' or ',' or ':' or '@' or '+'))
            return text;
        if (CleanText.Line(text) == text)
            return $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
        // What acts by its bytes, so that none of it ends a line or a comment and a terminal shows what the shell reads.
        var quoted = new StringBuilder("$'");
        foreach (var rune in text.EnumerateRunes())
            if (rune.Value is '\'' or '\\')
                quoted.Append('\\').Append(rune);
            else if (CleanText.Line(rune.ToString()) != rune.ToString())
                foreach (var b in Encoding.UTF8.GetBytes(rune.ToString()))
                    quoted.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
            else
                quoted.Append(rune);
        return quoted.Append('\'').ToString();
    }
}
