using System.Runtime.InteropServices;
using ArTar.Workbench.Data;
using ArTar.Workbench.Models;
using ArTar.Workbench.Training;
using static TorchSharp.torch;

namespace ArTar.Workbench.Experiments;

/// <summary>Trains stored runs to their end, whatever that is, and goes on with those that were stopped or killed.</summary>
/// <param name="corpus">The data set of the runs.</param>
/// <param name="device">Where to train.</param>
public sealed class Runner(Corpus corpus, Device device)
{
    /// <summary>Time between checkpoints within an epoch; one is always written at its end.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How a step is computed, where the device leaves a choice.</summary>
    public KernelChoice Kernels { get; init; } = KernelChoice.Fast;

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
    /// <exception cref="OperationCanceledException">Stopped by the caller; the same call goes on later.</exception>
    public RunSummary Execute(
        StoredRun run, Action<TrainingProgress>? onStep = null, Action<EpochMetrics>? onEpoch = null, CancellationToken cancellation = default)
    {
        if (run.Configuration.DataHash != corpus.Hash)
            throw new WorkbenchException($"Run {run.Id} was begun on data with hash {run.Configuration.DataHash[..12]}, '{corpus.Name}' now has {corpus.Hash[..12]}.");
        var values = run.Configuration.Values;
        using var held = run.Lock();
        if (run.ReadSummary() is { } done)
            return done;
        AtomicFile.RemoveLeftovers(run.Folder);

        var started = DateTime.UtcNow;
        TrainingPosition position = new();
        RunSummary Summary(RunStatus status, string? error = null) => new()
        {
            Status = status,
            Parameters = LanguageModel.CountParameters(values.Cell, corpus.Vocabulary.Count, values.Hidden, values.Layers),
            BestEpoch = position.BestEpoch,
            ValidLoss = position.BestEpoch > 0 ? position.BestLoss : null,
            LastEpoch = position.Epochs is [.., var last] ? last : null,
            BestPossibleValidPerplexity = corpus.Floor?.BestPerplexity(Split.Valid),
            BestPossibleTestPerplexity = corpus.Floor?.BestPerplexity(Split.Test),
            Seconds = position.Epochs.Sum(e => e.Seconds) + position.Sums.Seconds,
            TokensPerSecond = position.Epochs.Count > 0 ? position.Epochs.Average(e => e.TokensPerSecond) : 0,
            Error = error,
            Circumstances = Circumstances.Here(device.ToString(), Kernels.For(device), started),
        };

        RunSummary summary;
        try
        {
            using var checkpoint = NewestCheckpoint(run);
            using var trainer = new Trainer(values, corpus, device, checkpoint, Kernels);
            try
            {
                Train(run, trainer, onStep, onEpoch, cancellation);
            }
            finally
            {
                position = trainer.Position;
            }
            using var best = Checkpoint.Load(run.BestCheckpoint);
            using var model = best.BuildModel(device);
            summary = Summary(RunStatus.Finished) with
            {
                TestLoss = Evaluation.Loss(model, corpus[Split.Test], values.EvaluationBatchSize, values.Window, device, Kernels, cancellation: cancellation),
            };
        }
        catch (DivergedException e)
        {
            summary = Summary(RunStatus.Diverged, e.Message);
        }
        catch (Exception e) when (IsOutOfMemory(e))
        {
            summary = Summary(RunStatus.OutOfMemory, e.Message.Split('\n')[0]);
        }
        catch (ExternalException e)
        {
            summary = Summary(RunStatus.Failed, e.Message.Split('\n')[0]);
        }
        run.WriteSummary(summary);
        File.Delete(run.LastCheckpoint);
        File.Delete(run.PreviousCheckpoint);
        return summary;
    }

    private void Train(
        StoredRun run, Trainer trainer, Action<TrainingProgress>? onStep, Action<EpochMetrics>? onEpoch, CancellationToken cancellation)
    {
        void Save()
        {
            if (File.Exists(run.LastCheckpoint))
                File.Move(run.LastCheckpoint, run.PreviousCheckpoint, overwrite: true);
            trainer.Save(run.LastCheckpoint);
        }

        run.WriteMetrics(trainer.Position.Epochs);
        var saved = Environment.TickCount64;
        try
        {
            trainer.Run(
                (metrics, best) =>
                {
                    // The best weights first: killed in between, the run repeats this epoch and writes the same file.
                    if (best)
                        trainer.Save(run.BestCheckpoint);
                    Save();
                    saved = Environment.TickCount64;
                    run.WriteMetrics(trainer.Position.Epochs);
                    onEpoch?.Invoke(metrics);
                },
                progress =>
                {
                    onStep?.Invoke(progress);
                    if (Environment.TickCount64 - saved < CheckpointInterval.TotalMilliseconds)
                        return;
                    Save();
                    saved = Environment.TickCount64;
                },
                cancellation);
        }
        catch (OperationCanceledException)
        {
            Save();
            throw;
        }
    }

    private Checkpoint? NewestCheckpoint(StoredRun run)
    {
        foreach (var path in new[] { run.LastCheckpoint, run.PreviousCheckpoint })
        {
            if (!File.Exists(path))
                continue;
            try
            {
                return Checkpoint.Load(path);
            }
            catch (WorkbenchException e)
            {
                Notice?.Invoke($"{e.Message} Going on from the one before it.");
            }
        }
        return null;
    }

    private static bool IsOutOfMemory(Exception e) => e is OutOfMemoryException
        || e is ExternalException && (e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
            || e.Message.Contains("can't allocate memory", StringComparison.OrdinalIgnoreCase));
}
