namespace ArTar.Cli;

/// <summary>Writes a run's course as TensorBoard events: epochs by their number, the training loss also by optimizer step.</summary>
internal sealed class TensorBoardLog
{
    private const int StepsBetween = 100;
    private readonly EventFile file;
    private EpochSums since = new();

    /// <param name="folder">Where the event file goes.</param>
    /// <param name="past">Epochs that were trained before; they are written when the folder has no events yet.</param>
    public TensorBoardLog(string folder, IReadOnlyList<EpochMetrics> past)
    {
        Directory.CreateDirectory(folder);
        var fresh = !Directory.EnumerateFiles(folder, "*tfevents*").Any();
        file = new(folder);
        foreach (var epoch in fresh ? past : [])
            Epoch(epoch);
    }

    /// <summary>Writes the mean training loss of the last hundred steps.</summary>
    public void Step(TrainingProgress progress)
    {
        var (sums, step) = (progress.Position.Sums, progress.Position.Step);
        if (sums.Tokens < since.Tokens)
            since = new();
        if (step % StepsBetween != 0 || sums.Tokens == since.Tokens)
            return;
        Add("steps/train loss", (sums.Loss - since.Loss) / (sums.Tokens - since.Tokens), step);
        since = sums;
    }

    /// <summary>Writes what an epoch came to.</summary>
    public void Epoch(EpochMetrics epoch)
    {
        var step = epoch.Epoch;
        Add("loss/train", epoch.TrainLoss, step);
        Add("loss/valid", epoch.ValidLoss, step);
        Add("perplexity/train", epoch.TrainPerplexity, step);
        Add("perplexity/valid", epoch.ValidPerplexity, step);
        foreach (var (name, penalty) in epoch.Penalties)
            Add($"penalty/{name}", penalty, step);
        Add("optimizer/learning rate", epoch.LearningRate, step);
        Add("optimizer/gradient norm", epoch.GradientNorm, step);
    }

    private void Add(string tag, double value, long step) => file.Add(tag, (float)value, step);
}
