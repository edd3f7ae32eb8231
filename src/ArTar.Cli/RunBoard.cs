using Spectre.Console;
using Spectre.Console.Rendering;

namespace ArTar.Cli;

/// <summary>
/// Progress of runs, on standard error: a board that is drawn anew on a terminal, at most a plain line an epoch elsewhere. A sweep's rows
/// look the same.
/// </summary>
/// <param name="title">What is trained.</param>
/// <param name="look">How the runs stand now.</param>
internal sealed class RunBoard(string title, Func<IReadOnlyList<RunState>> look)
{
    private const int Redraw = 200; // milliseconds
    private const int LinesAround = 6, LongestRemark = 60;
    private readonly bool animated = Terminal.CanAnimate;
    private readonly List<string> notices = [];

    /// <summary>Tells of an epoch's or a run's end where there is no board to see it on; from any thread.</summary>
    public void Change(RunState state)
    {
        if (animated)
            return;
        if (state is { Status: RunStatus.Running, Progress: { } p })
            Console.Error.WriteLine($"{CleanText.Line(state.Label)}: {Epoch(p)}");
        else if (state.Status is not (RunStatus.Finished or RunStatus.Interrupted))
            Console.Error.WriteLine($"{CleanText.Line(state.Label)}: {state.Status.Describe()}"
                + $"{(state.Remark.Length > 0 ? $", {state.Remark}" : "")}");
    }

    /// <summary>Tells what a person should know; from any thread.</summary>
    public void Notice(RunState state, string text)
    {
        if (!animated)
            Console.Error.WriteLine($"{CleanText.Line(state.Label)}: {text}");
        else
            lock (notices)
                notices.Add(text);
    }

    /// <summary>Shows the board until the work is done, and rethrows what went wrong with it.</summary>
    public void ShowUntil(Task work)
    {
        if (animated)
        {
            Animate(
                () => [Overall(look(), title, Terminal.Width), .. Lines(look(), Terminal.Width, Console.WindowHeight - LinesAround)],
                work);
            lock (notices)
                foreach (var notice in notices)
                    Terminal.Error.MarkupLine(Terminal.Escaped(notice));
        }
        work.GetAwaiter().GetResult();
    }

    /// <summary>Draws lines of markup anew until the work is done.</summary>
    public static void Animate(Func<IReadOnlyList<string>> lines, Task work) =>
        Animate(lines, () => !((IAsyncResult)work).AsyncWaitHandle.WaitOne(Redraw));

    /// <summary>The same for as long as something goes on.</summary>
    public static void Animate(Func<IReadOnlyList<string>> lines, Func<bool> goesOn)
    {
        var console = Terminal.Error;
        IRenderable Draw()
        {
            console.Profile.Width = Terminal.Width;
            return new Rows(lines().Select(IRenderable (line) => new Markup(line)));
        }
        console.Live(Draw()).AutoClear(true).Overflow(VerticalOverflow.Crop).Start(live =>
        {
            while (goesOn())
            {
                live.UpdateTarget(Draw());
                live.Refresh();
            }
        });
    }

    /// <summary>An epoch's end in a line, as plain output and logs have it.</summary>
    public static string Epoch(RunProgress p) =>
        $"epoch {p.Epoch}/{p.Epochs}, train {Printed.Perplexity(p.TrainPerplexity)}, valid {Printed.Perplexity(p.ValidPerplexity)}, best "
            + $"{Printed.Perplexity(p.BestValidPerplexity)}, {Printed.Count(p.TokensPerSecond)} tokens/s";

    /// <summary>A bar over all work, with the time left, in Spectre.Console's markup.</summary>
    public static string Overall(IReadOnlyList<RunState> states, string title, int width)
    {
        var done = RunState.Done(states);
        var tail = string.Create(CultureInfo.InvariantCulture,
            $" {100 * done,3:F0} %{(RunState.SecondsLeft(states) is { } left ? $"  {Printed.Duration(left)} left" : "")}");
        var bar = Math.Clamp(width - title.Length - tail.Length - 8, 10, 40);
        var full = (int)(bar * Math.Clamp(done, 0, 1));
        var head = title.Length > 0 ? $"[bold]{Terminal.Escaped(title)}[/]  " : "";
        return $"{head}[green]{new string('━', full)}[/][dim]{new string('─', bar - full)}[/]{tail}";
    }

