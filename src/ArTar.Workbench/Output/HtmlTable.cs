using System.Net;

namespace ArTar.Workbench.Output;

/// <summary>Sheets in HTML, for notebooks and pages.</summary>
internal static class HtmlTable
{
    /// <summary>A table with the heading as its caption, and the notes folded below it.</summary>
    public static string Of(Sheet sheet)
    {
        var markup = new StringBuilder("<table>");
        if (sheet.Heading.Length > 0)
            markup.Append("<caption style=\"text-align:left\">").Append(Encode(sheet.Heading)).Append("</caption>");
        void Row(string tag, IEnumerable<Cell> cells, Tone tone)
        {
            markup.Append("<tr>");
            foreach (var (i, cell) in cells.Index())
            {
                var style = $"text-align:{(i == 0 || sheet.Columns[i].Words ? "left" : "right")}"
                    + (tone == Tone.Muted || cell.IsMuted ? ";color:#767676" : tone == Tone.Bad ? ";color:#a83c00" : "");
                markup.Append(CultureInfo.InvariantCulture, $"<{tag} style=\"{style}\">{Encode(cell.Text)}</{tag}>");
            }
            markup.Append("</tr>");
        }
        markup.Append("<thead>");
        Row("th", sheet.Columns.Select(c => new Cell(c.Header)), Tone.Plain);
        markup.Append("</thead><tbody>");
        foreach (var row in sheet.Rows)
            Row("td", row.Cells, row.Tone);
        markup.Append("</tbody></table>");
        if (sheet.Notes.Count > 0)
            markup.Append("<details><summary>circumstances</summary>")
                .AppendJoin("", sheet.Notes.Select(note => $"<div style=\"font-size:smaller\">{Encode(note)}</div>")).Append("</details>");
        return markup.ToString();
    }

    /// <summary>JSON that can stand in a page's script: a text in it does not end the script.</summary>
    public static string InScript(string json) => json.Replace("<", "\\u003c", StringComparison.Ordinal);

    /// <summary>Text with the characters escaped that mean something in HTML, and without those that are not seen but act.</summary>
    public static string Encode(string text) => WebUtility.HtmlEncode(CleanText.Lines(text));
}
