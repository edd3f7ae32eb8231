using System.Globalization;
using ArTar.Workbench.Output;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ArTar.Cli;

/// <summary>A run as the board shows it.</summary>
internal sealed class BoardLine(string label, StoredRun run, double work)
{
    public string Label => label;
    public StoredRun Run => run;

    /// <summary>How much work the run is, in any unit that all lines share.</summary>
    public double Work => work;

    public RunStatus Status { get; set; } = RunStatus.Pending;
    public RunEvent? Last { get; set; }
    public RunSummary? Summary { get; set; }

    /// <summary>What is to be said besides the status.</summary>
    public string Remark { get; set; } = "";

    /// <summary>The part that an earlier command had done, and when this one took over.</summary>
    public (double Fraction, long Ticks)? Start { get; set; }

    public double Fraction => Summary is not null ? 1 : Last?.Fraction ?? 0;

    /// <summary>Seconds until this run's end, as far as one can tell.</summary>
    public double? SecondsLeft => Start is { } start && Summary is null && Fraction > start.Fraction
        ? (Environment.TickCount64 - start.Ticks) / 1000.0 * (1 - Fraction) / (Fraction - start.Fraction) : null;
}

/// <summary>
/// Progress of one or several runs, on standard error: a board that is drawn anew on a terminal, at most a plain line an epoch elsewhere.
/// </summary>
internal sealed class RunBoard(string title, IReadOnlyList<BoardLine> lines)
{
    private const int Redraw = 200; // milliseconds
    private readonly Lock gate = new();
    private readonly bool animated = Terminal.CanAnimate;
    private readonly IAnsiConsole console = Terminal.Error;
    private readonly List<string> notices = [];

    /// <summary>Takes in what a run says; from any thread.</summary>
    public void Take(BoardLine line, RunEvent told)
    {
        lock (gate)
        {
            switch (told.Event)
            {
                case "notice":
                    notices.Add(told.Text ?? "");
                    if (!animated)
                        Say($"{line.Label}: {told.Text}");
                    return;
                case "end":
                    return;
            }
            line.Status = RunStatus.Running;
            line.Last = told;
            line.Start ??= (told.Fraction ?? 0, Environment.TickCount64);
            if (told.Event == "epoch" && !animated)
                Say(string.Create(CultureInfo.InvariantCulture,
                    $"{line.Label}: epoch {told.Epoch}/{told.Epochs}, train {told.TrainPerplexity:F2}, valid {told.ValidPerplexity:F2}, best {told.BestValidPerplexity:F2}, {told.TokensPerSecond:N0} tokens/s"));
        }
    }

    /// <summary>Takes in how a run ended; from any thread.</summary>
    public void End(BoardLine line, RunStatus status, RunSummary? summary, string remark = "")
    {
        lock (gate)
        {
            (line.Status, line.Summary, line.Remark) = (status, summary, remark);
            if (!animated && status != RunStatus.Finished && status != RunStatus.Interrupted)
                Say($"{line.Label}: {status.Describe()}{(remark.Length > 0 ? $", {remark}" : "")}");
        }
    }

    /// <summary>Shows the board until the work is done, and rethrows what went wrong with it.</summary>
    public void ShowUntil(Task work)
    {
        if (!animated)
        {
            work.GetAwaiter().GetResult();
            return;
        }
        console.Live(Draw()).AutoClear(true).Overflow(VerticalOverflow.Crop).Start(live =>
        {
            while (!((IAsyncResult)work).AsyncWaitHandle.WaitOne(Redraw))
                live.UpdateTarget(Draw());
        });
        foreach (var notice in notices)
            console.WriteLine(notice);
        work.GetAwaiter().GetResult();
    }

    private static void Say(string text) => Console.Error.WriteLine(text);

    private Rows Draw()
    {
        lock (gate)
        {
            var width = console.Profile.Width = Terminal.Width;
            return new Rows(Text(width).Select(IRenderable (line) => new Markup(line)));
        }
    }

    private IEnumerable<string> Text(int width)
    {
        yield return Overall(width);
        var table = new TextTable(new("row", Words: true), new("progress", Words: true, 3), new("epoch"), new("train", Priority: 2), new("valid"), new("best", Priority: 1),
            new("test"), new("tokens/s", Priority: 4), new("left"), new("", Words: true)) { KeepsEmpty = true };
        foreach (var line in Fitting())
            table.Add(Cells(line), line.Status switch
            {
                RunStatus.Pending => "dim",
                RunStatus.Running => null,
                RunStatus.Finished => "green",
                _ => "red",
            });
        foreach (var line in table.Lines(width))
            yield return line;
    }

    private string Overall(int width)
    {
        var all = lines.Sum(l => l.Work);
        var done = lines.Sum(l => l.Work * l.Fraction);
        var doneBefore = lines.Sum(l => l.Work * (l.Start?.Fraction ?? l.Fraction));
        var since = lines.Min(l => l.Start?.Ticks) ?? Environment.TickCount64;
        var left = done > doneBefore ? Printed.Duration((Environment.TickCount64 - since) / 1000.0 * (all - done) / (done - doneBefore)) + " left" : "";
        var tail = string.Create(CultureInfo.InvariantCulture, $" {100 * done / all,3:F0} %  {left}");
        var bar = Math.Clamp(width - title.Length - tail.Length - 8, 10, 40);
        return $"[bold]{Markup.Escape(title)}[/]  {Bar(done / all, bar)}{tail}";
    }

    /// <summary>As many lines as the window is high: first what runs, then what ended, then what waits.</summary>
    private IEnumerable<BoardLine> Fitting()
    {
        var room = Math.Max(3, Console.WindowHeight - 5);
        if (lines.Count <= room)
            return lines;
        var chosen = lines.OrderBy(l => l.Status == RunStatus.Running ? 0 : l.Summary is not null ? 1 : 2).Take(room).ToHashSet();
        return lines.Where(chosen.Contains);
    }

    private static string[] Cells(BoardLine line)
    {
        var last = line.Last;
        var summary = line.Summary;
        return
        [
            line.Label,
            line.Status == RunStatus.Running ? new string('━', (int)(12 * line.Fraction)).PadRight(12, '─') : "",
            last is not null ? $"{last.Epoch}/{last.Epochs}" : "",
            Printed.Perplexity(summary?.LastEpoch?.TrainPerplexity ?? last?.TrainPerplexity),
            Printed.Perplexity(summary?.LastEpoch?.ValidPerplexity ?? last?.ValidPerplexity),
            Printed.Perplexity(summary?.ValidPerplexity ?? last?.BestValidPerplexity),
            Printed.Perplexity(summary?.TestPerplexity),
            (summary?.TokensPerSecond ?? last?.TokensPerSecond)?.ToString("N0", CultureInfo.InvariantCulture) ?? "",
            line.SecondsLeft is { } left ? Printed.Duration(left) : "",
            line.Status switch
            {
                RunStatus.Pending => "waits",
                RunStatus.Running => last?.Window is { } window ? $"step {window}/{last.Windows}" : "",
                RunStatus.Finished => "done",
                _ => line.Status.Describe(),
            },
        ];
    }

    private static string Bar(double fraction, int width)
    {
        var full = (int)(width * Math.Clamp(fraction, 0, 1));
        return $"[green]{new string('━', full)}[/][dim]{new string('─', width - full)}[/]";
    }
}
