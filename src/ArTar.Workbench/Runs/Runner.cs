using System.Runtime.InteropServices;
using ArTar.Workbench.Data;
using ArTar.Workbench.Models;
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
        StoredRun run, Action<TrainingProgress>? onStep = null, Action<EpochMetrics>? onEpoch = null, CancellationToken cancellation = default)
    {
        if (run.Configuration.DataHash != corpus.Hash)
            throw new WorkbenchException($"Run {run.Id} was begun on data with hash {run.Configuration.DataHash[..12]}, '{corpus.Name}' now has {corpus.Hash[..12]}.");
        if (run.ReadSummary() is { } before)
            return before;
        run.Configuration.Values.Validated(); // a stored run may have a coefficient whose regularizer this process has never seen
        try
        {
            using var lease = RunLease.Take(run, new() { Waits = WaitsForOthers, Patience = Patience }, Notice, cancellation);
            try
            {
                return Complete(run, lease, onStep, onEpoch, cancellation);
            }
            catch (Exception e) when (!Directory.Exists(lease.Folder))
            {
                throw Directory.Exists(run.Folder) ? new TakenOverException(run.Id, e)
                    : new WorkbenchException($"The folder {run.Folder} has vanished while the run was trained. Bring it back (is the disk mounted?); the same command goes on from its last checkpoint.", e);
            }
        }
        catch (RunEndedElsewhereException)
        {
            return run.ReadSummary()!;
        }
    }

    private RunSummary Complete(StoredRun run, RunLease lease, Action<TrainingProgress>? onStep, Action<EpochMetrics>? onEpoch, CancellationToken cancellation)
    {
        if (run.ReadSummary() is { } done)
        {
            if (done.Status is RunStatus.Finished or RunStatus.Diverged)
                lease.Remove();
            return done;
        }
        if (StoredRun.ReadSummary(lease.Folder) is not null)
            return End(run, lease); // killed between its end and its publication
        AtomicFile.RemoveLeftovers(lease.Folder);

        var values = run.Configuration.Values;
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
            Circumstances = RunEnvironment.Here(device.ToString(), Kernels.For(device), started),
        };

        RunSummary summary;
        try
        {
            using var checkpoint = NewestCheckpoint(lease);
            using var trainer = new Trainer(values, corpus, device, checkpoint, Kernels);
            try
            {
                Train(lease, trainer, onStep, onEpoch, cancellation);
            }
            finally
            {
                position = trainer.Position;
            }
            using var best = Checkpoint.Load(lease[StoredRun.BestFile]);
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
        StoredRun.WriteSummary(lease.Folder, summary);
        return End(run, lease);
    }

    /// <summary>The lease's files become the run's. One that failed keeps its checkpoints, so that another try goes on from them.</summary>
    private static RunSummary End(StoredRun run, RunLease lease)
    {
        var summary = StoredRun.ReadSummary(lease.Folder)!;
        if (summary.Status is RunStatus.Finished or RunStatus.Diverged)
        {
            lease.Publish(StoredRun.BestFile, StoredRun.MetricsFile, StoredRun.SummaryFile);
            lease.Remove();
        }
        else
            lease.Publish(StoredRun.SummaryFile);
        return summary;
    }

    private void Train(
        RunLease lease, Trainer trainer, Action<TrainingProgress>? onStep, Action<EpochMetrics>? onEpoch, CancellationToken cancellation)
    {
        var (best, last, previous) = (lease[StoredRun.BestFile], lease[StoredRun.LastFile], lease[StoredRun.PreviousFile]);
        void Save()
        {
            if (File.Exists(last))
                File.Move(last, previous, overwrite: true);
            trainer.Save(last);
        }
        void WriteMetrics() => StoredRun.WriteMetrics(lease.Folder, trainer.Position.Epochs);

        WriteMetrics();
        var saved = Environment.TickCount64;
        long told = 0;
        RunProgress current = new() { Epochs = trainer.Position.Epoch };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lease.Lost);
        try
        {
            trainer.Run(
                (metrics, isBest) =>
                {
                    // The best weights first: killed in between, the run repeats this epoch and writes the same file.
                    if (isBest)
                        trainer.Save(best);
                    Save();
                    saved = Environment.TickCount64;
                    WriteMetrics();
                    onEpoch?.Invoke(metrics);
                    Progressed?.Invoke(current.After(metrics));
                },
                progress =>
                {
                    current = lease.Take(progress);
                    onStep?.Invoke(progress);
                    if (Environment.TickCount64 - told >= TellInterval)
                    {
                        told = Environment.TickCount64;
                        Progressed?.Invoke(current);
                    }
                    if (Environment.TickCount64 - saved < CheckpointInterval.TotalMilliseconds)
                        return;
                    Save();
                    saved = Environment.TickCount64;
                },
                stop.Token);
        }
        catch (OperationCanceledException)
        {
            Save();
            throw;
        }
    }

    private Checkpoint? NewestCheckpoint(RunLease lease)
    {
        string[] stored = [.. new[] { lease[StoredRun.LastFile], lease[StoredRun.PreviousFile] }.Where(File.Exists)];
        foreach (var path in stored)
        {
            try
            {
                return Checkpoint.Load(path);
            }
            catch (WorkbenchException e)
            {
                Notice?.Invoke($"{e.Message} {(path == stored[^1] ? "There is none before it: training starts anew." : "Going on from the one before it.")}");
            }
        }
        return null;
    }

    private static bool IsOutOfMemory(Exception e) => e is OutOfMemoryException
        || e is ExternalException && (e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
            || e.Message.Contains("can't allocate memory", StringComparison.OrdinalIgnoreCase));
}
