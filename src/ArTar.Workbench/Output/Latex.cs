namespace ArTar.Workbench.Output;

/// <summary>Sheets for papers, in LaTeX with the package booktabs; the best figure of a column is bold.</summary>
internal static class Latex
{
    /// <summary>The table. Its notes stand above it as comments; <see cref="Caption(Sheet)"/> makes words for the page of them.</summary>
    /// <param name="sheet">The sheet.</param>
    /// <param name="siunitx">Figures in columns of the package siunitx, aligned at the decimal point.</param>
    public static string Of(Sheet sheet, bool siunitx = false)
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        foreach (var note in sheet.Notes.Prepend(sheet.Heading).Where(n => n.Length > 0))
            Line($"% {CleanText.Line(note)}");
        Line(siunitx ? @"% needs \usepackage{booktabs}, \usepackage{siunitx}, \usepackage{etoolbox} and \robustify\bfseries"
            : @"% needs \usepackage{booktabs}");
        var aligned = sheet.Columns.Select((c, i) => siunitx && sheet.Rows.Any(r => r.Cells[i].Mean is not null)).ToList();
        if (siunitx)
            Line(@"\begingroup\sisetup{separate-uncertainty, retain-explicit-plus, detect-weight}");
        var places = string.Concat(sheet.Columns.Select((c, i) => aligned[i] ? Aligned(sheet, i) : c.Words ? "l" : "r"));
        Line($@"\begin{{tabular}}{{@{{}}{places}@{{}}}}");
        Line(@"  \toprule");
        Line($@"  {string.Join(" & ", sheet.Columns.Select((c, i) => aligned[i] ? $"{{{Escaped(c.Header)}}}" : Escaped(c.Header)))} \\");
        Line(@"  \midrule");
        foreach (var row in sheet.Rows)
        {
            if (row.BeginsPart)
                Line(@"  \midrule");
            Line($@"  {string.Join(" & ", row.Cells.Select((cell, i) => Shown(cell, aligned[i], sheet.IsBest(row, i))))} \\");
        }
        Line(@"  \bottomrule");
        Line(@"\end{tabular}");
        if (siunitx)
            Line(@"\endgroup");
        return text.ToString();
    }

    /// <summary>The table's caption, as a command of its own: what the table shows, and what its figures depend on.</summary>
    public static string Caption(Sheet sheet) => Caption(sheet.Title, sheet.Notes.Prepend(sheet.Heading));

    /// <summary>A caption.</summary>
    /// <param name="title">As a list of tables or figures has it.</param>
    /// <param name="sentences">What stands below the table or figure; empty ones are left out.</param>
    public static string Caption(string title, IEnumerable<string> sentences)
    {
        var lines = sentences.Where(n => n.Length > 0).Select(n => $"  {Escaped(n.TrimEnd('.'))}.\n");
        return $"\\caption[{Escaped(title)}]{{%\n{string.Concat(lines)}}}\n";
    }

    private static string Shown(Cell cell, bool aligned, bool best)
    {
        if (cell.Text.Length == 0)
            return "";
        if (cell.Mean is null)
            return aligned ? $"{{{Escaped(cell.Text)}}}" : Escaped(cell.Text);
        var figure = cell.Text.Replace(Printed.Minus, '-'); // of which TeX makes a minus itself
        if (aligned)
            return (best ? @"\bfseries " : "") + figure.Replace(" ± ", " +- ", StringComparison.Ordinal);
        var math = figure.Replace("±", @"\pm", StringComparison.Ordinal);
        return best ? $@"$\mathbf{{{math}}}$" : $"${math}$";
    }

    /// <summary>siunitx wants to know how much room the widest figure takes: <c>S[table-format = +3.2(2)]</c>.</summary>
    private static string Aligned(Sheet sheet, int column)
    {
        var figures = sheet.Rows.Select(r => r.Cells[column]).Where(c => c.Mean is not null).ToList();
        var means = figures.Select(f => f.Text.Split(" ± ")[0].TrimStart('+', Printed.Minus).Split('.')).ToList();
        var decimals = means.Max(m => m.Length > 1 ? m[1].Length : 0);
        var spread = figures.Where(f => f.Deviation is not null)
            .Select(f => f.Text.Split(" ± ")[^1].Replace(".", "", StringComparison.Ordinal).TrimStart('0').Length).DefaultIfEmpty(0).Max();
        var sign = figures.Any(f => f.Text[0] is '+' or Printed.Minus) ? "+" : "";
        return $"S[table-format = {sign}{means.Max(m => m[0].Length)}.{decimals}{(spread > 0 ? $"({Math.Max(1, spread)})" : "")}]";
    }

    /// <summary>Text with the characters escaped that mean something in LaTeX.</summary>
    public static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var c in CleanText.Line(text))
            escaped.Append(c switch
            {
                '\\' => @"\textbackslash{}",
                '~' => @"\textasciitilde{}",
                '^' => @"\textasciicircum{}",
                '<' => @"\textless{}",
                '>' => @"\textgreater{}",
                '|' => @"\textbar{}",
                '"' => @"\textquotedbl{}",
                '±' => @"$\pm$",
                Printed.Minus => "$-$",
                '[' or ']' or '*' => $"{{{c}}}", // after a row's end they would be its options, in a caption's its end
                '&' or '%' or '$' or '#' or '_' or '{' or '}' => $@"\{c}",
                _ => c.ToString(),
            });
        return escaped.ToString();
    }
}
