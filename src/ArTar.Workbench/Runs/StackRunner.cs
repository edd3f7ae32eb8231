using ArTar.Workbench.Data;
using ArTar.Workbench.Stack;
using ArTar.Workbench.Training;
using static TorchSharp.torch;

namespace ArTar.Workbench.Runs;

/// <summary>
/// Trains several stored runs as one stack. Each has its own folder, lease, checkpoints and end, so that afterwards nobody can tell it from
/// a run that was trained alone but by its circumstances; it can go on alone, and runs that were begun alone can go on in a stack.
/// </summary>
/// <param name="corpus">The data set of the runs.</param>
/// <param name="device">Where to train.</param>
internal sealed class StackRunner(Corpus corpus, Device device)
{
    private const int TellInterval = 200; // milliseconds

    /// <summary>Time between checkpoints; all runs are written together.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How a run bears with another process that trains it.</summary>
    public LeasePolicy Policy { get; init; } = new();

    /// <summary>How a GPU multiplies.</summary>
    public Precision Precision { get; init; }

    /// <summary>Told how far a run has come, a few times a second and after every epoch.</summary>
    public Action<int, RunProgress>? Progressed { get; init; }

    /// <summary>Told what a person should know of a run.</summary>
    public Action<int, string>? Notice { get; init; }

    /// <summary>Told how a run has ended.</summary>
    public Action<int, RunSummary>? Ended { get; init; }

    /// <summary>A run of the stack while it is trained.</summary>
    private sealed class Member(int number, OpenRun run)
    {
        public int Number => number;
        public OpenRun Run => run;
        public RunProgress Progress { get; set; } = new() { Epochs = run.Values.Epochs };
        public long Told { get; set; }

        /// <summary>Whether it has left the stack, as another process trains it now.</summary>
        public bool IsTakenOver { get; set; }

        /// <summary>Whether its best weights have changed since they were last written.</summary>
        public bool IsBetter { get; set; }
    }

    /// <summary>
    /// Trains the runs to their ends. Divergence ends a run, not the others; where memory runs out, half as many go on together.
    /// </summary>
    /// <exception cref="WorkbenchException">Another process trains one of them, or the data has changed.</exception>
    /// <exception cref="TakenOverException">Another process has taken a run over, since this one seemed dead; the others have come to their
    /// ends.</exception>
    /// <exception cref="OperationCanceledException">Stopped by the caller, with checkpoints saved.</exception>
    public void Execute(IReadOnlyList<StoredRun> runs, CancellationToken cancellation)
    {
        var members = new List<Member>();
        try
        {
            foreach (var (number, run) in runs.Index())
                if (OpenRun.Open(run, corpus, Policy, text => Notice?.Invoke(number, text), cancellation) is { } open)
                    members.Add(new(number, open));
                else
                    Ended?.Invoke(number, run.ReadSummary()!);
            Train(members, cancellation);
            if (members.FirstOrDefault(m => m.IsTakenOver) is { } gone)
                throw new TakenOverException(runs[gone.Number].Id);
        }
        catch (Exception e) when (members.Select(m => m.Run.Explained(e)).FirstOrDefault(other => other != e) is { } other)
        {
            throw other;
        }
        finally
        {
            foreach (var member in members)
                member.Run.Dispose();
        }
    }

    private void Train(List<Member> members, CancellationToken cancellation)
    {
        if (members.Count == 0)
            return;
        try
        {
            TrainTogether(members, cancellation);
        }
        catch (Exception e) when (StackMemory.IsExceeded(e))
        {
            var left = members.Where(m => !m.IsTakenOver && Directory.Exists(m.Run.Lease.Folder)).ToList();
            if (left.Count == 0)
                throw; // their folders are gone, which the caller can tell
            if (left.Count == 1)
            {
                using var last = left[0].Run.NewestCheckpoint();
                End(left[0], RunStatus.OutOfMemory, last?.Position ?? new(), error: e.Message);
                return;
            }
            GC.Collect();
            GC.WaitForPendingFinalizers();
            var half = (left.Count + 1) / 2;
            Notice?.Invoke(left[0].Number, $"{left.Count} runs together do not fit into memory; going on with {half} at a time.");
            foreach (var part in left.Chunk(half))
                Train([.. part], cancellation);
        }
    }

