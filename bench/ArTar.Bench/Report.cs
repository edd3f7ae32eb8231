using System.Globalization;
using System.Text;
using ArTar.Cli;
using ArTar.Workbench.Output;
using Spectre.Console;

namespace ArTar.Bench;

/// <summary>A table with a heading and what one has to know to read it.</summary>
internal sealed record Section(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows,
    IReadOnlyList<string> Notes)
{
    /// <summary>The same for the writers.</summary>
    public Sheet Sheet => Sheet.Of(
        [.. Columns.Select((c, i) => new Column(c, Words: i == 0))],
        Rows.Select(r => (IReadOnlyList<Cell>)[.. r.Select(c => (Cell)c)])) with
    {
        Title = Title,
        Notes = Notes,
    };
}

/// <summary>The results as tables for people, on the terminal and in Markdown.</summary>
internal static class Report
{
    private const string OneShare = "median ± half the interval that holds the true one with 95 %";

    public static void Print(Results results, IAnsiConsole console) => Print(Sections(results), Circumstances(results), console);

    public static string Markdown(Results results) => Markdown(Sections(results), Circumstances(results));

    public static void Print(IEnumerable<Section> sections, string circumstances, IAnsiConsole console)
    {
        Terminal.Write(sections.Select(s => s.Sheet));
        console.WriteLine();
        Terminal.Paragraph(console, "", circumstances, "dim");
    }

    public static string Markdown(IEnumerable<Section> sections, string circumstances)
    {
        var text = new StringBuilder();
        foreach (var section in sections)
        {
            text.Append(CultureInfo.InvariantCulture, $"### {section.Title}\n\n").Append(Workbench.Output.Markdown.Table(section.Sheet));
            text.Append('\n').AppendJoin("", section.Notes.Select(n => $"- {n}\n")).Append(section.Notes.Count > 0 ? "\n" : "");
        }
        return text.Append(circumstances).Append('\n').ToString();
    }

    private static IEnumerable<Section> Sections(Results results)
    {
        foreach (var mode in new[] { Mode.Train, Mode.Evaluate }.Where(mode => results.Steps.Any(s => s.Configuration.Mode == mode)))
        {
            yield return Steps(results, mode);
            if (Ratios(results, mode) is { } ratios)
                yield return ratios;
        }
        if (results.Steps.Count > 0)
        {
            var trained = results.Steps.Where(s => s.Configuration.Mode == Mode.Train).ToList();
            var shown = trained.Count > 0 ? trained : results.Steps;
            yield return PageFaults(shown);
            yield return Memory(shown);
        }
        if (results.PenaltyCosts.Count > 0)
            yield return PenaltyCosts(results);
        if (results.Denormals.Count > 0)
            yield return Denormals(results);
        if (results.Scaling.Count > 0)
            yield return Scaling(results);
        if (results.Tables.Count > 0)
            yield return Tables(results);
        if (results.Others.Count > 0)
            yield return Others(results);
        if (results.Scale != Scale.Smoke && Target.Of(results).ToList() is { Count: > 0 } targets)
            yield return new("Targets", ["", "target", "measured", ""],
                [.. targets.Select(t => (string[])[t.What, t.Demand, t.Found,
                    (t.IsMet ? "met" : "NOT met") + (t.IsSure ? "" : ", not sure")])],
                targets.TrueForAll(t => t.IsSure) ? []
                    : ["not sure: the interval that holds the true value with 95 % reaches to the other side of the target"]);
    }

