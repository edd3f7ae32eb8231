using ArTar.Workbench.Kernels;
using ArTar.Workbench.Models;

namespace ArTar.Workbench.Training;

/// <summary>Where a training run stands: with the weights and the carried state, all that is needed to go on.</summary>
/// <remarks>
/// No generator state is among it: dropout of step k is seeded from the run's seed and k alone (see <see cref="Trainer"/>).
/// </remarks>
public sealed record TrainingPosition : IJsonOnDeserialized
{
    /// <summary>Epochs finished.</summary>
    public int Epoch { get; init; }

    /// <summary>Windows of the current epoch that are done.</summary>
    public int Window { get; init; }

    /// <summary>Optimizer steps since the start, the counter that dropout masks are seeded from.</summary>
    public long Step { get; init; }

    /// <summary>Learning rate now.</summary>
    public double LearningRate { get; init; }

    /// <summary>Epoch with the lowest validation loss so far, 0 before the first.</summary>
    public int BestEpoch { get; init; }

    /// <summary>Lowest validation loss so far, in nats per token.</summary>
    public double BestLoss { get; init; } = double.PositiveInfinity;

    /// <summary>Sums over the windows of the current epoch.</summary>
    public EpochSums Sums { get; init; } = new();

    /// <summary>How often the learning rate has been divided.</summary>
    public int Decays { get; init; }

    /// <summary>Metrics of all finished epochs.</summary>
    public IReadOnlyList<EpochMetrics> Epochs { get; init; } = [];

    void IJsonOnDeserialized.OnDeserialized()
    {
        StoredValue.Within(Epoch, 0);
        StoredValue.Within(Window, 0);
        StoredValue.Within(Step, 0);
        StoredValue.Within(LearningRate, 0);
        StoredValue.Within(BestEpoch, 0, Epoch);
        StoredValue.Require(!double.IsNaN(BestLoss), "bestLoss is no number");
        StoredValue.Within(Decays, 0, Epoch);
        StoredValue.Require(Epochs.Count == Epoch && Epochs.Index().All(e => e.Item?.Epoch == e.Index + 1),
            $"expected metrics of {Epoch} epochs, in order");
    }

    /// <summary>Whether nothing is left to train: all epochs are done, or the learning rate has come to its last division.</summary>
    public bool IsOver(HyperParameters values) =>
        Epoch >= values.Epochs || values.StopAfterDecays > 0 && Decays >= values.StopAfterDecays;

    /// <summary>The position after a window.</summary>
    /// <param name="outcome">What the window came to.</param>
    /// <param name="predicted">Tokens that it predicted.</param>
    /// <param name="regularizers">Names of the active regularizers, in the order of the outcome's penalties.</param>
    /// <param name="seconds">Time that the step took.</param>
    internal TrainingPosition AfterWindow(in StepOutcome outcome, long predicted, IReadOnlyList<string> regularizers, double seconds)
    {
        var (sums, penalties) = (Sums, outcome.Penalties);
        return this with
        {
            Window = Window + 1,
            Step = Step + 1,
            Sums = new()
            {
                Loss = sums.Loss + outcome.Loss * predicted,
                Tokens = sums.Tokens + predicted,
                GradientNorm = sums.GradientNorm + outcome.GradientNorm,
                Penalties = regularizers.Index()
                    .ToDictionary(r => r.Item, r => sums.Penalties.GetValueOrDefault(r.Item) + penalties[r.Index]),
                Seconds = sums.Seconds + seconds,
            },
        };
    }

    /// <summary>The position after an epoch whose last window is done: the learning rate falls where validation has not improved.</summary>
    /// <param name="values">The run's values.</param>
    /// <param name="validLoss">Mean cross-entropy on the validation split, in nats per token.</param>
    /// <param name="identity">What the metrics say of a tanh RNN's recurrent matrix.</param>
    /// <param name="seconds">Time of the validation.</param>
    /// <returns>The position; its newest metrics; whether the epoch's weights are the best so far.</returns>
    internal (TrainingPosition Position, EpochMetrics Metrics, bool Best) AfterEpoch(
        HyperParameters values, double validLoss, NearestIdentity? identity, double seconds)
    {
        var metrics = new EpochMetrics
        {
            Epoch = Epoch + 1,
            LearningRate = LearningRate,
            TrainLoss = Sums.Loss / Sums.Tokens,
            ValidLoss = validLoss,
            Penalties = Sums.Penalties.ToDictionary(p => p.Key, p => p.Value / Window),
            GradientNorm = Sums.GradientNorm / Window,
            Identity = identity,
            Seconds = Sums.Seconds + seconds,
            TokensPerSecond = Sums.Tokens / Sums.Seconds,
        };
        var best = validLoss < BestLoss;
        var keepsRate = validLoss < BestLoss + Math.Log(1 - values.DecayThreshold);
        var position = this with
        {
            Epoch = metrics.Epoch,
            Window = 0,
            LearningRate = keepsRate ? LearningRate : LearningRate / values.LearningRateDecay,
            Decays = keepsRate ? Decays : Decays + 1,
            BestEpoch = best ? metrics.Epoch : BestEpoch,
            BestLoss = best ? validLoss : BestLoss,
            Sums = new(),
            Epochs = [.. Epochs, metrics],
        };
        return (position, metrics, best);
    }
}

/// <summary>Running sums of the current epoch.</summary>
public sealed record EpochSums : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized()
    {
        StoredValue.Within(Tokens, 0);
        StoredValue.Seconds(Seconds);
    }

    /// <summary>Summed cross-entropy over all predicted tokens, in nats.</summary>
    public double Loss { get; init; }

    /// <summary>Predicted tokens.</summary>
    public long Tokens { get; init; }

    /// <summary>Summed gradient norm over all windows.</summary>
    public double GradientNorm { get; init; }

    /// <summary>Summed penalty of each active regularizer over all windows, before its coefficient.</summary>
    public IReadOnlyDictionary<string, double> Penalties { get; init; } = new Dictionary<string, double>();

    /// <summary>Training time, in seconds.</summary>
    public double Seconds { get; init; }
}

/// <summary>Told after every training step and evaluated window.</summary>
/// <param name="Position">Where the run stands.</param>
/// <param name="Windows">Windows in an epoch.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="TokensPerSecond">Training speed in the current epoch.</param>
/// <param name="Fraction">Done part of the whole training, from 0 to 1.</param>
public readonly record struct TrainingProgress(TrainingPosition Position, int Windows, int Epochs, double TokensPerSecond, double Fraction);
