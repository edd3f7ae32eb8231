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
    private const int RowsShown = 25, LongestRemark = 60;

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
        var left = SecondsLeft(state);
        var bar = Math.Clamp(width - 30, 10, 40);
        var full = (int)(bar * Done(state));
        yield return $"[green]{new string('━', full)}[/][dim]{new string('─', bar - full)}[/] {string.Create(CultureInfo.InvariantCulture, $"{100 * Done(state),3:F0} %")}{(left is { } s ? $"  {Printed.Duration(s)} left" : "")}";
        if (state.Engine.Text.Length > 0 && !state.IsOver)
            yield return Markup.Escape(state.Sweep.IsCancelled ? $"cancelled; 'artar sweep retry {state.Sweep.Name}' goes on" : state.Engine.Text);
        if (Budget(state) is { Length: > 0 } budget)
            yield return Markup.Escape(budget);
        yield return "";
        var shown = Shown(state.Rows, room);
        var table = new TextTable(new("row", Words: true), new("nr", Priority: 1), new("progress", Words: true, 5), new("epoch", Priority: 2), new("train", Priority: 4), new("valid"), new("best", Priority: 3), new("test"), new("tokens/s", Priority: 6), new("left", Priority: 2), new("", Words: true));
        foreach (var row in shown)
            table.Add(Cells(row), row.Status switch
            {
                RunStatus.Pending or RunStatus.Interrupted => "dim",
                RunStatus.Running => null,
                RunStatus.Finished => "green",
                _ => "red",
            });
        foreach (var line in table.Lines(width))
            yield return line;
        if (shown.Count < state.Rows.Count)
            yield return $"[dim]and {(state.Rows.Count - shown.Count).ToString("N0", CultureInfo.InvariantCulture)} more rows[/]";
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

    private static double Done(SweepState state) => state.Rows.Sum(r => r.Row.Work) is > 0 and var all ? state.Rows.Sum(r => r.Row.Work * r.Fraction) / all : 1;

    // Work goes on at the pace of the rows that run now.
    private static double? SecondsLeft(SweepState state)
    {
        var pace = state.Rows.Where(r => r is { Status: RunStatus.Running, Progress.SecondsLeft: > 0 }).Sum(r => r.Row.Work * (1 - r.Fraction) / r.Progress!.SecondsLeft!.Value);
        return pace > 0 ? state.Rows.Sum(r => r.Row.Work * (1 - r.Fraction)) / pace : null;
    }

    private static List<RowState> Shown(IReadOnlyList<RowState> rows, int room)
    {
        if (rows.Count <= room)
            return [.. rows];
        static int Rank(RowState r) => r.Status switch { RunStatus.Running => 0, RunStatus.Failed or RunStatus.OutOfMemory => 1, RunStatus.Interrupted => 2, RunStatus.Finished or RunStatus.Diverged => 3, _ => 4 };
        return [.. rows.OrderBy(Rank).ThenByDescending(r => r.Summary?.Circumstances.Started).Take(room).OrderBy(r => r.Number)];
    }

    private static string[] Cells(RowState row)
    {
        var (progress, summary) = (row.Progress, row.Summary);
        return
        [
            row.Row.Label,
            $"{row.Number}",
            row.Status == RunStatus.Running ? new string('━', (int)(12 * row.Fraction)).PadRight(12, '─') : "",
            progress is { Epochs: > 0 } ? $"{progress.Epoch}/{progress.Epochs}" : "",
            Printed.PerplexityOf(summary?.LastEpoch?.TrainLoss ?? progress?.TrainLoss),
            Printed.PerplexityOf(summary?.LastEpoch?.ValidLoss ?? progress?.ValidLoss),
            Printed.PerplexityOf(summary?.ValidLoss ?? progress?.BestValidLoss),
            Printed.PerplexityOf(summary?.TestLoss),
            (summary?.TokensPerSecond ?? progress?.TokensPerSecond) is > 0 and var speed ? speed.ToString("N0", CultureInfo.InvariantCulture) : "",
            progress?.SecondsLeft is { } left ? Printed.Duration(left) : "",
            string.Join("; ", new[]
            {
                row.Status switch { RunStatus.Pending => "waits", RunStatus.Interrupted => "goes on later", RunStatus.Finished => "done", var status => status.Describe() },
                row.Attempts > 1 ? $"attempt {row.Attempts}" : "", row.Remark.Length <= LongestRemark ? row.Remark : row.Remark[..LongestRemark] + "…",
            }.Where(p => p.Length > 0)),
        ];
    }

    private static JsonObject ToJson(SweepState state) => new()
    {
        ["sweep"] = state.Sweep.Name,
        ["engine"] = state.Sweep.Header.Engine,
        ["engine_says"] = state.Engine.Text,
        ["at_work"] = state.Engine.IsAtWork,
        ["cancelled"] = state.Sweep.IsCancelled,
        ["over"] = state.IsOver,
        ["seconds_left"] = SecondsLeft(state),
        ["hours_used"] = state.Seconds / 3600.0,
        ["rows"] = new JsonArray([.. state.Rows.Select(ToJson)]),
    };

    private static JsonObject ToJson(RowState row) => new()
    {
        ["row"] = row.Number,
        ["label"] = row.Row.Label,
        ["run"] = row.Row.Run,
        ["status"] = row.Status.Describe(),
        ["attempts"] = row.Attempts,
        ["failures"] = row.Failures,
        ["epoch"] = row.Progress?.Epoch ?? row.Summary?.LastEpoch?.Epoch,
        ["epochs"] = row.Progress?.Epochs,
        ["valid_perplexity"] = Finite(row.Summary?.ValidPerplexity ?? (row.Progress?.BestValidLoss is { } loss ? Math.Exp(loss) : null)),
        ["test_perplexity"] = Finite(row.Summary?.TestPerplexity),
        ["seconds"] = row.Summary?.Seconds,
        ["remark"] = row.Remark,
    };

    private static double? Finite(double? value) => value is { } v && double.IsFinite(v) ? v : null;
}