    private static Section Steps(Results results, Mode mode)
    {
        var steps = results.Steps.Where(r => r.Configuration.Mode == mode).ToList();
        var sides = SidesOf(steps);
        List<string> columns = ["", .. sides.Select(s => s.Label), "of the limit", "tokens/s"];
        var rows = steps.Select(row => (string[])
        [
            row.Configuration.ToString(),
            .. sides.Select(s => row.Of(s) is { } r ? Time(r.Seconds) : ""),
            Percent(row.Sides[0].BoundShare.Median),
            Invariant($"{row.Sides[0].TokensPerSecond:N0}"),
        ]).ToList();
        List<string> notes =
        [
            Invariant($"median ± half the distance between the quartiles; the loop of multiply-adds reached ")
                + Invariant($"{Statistics.Median(steps.Select(s => s.LimitFlops.Median / 1e9)):0} GFLOP/s"),
        ];
        foreach (var of in steps.SelectMany(r => r.Sides.Select(s => (r.Configuration, Side: s))).Where(s => s.Side.Remark is not null)
            .GroupBy(s => (s.Side.Side, s.Side.Remark)))
            notes.Add($"{Sides.Get(of.Key.Side).Label} ({string.Join("; ", of.Select(s => s.Configuration))}): {of.Key.Remark}");
        if (results.Agreements.Count > 0 && mode == Mode.Train)
            notes.Add("the sides do the same work: their losses differ by at most "
                + results.Agreements.Max(a => a.Difference).ToString("0.0e+0", CultureInfo.InvariantCulture) + " of their value");
        if (results.Conditions.ProcessorTime)
            notes.Add("processor time of one thread, for a machine that others use: they still share its caches and its memory");
        else if (steps.Max(s => s.Disturbed) is > 0 and var disturbed)
            notes.Add($"in up to {Percent(disturbed)} of a row's rounds others used the processor; they are left out where enough remain");
        if (!results.Conditions.ProcessorTime && steps.Max(s => s.Others) is > Interleaved.Noticeable and var used)
            notes.Add($"others used up to {Percent(used)} of the processor in rounds that were counted: read the ratios, not the times");
        return new(mode == Mode.Train ? "Training steps, ms" : "Evaluation, window by window, ms", columns, rows, notes);
    }

    private static Section? Ratios(Results results, Mode mode)
    {
        var steps = results.Steps.Where(r => r.Configuration.Mode == mode).ToList();
        var others = SidesOf(steps).Where(s => steps.Any(r => r.Of(s)?.Ratio is not null)).ToList();
        return others.Count == 0 ? null : new(mode == Mode.Train ? "Training steps against ours" : "Evaluation against ours",
            ["", .. others.Select(s => $"{s.Label} / ours")],
            [.. steps.Select(row => (string[])
            [
                row.Configuration.ToString(), .. others.Select(s => row.Of(s)?.Ratio is { } ratio ? Ratio(ratio) : ""),
            ])],
            [$"taken turn by turn, above 1 ours is faster; {OneShare}"]);
    }

    private static Section PageFaults(IReadOnlyList<StepResult> steps)
    {
        var sides = SidesOf(steps);
        return new("Page faults a step", ["", .. sides.Select(s => s.Label)],
            [.. steps.Select(row => (string[])
            [
                row.Configuration.ToString(),
                .. sides.Select(s => row.Of(s)?.PageFaults is { } n ? Invariant($"{n:N0}") : ""),
            ])],
            ["pages that the kernel had to find for a side's process in a step, the median over its turns"]);
    }

    private static Section Memory(IReadOnlyList<StepResult> steps)
    {
        var sides = SidesOf(steps);
        var others = sides.Where(s => s.Id is var id && (id == Sides.EagerTuned.Id || id == Sides.PyTorchTuned.Id)).ToList();
        return new("Peak memory, MB", ["", .. sides.Select(s => s.Label), .. others.Select(s => $"ours of {s.Label}'s")],
            [.. steps.Select(row => (string[])
            [
                row.Configuration.ToString(),
                .. sides.Select(s => row.Of(s) is { } r ? Megabytes(r.PeakMemory) : ""),
                .. others.Select(s => (row.Of(s), row.Of(Sides.Ours)) is ({ } other, { } ours)
                    ? Percent((double)ours.PeakMemory / other.PeakMemory) : ""),
            ])],
            ["the most that a side's process has held, its runtime and libraries included"]);
    }

    private static List<Side> SidesOf(IEnumerable<StepResult> steps) =>
        [.. steps.SelectMany(s => s.Sides).Select(s => s.Side).Distinct().Select(Sides.Get)];

    private static Section PenaltyCosts(Results results) =>
        new("What AR + TAR add to our step", ["", "added", "from", "to", "pairs of steps"],
        [.. results.PenaltyCosts.Select(c =>
            (string[])[c.Configuration.ToString(), Signed(c.Ratio.Median), Signed(c.Ratio.Low), Signed(c.Ratio.High), $"{c.Ratio.Count}"])],
        ["the same network takes each window with them and without; the interval holds the true median with 95 %"]);

