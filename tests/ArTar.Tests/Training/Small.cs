using ArTar.Workbench.Data;
using ArTar.Workbench.Training;
using TorchSharp;

namespace ArTar.Tests.Training;

/// <summary>Texts and recipes so small that a training run takes a fraction of a second.</summary>
internal static class Small
{
    /// <summary>
    /// A text in which each word decides the next one three times out of four: there is something to learn, and with few
    /// training tokens much to learn by heart.
    /// </summary>
    public static Corpus Corpus(int train = 400, int valid = 120, int test = 120, int vocabulary = 12, int seed = 1)
    {
        var random = new Random(seed);
        var follower = Enumerable.Range(0, vocabulary).Select(_ => random.Next(vocabulary)).ToArray();
        var at = 0;
        int[] Text(int tokens) => [.. Enumerable.Range(0, tokens).Select(_ => at = random.Next(4) > 0 ? follower[at] : random.Next(vocabulary))];
        var words = Enumerable.Range(0, vocabulary - 1).Select(i => $"w{i}").Append(Vocabulary.EndOfSentenceToken);
        return new("small", new(words), Text(train), Text(valid), Text(test), Hash: new string((char)('a' + seed % 6), 64));
    }

    public static HyperParameters Values { get; } = new()
    {
        Hidden = 8, Dropout = 0.3, LayerDropout = 0.2, BatchSize = 4, Window = 5, EvaluationBatchSize = 3,
        LearningRate = 2, Clip = 0.25, WeightDecay = 1e-6, Epochs = 3,
    };

    /// <summary>A trainer on the CPU; its steps can be watched and stopped.</summary>
    public static Trainer Trainer(HyperParameters values, Corpus? corpus = null, Checkpoint? checkpoint = null, KernelChoice kernels = KernelChoice.Fast) =>
        new(values.Validated(), corpus ?? Corpus(), torch.CPU, checkpoint, kernels);

    /// <summary>Trains until <paramref name="steps"/> steps are done since the start of the run, at most to its end.</summary>
    public static void RunTo(this Trainer trainer, long steps, Action<EpochMetrics>? onEpoch = null)
    {
        if (trainer.Position.Step >= steps)
            return;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        try
        {
            trainer.Run((metrics, _) => onEpoch?.Invoke(metrics), progress =>
            {
                if (progress.Position.Step == steps)
                    stop.Cancel();
            }, stop.Token);
        }
        catch (OperationCanceledException) when (trainer.Position.Step == steps)
        {
        }
    }

    public static void RunToEnd(this Trainer trainer) => trainer.RunTo(long.MaxValue);

    /// <summary>What a run measured, without what the clock measured.</summary>
    public static IEnumerable<string> Figures(IEnumerable<EpochMetrics> epochs) => epochs.Select(e => FormattableString.Invariant(
        $"{e.Epoch} {e.LearningRate:R} {e.TrainLoss:R} {e.ValidLoss:R} {e.GradientNorm:R} {e.Identity} {string.Join(' ', e.Penalties.Select(p => FormattableString.Invariant($"{p.Key}={p.Value:R}")))}"));
}