    /// <summary>The runs in Spectre.Console's markup, a line each.</summary>
    /// <param name="states">How they stand.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="room">Runs to show at most: first those that run or failed, then what ended last, then what waits.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<RunState> states, int width, int room)
    {
        var shown = Shown(states, Math.Max(3, room));
        foreach (var line in Terminal.Lines(SheetOf(shown), width, isLive: true))
            yield return line;
        if (shown.Count < states.Count)
            yield return $"[dim]and {Printed.Count(states.Count - shown.Count)} more rows[/]";
    }

    /// <summary>The runs, a row each.</summary>
    public static Sheet SheetOf(IReadOnlyList<RunState> states) => new(
        [
            new("row", Words: true), new("nr", Priority: 5), new("progress", Words: true, 4), new("epoch"), new("train", Priority: 3),
            new("valid"), new("best", Priority: 1),
            new("test"), new("tokens/s", Priority: 6) { Key = "tokens_per_second" }, new("left"), new("", Words: true) { Key = "remarks" },
        ],
        [.. states.Select(state => new SheetRow(Cells(state), state.Status switch
        {
            RunStatus.Pending or RunStatus.Interrupted => Tone.Muted,
            RunStatus.Running => Tone.Plain,
            RunStatus.Finished => Tone.Good,
            _ => Tone.Bad,
        }))]);

    private static List<RunState> Shown(IReadOnlyList<RunState> states, int room)
    {
        if (states.Count <= room)
            return [.. states];
        static int Rank(RunState r) =>
            r.Status switch { RunStatus.Running => 0, RunStatus.Failed or RunStatus.OutOfMemory => 1, RunStatus.Interrupted => 2,
                RunStatus.Finished or RunStatus.Diverged => 3, _ => 4 };
        return [.. states.OrderBy(Rank).ThenByDescending(r => r.Summary?.Circumstances.Started).Take(room).OrderBy(r => r.Number)];
    }

    private static Cell[] Cells(RunState state)
    {
        var (progress, summary) = (state.Progress, state.Summary);
        var remark = state.Remark.Length <= LongestRemark ? state.Remark : state.Remark[..LongestRemark] + "…";
        return
        [
            state.Label,
            state.Number,
            state.Status == RunStatus.Running ? new string('━', (int)(12 * state.Fraction)).PadRight(12, '─') : "",
            progress is { Epochs: > 0 } ? $"{progress.Epoch}/{progress.Epochs}" : "",
            Printed.Perplexity(summary?.LastEpoch?.TrainPerplexity ?? progress?.TrainPerplexity),
            Printed.Perplexity(summary?.LastEpoch?.ValidPerplexity ?? progress?.ValidPerplexity),
            Printed.Perplexity(summary?.ValidPerplexity ?? progress?.BestValidPerplexity),
            Printed.Perplexity(summary?.TestPerplexity),
            (summary?.TokensPerSecond ?? progress?.TokensPerSecond) is > 0 and var speed ? Printed.Count(speed) : "",
            summary is null && progress?.SecondsLeft is { } left ? Printed.Duration(left) : "",
            string.Join("; ", new[] { Words(state), state.Attempts > 1 ? $"attempt {state.Attempts}" : "",
                remark }.Where(p => p.Length > 0)),
        ];
    }

    private static string Words(RunState state) => state.Status switch
    {
        RunStatus.Pending => "waits",
        RunStatus.Interrupted => "resumes later",
        RunStatus.Finished => "done",
        RunStatus.Running when state.Progress is { Windows: > 0 } p => $"step {p.Window}/{p.Windows}",
        var status => status.Describe(),
    };
}
