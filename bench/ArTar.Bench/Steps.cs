using ArTar.Workbench;
using ArTar.Workbench.Training;
using TorchSharp;

namespace ArTar.Bench;

/// <summary>One side's figures in one configuration.</summary>
/// <param name="Side">The side.</param>
/// <param name="Seconds">A step.</param>
/// <param name="TokensPerSecond">Tokens of a step over its median time.</param>
/// <param name="PeakMemory">Of its process, in bytes.</param>
/// <param name="BoundShare">The time that its products need at the processor's limit, over its time, round by round.</param>
/// <param name="PageFaults">Pages that the kernel had to give its process in a step; null where that is not known.</param>
/// <param name="Ratio">Its time over ours, round by round; above 1 ours is faster. Null for ours.</param>
/// <param name="Remark">What one has to know to read the figures, if anything.</param>
internal sealed record SideResult(string Side, Spread Seconds, double TokensPerSecond, long PeakMemory, Estimate BoundShare, double? PageFaults,
    Estimate? Ratio = null, string? Remark = null);

/// <summary>One row of the comparison.</summary>
/// <param name="Configuration">What was run.</param>
/// <param name="Flops">Floating-point operations of its matrix products.</param>
/// <param name="LimitFlops">Multiply-adds that the processor can do in a second, as operations, measured in the same rounds.</param>
/// <param name="Sides">The sides that took part.</param>
/// <param name="Disturbed">The part of all rounds that was left out because other processes used the machine.</param>
/// <param name="Others">The part of the processor that others still used in those that count, at most.</param>
internal sealed record StepResult(
    Configuration Configuration, double Flops, Spread LimitFlops, IReadOnlyList<SideResult> Sides, double Disturbed, double Others)
{
    /// <summary>The figures of a side, or null.</summary>
    public SideResult? Of(Side side) => Sides.FirstOrDefault(s => s.Side == side.Id);
}

/// <summary>Whether the sides compute the same: losses of the first steps without dropout from the same weights on the same text.</summary>
/// <param name="Configuration">What was run.</param>
/// <param name="Side">Who was compared with the first side.</param>
/// <param name="Difference">Largest relative difference of a loss.</param>
/// <param name="Tolerance">What is allowed.</param>
internal sealed record Agreement(Configuration Configuration, string Side, double Difference, double Tolerance);

/// <summary>Compares the steps of several sides.</summary>
/// <param name="folder">A folder for files that workers read.</param>
/// <param name="threads">Threads of an operation, for every side.</param>
/// <param name="processorTime">Take processor time instead of the clock's.</param>
/// <param name="machine">What the workers may use of this machine.</param>
internal sealed class Steps(string folder, int threads, bool processorTime, Machine machine)
{
    private const int Windows = 1000, CheckedSteps = 3;

    /// <summary>The versions that the workers reported, by side.</summary>
    public Dictionary<string, string> Versions { get; } = [];

    /// <summary>Measures one configuration.</summary>
    public StepResult Measure(Configuration configuration, IReadOnlyList<Side> sides, Budget budget)
    {
        var peers = new List<Peer>();
        try
        {
            foreach (var side in sides.Append(Sides.Limit))
            {
                peers.Add(Start(side, configuration));
                Versions[side.Id] = string.Join(", ", peers[^1].About.Where(v => v.Key != Peer.Remark).Select(v => $"{v.Key} {v.Value}"));
            }
            var measured = Interleaved.Measure(peers, budget);
            // The least time that the products need, at the rate that each round found.
            var bounds = measured.Medians(sides.Count).Select(s => s / Bound.Flops(threads) * configuration.Flops).ToArray();
            var ours = sides.Select(s => s.Id).ToList().IndexOf(Sides.Ours.Id);
            var results = sides.Select((side, i) => new SideResult(side.Id,
                measured.Steps(i),
                configuration.Tokens / measured.Steps(i).Median,
                peers[i].PeakMemory,
                Estimate.Of([.. bounds.Zip(measured.Medians(i), (bound, time) => bound / time)]),
                peers[i].PageFaults,
                ours < 0 || i == ours ? null : measured.Ratio(i, ours),
                (string?)peers[i].About[Peer.Remark]));
            var rates = measured.Rounds[sides.Count].SelectMany(r => r).Select(s => Bound.Flops(threads) / s);
            return new(configuration, configuration.Flops, Spread.Of(rates), [.. results], measured.Disturbed, measured.Others);
        }
        finally
        {
            peers.ForEach(p => p.Dispose());
        }
    }

    /// <summary>Operations in a second at the limit, from the seconds of its turns.</summary>
    public double Rate(double seconds) => Bound.Flops(threads) / seconds;

    /// <summary>Starts a side on a configuration.</summary>
    public Peer Start(Side side, Configuration configuration) =>
        Peer.Start(side, new(side.Id, configuration, threads, TextOf(configuration, Windows), ProcessorTime: processorTime), machine);

    /// <summary>Lets a side train a row of a table, in a process of its own.</summary>
    public void Train(Side side, Configuration configuration, Row row, int threads) =>
        Peer.Check(side, new(side.Id, configuration, threads, TextOf(configuration, Windows), Row: row), machine);

    /// <summary>Compares the losses of the sides with those of the first; throws when they are not those of the same work.</summary>
    public IEnumerable<Agreement> Check(Configuration configuration, IReadOnlyList<Side> sides)
    {
        var exact = configuration with { Mode = Mode.Train, Dropout = 0 };
        var (text, checkpoint) = (TextOf(exact, CheckedSteps), Path.Combine(folder, "start.safetensors"));
        // Word vectors of a size that training reaches: with small ones every word is about as likely, and a loss tells little.
        using (var trainer = new Trainer(exact.ToHyperParameters() with { EmbeddingRange = 1 },
            Text.Corpus(Text.Read(text), exact.Vocabulary, exact.Batch), torch.CPU))
            trainer.Save(checkpoint);
        var losses = sides.Select(side => Peer.Check(side, new(side.Id, exact, threads, text, checkpoint, CheckedSteps), machine))
            .Select(l => (double[])[.. l.Training, l.Evaluation]).ToList();
        foreach (var (i, side) in sides.Index().Skip(1))
        {
            var difference = losses[i].Zip(losses[0], (a, b) => Math.Abs(a - b) / Math.Abs(b)).Max();
            var tolerance = Math.Max(side.Tolerance, sides[0].Tolerance);
            if (!(difference <= tolerance))
                throw new WorkbenchException($"{configuration}: the sides do different work. Losses of {sides[0].Label} "
                    + $"{string.Join(" ", losses[0])}, of {side.Label} {string.Join(" ", losses[i])}; "
                    + FormattableString.Invariant($"expected to agree to {tolerance}."));
            yield return new(configuration, side.Id, difference, tolerance);
        }
    }

    /// <summary>The file of a text of so many whole windows.</summary>
    private string TextOf(Configuration c, int windows)
    {
        var path = Path.Combine(folder, FormattableString.Invariant($"text-{c.Vocabulary}-{c.Batch}-{c.Window}-{windows}.safetensors"));
        if (!File.Exists(path))
            Text.Write(path, Text.Generate(c.Batch * (windows * c.Window + 1), c.Vocabulary));
        return path;
    }
}
