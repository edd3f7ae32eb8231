using ArTar.Workbench.Models;

namespace ArTar.Workbench.Training;

/// <summary>What one epoch came to.</summary>
public sealed record EpochMetrics : IJsonOnDeserialized
{
    /// <summary>Number of the epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Learning rate that the epoch was trained with.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Mean cross-entropy while training, in nats per token: with dropout, without penalties, weights changing.</summary>
    public required double TrainLoss { get; init; }

    /// <summary>Mean cross-entropy on the validation split after the epoch, in nats per token.</summary>
    public required double ValidLoss { get; init; }

    /// <summary>Mean penalty of each active regularizer by its name (AR, TAR), before its coefficient.</summary>
    public required IReadOnlyDictionary<string, double> Penalties { get; init; }

    /// <summary>Mean over the epoch of the gradient's global L2 norm before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>
    /// How close the last layer of a tanh RNN maps h_(t-1) to a multiple of itself after the epoch; null for other cells.
    /// </summary>
    public NearestIdentity? Identity { get; init; }

    /// <summary>Time of training and validation, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Training speed without validation, in tokens per second.</summary>
    public required double TokensPerSecond { get; init; }

    void IJsonOnDeserialized.OnDeserialized()
    {
        StoredValue.Within(Epoch, 1);
        StoredValue.Within(LearningRate, 0);
        StoredValue.Seconds(Seconds);
        StoredValue.Within(TokensPerSecond, 0);
    }

    /// <summary>exp(<see cref="TrainLoss"/>).</summary>
    [JsonIgnore]
    public double TrainPerplexity => Math.Exp(TrainLoss);

    /// <summary>exp(<see cref="ValidLoss"/>).</summary>
    [JsonIgnore]
    public double ValidPerplexity => Math.Exp(ValidLoss);
}
