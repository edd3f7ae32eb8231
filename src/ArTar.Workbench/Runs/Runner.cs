using ArTar.Workbench.Data;
using ArTar.Workbench.Stack;
using ArTar.Workbench.Training;
using static TorchSharp.torch;

namespace ArTar.Workbench.Runs;

/// <summary>Trains stored runs to their end, whatever that is, and goes on with those that were stopped or killed.</summary>
/// <param name="corpus">The data set of the runs.</param>
/// <param name="device">Where to train.</param>
public sealed class Runner(Corpus corpus, Device device)
{
    private const int TellInterval = 200; // milliseconds

    /// <summary>Time between checkpoints within an epoch; one is always written at its end.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How a step is computed, where the device leaves a choice.</summary>
    public KernelChoice Kernels { get; init; } = KernelChoice.Fast;

    /// <summary>
    /// Whether to wait while another process trains the run, and to take it over when that one shows no sign of life; otherwise
    /// <see cref="Execute"/> refuses a run that another process trains.
    /// </summary>
    public bool WaitsForOthers { get; init; }

    /// <summary>A process on another machine that shows no sign of life for so long is taken for dead.</summary>
    public TimeSpan Patience { get; init; } = new LeasePolicy().Patience;

    /// <summary>How a GPU multiplies, for the circumstances.</summary>
    internal Precision Precision { get; init; }

    /// <summary>Told how far the run has come, a few times a second and after every epoch.</summary>
    internal Action<RunProgress>? Progressed { get; init; }

    /// <summary>Told what a person should know: a checkpoint that was damaged, say.</summary>
    public Action<string>? Notice { get; init; }

    /// <summary>
    /// Trains a run from where it stands and stores its summary. A run that has ended is left as it is. Divergence and
    /// lack of memory end the run, not the caller.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="onStep">Told after every step.</param>
    /// <param name="onEpoch">Told after every epoch.</param>
    /// <param name="cancellation">Stops within a step, with a checkpoint saved.</param>
    /// <exception cref="WorkbenchException">Another process trains it, or the data has changed.</exception>
    /// <exception cref="TakenOverException">Another process has taken the run over, since this one seemed dead.</exception>
    /// <exception cref="OperationCanceledException">Stopped by the caller; the same call goes on later.</exception>
    public RunSummary Execute(
        StoredRun run, Action<TrainingProgress>? onStep = null, Action<EpochMetrics>? onEpoch = null,
        CancellationToken cancellation = default)
    {
        OpenRun? open = null;
        try
        {
            open = OpenRun.Open(run, corpus, new() { Waits = WaitsForOthers, Patience = Patience }, Notice, cancellation);
            return open is null ? run.ReadSummary()! : Complete(open, onStep, onEpoch, cancellation);
        }
        catch (Exception e) when (open?.Explained(e) is { } other && other != e)
        {
            throw other;
        }
        finally
        {
            open?.Dispose();
        }
    }

    private RunSummary Complete(OpenRun run, Action<TrainingProgress>? onStep, Action<EpochMetrics>? onEpoch,
        CancellationToken cancellation)
    {
        TrainingPosition position = new();
        RunSummary End(RunStatus status, double? testLoss = null, string? error = null) =>
            run.End(status, position, started => RunEnvironment.Here(
                device.ToString(), Kernels.For(device, run.Values.Techniques), started) with
            {
                Precision = device.type == TorchSharp.DeviceType.CUDA ? Precision : null,
            }, testLoss, error);
        try
        {
            using var checkpoint = run.NewestCheckpoint();
            using var trainer = new Trainer(run.Values, corpus, device, checkpoint, Kernels);
            try
            {
                Train(run, trainer, onStep, onEpoch, cancellation);
            }
            finally
            {
                position = trainer.Position;
            }
            using var best = run.BestCheckpoint();
            using var model = best.BuildModel(device);
            return End(RunStatus.Finished, Evaluation.Loss(
                model, corpus[Split.Test], run.Values.EvaluationBatchSize, run.Values.Window, device, Kernels, cancellation: cancellation));
        }
        catch (DivergedException e)
        {
            return End(RunStatus.Diverged, error: e.Message);
        }
        catch (Exception e) when (StackMemory.IsExceeded(e))
        {
            return End(RunStatus.OutOfMemory, error: e.Message);
        }
        catch (ExternalException e)
        {
            return End(RunStatus.Failed, error: e.Message);
        }
    }

    private void Train(OpenRun run, Trainer trainer, Action<TrainingProgress>? onStep, Action<EpochMetrics>? onEpoch,
        CancellationToken cancellation)
    {
        run.WriteMetrics(trainer.Position);
        var saved = Environment.TickCount64;
        long told = 0;
        RunProgress current = new() { Epochs = run.Values.Epochs };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, run.Lease.Lost);
        try
        {
            trainer.Run(
                (metrics, isBest) =>
                {
                    // The best weights first: killed in between, the run repeats this epoch and writes the same file.
                    if (isBest)
                        trainer.Save(run.BestPath);
                    run.Save(trainer.Save);
                    saved = Environment.TickCount64;
                    run.WriteMetrics(trainer.Position);
                    onEpoch?.Invoke(metrics);
                    Progressed?.Invoke(current.After(metrics));
                },
                progress =>
                {
                    current = run.Lease.Take(progress);
                    onStep?.Invoke(progress);
                    if (Environment.TickCount64 - told >= TellInterval)
                    {
                        told = Environment.TickCount64;
                        Progressed?.Invoke(current);
                    }
                    if (Environment.TickCount64 - saved < CheckpointInterval.TotalMilliseconds)
                        return;
                    run.Save(trainer.Save);
                    saved = Environment.TickCount64;
                },
                stop.Token);
        }
        catch (OperationCanceledException)
        {
            run.Save(trainer.Save);
            throw;
        }
    }
}
