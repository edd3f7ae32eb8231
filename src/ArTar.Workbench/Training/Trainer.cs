using System.Diagnostics;
using ArTar.Workbench.Data;
using ArTar.Workbench.Kernels;
using ArTar.Workbench.Models;
using ArTar.Workbench.Regularization;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Workbench.Training;

/// <summary>
/// Trains one model: back-propagation through time over windows with carried state, cross-entropy plus regularizers,
/// gradient clipping, SGD with L2, and a learning rate that falls when validation stops improving (paper, section 3).
/// </summary>
/// <remarks>
/// Every step has a seed of its own, from the run's seed and the step's number. So a step's dropout masks
/// depend on nothing else: not on the device's history, not on what a notebook sampled in between, not on a resume.
/// </remarks>
public sealed class Trainer : IDisposable
{
    /// <summary>A cross-entropy above this many times ln V, the cost of guessing blindly, counts as divergence.</summary>
    private const double AbsurdLoss = 20;

    private readonly HyperParameters values;
    private readonly Corpus corpus;
    private readonly Device device;
    private readonly KernelChoice kernels;
    private readonly Windows windows;
    private readonly ITrainingStep step;
    private readonly (IRegularizer Regularizer, double Coefficient)[] penalties;
    private readonly string[] names;
    private RecurrentState state;

    /// <summary>A new run, or one that goes on from a checkpoint.</summary>
    /// <param name="values">Validated hyper-parameters.</param>
    /// <param name="corpus">Training and validation splits.</param>
    /// <param name="device">Where to train.</param>
    /// <param name="checkpoint">Where to go on from; null starts anew.</param>
    /// <param name="kernels">How a step is computed, where the device leaves a choice.</param>
    public Trainer(HyperParameters values, Corpus corpus, Device device, Checkpoint? checkpoint = null,
        KernelChoice kernels = KernelChoice.Fast)
    {
        (this.values, this.corpus, this.device) = (values, corpus, device);
        windows = new(corpus.Trained(values.TrainTokens), values.BatchSize, values.Window);
        penalties = [.. values.Penalties];
        names = [.. penalties.Select(p => p.Regularizer.Name)];

        Model = FirstModel(values, corpus.Vocabulary.Count, device);
        this.kernels = kernels;
        step = kernels.For(device, values.Techniques) == KernelChoice.Fast
            ? new FastStep(Model, values.Window, values.BatchSize, values.Clip, values.WeightDecay, penalties, get_num_threads())
            : new PlainStep(Model, values.Clip, values.WeightDecay, penalties, device);
        state = Model.InitialState(values.BatchSize);
        Position = new() { LearningRate = values.LearningRate };
        if (checkpoint is not null)
            Restore(checkpoint);
    }

    /// <summary>The model being trained.</summary>
    public LanguageModel Model { get; }

    /// <summary>Where the run stands.</summary>
    public TrainingPosition Position { get; private set; }

    /// <summary>The model that hyper-parameters describe, with fresh weights, on a device.</summary>
    public static LanguageModel NewModel(HyperParameters values, int vocabulary, Device device) =>
        NewModel(values, vocabulary, device, seed: null);

    /// <summary>The model that a run begins with: the same weights for the same seed.</summary>
    internal static LanguageModel FirstModel(HyperParameters values, int vocabulary, Device device) =>
        NewModel(values, vocabulary, device, SeedOf(values.Seed, step: -1));

    private static LanguageModel NewModel(HyperParameters values, int vocabulary, Device device, long? seed) =>
        SharedGenerator.Draw(seed, () => new LanguageModel(
            values.Techniques, values.Cell, vocabulary, values.Hidden, values.Layers, values.Dropout, values.LayerDropout,
            values.EmbeddingRange, values.RecurrentInit).to(device));

