using ArTar.Workbench.Output;

namespace ArTar.Workbench.Claims;

/// <summary>How a figure of a claim is printed.</summary>
internal enum FigureKind
{
    /// <summary>A coefficient as it was set.</summary>
    Coefficient,

    /// <summary>A perplexity.</summary>
    Perplexity,

    /// <summary>A gain, signed.</summary>
    Percent,

    /// <summary>A part or ratio.</summary>
    Ratio,

    /// <summary>A difference of such, signed.</summary>
    Difference,
}

/// <summary>A figure that a claim has for each seed.</summary>
/// <param name="Key">Its name for programs.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Kind">How it is printed.</param>
internal sealed record FigureColumn(string Key, string Title, FigureKind Kind)
{
    /// <summary>A figure of this column.</summary>
    public string Text(double value) => Kind switch
    {
        FigureKind.Coefficient => Numbers.Text(value),
        FigureKind.Perplexity => Printed.Perplexity(value),
        FigureKind.Percent => Signed(value, 2),
        FigureKind.Difference => Signed(value, 3),
        _ => Printed.Figure(value, decimals: 3),
    };

    /// <summary>A figure with its sign, which stays when it rounds to zero: a verdict may hang on it.</summary>
    internal static string Signed(double value, int decimals) =>
        (value < 0 ? Printed.Minus : '+') + Printed.Figure(Math.Abs(value), decimals: decimals);
}

/// <summary>A seed's figures, one for each <see cref="FigureColumn"/>.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Values">The figures.</param>
/// <param name="Runs">Names of the runs that they are computed from.</param>
internal sealed record SeedFigures(int Seed, IReadOnlyList<double> Values, IReadOnlyList<string> Runs);

/// <summary>What a claim's test found.</summary>
internal sealed record ClaimFinding
{
    /// <summary>Held, not held or undecided.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>What there is for each seed.</summary>
    public required IReadOnlyList<FigureColumn> Columns { get; init; }

    /// <summary>The figures by seed.</summary>
    public required IReadOnlyList<SeedFigures> Seeds { get; init; }

    /// <summary>Mean and interval that decided; null where seeds were counted.</summary>
    public MeanInterval? Interval { get; init; }

    /// <summary>The same on the test split, which decides nothing.</summary>
    public MeanInterval? TestInterval { get; init; }

    /// <summary>Unit of both: <c>%</c>, or empty.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Which way the figures point, in words.</summary>
    public required string Direction { get; init; }

    /// <summary>What one must know besides.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Mean and interval in a line: <c>+3.4 % (−1.0 to +7.8)</c>; the counted seeds where there is none.</summary>
    public string Summary => Interval is { } i ? $"{Mean(i)} ({Signed(i.Low)} to {Signed(i.High)})" : Direction;

    /// <summary>The test split's mean and interval; empty where there is none.</summary>
    public string TestSummary => TestInterval is { } i ? $"{Mean(i)} ({Signed(i.Low)} to {Signed(i.High)})" : "";

    /// <summary>The test split's mean alone.</summary>
    public string TestMean => TestInterval is { } i ? Mean(i) : "";

    private string Mean(MeanInterval i) => Signed(i.Mean) + (Unit.Length > 0 ? " " + Unit : "");

    private string Signed(double value) => FigureColumn.Signed(value, Unit.Length > 0 ? 1 : 3);

    /// <summary>Decides by the interval of a figure over the seeds.</summary>
    /// <param name="side">1 when the claim is that it is positive, -1 when negative.</param>
    /// <param name="unit">Its unit.</param>
    /// <param name="columns">What there is for each seed.</param>
    /// <param name="seeds">The figures by seed.</param>
    /// <param name="decides">Key of the column that decides.</param>
    /// <param name="test">Key of the test split's column, or null.</param>
    internal static ClaimFinding ByInterval(
        int side, string unit, IReadOnlyList<FigureColumn> columns, IReadOnlyList<SeedFigures> seeds, string decides, string? test)
    {
        MeanInterval Of(string key)
        {
            var at = columns.Index().Single(c => c.Item.Key == key).Index;
            return MeanInterval.Of([.. seeds.Select(s => s.Values[at])]);
        }
        var interval = Of(decides);
        return new()
        {
            Verdict = interval.Sign(side),
            Columns = columns,
            Seeds = seeds,
            Interval = interval,
            TestInterval = test is null ? null : Of(test),
            Unit = unit,
            Direction = interval.Mean == 0 ? "the mean is zero" : interval.Mean * side > 0 ? "the mean is on the claim's side"
                : "the mean is on the other side",
        };
    }

    /// <summary>Decides by whether every seed speaks for the claim, or every seed against it.</summary>
    /// <param name="columns">What there is for each seed.</param>
    /// <param name="seeds">The figures by seed; true for the claim, false against it, null for neither.</param>
    internal static ClaimFinding ByCount(IReadOnlyList<FigureColumn> columns, IReadOnlyList<(SeedFigures Figures, bool? Speaks)> seeds)
    {
        var (pro, contra) = (seeds.Count(s => s.Speaks == true), seeds.Count(s => s.Speaks == false));
        return new()
        {
            Verdict = pro == seeds.Count ? Verdict.Held : contra == seeds.Count ? Verdict.NotHeld : Verdict.Undecided,
            Columns = columns,
            Seeds = [.. seeds.Select(s => s.Figures)],
            Direction = FormattableString.Invariant($"{pro} of {seeds.Count} seeds for it, {contra} against"),
        };
    }
}
