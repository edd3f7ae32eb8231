using System.Net;
using System.Text;

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
    public static Html Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, string? caption = null)
    {
        var all = rows.ToList();
        var markup = new StringBuilder("<table>");
        if (caption is not null)
            markup.Append("<caption style=\"text-align:left\">").Append(Encode(caption)).Append("</caption>");
        void Row(IReadOnlyList<string> cells, string tag)
        {
            markup.Append("<tr>");
            for (var i = 0; i < cells.Count; i++)
                markup.Append('<').Append(tag).Append(i == 0 ? " style=\"text-align:left\">" : " style=\"text-align:right\">").Append(Encode(cells[i])).Append("</").Append(tag).Append('>');
            markup.Append("</tr>");
        }
        markup.Append("<thead>");
        Row(columns, "th");
        markup.Append("</thead><tbody>");
        foreach (var row in all)
            Row(row, "td");
        markup.Append("</tbody></table>");

        var widths = columns.Select((name, i) => all.Select(r => r[i].Length).Append(name.Length).Max()).ToList();
        string Line(IReadOnlyList<string> cells) =>
            string.Join("  ", cells.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd();
        var lines = all.Select(Line).Prepend(Line(columns));
        return new(markup.ToString(), string.Join('\n', caption is null ? lines : lines.Prepend(caption)));
    }

    /// <summary>Text with the characters escaped that mean something in HTML.</summary>
    public static string Encode(string text) => WebUtility.HtmlEncode(text);
}
