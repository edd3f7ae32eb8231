using ArTar.Notebooks.Cells;

namespace ArTar.Notebooks.Jupyter;

/// <summary>What the kernel answers, in the protocol's terms.</summary>
internal static class Replies
{
    // The key by which front ends find out what kind of thing each name is.
    private const string Kinds = "_jupyter_types_experimental";

    /// <summary>What the kernel is.</summary>
    public static JsonObject Info() => new()
    {
        ["protocol_version"] = "5.3",
        ["implementation"] = "artar",
        ["implementation_version"] = typeof(Kernel).Assembly.GetName().Version!.ToString(3),
        ["language_info"] = new JsonObject
        {
            ["name"] = "csharp",
            ["version"] = "14.0",
            ["mimetype"] = "text/x-csharp",
            ["file_extension"] = ".cs",
            ["pygments_lexer"] = "csharp",
            ["codemirror_mode"] = "text/x-csharp",
        },
        ["banner"] = "C# (ArTar)",
        ["debugger"] = false,
        ["help_links"] = new JsonArray(),
    };

    /// <summary>An error, as a message of its own and within a reply.</summary>
    public static JsonObject Of(CellError error) => new()
    {
        ["ename"] = error.Name,
        ["evalue"] = error.Message,
        ["traceback"] = new JsonArray([.. CellErrors.Colored(error).Select(l => JsonValue.Create(l))]),
    };

    /// <summary>The names that fit at a place.</summary>
    public static JsonObject Of(Suggestions suggestions, string code) => new()
    {
        ["matches"] = new JsonArray([.. suggestions.Names.Select(n => JsonValue.Create(n))]),
        ["cursor_start"] = CodePoints(code, suggestions.Start),
        ["cursor_end"] = CodePoints(code, suggestions.End),
        ["metadata"] = new JsonObject { [Kinds] = new JsonArray([.. suggestions.Items.Select(i => Kind(i, code, suggestions))]) },
    };

    /// <summary>A place in code in .NET's units; the protocol counts code points.</summary>
    public static int Utf16(string code, int points) => code.EnumerateRunes().Take(points).Sum(r => r.Utf16SequenceLength);

    private static int CodePoints(string code, int units) => code[..units].EnumerateRunes().Count();

    private static JsonObject Kind(Suggestion item, string code, Suggestions suggestions) => new()
    {
        ["start"] = CodePoints(code, suggestions.Start),
        ["end"] = CodePoints(code, suggestions.End),
        ["text"] = item.Name,
        ["type"] = item.Kind,
        ["signature"] = item.Signature,
    };
}