    private void TrainTogether(List<Member> members, CancellationToken cancellation)
    {
        Precision.Apply();
        var checkpoints = new List<Checkpoint>();
        StackStart Start(Member member)
        {
            Checkpoint? Kept(Checkpoint? checkpoint)
            {
                if (checkpoint is not null)
                    checkpoints.Add(checkpoint);
                return checkpoint;
            }
            var last = Kept(member.Run.NewestCheckpoint());
            return new(member.Run.Values, last, last is { Position.BestEpoch: > 0 } ? Kept(member.Run.BestCheckpoint()) : null);
        }
        StackTrainer trainer;
        try
        {
            trainer = new([.. members.Select(Start)], corpus, device);
        }
        finally
        {
            checkpoints.ForEach(c => c.Dispose());
        }
        var saved = Environment.TickCount64;
        void Save()
        {
            foreach (var at in trainer.Present.Where(at => Directory.Exists(members[at].Run.Lease.Folder)))
            {
                // The best weights first: killed in between, the run repeats what came after its last checkpoint.
                if (members[at].IsBetter)
                    trainer.SaveBest(at, members[at].Run.BestPath);
                members[at].IsBetter = false;
                members[at].Run.Save(path => trainer.Save(at, path));
                members[at].Run.WriteMetrics(trainer.Members[at].Position);
            }
            saved = Environment.TickCount64;
        }
        void LetGo(Func<OpenRun, bool> isTakenOver)
        {
            foreach (var at in trainer.Present.Where(at => !members[at].IsTakenOver && isTakenOver(members[at].Run)))
            {
                members[at].IsTakenOver = true;
                trainer.Withdraw(at);
                Notice?.Invoke(members[at].Number,
                    "Another process has taken the run over, to which this one had seemed dead; the others go on.");
            }
        }
        using (trainer)
            try
            {
                trainer.Run(new()
                {
                    Step = (at, progress) => Tell(members[at], members[at].Run.Lease.Take(progress)),
                    Epoch = (at, metrics, isBest) =>
                    {
                        members[at].IsBetter |= isBest;
                        Progressed?.Invoke(members[at].Number, members[at].Progress.After(metrics));
                    },
                    Window = () =>
                    {
                        LetGo(run => run.Lease.Lost.IsCancellationRequested); // looks into no folder, which may be far
                        if (Environment.TickCount64 - saved >= CheckpointInterval.TotalMilliseconds)
                            Save();
                    },
                    End = ended =>
                    {
                        LetGo(run => run.IsTakenOver);
                        Finish(trainer, members, [.. ended.Where(at => !members[at].IsTakenOver)], cancellation);
                    },
                }, cancellation);
            }
            catch (Exception e) when (e is OperationCanceledException || StackMemory.IsExceeded(e))
            {
                Save();
                throw;
            }
    }

    /// <summary>Stores the ends of runs that leave the stack.</summary>
    private void Finish(StackTrainer trainer, List<Member> members, IReadOnlyList<int> ended, CancellationToken cancellation)
    {
        int[] whole = [.. ended.Where(at => trainer.Members[at].Divergence is null)];
        var losses = whole.Length == 0 ? [] : trainer.BestLosses(Split.Test, whole, cancellation);
        foreach (var at in ended)
        {
            var (member, position) = (members[at], trainer.Members[at].Position);
            if (trainer.Members[at].BestPosition is not null)
                trainer.SaveBest(at, member.Run.BestPath);
            member.Run.WriteMetrics(position);
            if (trainer.Members[at].Divergence is { } divergence)
                End(member, RunStatus.Diverged, position, error: divergence.Message);
            else
                End(member, RunStatus.Finished, position, losses[Array.IndexOf(whole, at)]);
        }
    }

    private void End(Member member, RunStatus status, TrainingPosition position, double? testLoss = null, string? error = null)
    {
        var summary = member.Run.End(status, position, started => RunEnvironment.Here(device.ToString(), KernelChoice.Plain, started) with
        {
            Precision = device.type == TorchSharp.DeviceType.CUDA ? Precision : null,
            IsStacked = true,
        }, testLoss, error);
        Ended?.Invoke(member.Number, summary);
    }

    private void Tell(Member member, RunProgress progress)
    {
        member.Progress = progress;
        if (Environment.TickCount64 - member.Told < TellInterval)
            return;
        member.Told = Environment.TickCount64;
        Progressed?.Invoke(member.Number, progress);
    }
}
