using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ArTar.Workbench.Display;
using ArTar.Workbench.Runs;

namespace ArTar.Workbench.Tables;

/// <summary>A table for papers and scripts.</summary>
internal static class TableFormats
{
    private static readonly string[] csvColumns =
    [
        "table", "kind", "row", "label", "run", "status", "seed", "parameters", "valid_perplexity", "test_perplexity", "valid_loss", "test_loss",
        "gain_perplexity", "gain_percent", "best_epoch", "last_train_perplexity", "seconds", "tokens_per_second", "best_possible_valid", "best_possible_test",
        "profile", "values", "data", "data_hash", "started", "device", "kernels", "threads", "processor", "os", "dotnet", "libtorch", "workbench", "peak_memory_bytes", "error",
    ];

    /// <summary>A table in Markdown, as a reader sees it: cells as on the terminal, the legend as a list.</summary>
    public static string Markdown(TableReport report)
    {
        var lines = TableLayout.Lines(report);
        var remarks = lines.Any(l => l.Cells[^1].Length > 0);
        var columns = Enumerable.Range(0, TableLayout.Columns.Count - (remarks ? 0 : 1)).ToList();
        var text = new StringBuilder();
        void Line(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells.Select(c => c.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
        text.Append(CultureInfo.InvariantCulture, $"**{report.Plan.Table.Name}** (profile {report.Plan.Profile.Name}, on {report.Plan.Corpus.Title})\n\n");
        Line(columns.Select(c => TableLayout.Columns[c]));
        Line(columns.Select(c => c == 0 || c == TableLayout.Columns.Count - 1 ? "---" : "---:"));
        foreach (var line in lines)
            Line(columns.Select(c => line.Cells[c]));
        text.Append('\n');
        foreach (var line in TableLayout.Legend(report))
            text.Append("- ").Append(line).Append('\n');
        return text.ToString();
    }

    /// <summary>A table for notebooks: columns that hold something, what is cited or lost in grey, the legend below.</summary>
    public static Html Html(TableReport report)
    {
        var lines = TableLayout.Lines(report);
        var columns = Enumerable.Range(0, TableLayout.Columns.Count).Where(c => lines.Any(l => l.Cells[c].Length > 0)).ToList();
        return Display.Html.Table(
            [.. columns.Select(c => TableLayout.Columns[c])],
            lines.Select(l => (IReadOnlyList<string>)[.. columns.Select(c => l.Cells[c])]),
            $"{report.Plan.Table.Name} (profile {report.Plan.Profile.Name})",
            (row, column) => lines[row].Cited || lines[row].Cells[columns[column]] == TableLayout.Lost)
            .With(TableLayout.Legend(report));
    }

    /// <summary>A table as comma-separated values: a header, then a line for each measured row and seed and each cited row, in full precision.</summary>
    public static string Csv(TableReport report)
    {
        var text = new StringBuilder();
        text.Append(Workbench.Csv.Line(csvColumns));
        foreach (var record in Records(report))
            text.Append(Workbench.Csv.Line(csvColumns.Select(column => Text(record[column]))));
        return text.ToString();
    }

    /// <summary>A table as one JSON object: the question, the legend, and <c>rows</c> with the fields of <see cref="Csv"/>.</summary>
    public static string ToJson(TableReport report)
    {
        var table = report.Plan.Table;
        var node = new JsonObject
        {
            ["table"] = Id(table),
            ["title"] = table.Title,
            ["question"] = table.Question,
            ["profile"] = report.Plan.Profile.Name,
            ["legend"] = new JsonArray([.. TableLayout.Legend(report).Select(l => (JsonNode)l)]),
            ["rows"] = new JsonArray([.. Records(report)]),
        };
        return node.ToJsonString(Json.Indented) + "\n";
    }

    private static JsonNode Id(Table table) => table.IsOfPaper ? table.Number : table.Id;

    private static IEnumerable<JsonObject> Records(TableReport report)
    {
        var plan = report.Plan;
        foreach (var row in report.Rows)
        {
            var configurations = plan.Configurations(row.Row);
            for (var i = 0; i < row.Runs.Count; i++)
                yield return Measured(report, row, i, configurations[i]);
        }
        foreach (var cited in plan.Table.Cited)
            yield return new()
            {
                ["table"] = Id(plan.Table),
                ["kind"] = "cited",
                ["label"] = cited.Label,
                ["parameters"] = Published(cited.Parameters),
                ["valid_perplexity"] = Published(cited.Valid),
                ["test_perplexity"] = Published(cited.Test),
            };
    }

    private static JsonObject Measured(TableReport report, ReportRow row, int index, RunConfiguration configuration)
    {
        var (plan, (run, status, summary), gain) = (report.Plan, row.Runs[index], row.Gains[index]);
        var here = summary?.Circumstances;
        return new()
        {
            ["table"] = Id(plan.Table),
            ["kind"] = "measured",
            ["row"] = row.Row.Id,
            ["label"] = row.Row.Label,
            ["run"] = run,
            ["status"] = status.Describe(),
            ["seed"] = plan.Seeds[index],
            ["parameters"] = row.Parameters,
            ["valid_perplexity"] = Number(summary?.ValidPerplexity),
            ["test_perplexity"] = Number(summary?.TestPerplexity),
            ["valid_loss"] = Number(summary?.ValidLoss),
            ["test_loss"] = Number(summary?.TestLoss),
            ["gain_perplexity"] = Number(gain?.Points),
            ["gain_percent"] = Number(gain?.Percent),
            ["best_epoch"] = summary is { BestEpoch: > 0 } ? summary.BestEpoch : null,
            ["last_train_perplexity"] = Number(summary?.LastEpoch?.TrainPerplexity),
            ["seconds"] = Number(summary?.Seconds),
            ["tokens_per_second"] = Number(summary?.TokensPerSecond),
            ["best_possible_valid"] = Number(report.BestPossible?.Valid),
            ["best_possible_test"] = Number(report.BestPossible?.Test),
            ["profile"] = plan.Profile.Name,
            ["values"] = string.Join(' ', configuration.Values.AllValues().Concat(configuration.Values.Regularization.Select(c => new Training.Setting(c.Key, Numbers.Text(c.Value))))),
            ["data"] = plan.Corpus.Title,
            ["data_hash"] = plan.Corpus.Hash,
            ["started"] = here?.Started.ToString("O", CultureInfo.InvariantCulture),
            ["device"] = here?.Device,
            ["kernels"] = here?.Kernels.ToString().ToLowerInvariant(),
            ["threads"] = here?.Threads,
            ["processor"] = here?.Processor,
            ["os"] = here?.OperatingSystem,
            ["dotnet"] = here?.DotNet,
            ["libtorch"] = here?.LibTorch,
            ["workbench"] = here?.Workbench,
            ["peak_memory_bytes"] = here?.PeakMemory,
            ["error"] = summary?.Error,
        };
    }

    // JSON has no infinity; such a figure is as good as none.
    private static JsonNode? Number(double? value) => value is { } v && double.IsFinite(v) ? v : null;

    private static JsonNode? Published(string figure) => figure == "-" ? null : figure;

    private static string Text(JsonNode? node) => node is null ? "" : node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString();
}
