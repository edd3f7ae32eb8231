using System.Text.Json.Serialization;

namespace ArTar.Notebooks.Cells;

/// <summary>One value in the forms that front ends can choose from: text by MIME type, or a JSON tree for JSON types.</summary>
/// <param name="Data">Content by MIME type; <c>text/plain</c> is always there.</param>
public sealed record MimeBundle(JsonObject Data)
{
    /// <summary>A bundle with text alone.</summary>
    public static MimeBundle Text(string text) => new(new JsonObject { ["text/plain"] = text });

    /// <summary>A bundle with HTML, and text for where HTML cannot be shown.</summary>
    public static MimeBundle Html(string html, string text) => new(new JsonObject { ["text/html"] = html, ["text/plain"] = text });

    /// <summary>How many characters it holds, about.</summary>
    internal int Length => Data.Sum(form => form.Value is JsonValue value && value.TryGetValue<string>(out var text) ? text.Length
        : form.Value?.ToJsonString().Length ?? 0);
}

/// <summary>What a cell shows while it runs.</summary>
[JsonDerivedType(typeof(Text), "text")]
[JsonDerivedType(typeof(Display), "display")]
public abstract record CellOutput
{
    private CellOutput() { }

    /// <summary>Text written to the console.</summary>
    /// <param name="Stream"><c>stdout</c> or <c>stderr</c>.</param>
    /// <param name="Content">A piece of it, of any length; <c>\r</c> goes back to the start of the line.</param>
    public sealed record Text(string Stream, string Content) : CellOutput;

    /// <summary>A value shown in the middle of a cell.</summary>
    /// <param name="Bundle">Its forms.</param>
    /// <param name="Id">Names the display, so that it can be updated.</param>
    /// <param name="IsUpdate">Whether it replaces what the display with this id showed, in whatever cell.</param>
    public sealed record Display(MimeBundle Bundle, string Id, bool IsUpdate) : CellOutput;
}

/// <summary>Why a cell failed.</summary>
/// <param name="Name">The exception's type, or the compiler's error number.</param>
/// <param name="Message">What went wrong.</param>
/// <param name="Line">The cell's own line, from 1, where that is known.</param>
/// <param name="Trace">What a reader is shown, line by line.</param>
public sealed record CellError(string Name, string Message, int? Line, IReadOnlyList<string> Trace);

/// <summary>How a cell ended.</summary>
/// <param name="Value">The value of its last expression, when it has one that shows.</param>
/// <param name="Error">Why it failed; null when it did not.</param>
public sealed record CellResult(MimeBundle? Value, CellError? Error);
