using Spectre.Console;

namespace ArTar.Cli.Sweeps;

/// <summary><c>artar sweep status</c>, and how a sweep looks on the terminal.</summary>
internal static class SweepStatus
{
    private const int RowsShown = 25;

    public static Command Create()
    {
        var (name, all) = (SweepCommand.NameArgument(), Options.Flag("--all", "every row"));
        var command = new Command("status", "Show how far a sweep has come.") { name, all };
        var printing = new ReportOptions(command);
        command.SetAction(parsed =>
        {
            var asked = printing.Read(parsed);
            var sweep = SweepCommand.Find(parsed.GetRequiredValue(name));
            var state = SweepState.Read(sweep, SweepCommand.EngineOf(sweep));
            if (asked.IsTerminal && asked.Columns.Count == 0)
                foreach (var line in Lines(state, Terminal.Width, parsed.GetValue(all) ? int.MaxValue : RowsShown))
                    Terminal.Output.MarkupLine(line);
            else
                asked.Print(ReportOf(state));
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
        yield return $"[bold]{Terminal.Escaped(state.Sweep.Name)}[/]  {Terminal.Escaped($"{header.Engine}; {header.Spec}")}";
        yield return Terminal.Escaped(Summary(state));
        yield return RunBoard.Overall(state.Rows, "", width);
        if (state.Engine.Text.Length > 0 && !state.IsOver)
            yield return Terminal.Escaped(
                CommandName.In(
                    state.Sweep.IsCancelled ? $"cancelled; 'artar sweep retry {state.Sweep.Name}' resumes it" : state.Engine.Text));
        if (Budget(state) is { Length: > 0 } budget)
            yield return Terminal.Escaped(budget);
        yield return "";
        foreach (var line in RunBoard.Lines(state.Rows, width, room))
            yield return line;
    }

    /// <summary>How many rows stand how.</summary>
    public static string Summary(SweepState state)
    {
        string Part(RunStatus status, string word) =>
            state.Count(status) is > 0 and var n ? $"{Printed.Count(n)} {word}" : "";
        return $"{Printed.Count(state.Rows.Count)} rows: " + string.Join(", ", new[]
        {
            Part(RunStatus.Finished, "finished"), Part(RunStatus.Diverged, "diverged"), Part(RunStatus.Failed, "failed"),
            Part(RunStatus.OutOfMemory, "out of memory"),
            Part(RunStatus.Running, "running"), Part(RunStatus.Interrupted, "to go on"), Part(RunStatus.Pending, "waiting"),
        }.Where(p => p.Length > 0));
    }

    private static string Budget(SweepState state)
    {
        if (state.Sweep.Header.Spec.Budget.Hours is not { } hours)
            return "";
        var used = state.Seconds / 3600.0;
        return string.Create(CultureInfo.InvariantCulture,
            $"budget: {used:0.##} of {hours:0.##} hours used{(state.IsOverBudget && !state.IsOver ? "; no further row is begun" : "")}");
    }

    private static Report ReportOf(SweepState state)
    {
        List<Line> rows = [.. state.Rows.Select(r => new Line(
            r.Number, r.Label, r.Run, r.Status.Describe(), r.Attempts, r.Failures, r.Progress?.Epoch ?? r.Summary?.LastEpoch?.Epoch,
            r.Progress?.Epochs,
            r.Summary?.ValidPerplexity ?? r.Progress?.BestValidPerplexity, r.Summary?.TestPerplexity, r.Summary?.Seconds, r.Remark))];
        var document = new
        {
            Sweep = state.Sweep.Name,
            state.Sweep.Header.Engine,
            EngineSays = state.Engine.Text,
            AtWork = state.Engine.IsAtWork,
            Cancelled = state.Sweep.IsCancelled,
            Over = state.IsOver,
            SecondsLeft = RunState.SecondsLeft(state.Rows),
            HoursUsed = state.Seconds / 3600.0,
            Rows = rows,
        };
        return new(RunBoard.SheetOf(state.Rows) with { Title = state.Sweep.Name, Subtitle = Summary(state) }, document,
            Records.ToCsv(rows));
    }

    private sealed record Line(
        int Row, string Label, string Run, string Status, int Attempts, int Failures, int? Epoch, int? Epochs, double? ValidPerplexity,
        double? TestPerplexity, double? Seconds, string Remark);
}
