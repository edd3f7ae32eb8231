using System.Diagnostics;
using ArTar.Workbench.Kernels;
using Buffer = ArTar.Workbench.Kernels.Buffer;

namespace ArTar.Bench;

/// <summary>What AR and TAR add to a training step of ours.</summary>
/// <param name="Configuration">The step, with them.</param>
/// <param name="Ratio">Time with over time without, turn by turn.</param>
/// <param name="Seconds">A step with them.</param>
/// <param name="Loops">The two loops that they are, by themselves, in seconds a step.</param>
internal sealed record PenaltyCost(Configuration Configuration, Estimate Ratio, double Seconds, Estimate Loops)
{
    private const int Repeats = 200;
    private const long Bytes = 1L << 27; // more than any cache holds

    /// <summary>The loops' part of a step.</summary>
    public Estimate Share => new(Loops.Median / Seconds, Loops.Low / Seconds, Loops.High / Seconds, Loops.Count);

    /// <summary>
    /// Two processes take short turns, one with AR and TAR, one without, in the order of A B B A. Each process happens to lie
    /// differently in memory, which alone can make a per cent; so several pairs are started one after the other. That per cent is
    /// more than what is looked for, so the loops are also timed alone.
    /// </summary>
    public static PenaltyCost Measure(Steps steps, Side side, Configuration configuration, Budget budget, int pairs)
    {
        var (ratios, seconds) = (new List<double>(), new List<double>());
        for (var pair = 0; pair < pairs; pair++)
        {
            using var without = steps.Start(side, configuration);
            using var with = steps.Start(side, configuration.Regularized());
            var measured = Interleaved.Measure([without, with], budget with { Seconds = budget.Seconds / pairs });
            ratios.AddRange(measured.Medians(1).Zip(measured.Medians(0), (a, b) => a / b));
            seconds.AddRange(measured.Medians(1));
        }
        return new(configuration.Regularized(), Estimate.Of(ratios), Statistics.Median(seconds), Estimate.Of(TimeLoops(configuration, steps.Threads)));
    }

    /// <summary>Each time on other memory, so that nothing waits in a cache: in a step it would not all, either. On one thread, over their number.</summary>
    private static unsafe List<double> TimeLoops(Configuration configuration, int threads)
    {
        using var team = new Team(1);
        var penalties = new SquarePenalties(2, 1, team);
        var step = configuration.Batch * configuration.Hidden;
        var entries = configuration.Window * step;
        var places = (int)Math.Max(2, Bytes / (3L * sizeof(float) * entries));
        using var buffer = new Buffer(3L * places * entries);
        float* memory = buffer;
        new Span<float>(memory, 3 * places * entries).Fill(0.25f);
        var seconds = new List<double>(Repeats);
        for (var i = 0; i < Repeats + places; i++)
        {
            float* raw = memory + 3L * (i % places) * entries, dropped = raw + entries, gradient = dropped + entries;
            var started = Stopwatch.GetTimestamp();
            penalties.AddActivation(0, dropped, gradient, entries, 0, entries);
            penalties.AddTemporal(0, raw, gradient, entries, step, 0, entries);
            penalties.Conclude(entries, step);
            if (i >= places)
                seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds / threads);
        }
        return seconds;
    }
}
