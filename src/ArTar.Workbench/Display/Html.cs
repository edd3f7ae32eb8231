using System.Globalization;
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
    /// <param name="isMuted">Whether a cell, by its row and column from 0, stands back in grey: what is cited, what is lost.</param>
    public static Html Table(
        IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, string? caption = null, Func<int, int, bool>? isMuted = null)
    {
        var all = rows.ToList();
        var markup = new StringBuilder("<table>");
        if (caption is not null)
            markup.Append("<caption style=\"text-align:left\">").Append(Encode(caption)).Append("</caption>");
        void Row(IReadOnlyList<string> cells, string tag, int row)
        {
            markup.Append("<tr>");
            for (var i = 0; i < cells.Count; i++)
            {
                var style = (i == 0 ? "text-align:left" : "text-align:right") + (row >= 0 && isMuted?.Invoke(row, i) == true ? ";color:#767676" : "");
                markup.Append(CultureInfo.InvariantCulture, $"<{tag} style=\"{style}\">{Encode(cells[i])}</{tag}>");
            }
            markup.Append("</tr>");
        }
        markup.Append("<thead>");
        Row(columns, "th", -1);
        markup.Append("</thead><tbody>");
        foreach (var (index, row) in all.Index())
            Row(row, "td", index);
        markup.Append("</tbody></table>");

        var widths = columns.Select((name, i) => all.Select(r => r[i].Length).Append(name.Length).Max()).ToList();
        string Line(IReadOnlyList<string> cells) =>
            string.Join("  ", cells.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd();
        var lines = all.Select(Line).Prepend(Line(columns));
        return new(markup.ToString(), string.Join('\n', caption is null ? lines : lines.Prepend(caption)));
    }

    /// <summary>Names and values, a line each.</summary>
    public static Html List(IEnumerable<(string Name, string Value)> items, string? caption = null) =>
        Table(["", ""], items.Select(i => (IReadOnlyList<string>)[i.Name, i.Value]), caption);

    /// <summary>The same with lines in small letters below it.</summary>
    public Html With(IEnumerable<string> notes)
    {
        var all = notes.ToList();
        return new(markup + string.Concat(all.Select(n => $"<div style=\"font-size:smaller\">{Encode(n)}</div>")), string.Join('\n', all.Prepend(text)));
    }

    /// <summary>Text with the characters escaped that mean something in HTML.</summary>
    public static string Encode(string text) => WebUtility.HtmlEncode(text);
}