    /// <summary>Trains until the last epoch is done.</summary>
    /// <param name="onEpoch">Called after every epoch's validation; true says that its weights are the best so far.</param>
    /// <param name="onStep">Called after every step, when <see cref="Position"/> is whole: the place to save a checkpoint.</param>
    /// <param name="cancellation">Stops within a step; <see cref="Position"/> is whole then, too.</param>
    /// <exception cref="DivergedException">The loss is not finite or absurd.</exception>
    /// <exception cref="OperationCanceledException">Stopped by the caller.</exception>
    public void Run(Action<EpochMetrics, bool> onEpoch, Action<TrainingProgress> onStep, CancellationToken cancellation = default)
    {
        while (!Position.IsOver(values))
        {
            TrainEpoch(onStep, cancellation);
            var (metrics, best) = FinishEpoch(cancellation);
            onEpoch(metrics, best);
        }
    }

    private void TrainEpoch(Action<TrainingProgress> onStep, CancellationToken cancellation)
    {
        Model.train();
        while (Position.Window < windows.Count)
        {
            cancellation.ThrowIfCancellationRequested();
            var started = Stopwatch.GetTimestamp();
            var window = windows[Position.Window];
            var outcome = Step(window);
            Position = Position.AfterWindow(outcome, (long)window.Steps * window.BatchSize, names,
                Stopwatch.GetElapsedTime(started).TotalSeconds);
            onStep(new(Position, windows.Count, values.Epochs, Position.Sums.Tokens / Position.Sums.Seconds,
                (Position.Epoch + (double)Position.Window / windows.Count) / values.Epochs));
        }
    }

    private StepOutcome Step(Window window)
    {
        var (outcome, after) = step.Backpropagate(window, state, SeedOf(values.Seed, Position.Step));
        if (IsAbsurd(outcome, corpus.Vocabulary.Count))
        {
            after.Dispose();
            throw new DivergedException(outcome.Loss, outcome.GradientNorm, Position);
        }
        step.Update(Position.LearningRate);
        state.Dispose();
        state = after;
        return outcome;
    }

    private (EpochMetrics Metrics, bool Best) FinishEpoch(CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var valid = Evaluation.Loss(
            Model, corpus[Split.Valid], values.EvaluationBatchSize, values.Window, device, kernels, cancellation: cancellation);
        if (!double.IsFinite(valid))
            throw new DivergedException(valid, double.NaN, Position);
        var (after, metrics, best) = Position.AfterEpoch(
            values, valid, NearestIdentity.Of(Model), Stopwatch.GetElapsedTime(started).TotalSeconds);
        Position = after;
        state.Dispose();
        state = Model.InitialState(values.BatchSize);
        return (metrics, best);
    }

    /// <summary>Writes weights, carried state and position, whole or not at all.</summary>
    public void Save(string path) => Checkpoint.Save(path, Model, state, values, corpus, Position);

    private void Restore(Checkpoint checkpoint)
    {
        checkpoint.CopyWeightsTo(Model);
        state.Dispose();
        state = checkpoint.CarriedState(device);
        Position = checkpoint.Position;
    }

    // libtorch's generator takes the low 32 bits: runs start far apart, steps of one run never share a seed.
    internal static long SeedOf(int seed, long step) => (uint)(seed * 0x9E3779B1L + step + 1);

    /// <summary>Whether a step's loss or gradient says that training went out of bounds.</summary>
    internal static bool IsAbsurd(in StepOutcome outcome, int vocabulary) =>
        !double.IsFinite(outcome.Loss) || !double.IsFinite(outcome.GradientNorm) || outcome.Loss > AbsurdLoss * Math.Log(vocabulary);

    /// <inheritdoc/>
    public void Dispose()
    {
        step.Dispose();
        state.Dispose();
        Model.Dispose();
    }
}

/// <summary>Training went out of bounds: a result of that row, not a defect.</summary>
/// <param name="loss">The cross-entropy that was met, in nats per token.</param>
/// <param name="gradientNorm">The gradient's norm at that step; NaN in validation.</param>
/// <param name="position">Where it happened.</param>
public sealed class DivergedException(double loss, double gradientNorm, TrainingPosition position) : Exception(FormattableString.Invariant(
    $"Diverged in epoch {position.Epoch + 1}, window {position.Window + 1}: cross-entropy {loss:g4}, gradient norm {gradientNorm:g4}."));
