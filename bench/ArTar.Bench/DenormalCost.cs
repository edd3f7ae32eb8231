namespace ArTar.Bench;

/// <summary>
/// Whether denormal numbers slow a side down. At learning rate 20 the softmax saturates within the first hundreds of steps and its
/// tails become floats below the normal range, with which processors compute many times slower unless they are flushed to zero.
/// </summary>
/// <param name="Side">The side.</param>
/// <param name="Configuration">The step, with the high learning rate.</param>
/// <param name="Steps">So many first steps were measured.</param>
/// <param name="High">A step at the high learning rate.</param>
/// <param name="Low">A step at learning rate 1.</param>
/// <param name="Ratio">High over low, turn by turn.</param>
/// <param name="Worst">The largest ratio of a turn.</param>
internal sealed record DenormalCost(string Side, Configuration Configuration, int Steps, Spread High, Spread Low, Estimate Ratio,
    double Worst)
{
    private const int Turn = 10;

    /// <summary>The high rate and the clip norm of the paper's recipe as it is assumed.</summary>
    private const double HighRate = 20, Clip = 10;

    public static DenormalCost Measure(Steps steps, Side side, Configuration configuration, int count)
    {
        var high = configuration with { LearningRate = HighRate, Clip = Clip };
        using var fast = steps.Start(side, high);
        using var slow = steps.Start(side, high with { LearningRate = 1 });
        var measured = Interleaved.MeasureFromStart([fast, slow], Turn, Math.Max(1, count / Turn));
        return new(side.Id, high, count, measured.Steps(0), measured.Steps(1), measured.Ratio(0, 1),
            measured.Medians(0).Zip(measured.Medians(1), (a, b) => a / b).Max());
    }
}
