using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ArTar.Workbench.Output;
using ArTar.Workbench;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Sweeps;
using Spectre.Console;

namespace ArTar.Cli.Sweeps;

/// <summary><c>artar sweep status</c>, and how a sweep looks on the terminal.</summary>
internal static class SweepStatus
{
    private const int RowsShown = 25;

    public static Command Create()
    {
        var (name, all, format) = (SweepCommand.NameArgument(), new Option<bool>("--all") { Description = "every row" }, CommonOptions.Format("table", "csv", "json"));
        var command = new Command("status", "Show how far a sweep has come.") { name, all, format };
        command.SetAction(parsed =>
        {
            var sweep = SweepCommand.Find(parsed.GetRequiredValue(name));
            var state = SweepState.Read(sweep, SweepCommand.EngineOf(sweep));
            switch (parsed.GetRequiredValue(format))
            {
                case "json":
                    Console.Out.Write(ToJson(state).ToJsonString(Json.Indented) + "\n");
                    break;
                case "csv":
                    Console.Out.Write("row,label,run,status,attempts,failures,epoch,epochs,valid_perplexity,test_perplexity,seconds,remark\n");
                    foreach (var row in state.Rows.Select(ToJson))
                        Console.Out.Write(Csv.Line(row.Select(f => f.Value?.ToString() ?? "")));
                    break;
                default:
                    foreach (var line in Lines(state, Terminal.Width, parsed.GetValue(all) ? int.MaxValue : RowsShown))
                        Terminal.Output.MarkupLine(line);
                    break;
            }
            return ExitCodes.Done;
        });
        return command.WithExamples("artar sweep status grid", "artar sweep status grid --all", "artar sweep status grid --format json");
    }

    /// <summary>The sweep in Spectre.Console's markup.</summary>
    /// <param name="state">How it stands.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="room">Rows to show at most: first those that run or failed, then what ended last, then what waits.</param>
    public static IEnumerable<string> Lines(SweepState state, int width, int room)
    {
        var header = state.Sweep.Header;
        yield return $"[bold]{Markup.Escape(state.Sweep.Name)}[/]  {Markup.Escape($"{header.Engine}; {header.Spec}")}";
        yield return Markup.Escape(Summary(state));
        yield return RunBoard.Overall(state.Rows, "", width);
        if (state.Engine.Text.Length > 0 && !state.IsOver)
            yield return Markup.Escape(CommandName.In(state.Sweep.IsCancelled ? $"cancelled; 'artar sweep retry {state.Sweep.Name}' goes on" : state.Engine.Text));
        if (Budget(state) is { Length: > 0 } budget)
            yield return Markup.Escape(budget);
        yield return "";
        foreach (var line in RunBoard.Lines(state.Rows, width, room))
            yield return line;
    }

    /// <summary>How many rows stand how.</summary>
    public static string Summary(SweepState state)
    {
        string Part(RunStatus status, string word) => state.Count(status) is > 0 and var n ? $"{n.ToString("N0", CultureInfo.InvariantCulture)} {word}" : "";
        return $"{state.Rows.Count.ToString("N0", CultureInfo.InvariantCulture)} rows: " + string.Join(", ", new[]
        {
            Part(RunStatus.Finished, "finished"), Part(RunStatus.Diverged, "diverged"), Part(RunStatus.Failed, "failed"), Part(RunStatus.OutOfMemory, "out of memory"),
            Part(RunStatus.Running, "running"), Part(RunStatus.Interrupted, "to go on"), Part(RunStatus.Pending, "waiting"),
        }.Where(p => p.Length > 0));
    }

    private static string Budget(SweepState state)
    {
        if (state.Sweep.Header.Spec.Budget.Hours is not { } hours)
            return "";
        var used = state.Seconds / 3600.0;
        return string.Create(CultureInfo.InvariantCulture, $"budget: {used:0.##} of {hours:0.##} hours used{(state.IsOverBudget && !state.IsOver ? "; no further row is begun" : "")}");
    }

    private static JsonObject ToJson(SweepState state) => new()
    {
        ["sweep"] = state.Sweep.Name,
        ["engine"] = state.Sweep.Header.Engine,
        ["engine_says"] = state.Engine.Text,
        ["at_work"] = state.Engine.IsAtWork,
        ["cancelled"] = state.Sweep.IsCancelled,
        ["over"] = state.IsOver,
        ["seconds_left"] = RunState.SecondsLeft(state.Rows),
        ["hours_used"] = state.Seconds / 3600.0,
        ["rows"] = new JsonArray([.. state.Rows.Select(ToJson)]),
    };

    private static JsonObject ToJson(RunState row) => new()
    {
        ["row"] = row.Number,
        ["label"] = row.Label,
        ["run"] = row.Run,
        ["status"] = row.Status.Describe(),
        ["attempts"] = row.Attempts,
        ["failures"] = row.Failures,
        ["epoch"] = row.Progress?.Epoch ?? row.Summary?.LastEpoch?.Epoch,
        ["epochs"] = row.Progress?.Epochs,
        ["valid_perplexity"] = Finite(row.Summary?.ValidPerplexity ?? (row.Progress?.BestValidPerplexity)),
        ["test_perplexity"] = Finite(row.Summary?.TestPerplexity),
        ["seconds"] = row.Summary?.Seconds,
        ["remark"] = row.Remark,
    };

    private static double? Finite(double? value) => value is { } v && double.IsFinite(v) ? v : null;
}
