using System.CommandLine;
using System.Text.Json.Nodes;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
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
        var format = CommonOptions.Format("table", "markdown", "csv", "json");
        var command = new Command("tables", "List the paper's tables, their rows, and the profiles to run them at.") { format };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(format)));
        return command.WithExamples("artar tables", "artar tables --format json");
    }

    private static int Run(string format)
    {
        var coverage = Coverage();
        switch (format)
        {
            case "markdown":
                Console.Out.Write("| table | title | data | rows | results | question |\n| ---: | --- | --- | --- | --- | --- |\n");
                foreach (var t in Everything)
                    Console.Out.Write($"| {t.Id} | {t.Title} | {t.Data} | {Ids(t)} | {string.Join(", ", coverage[t])} | {t.Question} |\n");
                break;
            case "csv":
                Console.Out.Write("table,title,data,rows,results,question\n");
                foreach (var t in Everything)
                    Console.Out.Write(Csv.Line([t.Id, t.Title, t.Data, Ids(t), string.Join(", ", coverage[t]), t.Question]));
                break;
            case "json":
                Console.Out.Write(AsJson(coverage).ToJsonString(Json.Indented) + "\n");
                break;
            default:
                Print(Terminal.Output, coverage);
                break;
        }
        return ExitCodes.Done;
    }

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
        return TableCoverage.Of(Everything, name => Corpora.FactsOf(name, workspace), null, new RunStore(workspace), new RunStore(Path.Combine(workspace.Results, "runs")));
    }

    private static JsonObject AsJson(ILookup<Table, TableCoverage> coverage) => new()
    {
        ["tables"] = new JsonArray([.. Everything.Select(t => new JsonObject
        {
            ["id"] = t.Id,
            ["number"] = t.IsOfPaper ? t.Number : null,
            ["title"] = t.Title,
            ["question"] = t.Question,
            ["data"] = t.Data,
            ["rows"] = new JsonArray([.. t.Rows.Select(r => (JsonNode)r.Id)]),
            ["cited"] = new JsonArray([.. t.Cited.Select(r => (JsonNode)r.Label)]),
            ["assumed"] = t.Assumed,
            ["results"] = new JsonArray([.. coverage[t].Select(c => new JsonObject
            {
                ["profile"] = c.Profile.Name, ["rows"] = c.Rows, ["measured"] = c.Measured, ["fewest_seeds"] = c.Seeds.Least, ["most_seeds"] = c.Seeds.Most,
            })]),
        })]),
        ["profiles"] = new JsonArray([.. Profile.All.Select(p => new JsonObject { ["name"] = p.Name, ["description"] = p.Description, ["data"] = p.Data })]),
    };

    private static IEnumerable<Table> Everything => KnownTables.All;

    private static string Ids(Table table) => string.Join(", ", table.Rows.Select(r => r.Id));
}
