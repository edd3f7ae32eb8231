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

        var wide = !results.Conditions.Avx2 && results.Conditions.HasAvx512;
        List<(StepResult? Row, double PyTorch, double Limit)> steps =
        [
            (Row(Cell.Lstm, 200), wide ? 1.6 : 1.25, wide ? 0.72 : 0.84),
            (Row(Cell.Lstm, 650), wide ? 1.35 : 1, wide ? 0.88 : 0.91),
            (Row(Cell.Lstm, 1500), wide ? 1.5 : 1, wide ? 0.88 : 0.91),
            (Row(Cell.Gru, 200), 0, 0.7),
            (Row(Cell.Gru, 650), 0, 0.85),
            (Row(Cell.Tanh, 200), 0, 0.7),
            (Row(Cell.Tanh, 650), 0, 0.85),
            (Row(Cell.Lstm, 200, mode: Mode.Evaluate), 0, 0.75),
            (Row(Cell.Lstm, 650, mode: Mode.Evaluate), 0, 0.88),
            (Row(Cell.Lstm, 1500, mode: Mode.Evaluate), 0, 0.88),
        ];
        foreach (var (row, pytorch, limit) in steps)
        {
            if (row?.Of(Sides.Ours) is not { } ours)
                continue;
            if (pytorch > 0 && row.Of(Sides.PyTorchTuned)?.Ratio is { } ratio)
                yield return AtLeast($"{row.Configuration}, {Sides.PyTorchTuned.Label} / ours", pytorch, ratio, "0.00");
            yield return AtLeast($"{row.Configuration}, of the limit", limit, ours.BoundShare, "0 %");
        }
        if (Row(Cell.Lstm, 650, 33_278) is { } large && large.Of(Sides.Ours) is { } own)
            foreach (var side in new[] { Sides.EagerTuned, Sides.PyTorchTuned })
                if (large.Of(side) is { } other)
                    yield return AtMost($"{large.Configuration}, memory of {side.Label}'s", 0.6,
                        Exactly((double)own.PeakMemory / other.PeakMemory), "0 %");
        foreach (var cost in results.PenaltyCosts.Where(c => c.Configuration.Hidden >= 200))
            yield return AtMost($"{cost.Configuration}, added by AR + TAR", 0.01,
                cost.Ratio with { Median = cost.Ratio.Median - 1, Low = cost.Ratio.Low - 1, High = cost.Ratio.High - 1 }, "0.00 %");
        if (results.Denormals.FirstOrDefault(d => d.Side == Sides.Ours.Id && d.Configuration.Hidden >= 200) is { } denormals)
            yield return AtMost("a step at learning rate 20 / at 1", 1.1, denormals.Ratio, "0.00");
        var most = results.Tables.Select(t => t.Rows).DefaultIfEmpty().Max();
        var tables = results.Tables.Where(t => t.Rows == most && t.Jobs > 1).ToLookup(t => t.Side);
        if (tables[Sides.Ours.Id].FirstOrDefault() is { } our && tables[Sides.PyTorchTuned.Id].FirstOrDefault() is { } their)
            yield return AtLeast($"table 1 in laptop, rows side by side, {Sides.PyTorchTuned.Label} / ours", wide ? 1.25 : 1,
                Exactly(their.Seconds / our.Seconds), "0.00");
        foreach (var other in results.Others)
            if (other.Target is { } longest)
                yield return AtMost($"{other.Name}, s", longest,
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
