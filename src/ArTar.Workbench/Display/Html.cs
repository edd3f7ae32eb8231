using ArTar.Workbench.Output;

namespace ArTar.Workbench.Display;

/// <summary>Something made to be looked at in a notebook: HTML, and plain text for where that cannot be shown.</summary>
/// <param name="markup">The HTML.</param>
/// <param name="text">The same as plain text.</param>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed class Html(string markup, string text)
{
    /// <summary>The HTML; notebook hosts call this.</summary>
    public string ToHtml() => markup;

    /// <summary>The plain text.</summary>
    public override string ToString() => text;

    /// <summary>A table whose first column names the rows and whose other columns are figures, aligned to the right.</summary>
    /// <param name="columns">Headings.</param>
    /// <param name="rows">Cells of each row, as text that needs no escaping by the caller.</param>
    /// <param name="caption">What the table shows; null for none.</param>
    /// <param name="isMuted">Whether a cell, by its row and column from 0, stands back in grey: what is cited, what is lost.</param>
    public static Html Table(
        IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, string? caption = null,
        Func<int, int, bool>? isMuted = null) =>
        Of(Sheet.Of(
            [.. columns.Select((name, i) => new Column(name, Words: i == 0))],
            rows.Select((row, r) => (IReadOnlyList<Cell>)[.. row.Select((text, c) =>
                new Cell(text) { IsMuted = isMuted?.Invoke(r, c) == true })])) with
        {
            Title = caption ?? "",
        });

    /// <summary>Names and values, a line each.</summary>
    public static Html List(IEnumerable<(string Name, string Value)> items, string? caption = null) =>
        Table(["", ""], items.Select(i => (IReadOnlyList<string>)[i.Name, i.Value]), caption);

    /// <summary>A sheet: the heading as the caption, the notes below in small letters.</summary>
    internal static Html Of(Sheet sheet) => new(HtmlTable.Of(sheet), PlainText.Of(sheet));

    /// <summary>Text with the characters escaped that mean something in HTML, and without those that are not seen but act.</summary>
    public static string Encode(string text) => HtmlTable.Encode(text);
}
