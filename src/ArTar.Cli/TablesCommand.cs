using System.CommandLine;
using System.Text.Json.Nodes;
using ArTar.Workbench;
using ArTar.Workbench.Experiments;
using Spectre.Console;
using Profile = ArTar.Workbench.Experiments.Profile;

namespace ArTar.Cli;

/// <summary><c>artar tables</c>: what there is to run. It must start at once, so it loads no data and no libtorch.</summary>
internal static class TablesCommand
{
    public static Command Create()
    {
        var format = CommonOptions.Format("table", "markdown", "csv", "json");
        var command = new Command("tables", "List the paper's tables, their rows, and the profiles to run them at.") { format };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(format)));
        return command.WithExamples("artar tables", "artar tables --format json");
    }

    private static int Run(string format)
    {
        switch (format)
        {
            case "markdown":
                Console.Out.Write("| table | title | data | rows | question |\n| ---: | --- | --- | --- | --- |\n");
                foreach (var t in PaperTables.All)
                    Console.Out.Write($"| {t.Number} | {t.Title} | {t.Data} | {Ids(t)} | {t.Question} |\n");
                break;
            case "csv":
                Console.Out.Write("table,title,data,rows,question\n");
                foreach (var t in PaperTables.All)
                    Console.Out.Write($"{t.Number},\"{t.Title}\",{t.Data},\"{Ids(t)}\",\"{t.Question}\"\n");
                break;
            case "json":
                Console.Out.Write(AsJson().ToJsonString(Json.Indented) + "\n");
                break;
            default:
                Print(Terminal.Output);
                break;
        }
        return ExitCodes.Done;
    }

    private static void Print(IAnsiConsole console)
    {
        foreach (var t in PaperTables.All)
        {
            Terminal.Paragraph(console, $"{t.Number}  ", $"{t.Title} ({t.Data})", "bold");
            Terminal.Paragraph(console, "   ", t.Question);
            var cited = t.Cited.Count > 0 ? $"; {t.Cited.Count} cited" : "";
            Terminal.Paragraph(console, "   ", $"rows: {Ids(t)}{cited}", "dim");
            console.WriteLine();
        }
        console.WriteLine("Profiles:");
        var width = Profile.All.Max(p => p.Name.Length);
        foreach (var p in Profile.All)
            Terminal.Paragraph(console, $"  {p.Name.PadRight(width)}  ", p.Description + (p.Data is null ? "" : $" (data: {p.Data})"));
        console.WriteLine();
        console.WriteLine("Run one with: artar table 1 --profile quick");
    }

    private static JsonObject AsJson() => new()
    {
        ["tables"] = new JsonArray([.. PaperTables.All.Select(t => new JsonObject
        {
            ["number"] = t.Number,
            ["title"] = t.Title,
            ["question"] = t.Question,
            ["data"] = t.Data,
            ["rows"] = new JsonArray([.. t.Rows.Select(r => (JsonNode)r.Id)]),
            ["cited"] = new JsonArray([.. t.Cited.Select(r => (JsonNode)r.Label)]),
            ["assumed"] = t.Assumed,
        })]),
        ["profiles"] = new JsonArray([.. Profile.All.Select(p => new JsonObject { ["name"] = p.Name, ["description"] = p.Description, ["data"] = p.Data })]),
    };

    private static string Ids(PaperTable table) => string.Join(", ", table.Rows.Select(r => r.Id));
}
