using System.Diagnostics;

namespace ArTar.Bench;

/// <summary>How long to measure.</summary>
/// <param name="Seconds">Time for all rounds of a comparison, after the warm-up.</param>
/// <param name="Turn">Time of one turn of one peer, roughly.</param>
/// <param name="WarmUp">Time that each peer runs before it is measured.</param>
/// <param name="Rounds">At least so many rounds, however long they take.</param>
internal sealed record Budget(double Seconds, double Turn = 0.5, double WarmUp = 1.5, int Rounds = 4)
{
    /// <summary>The least turns, to see that everything works.</summary>
    public static Budget Smoke { get; } = new(0, 0, 0, 2);
}

/// <summary>
/// Lets peers take turns, a few steps each, in an order that rotates: whatever else the machine does hits all of them alike, and
/// the ratio within a round is free of it. The first step of a turn finds the others' data in the caches; it is not counted.
/// </summary>
internal static class Interleaved
{
    private const int MostSteps = 200;

    /// <summary>Measures.</summary>
    /// <param name="peers">Who takes turns.</param>
    /// <param name="budget">How long.</param>
    /// <returns>The seconds of each counted step, by peer and round.</returns>
    public static double[][][] Measure(IReadOnlyList<Peer> peers, Budget budget)
    {
        var steps = peers.Select(p => StepsOfTurn(p, budget)).ToArray();
        var rounds = peers.Select(_ => new List<double[]>()).ToArray();
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < budget.Rounds || clock.Elapsed.TotalSeconds * (round + 1) / Math.Max(round, 1) < budget.Seconds; round++)
            for (var i = 0; i < peers.Count; i++)
            {
                var at = (i + round) % peers.Count;
                rounds[at].Add(peers[at].Run(1 + steps[at])[1..]);
            }
        return [.. rounds.Select(r => r.ToArray())];
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
