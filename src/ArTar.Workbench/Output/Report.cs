namespace ArTar.Workbench.Output;

/// <summary>Something to print: what people read of it, and what scripts read.</summary>
/// <param name="Sheet">For people.</param>
/// <param name="Document">For scripts: the record that JSON is written of.</param>
/// <param name="Csv">The same as comma-separated values: a header and a line for each row.</param>
internal sealed record Report(Sheet Sheet, object Document, string Csv)
{
    /// <summary>The formats that <see cref="As"/> knows.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["markdown", "csv", "json", "latex", "html"];

    /// <summary>Reports in a format: several tables after each other, one list of records.</summary>
    public static string As(string format, IReadOnlyList<Report> reports, bool siunitx = false) => format switch
    {
        "markdown" => string.Join("\n", reports.Select(r => Markdown.Of(r.Sheet.WithoutEmptyColumns()))),
        "csv" => string.Concat(reports.Select((r, i) => i == 0 ? r.Csv : r.Csv[(r.Csv.IndexOf('\n', StringComparison.Ordinal) + 1)..])),
        "json" => Records.ToJson(reports is [var one] ? one.Document : reports.Select(r => r.Document).ToList()),
        "latex" => string.Join("\n", reports.Select(r => Latex.Of(r.Sheet.WithoutEmptyColumns(), siunitx))),
        "html" => string.Join("\n", reports.Select(r => HtmlTable.Of(r.Sheet.WithoutEmptyColumns()))) + "\n",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };
}
