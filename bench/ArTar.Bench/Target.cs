using ArTar.Workbench.Models;

namespace ArTar.Bench;

/// <summary>What we set out to reach, beside what was measured.</summary>
/// <param name="What">What it is about.</param>
/// <param name="Demand">The target in words.</param>
/// <param name="Found">The figure.</param>
/// <param name="IsMet">Whether it keeps to the target.</param>
/// <param name="IsSure">Whether the whole interval that holds the true figure with 95 % lies on that side of the target.</param>
internal sealed record Target(string What, string Demand, string Found, bool IsMet, bool IsSure)
{
    /// <summary>The targets that these results say something about.</summary>
    public static IEnumerable<Target> Of(Results results)
    {
        StepResult? Row(Cell cell, int hidden, int vocabulary = 10_000, Mode mode = Mode.Train) => results.Steps.FirstOrDefault(s =>
            (s.Configuration.Cell, s.Configuration.Hidden, s.Configuration.Vocabulary, s.Configuration.Mode) == (cell, hidden, vocabulary,
                mode) && (s.Configuration.IsRegularized || mode == Mode.Evaluate));

        List<(StepResult? Row, double Eager, double PyTorch, double Gemm)> steps =
        [
            (Row(Cell.Lstm, 200), 1.6, 1.7, 0.62),
            (Row(Cell.Lstm, 650), 1.35, 1.5, 0.78),
            (Row(Cell.Lstm, 650, 33_278), 1.35, 1.5, 0),
            (Row(Cell.Gru, 200), 1.5, 0, 0),
            (Row(Cell.Gru, 650), 1.5, 0, 0),
            (Row(Cell.Tanh, 200), 1.5, 0, 0),
            (Row(Cell.Tanh, 650), 1.5, 0, 0),
            (Row(Cell.Lstm, 200, mode: Mode.Evaluate), 1.4, 0, 0),
            (Row(Cell.Lstm, 650, mode: Mode.Evaluate), 1.4, 0, 0),
        ];
        foreach (var (row, eager, pytorch, gemm) in steps)
        {
            if (row is null)
                continue;
            foreach (var (side, demand) in new[] { (Sides.Eager, eager), (Sides.PyTorch, pytorch) })
                if (demand > 0 && row.Of(side)?.Ratio is { } ratio)
                    yield return AtLeast($"{row.Configuration}, {side.Label} / ours", demand, ratio, "0.00");
            if (gemm > 0 && row.Of(Sides.Ours) is { } ours)
                yield return AtLeast($"{row.Configuration}, of the GEMM rate", gemm, ours.BoundShare, "0 %");
        }
        if (Row(Cell.Lstm, 650, 33_278) is { } large && large.Of(Sides.Ours) is { } own)
            foreach (var side in new[] { Sides.Eager, Sides.PyTorch })
                if (large.Of(side) is { } other)
                    yield return AtMost($"{large.Configuration}, memory of {side.Label}'s", 0.6,
                        Exactly((double)own.PeakMemory / other.PeakMemory), "0 %");
        foreach (var cost in results.PenaltyCosts.Where(c => c.Configuration.Hidden >= 200))
            yield return AtMost($"{cost.Configuration}, added by AR + TAR", 0.01,
                cost.Ratio with { Median = cost.Ratio.Median - 1, Low = cost.Ratio.Low - 1, High = cost.Ratio.High - 1 }, "0.00 %");
        if (results.Denormals.FirstOrDefault(d => d.Side == Sides.Ours.Id && d.Configuration.Hidden >= 200) is { } denormals)
            yield return AtMost("a step at learning rate 20 / at 1", 1.1, denormals.Ratio, "0.00");
        if (results.Tables.Where(t => t.Rows == results.Tables.Max(r => r.Rows)).ToLookup(t => t.Side) is var tables
            && tables[Sides.Eager.Id].FirstOrDefault() is { } rows)
            yield return AtLeast("table 1 in laptop, eager / ours", 1.6,
                Exactly(rows.Seconds / tables[Sides.Ours.Id].Min(t => t.Seconds)), "0.00");
        foreach (var other in results.Others)
            if (other.Target is { } most)
                yield return AtMost($"{other.Name}, s", most,
                    new(other.Value.Median, other.Value.Lower, other.Value.Upper, other.Value.Count), "0.00");
    }

    private static Target AtLeast(string what, double least, Estimate found, string format) => new(what, $"at least {Text(least, format)}",
        Text(found.Median, format), found.Median >= least, found.Low >= least || found.High < least);

    private static Target AtMost(string what, double most, Estimate found, string format) => new(what, $"at most {Text(most, format)}",
        Text(found.Median, format), found.Median <= most, found.High <= most || found.Low > most);

    /// <summary>A figure that was measured once.</summary>
    private static Estimate Exactly(double value) => new(value, value, value, 1);

    private static string Text(double value, string format) => value.ToString(format, System.Globalization.CultureInfo.InvariantCulture);
}
