namespace ArTar.Bench;

/// <summary>What AR and TAR add to a training step of ours.</summary>
/// <param name="Configuration">The step, with them.</param>
/// <param name="Ratio">Time with over time without, turn by turn.</param>
internal sealed record PenaltyCost(Configuration Configuration, Estimate Ratio)
{
    /// <summary>
    /// Two processes take short turns, one with AR and TAR, one without, in the order of A B B A. Each process happens to lie
    /// differently in memory, which alone can make a per cent; so several pairs are started one after the other.
    /// </summary>
    public static PenaltyCost Measure(Steps steps, Side side, Configuration configuration, Budget budget, int pairs)
    {
        var ratios = new List<double>();
        for (var pair = 0; pair < pairs; pair++)
        {
            using var without = steps.Start(side, configuration);
            using var with = steps.Start(side, configuration.Regularized());
            var measured = Interleaved.Measure([without, with], budget with { Seconds = budget.Seconds / pairs });
            ratios.AddRange(measured.Medians(1).Zip(measured.Medians(0), (a, b) => a / b));
        }
        return new(configuration.Regularized(), Estimate.Of(ratios));
    }
}
