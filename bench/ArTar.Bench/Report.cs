using System.Globalization;
using ArTar.Cli;
using Spectre.Console;

namespace ArTar.Bench;

/// <summary>The results as tables for people.</summary>
internal static class Report
{
    public static void Print(Results results, IAnsiConsole console)
    {
        var table = new TextTable([.. Columns(results).Select((c, i) => new TextColumn(c, Words: i == 0))]);
        foreach (var row in Rows(results))
            table.Add(row);
        table.Write(console);
        foreach (var line in Notes(results))
            Terminal.Paragraph(console, "- ", line, "dim");
    }

    private static List<string> Columns(Results results) =>
    [
        "", .. Of(results).Select(s => $"{s.Label} ms"), .. Others(results).Select(s => $"{s.Label} / ours"), "of GEMM", "tokens/s", .. Of(results).Select(s => $"{s.Label} MB"),
    ];

    private static IEnumerable<IReadOnlyList<string>> Rows(Results results)
    {
        foreach (var row in results.Steps)
        {
            string Cell(Side side, Func<SideResult, string> text) => row.Sides.FirstOrDefault(s => s.Side == side.Id) is { } found ? text(found) : "";
            yield return
            [
                row.Configuration.ToString(),
                .. Of(results).Select(s => Cell(s, r => $"{Milliseconds(r.Seconds.Median)} ±{Milliseconds((r.Seconds.Upper - r.Seconds.Lower) / 2)}")),
                .. Others(results).Select(s => Cell(s, r => r.Ratio is { } ratio ? Invariant($"{ratio.Median:0.00} ±{(ratio.High - ratio.Low) / 2:0.00}") : "")),
                Invariant($"{100 * row.Sides[0].BoundShare.Median:0} %"),
                Invariant($"{row.Sides[0].TokensPerSecond:N0}"),
                .. Of(results).Select(s => Cell(s, r => Invariant($"{r.PeakMemory / 1e6:N0}"))),
            ];
        }
    }

    private static IEnumerable<string> Notes(Results results)
    {
        var c = results.Conditions;
        yield return "ms: median of a step ± half the distance between the quartiles";
        yield return "ratio: taken turn by turn, above 1 ours is faster; median ± half the interval that holds the true one with 95 %";
        yield return Invariant($"of GEMM: the least time for the step's matrix products, at the rate of a {Bound.Size} x {Bound.Size} product in the same turns ({Spread.Of(results.Steps.Select(s => s.GemmFlops.Median / 1e9)).Median:0} GFLOP/s), over our time");
        yield return "MB: the most that a side's process has held, its runtime and libraries included";
        foreach (var cost in results.PenaltyCosts)
            yield return Invariant($"AR + TAR add {100 * (cost.Ratio.Median - 1):+0.0;-0.0} % ({100 * (cost.Ratio.Low - 1):+0.0;-0.0} to {100 * (cost.Ratio.High - 1):+0.0;-0.0} %) to {cost.Configuration}");
        if (results.Agreements.Count > 0)
            yield return $"the sides do the same work: without dropout their losses differ by at most {results.Agreements.Max(a => a.Difference).ToString("0.0e+0", CultureInfo.InvariantCulture)} of their value";
        yield return Invariant($"{c.Processor}, {c.Cores} cores, {c.Threads} threads; {string.Join("; ", c.Sides.Select(s => $"{Sides.Get(s.Key).Label}: {s.Value}"))}; {c.OperatingSystem}, .NET {c.DotNet}; workbench {c.Workbench}");
        if (c.LoadBefore is > 0.5)
            yield return Invariant($"others were using the machine (load {c.LoadBefore:0.0} before the start): read the ratios, not the times");
    }

    private static List<Side> Of(Results results) => [.. results.Steps.SelectMany(s => s.Sides).Select(s => s.Side).Distinct().Select(Sides.Get)];

    private static List<Side> Others(Results results) => [.. Of(results).Where(s => s.Id != Sides.Ours.Id)];

    private static string Milliseconds(double seconds) => seconds >= 0.1 ? Invariant($"{1000 * seconds:0}") : Invariant($"{1000 * seconds:0.0}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
