using ArTar.Workbench.Data;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Runs;

/// <summary>A stored run that this process trains: its lease, its files on the way, and how it ends.</summary>
internal sealed class OpenRun : IDisposable
{
    private readonly StoredRun run;
    private readonly Corpus corpus;
    private readonly Action<string>? notice;
    private readonly DateTime started = DateTime.UtcNow;

    private OpenRun(StoredRun run, Corpus corpus, RunLease lease, Action<string>? notice) =>
        (this.run, this.corpus, Lease, this.notice) = (run, corpus, lease, notice);

    /// <summary>The right to train it.</summary>
    public RunLease Lease { get; }

    /// <summary>The values of the run.</summary>
    public HyperParameters Values => run.Configuration.Values;

    /// <summary>Whether another process trains the run now, since this one had seemed dead.</summary>
    public bool IsTakenOver => Lease.Lost.IsCancellationRequested || IsGone && Directory.Exists(run.Folder);

    /// <summary>Where the weights of its best epoch lie.</summary>
    public string BestPath => Lease[StoredRun.BestFile];

    /// <summary>Takes a run for this process; null when it has ended, also in another process meanwhile.</summary>
    /// <exception cref="WorkbenchException">Another process trains it, or the data has changed.</exception>
    public static OpenRun? Open(StoredRun run, Corpus corpus, LeasePolicy policy, Action<string>? notice, CancellationToken cancellation)
    {
        if (run.Configuration.DataHash != corpus.Hash)
            throw new WorkbenchException(
                $"Run {run.Id} was begun on data with hash {run.Configuration.DataHash[..12]}, '{corpus.Name}' now has "
                    + $"{corpus.Hash[..12]}.");
        if (run.ReadSummary() is not null)
            return null;
        run.Configuration.Values.Validated(); // a stored run may have a coefficient whose regularizer this process has never seen
        RunRequirements.Check(run.Configuration.Values, corpus.Facts);
        RunLease lease;
        try
        {
            lease = RunLease.Take(run, policy, notice, cancellation);
        }
        catch (RunEndedElsewhereException)
        {
            return null;
        }
        var (open, isOurs) = (new OpenRun(run, corpus, lease, notice), false);
        try
        {
            if (open.EndedBefore())
                return null;
            AtomicFile.RemoveLeftovers(lease.Folder);
            if (!File.Exists(Path.Combine(run.Folder, VocabularyFile.Name)))
            {
                VocabularyFile.Write(lease.Folder, corpus);
                lease.Publish(VocabularyFile.Name);
            }
            isOurs = true;
            return open;
        }
        finally
        {
            // Else this process would hold the run for as long as it lives: a full disk must not cost more than this attempt.
            if (!isOurs)
                open.Dispose();
        }
    }

    /// <summary>The newest checkpoint that can be read; null where training starts anew.</summary>
    public Checkpoint? NewestCheckpoint()
    {
        string[] stored = [.. new[] { Lease[StoredRun.LastFile], Lease[StoredRun.PreviousFile] }.Where(File.Exists)];
        foreach (var path in stored)
        {
            try
            {
                return Own(Checkpoint.Load(path), path);
            }
            catch (WorkbenchException e)
            {
                notice?.Invoke($"{e.Message} "
                    + (path == stored[^1] ? "There is none before it: training starts anew." : "Going on from the one before it."));
            }
        }
        return null;
    }

    /// <summary>The weights of the best epoch.</summary>
    public Checkpoint BestCheckpoint() => Own(Checkpoint.Load(BestPath), BestPath);

    /// <summary>The checkpoint, if it is this run's and not one that was put in its place.</summary>
    private Checkpoint Own(Checkpoint checkpoint, string path)
    {
        try
        {
            run.RequireOwn(checkpoint, path);
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Writes the newest checkpoint; the one before it is kept.</summary>
    /// <param name="write">Writes into the file of this name.</param>
    public void Save(Action<string> write)
    {
        var (last, previous) = (Lease[StoredRun.LastFile], Lease[StoredRun.PreviousFile]);
        if (File.Exists(last))
            File.Move(last, previous, overwrite: true);
        write(last);
    }

    /// <summary>Writes the metrics of all finished epochs.</summary>
    public void WriteMetrics(TrainingPosition position) => StoredRun.WriteMetrics(Lease.Folder, position.Epochs);

    /// <summary>Stores how the run ended. One that failed keeps its checkpoints, so that another try goes on from them.</summary>
    /// <param name="status">How.</param>
    /// <param name="position">Where it stood.</param>
    /// <param name="environment">What it was trained with, from when this try started.</param>
    /// <param name="testLoss">Test loss of the best epoch's weights, in nats per token.</param>
    /// <param name="error">What went wrong.</param>
    public RunSummary End(RunStatus status, TrainingPosition position, Func<DateTime, RunEnvironment> environment, double? testLoss = null,
        string? error = null)
    {
        var summary = new RunSummary
        {
            Status = status,
            Parameters = Values.CountParameters(corpus.Vocabulary.Count),
            BestEpoch = position.BestEpoch,
            ValidLoss = position.BestEpoch > 0 ? position.BestLoss : null,
            TestLoss = testLoss,
            LastEpoch = position.Epochs is [.., var last] ? last : null,
            BestPossibleValidPerplexity = corpus.Floor?.BestPerplexity(Split.Valid),
            BestPossibleTestPerplexity = corpus.Floor?.BestPerplexity(Split.Test),
            Seconds = position.Epochs.Sum(e => e.Seconds) + position.Sums.Seconds,
            TokensPerSecond = position.Epochs.Count > 0 ? position.Epochs.Average(e => e.TokensPerSecond) : 0,
            Error = error?.Split('\n')[0],
            Circumstances = environment(started),
        };
        StoredRun.WriteSummary(Lease.Folder, summary);
        Publish(summary);
        return summary;
    }

    // A run that has ended needs its lease's folder no more.
    private bool IsGone => !Directory.Exists(Lease.Folder) && run.ReadSummary() is null;

    /// <summary>What an exception means whose folder is not there any more; the exception itself where it is.</summary>
    public Exception Explained(Exception e) => e is TakenOverException || !IsGone ? e
        : Directory.Exists(run.Folder) ? new TakenOverException(run.Id, e)
        : new WorkbenchException(
            $"The folder {run.Folder} has vanished while the run was trained. Bring it back (is the disk mounted?); the same command goes "
                + "on from its last checkpoint.", e);

    /// <summary>Whether the run has ended in another process, or in one that was killed before it could publish it.</summary>
    private bool EndedBefore()
    {
        if (run.ReadSummary() is { } done)
        {
            if (done.Status is RunStatus.Finished or RunStatus.Diverged)
                Lease.Remove();
            return true;
        }
        if (StoredRun.ReadSummary(Lease.Folder) is not { } unpublished)
            return false;
        Publish(unpublished);
        return true;
    }

    private void Publish(RunSummary summary)
    {
        if (summary.Status is RunStatus.Finished or RunStatus.Diverged)
        {
            Lease.Publish(StoredRun.BestFile, StoredRun.MetricsFile, StoredRun.SummaryFile);
            Lease.Remove();
        }
        else
            Lease.Publish(StoredRun.SummaryFile);
    }

    public void Dispose() => Lease.Dispose();
}
