using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using Spectre.Console;

namespace ArTar.Cli;

/// <summary>A table on the terminal.</summary>
internal static class TableView
{
    // What goes first where there is little room, by column; see TextTable.
    private static readonly Dictionary<string, int> priorities = new()
    {
        ["tokens/s"] = 7, ["paper"] = 6, ["time"] = 5, ["train"] = 4, ["gain %"] = 3, ["params"] = 2, ["gain"] = 1,
    };

    public static void Write(IAnsiConsole console, TableReport report)
    {
        var plan = report.Plan;
        Terminal.Paragraph(console, "", $"{plan.Table.Name} (profile {plan.Profile.Name}, on {plan.Corpus.Title})", "bold");
        console.WriteLine();
        var table = new TextTable([.. TableLayout.Columns.Select((name, i) =>
            new TextColumn(name, Words: i == 0 || i == TableLayout.Columns.Count - 1, priorities.GetValueOrDefault(name)))]);
        var lines = TableLayout.Lines(report);
        foreach (var line in lines.Where(l => !l.Cited))
            table.Add(line.Cells);
        if (lines.Any(l => l.Cited))
            table.AddRule();
        foreach (var line in lines.Where(l => l.Cited))
            table.Add([$"cited: {line.Cells[0]}", .. line.Cells.Skip(1).SkipLast(1), ""], "dim");
        table.Write(console);
        console.WriteLine();
        foreach (var line in TableLayout.Legend(report))
            Terminal.Paragraph(console, "- ", line, "dim");
    }

    /// <summary>The table in the format that was asked for.</summary>
    /// <param name="report">The table.</param>
    /// <param name="format">markdown, csv or json.</param>
    public static string Formatted(TableReport report, string format) => format switch
    {
        "markdown" => TableFormats.Markdown(report),
        "csv" => TableFormats.Csv(report),
        _ => TableFormats.ToJson(report),
    };
}
