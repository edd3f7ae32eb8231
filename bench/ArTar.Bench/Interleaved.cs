using System.Diagnostics;

namespace ArTar.Bench;

/// <summary>How long to measure.</summary>
/// <param name="Seconds">Time for all rounds of a comparison, after the warm-up.</param>
/// <param name="Turn">Time of one turn of one peer, roughly.</param>
/// <param name="WarmUp">Time that each peer runs before it is measured.</param>
/// <param name="Rounds">At least so many rounds, however long they take.</param>
internal sealed record Budget(double Seconds, double Turn = 0.5, double WarmUp = 1.5, int Rounds = 5)
{
    /// <summary>The least turns, to see that everything works.</summary>
    public static Budget Smoke { get; } = new(0, 0, 0, 2);
}

/// <summary>What taking turns gave.</summary>
/// <param name="Rounds">The seconds of each counted step, by peer and round; the rounds that others disturbed are left out.</param>
/// <param name="Disturbed">The part of all rounds that others disturbed.</param>
/// <param name="Others">The part of the processor that others used during the rounds that count.</param>
internal sealed record Measured(IReadOnlyList<double[][]> Rounds, double Disturbed, double Others)
{
    /// <summary>The median step of each round of a peer.</summary>
    public double[] Medians(int peer) => [.. Rounds[peer].Select(Statistics.Median)];

    /// <summary>All steps of a peer.</summary>
    public Spread Steps(int peer) => Spread.Of(Rounds[peer].SelectMany(r => r));

    /// <summary>Time of one peer over that of another, round by round.</summary>
    public Estimate Ratio(int peer, int other) => Estimate.Of([.. Medians(peer).Zip(Medians(other), (a, b) => a / b)]);
}

/// <summary>
/// Lets peers take turns, a few steps each, in an order that rotates: what else the machine does hits all of them alike, and the
/// ratio within a round is nearly free of it. The first step of a turn finds the others' data in the caches; it is not counted.
/// A round in which other processes used a noticeable part of the processor is left out, as long as enough others remain.
/// </summary>
internal static class Interleaved
{
    private const int MostSteps = 200;

    /// <summary>The part of the processor that others may use while a peer works.</summary>
    public const double Noticeable = 0.06;

    /// <summary>Warms the peers up, then measures until the time is over.</summary>
    /// <param name="peers">Who takes turns.</param>
    /// <param name="budget">How long.</param>
    public static Measured Measure(IReadOnlyList<Peer> peers, Budget budget)
    {
        var steps = peers.Select(p => StepsOfTurn(p, budget)).ToArray();
        var clock = Stopwatch.StartNew();
        return Measure(peers, steps, round => round < budget.Rounds || clock.Elapsed.TotalSeconds * (round + 1) / round < budget.Seconds,
            budget.Rounds);
    }

    /// <summary>Measures the first steps that the peers ever make.</summary>
    /// <param name="peers">Who takes turns.</param>
    /// <param name="steps">Steps of a turn; the first of them is not counted.</param>
    /// <param name="rounds">Number of turns of each.</param>
    public static Measured MeasureFromStart(IReadOnlyList<Peer> peers, int steps, int rounds) =>
        Measure(peers, [.. peers.Select(_ => steps - 1)], round => round < rounds, Math.Min(5, rounds));

    private static Measured Measure(IReadOnlyList<Peer> peers, int[] steps, Func<int, bool> goesOn, int least)
    {
        var rounds = new List<(double[][] Seconds, double Others)>();
        while (goesOn(rounds.Count))
        {
            var (seconds, others) = (new double[peers.Count][], 0.0);
            for (var i = 0; i < peers.Count; i++)
            {
                var at = (i + rounds.Count) % peers.Count;
                others = Math.Max(others, Disturbance(peers[at], () => seconds[at] = peers[at].Run(1 + steps[at])[1..]));
            }
            rounds.Add((seconds, others));
        }
        var quiet = rounds.Count(r => r.Others <= Noticeable);
        var counted = rounds.OrderBy(r => r.Others).Take(Math.Max(quiet, Math.Min(least, rounds.Count))).ToList();
        return new([.. peers.Select((_, i) => counted.Select(r => r.Seconds[i]).ToArray())], 1 - (double)quiet / rounds.Count,
            counted.Max(r => r.Others));
    }

    /// <summary>The part of the processor that others used while a peer worked.</summary>
    private static double Disturbance(Peer peer, Action work)
    {
        var (all, own, clock) = (Processor.Used(), peer.ProcessorTime, Stopwatch.StartNew());
        work();
        // Processor time is free of the others' to begin with.
        return !peer.Work.ProcessorTime && Processor.Used() - all is { } used
            ? Math.Max(0, used - (peer.ProcessorTime - own)) / (clock.Elapsed.TotalSeconds * Environment.ProcessorCount) : 0;
    }

    /// <summary>Warms a peer up and finds how many counted steps fill a turn.</summary>
    private static int StepsOfTurn(Peer peer, Budget budget)
    {
        var clock = Stopwatch.StartNew();
        double[] last;
        do
            last = peer.Run(3);
        while (clock.Elapsed.TotalSeconds < budget.WarmUp);
        return Math.Clamp((int)Math.Round(budget.Turn / last.Min()) - 1, 1, MostSteps);
    }
}
