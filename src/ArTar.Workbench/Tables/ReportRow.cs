using ArTar.Workbench.Runs;

namespace ArTar.Workbench.Tables;

/// <summary>A row of a table with what was measured so far, over its seeds.</summary>
public sealed record ReportRow
{
    /// <summary>The row.</summary>
    public required Row Row { get; init; }

    /// <summary>Name, status and summary of each seed's run; the summary is null until the run has ended.</summary>
    public required IReadOnlyList<(string Run, RunStatus Status, RunSummary? Summary)> Runs { get; init; }

    /// <summary>Trainable parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Whether a fused recurrent layer, such as cuDNN's, can compute the row: nothing in it acts between two steps.</summary>
    internal bool IsFusible { get; init; } = true;

    /// <summary>Each seed's gain over the baseline row; null without a baseline, or until both runs are finished.</summary>
    public required IReadOnlyList<SeedGain?> Gains { get; init; }

    /// <summary>Mean gain in validation perplexity over the baseline row, seed by seed; positive is better.</summary>
    public MeanDeviation? Gain => MeanDeviation.Of(Gains.OfType<SeedGain>().Select(g => g.Points));

    /// <summary>The same in percent of the baseline's perplexity.</summary>
    public MeanDeviation? GainPercent => MeanDeviation.Of(Gains.OfType<SeedGain>().Select(g => g.Percent));

    private IEnumerable<RunSummary> Finished => Runs.Where(r => r.Status == RunStatus.Finished).Select(r => r.Summary!);

    /// <summary>Validation perplexity of the best epoch, over finished seeds.</summary>
    public MeanDeviation? Valid => MeanDeviation.Of(Finished.Select(s => s.ValidPerplexity!.Value));

    /// <summary>Test perplexity of the best epoch's weights, over finished seeds.</summary>
    public MeanDeviation? Test => MeanDeviation.Of(Finished.Select(s => s.TestPerplexity!.Value));

    /// <summary>Training perplexity of the last epoch, over finished seeds: how far the model overfits.</summary>
    public MeanDeviation? Train =>
        MeanDeviation.Of(Finished.Select(s => s.LastEpoch).OfType<Training.EpochMetrics>().Select(e => e.TrainPerplexity));

    /// <summary>Training and validation time of one seed, in seconds.</summary>
    public MeanDeviation? Seconds => MeanDeviation.Of(Finished.Select(s => s.Seconds));

    /// <summary>Training speed, in tokens per second.</summary>
    public MeanDeviation? TokensPerSecond => MeanDeviation.Of(Finished.Select(s => s.TokensPerSecond));

    /// <summary>What is not finished, in words: <c>diverged</c> if all seeds did, else <c>2 of 3 diverged</c>; empty when all is.</summary>
    public string Remark
    {
        get
        {
            var open = Runs.Where(r => r.Status != RunStatus.Finished).GroupBy(r => r.Status).OrderBy(g => g.Key);
            return string.Join(", ", open.Select(g => (g.Count() < Runs.Count ? $"{g.Count()} of {Runs.Count} " : "") + g.Key.Describe()));
        }
    }
}
