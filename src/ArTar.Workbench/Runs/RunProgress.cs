using ArTar.Workbench.Training;

namespace ArTar.Workbench.Runs;

/// <summary>How far a run has come: what boards show, what workers say and what other processes read.</summary>
internal sealed record RunProgress : IJsonOnDeserialized
{
    /// <summary>The epoch that is trained, from 1; with <see cref="IsEpochEnd"/> the one that is done.</summary>
    public int Epoch { get; init; }

    /// <summary>Epochs in all, at most.</summary>
    public int Epochs { get; init; }

    /// <summary>Windows done in the epoch.</summary>
    public int Window { get; init; }

    /// <summary>Windows in an epoch.</summary>
    public int Windows { get; init; }

    /// <summary>Training perplexity in the epoch so far, or in the whole epoch; null when it is no number.</summary>
    public double? TrainPerplexity { get; init; }

    /// <summary>Validation perplexity after the last whole epoch.</summary>
    public double? ValidPerplexity { get; init; }

    /// <summary>Lowest validation perplexity so far.</summary>
    public double? BestValidPerplexity { get; init; }

    /// <summary>Training speed, in tokens per second.</summary>
    public double TokensPerSecond { get; init; }

    /// <summary>Done part of the whole training, from 0 to 1.</summary>
    public double Fraction { get; init; }

    /// <summary>Time until the run's end, in seconds, as far as one can tell.</summary>
    public double? SecondsLeft { get; init; }

    /// <summary>Whether an epoch has just been validated.</summary>
    public bool IsEpochEnd { get; init; }

    void IJsonOnDeserialized.OnDeserialized()
    {
        StoredValue.Within(Epoch, 0);
        StoredValue.Within(Epochs, 0);
        StoredValue.Within(Fraction, 0, 1);
        StoredValue.Seconds(SecondsLeft ?? 0, nameof(SecondsLeft));
    }

    internal static RunProgress Of(TrainingProgress told, double? secondsLeft) => new()
    {
        Epoch = told.Position.Epoch + 1,
        Epochs = told.Epochs,
        Window = told.Position.Window,
        Windows = told.Windows,
        TrainPerplexity = Perplexity(told.Position.Sums.Loss / told.Position.Sums.Tokens),
        ValidPerplexity = told.Position.Epochs is [.., var last] ? Perplexity(last.ValidLoss) : null,
        BestValidPerplexity = Perplexity(told.Position.BestLoss),
        TokensPerSecond = told.TokensPerSecond,
        Fraction = told.Fraction,
        SecondsLeft = secondsLeft is { } left ? Math.Min(left, StoredValue.MostSeconds) : null,
    };

    /// <summary>The same once the epoch was validated.</summary>
    internal RunProgress After(EpochMetrics epoch) => this with
    {
        Epoch = epoch.Epoch,
        TrainPerplexity = Perplexity(epoch.TrainLoss),
        ValidPerplexity = Perplexity(epoch.ValidLoss),
        BestValidPerplexity = Math.Min(BestValidPerplexity ?? double.PositiveInfinity, epoch.ValidPerplexity) is var best
            && double.IsFinite(best) ? best : null,
        TokensPerSecond = epoch.TokensPerSecond,
        Fraction = (double)epoch.Epoch / Epochs,
        IsEpochEnd = true,
    };

    private static double? Perplexity(double loss) => Math.Exp(loss) is var perplexity && double.IsFinite(perplexity) ? perplexity : null;
}
