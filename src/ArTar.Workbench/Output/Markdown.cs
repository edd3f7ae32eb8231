namespace ArTar.Workbench.Output;

/// <summary>Sheets in Markdown.</summary>
internal static class Markdown
{
    /// <summary>The whole sheet: heading in bold, table, notes as a list.</summary>
    public static string Of(Sheet sheet)
    {
        var heading = sheet.Title.Length == 0 ? ""
            : $"**{Escaped(sheet.Title)}**{(sheet.Subtitle.Length == 0 ? "" : $" ({Escaped(sheet.Subtitle)})")}\n\n";
        var notes = sheet.Notes.Count == 0 ? "" : "\n" + string.Concat(sheet.Notes.Select(n => $"- {Escaped(n)}\n"));
        return heading + Table(sheet) + notes;
    }

    /// <summary>The table alone.</summary>
    public static string Table(Sheet sheet)
    {
        var text = new StringBuilder();
        void Line(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        Line(sheet.Columns.Select(c => Escaped(c.Header)));
        Line(sheet.Columns.Select(c => c.Words ? "---" : "---:"));
        foreach (var row in sheet.Rows)
            Line(row.Cells.Zip(sheet.Columns, Shown));
        return text.ToString();
    }

    private static string Shown(Cell cell, Column column)
    {
        // Within code nothing is escaped but what ends a cell.
        var text = column.IsCode && cell.Text.Length > 0
            ? $"`{CleanText.Line(cell.Text).Replace('`', '\'').Replace("|", "\\|", StringComparison.Ordinal)}`" : Escaped(cell.Text);
        return cell.Link is null ? text : $"[{text}]({cell.Link})";
    }

    /// <summary>Lines of code within a fence that none of them closes.</summary>
    public static string Code(string language, IEnumerable<string> lines)
    {
        var code = string.Concat(lines.Select(l => CleanText.Line(l) + "\n"));
        var fence = "```";
        while (code.Contains(fence, StringComparison.Ordinal))
            fence += '`';
        return $"{fence}{language}\n{code}{fence}\n";
    }

    /// <summary>Text with the characters escaped that mean something within a line.</summary>
    public static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var c in CleanText.Line(text))
            (c is '\\' or '|' or '<' or '*' or '`' or '[' or ']' ? escaped.Append('\\') : escaped).Append(c);
        return escaped.ToString();
    }
}