    private static Section Denormals(Results results) => new("Denormal numbers: the first steps at learning rate 20 beside those at 1",
        ["", "steps", "at 20, ms", "at 1, ms", "ratio", "worst turn"],
        [.. results.Denormals.Select(d =>
            (string[])[$"{Sides.Get(d.Side).Label}, {d.Configuration}", $"{d.Steps}", Time(d.High), Time(d.Low), Ratio(d.Ratio),
                Invariant($"{d.Worst:0.00}")])],
        [$"ratio: turn by turn, {OneShare}; clip norm 10"]);

    private static Section Scaling(Results results) => new("Scaling: our step with one size changed",
        ["", "GFLOP", "ms", "of the limit", "MB"],
        [.. results.Scaling.Select(p =>
            (string[])[$"{p.Varied} = {p.Value}", Invariant($"{p.Flops / 1e9:0.0}"), Time(p.Seconds), Percent(p.BoundShare.Median),
                Megabytes(p.PeakMemory)])],
        ["LSTM, AR + TAR; H = 200, V = 10000, B = 20, T = 35 and 2 layers but for what the row says; GFLOP: the step's matrix products"]);

    private static Section Tables(Results results)
    {
        var ways = results.Tables.Select(t => (t.Side, t.Jobs, t.Threads)).Distinct().OrderBy(w => w.Side == Sides.Ours.Id ? 0 : 1)
            .ThenBy(w => w.Jobs).ToList();
        var rows = results.Tables.GroupBy(t => t.Rows).Select(of =>
        {
            TableTime? Of((string Side, int Jobs, int Threads) way) => of.FirstOrDefault(t => (t.Side, t.Jobs, t.Threads) == way);
            double? Best(bool ours) => of.Where(t => t.Side == Sides.Ours.Id == ours).Select(t => (double?)t.Seconds).Min();
            return (string[])[$"{of.Key}", .. ways.Select(w => Of(w) is { } t ? Invariant($"{t.Seconds:0.0}") : ""),
                Best(ours: false) is { } other ? Invariant($"{other / Best(ours: true):0.00}") : ""];
        }).ToList();
        return new("Table 1 in the profile laptop, seconds from start to end",
            ["rows", .. ways.Select(w => Way(w.Side, w.Jobs, w.Threads)), "best of the other / best of ours"], rows,
            ["a tenth of the profile's text and fewer epochs; the other side trains and evaluates the same windows, each row in a process "
                + "of its own"]);
    }

    /// <summary>How a table's rows were run, in words.</summary>
    public static string Way(string side, int jobs, int threads) =>
        $"{Sides.Get(side).Label}, {(jobs == 1 ? "one after the other" : $"{jobs} side by side")}, {threads} "
            + $"{(threads == 1 ? "thread" : "threads")}";

    private static Section Others(Results results) => new("Beside training", ["", "median", "quartiles", "unit"],
        [.. results.Others.Select(o =>
            (string[])[o.Name, Figure(o.Value.Median), $"{Figure(o.Value.Lower)} to {Figure(o.Value.Upper)}", o.Unit])], []);

    private static string Circumstances(Results results)
    {
        var c = results.Conditions;
        var versions = string.Join("; ", c.Sides.Where(s => s.Key != Sides.Limit.Id).Select(s => $"{Sides.Get(s.Key).Label}: {s.Value}"));
        var threads = c.Threads == 1 ? "thread" : "threads";
        var held = c.Avx2 ? ", held to AVX2" : "";
        return Invariant($"Measured {c.Started:yyyy-MM-dd} on {c.Processor}, {c.Cores} cores, {c.Threads} {threads}{held}; ")
            + $"{c.OperatingSystem}, "
            + $".NET {c.DotNet};{(versions.Length > 0 ? $" {versions};" : "")} workbench {c.Workbench}.";
    }

    private static string Time(Spread seconds) => $"{Milliseconds(seconds.Median)} ±{Milliseconds((seconds.Upper - seconds.Lower) / 2)}";

    private static string Milliseconds(double seconds) =>
        seconds >= 0.1 ? Invariant($"{1000 * seconds:0}") : Invariant($"{1000 * seconds:0.0}");

    private static string Ratio(Estimate ratio) => Invariant($"{ratio.Median:0.00} ±{(ratio.High - ratio.Low) / 2:0.00}");

    private static string Percent(double part) => Invariant($"{100 * part:0} %");

    private static string Signed(double ratio) => Invariant($"{100 * (ratio - 1):+0.00;-0.00} %");

    private static string Megabytes(long bytes) => Invariant($"{bytes / 1e6:N0}");

    private static string Figure(double value) => Invariant($"{value:G3}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
