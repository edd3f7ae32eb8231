namespace ArTar.Bench;

/// <summary>A median with the quartiles around it.</summary>
/// <param name="Median">Half of the values lie below.</param>
/// <param name="Lower">A quarter lies below.</param>
/// <param name="Upper">A quarter lies above.</param>
/// <param name="Least">The least of all: what is left when nothing else disturbs.</param>
/// <param name="Count">Number of values.</param>
internal readonly record struct Spread(double Median, double Lower, double Upper, double Least, int Count)
{
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new(Statistics.Quantile(sorted, 0.5), Statistics.Quantile(sorted, 0.25), Statistics.Quantile(sorted, 0.75), sorted[0],
            sorted.Length);
    }
}

/// <summary>A median with the interval that holds the true one with a probability of 95 %.</summary>
/// <param name="Median">The median of what was measured.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <param name="Count">Number of values.</param>
internal readonly record struct Estimate(double Median, double Low, double High, int Count)
{
    private const int Resamples = 2000;

    /// <summary>The interval is a percentile bootstrap: medians of values drawn with replacement.</summary>
    public static Estimate Of(IReadOnlyList<double> values)
    {
        var random = new Random(1);
        var drawn = new double[values.Count];
        var medians = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            for (var j = 0; j < drawn.Length; j++)
                drawn[j] = values[random.Next(drawn.Length)];
            Array.Sort(drawn);
            medians[i] = Statistics.Quantile(drawn, 0.5);
        }
        Array.Sort(medians);
        return new(Statistics.Median(values), Statistics.Quantile(medians, 0.025), Statistics.Quantile(medians, 0.975), values.Count);
    }
}

internal static class Statistics
{
    public static double Median(IEnumerable<double> values) => Quantile([.. values.Order()], 0.5);

    /// <summary>Of sorted values, with linear interpolation between neighbours; NaN of none.</summary>
    public static double Quantile(IReadOnlyList<double> sorted, double part)
    {
        if (sorted.Count == 0)
            return double.NaN;
        var at = part * (sorted.Count - 1);
        var below = (int)at;
        return below + 1 < sorted.Count ? sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
