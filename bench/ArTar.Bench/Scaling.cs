namespace ArTar.Bench;

/// <summary>One step of ours where a single size differs from the base: H = 200, V = 10,000, B = 20, T = 35, two layers.</summary>
/// <param name="Varied">The size that differs: H, V, B, T or layers.</param>
/// <param name="Value">Its value.</param>
/// <param name="Configuration">The model.</param>
/// <param name="Flops">Floating-point operations of its matrix products.</param>
/// <param name="Seconds">A step.</param>
/// <param name="BoundShare">The least time that its products need, over its time.</param>
/// <param name="PeakMemory">Of its process, in bytes.</param>
internal sealed record ScalingPoint(string Varied, int Value, Configuration Configuration, double Flops, Spread Seconds,
    Estimate BoundShare, long PeakMemory);

/// <summary>How time and memory of a step grow with each size.</summary>
internal static class Scaling
{
    /// <summary>The sizes to vary, with their values.</summary>
    public static IReadOnlyList<(string Varied, int[] Values, Func<Configuration, int, Configuration> With)> Series { get; } =
    [
        ("H", [50, 100, 200, 400, 800, 1600], (c, value) => c with { Hidden = value }),
        ("V", [1250, 2500, 5000, 10_000, 20_000, 40_000], (c, value) => c with { Vocabulary = value }),
        ("B", [5, 10, 20, 40, 80], (c, value) => c with { Batch = value }),
        ("T", [9, 18, 35, 70, 140], (c, value) => c with { Window = value }),
        ("layers", [1, 2, 3, 4], (c, value) => c with { Layers = value }),
    ];

    /// <summary>Measures one series; all its points take turns.</summary>
    public static IEnumerable<ScalingPoint> Measure(Steps steps, Side side, string varied,
        IEnumerable<(int Value, Configuration Configuration)> points, Budget budget)
    {
        var (values, configurations) = (points.Select(p => p.Value).ToList(), points.Select(p => p.Configuration).ToList());
        var peers = new List<Peer>();
        try
        {
            foreach (var c in configurations)
                peers.Add(steps.Start(side, c));
            peers.Add(steps.Start(Sides.Limit, configurations[0]));
            var measured = Interleaved.Measure(peers, budget);
            var rates = measured.Medians(configurations.Count).Select(steps.Rate).ToArray();
            return [.. configurations.Select((c, i) => new ScalingPoint(varied, values[i], c, c.Flops, measured.Steps(i),
                Estimate.Of([.. rates.Zip(measured.Medians(i), (rate, time) => c.Flops / rate / time)]), peers[i].PeakMemory))];
        }
        finally
        {
            peers.ForEach(p => p.Dispose());
        }
    }
}
