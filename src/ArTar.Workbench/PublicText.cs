using System.Text.RegularExpressions;

namespace ArTar.Workbench;

/// <summary>
/// Texts that go where others read them: of a path only the last name is left, as what comes before tells of a machine and its user.
/// </summary>
internal static partial class PublicText
{
    /// <summary>A text, an error's say, without folders.</summary>
    public static string Of(string text)
    {
        var quoted = Quoted().Replace(text, m => $"{m.Groups[1].Value}{NameOf(m.Groups[2].Value)}{m.Groups[1].Value}");
        return Unquoted().Replace(quoted, m => NameOf(m.Value));
    }

    /// <summary>The last name of a path; a name stays as it is.</summary>
    public static string NameOf(string path)
    {
        var trimmed = path.TrimEnd('/', '\\');
        return trimmed[(trimmed.LastIndexOfAny(['/', '\\']) + 1)..];
    }

    [GeneratedRegex("""(['"])((?:/|[A-Za-z]:[/\\]|\\\\)(?:(?!\1)[^\n])+)\1""")]
    private static partial Regex Quoted();

    // Not within a word, an address or a fraction: /home/me/x, C:\Users\me\x, \\server\x.
    [GeneratedRegex("""(?<![\w/\\.:*])(?:/(?=[^\s/]+/)|[A-Za-z]:[/\\]|\\\\)[^\s'"<>|:;,()\]]+""")]
    private static partial Regex Unquoted();
}
