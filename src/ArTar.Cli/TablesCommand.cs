using ArTar.Workbench.Tables;
using Spectre.Console;
using Profile = ArTar.Workbench.Tables.Profile;
using Table = ArTar.Workbench.Tables.Table;

namespace ArTar.Cli;

/// <summary><c>artar tables</c>: what there is to run. It must start at once, so it loads no data and no libtorch.</summary>
internal static class TablesCommand
{
    private const int MostRowsNamed = 8;

    public static Command Create()
    {
        var command = new Command("tables", "List the paper's tables, their rows, and the profiles to run them at.");
        var printing = new ReportOptions(command);
        command.SetAction(parsed =>
        {
            var (asked, coverage) = (printing.Read(parsed), Coverage());
            if (asked.IsTerminal && asked.Columns.Count == 0)
                Print(Terminal.Output, coverage);
            else
                asked.Print(ReportOf(coverage));
            return ExitCodes.Done;
        });
        return command.WithExamples("artar tables", "artar tables --format json");
    }

    private static Report ReportOf(ILookup<Table, TableCoverage> coverage)
    {
        List<Listed> lines = [.. Everything.Select(t =>
            new Listed(t.Id, t.Title, t.Data, Ids(t), string.Join(", ", coverage[t]), t.Question))];
        var sheet = Sheet.Of(
            [new("table"), new("title", Words: true), new("data", Words: true), new("rows", Words: true), new("results", Words: true),
                new("question", Words: true)],
            lines.Select(l => (IReadOnlyList<Cell>)[l.Table, l.Title, l.Data, l.Rows, l.Results, l.Question]));
        var document = new
        {
            Tables = Everything.Select(t => new
            {
                t.Id,
                Number = t.IsOfPaper ? t.Number : (int?)null,
                t.Title,
                t.Question,
                t.Data,
                Rows = t.Rows.Select(r => r.Id),
                Cited = t.Cited.Select(r => r.Label),
                t.Assumed,
                Results = coverage[t].Select(c =>
                    new { Profile = c.Profile.Name, c.Rows, c.Measured, FewestSeeds = c.Seeds.Least, MostSeeds = c.Seeds.Most }),
            }),
            Profiles = Profile.All.Select(p => new { p.Name, p.Description, p.Data }),
        };
        return new(sheet, document, Records.ToCsv(lines));
    }

    private sealed record Listed(string Table, string Title, string Data, string Rows, string Results, string Question);

    private static void Print(IAnsiConsole console, ILookup<Table, TableCoverage> coverage)
    {
        foreach (var t in KnownTables.OfPaper)
            Print(console, t, coverage[t]);
        console.WriteLine("Beyond the paper:\n");
        foreach (var t in KnownTables.Beyond)
            Print(console, t, coverage[t]);
        console.WriteLine("Profiles:");
        var width = Profile.All.Max(p => p.Name.Length);
        foreach (var p in Profile.All)
            Terminal.Paragraph(console, $"  {p.Name.PadRight(width)}  ", p.Description + (p.Data is null ? "" : $" (data: {p.Data})"));
        console.WriteLine();
        console.WriteLine(CommandName.In("Run one with: artar table 1 --profile quick"));
    }

    private static void Print(IAnsiConsole console, Table table, IEnumerable<TableCoverage> coverage)
    {
        var name = $"{table.Id}  ";
        var indent = new string(' ', name.Length);
        Terminal.Paragraph(console, name, $"{table.Title} ({table.Data})", "bold");
        Terminal.Paragraph(console, indent, table.Question);
        var rows = table.Rows.Count > MostRowsNamed ? $"{table.Rows.Count}, from {table.Rows[0].Id} to {table.Rows[^1].Id}" : Ids(table);
        Terminal.Paragraph(console, indent, $"rows: {rows}{(table.Cited.Count > 0 ? $"; {table.Cited.Count} cited" : "")}", "dim");
        if (coverage.Any())
            Terminal.Paragraph(console, indent, $"results: {string.Join(", ", coverage)}", "green");
        console.WriteLine();
    }

    /// <summary>What is stored, in the workspace and in the results that came with it.</summary>
    private static ILookup<Table, TableCoverage> Coverage()
    {
        var workspace = Workspace.Find();
        return TableCoverage.Of(Everything, name => Corpora.FactsOf(name, workspace), null, new RunStore(workspace),
            new RunStore(Path.Combine(workspace.Results, "runs")));
    }

    private static IEnumerable<Table> Everything => KnownTables.All;

    private static string Ids(Table table) => string.Join(", ", table.Rows.Select(r => r.Id));
}
