using System.Diagnostics;
using ArTar.Workbench.Data;
using ArTar.Workbench.Kernels;
using ArTar.Workbench.Models;
using ArTar.Workbench.Training;
using static TorchSharp.torch;

namespace ArTar.Workbench.Stack;

/// <summary>
/// Trains R runs as one: every tensor has the run as its first axis (<see cref="StackedNetwork"/>). Each run is the one that
/// <see cref="Trainer"/> would train alone, to rounding: it has its own masks, clip norm, learning rate, schedule, best epoch and end.
/// </summary>
/// <remarks>
/// A run that has ended, diverged or been withdrawn leaves at the epoch's end; until then its weights stay as they are. Runs may enter at
/// different windows of an epoch, as after a kill in the middle of saving them: whoever is ahead waits there.
/// </remarks>
internal sealed class StackTrainer : IDisposable
{
    private readonly StackMember[] members;
    private readonly Corpus corpus;
    private readonly Device device;
    private readonly DeviceText text;
    private readonly StackShape shape;
    private readonly LanguageModel scratch; // through which weights go to files and come from them
    private readonly StackedWeights weights, best;
    private int[] places;
    private RecurrentState state;
    private StackedStep step;

    /// <summary>A stack of new runs, and of runs that go on from a checkpoint.</summary>
    /// <param name="runs">The runs, all of one <see cref="StackShape"/>.</param>
    /// <param name="corpus">Their training and validation splits.</param>
    /// <param name="device">Where to train.</param>
    public StackTrainer(IReadOnlyList<StackStart> runs, Corpus corpus, Device device)
    {
        (this.corpus, this.device) = (corpus, device);
        shape = StackShape.Of(corpus.Hash, runs[0].Values);
        if (runs.FirstOrDefault(r => StackShape.Of(corpus.Hash, r.Values) != shape).Values is { } other)
            throw new ArgumentException(
                $"Runs of a stack share data, batch and sizes; '{other}' and '{runs[0].Values}' do not.", nameof(runs));
        if (runs.Any(r => r.Last is { Position.BestEpoch: > 0 } && r.Best is null))
            throw new ArgumentException("A run that has finished an epoch comes with its best weights.", nameof(runs));
        text = new(corpus.Trained(shape.TrainTokens), shape.BatchSize, shape.Window, corpus.Vocabulary.Count, device);
        members = [.. runs.Select(r => new StackMember(r.Values, r.Last?.Position ?? new() { LearningRate = r.Values.LearningRate }))];
        places = [.. members.Select((_, member) => member)];
        scratch = NewModel(0);

        weights = StackedWeights.Of(runs.Count, member => Initial(member, runs[member].Last), device);
        best = weights.Empty();
        state = StackedEvaluation.InitialState(weights, shape.BatchSize, device);
        foreach (var (member, run) in runs.Index())
            Restore(member, run);
        step = new(weights, members, device);
    }

    /// <summary>All runs, also those that have left.</summary>
    public IReadOnlyList<StackMember> Members => members;

    /// <summary>The runs that are in the stack.</summary>
    public IReadOnlyList<int> Present => places;

    /// <summary>Trains until the last run has ended or diverged.</summary>
    /// <param name="events">Told what happens.</param>
    /// <param name="cancellation">Stops within a step; every position is whole then.</param>
    /// <exception cref="OperationCanceledException">Stopped by the caller.</exception>
    public void Run(StackEvents events, CancellationToken cancellation = default)
    {
        Leave(events);
        while (places.Length > 0)
        {
            TrainEpoch(events, cancellation);
            FinishEpoch(events, cancellation);
            Leave(events);
        }
    }

    private void TrainEpoch(StackEvents events, CancellationToken cancellation)
    {
        for (var w = places.Min(p => members[p].Position.Window); w < text.Count && places.Any(p => members[p].IsTraining); w++)
        {
            cancellation.ThrowIfCancellationRequested();
            var started = Stopwatch.GetTimestamp();
            var (tokens, trained) = Step(w);
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            foreach (var (member, outcome) in trained)
                members[member].Position = members[member].Position.AfterWindow(
                    outcome, tokens, [.. members[member].Penalties.Select(p => p.Regularizer.Name)], seconds);
            foreach (var (member, _) in trained)
                events.Step?.Invoke(member, ProgressOf(members[member]));
            events.Window?.Invoke();
        }
    }

    /// <summary>One step of the runs that stand at a window; nothing of the others changes.</summary>
    /// <returns>The tokens that the window predicts, and what it came to for each run that took the step.</returns>
    private (long Tokens, List<(int Member, StepOutcome Outcome)> Trained) Step(int window)
    {
        using var scope = NewDisposeScope();
        var (inputs, targets) = text[window];                                                             // [T, B]
        var (outcomes, after) = step.Backpropagate(
            inputs, targets, state, [.. places.Select(p => Trainer.SeedOf(members[p].Values.Seed, members[p].Position.Step))]);
        var rates = new double[places.Length];
        var trained = new List<(int, StepOutcome)>();
        foreach (var (at, member) in places.Index())
        {
            if (!members[member].IsTraining || members[member].Position.Window != window)
                continue;
            if (Trainer.IsAbsurd(outcomes[at], corpus.Vocabulary.Count))
            {
                members[member].Divergence = new(outcomes[at].Loss, outcomes[at].GradientNorm, members[member].Position);
                continue;
            }
            rates[at] = members[member].Position.LearningRate;
            trained.Add((member, outcomes[at]));
        }
        step.Update(rates);
        state = Replace(state, after, [.. rates.Select(rate => rate > 0)]);
        return (targets.numel(), trained);
    }

    private void FinishEpoch(StackEvents events, CancellationToken cancellation)
    {
        if (places.All(p => !members[p].IsTraining))
            return;
        var started = Stopwatch.GetTimestamp();
        var losses = StackedEvaluation.Losses(weights, corpus[Split.Valid], shape.EvaluationBatchSize, shape.Window, device, cancellation);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var epochs = new List<(int Member, EpochMetrics Metrics, bool Best)>();
        foreach (var (at, p) in places.Index())
        {
            var member = members[p];
            if (member.IsTraining && !double.IsFinite(losses[at]))
                member.Divergence = new(losses[at], double.NaN, member.Position);
            if (!member.IsTraining)
                continue;
            var (position, metrics, isBest) = member.Position.AfterEpoch(member.Values, losses[at], IdentityOf(at), seconds);
            member.Position = position;
            if (isBest)
            {
                best.Take(weights, at);
                member.BestPosition = position;
            }
            epochs.Add((p, metrics, isBest));
        }
        state.Dispose();
        state = StackedEvaluation.InitialState(weights, shape.BatchSize, device);
        foreach (var (member, metrics, isBest) in epochs)
            events.Epoch?.Invoke(member, metrics, isBest);
    }

    /// <summary>Runs that have ended leave; the memory they took is free.</summary>
    private void Leave(StackEvents events)
    {
        int[] ended = [.. places.Where(p => !members[p].IsTraining)];
        if (ended.Length == 0)
            return;
        events.End?.Invoke(ended);
        long[] stay = [.. places.Index().Where(p => !ended.Contains(p.Item)).Select(p => (long)p.Index)];
        places = [.. places.Except(ended)];
        step.Dispose();
        if (places.Length == 0)
            return;
        using var scope = NewDisposeScope();
        var index = tensor(stay, device: device);
        weights.Keep(index);
        best.Keep(index);
        var kept = new RecurrentState(state.Hidden.index_select(0, index), state.Memory?.index_select(0, index)).Carry();
        state.Dispose();
        state = kept;
        step = new(weights, [.. places.Select(p => members[p])], device);
    }

    /// <summary>Takes a run out before its end, as one that another process has taken over: nothing of it changes any more.</summary>
    public void Withdraw(int member) => members[member].IsWithdrawn = true;

    /// <summary>Writes a run's weights, carried state and position, from which <see cref="Trainer"/> goes on as from its own.</summary>
    /// <param name="member">A run that is still in the stack.</param>
    /// <param name="path">The file.</param>
    public void Save(int member, string path)
    {
        using var scope = NewDisposeScope();
        var at = PlaceOf(member);
        Write(path, weights, at, new(state.Hidden.select(0, at), state.Memory?.select(0, at)), members[member].Position);
    }

    /// <summary>Writes the weights of a run's best epoch.</summary>
    /// <param name="member">A run that is still in the stack and has finished an epoch.</param>
    /// <param name="path">The file.</param>
    public void SaveBest(int member, string path)
    {
        using var start = scratch.InitialState(shape.BatchSize);
        Write(path, best, PlaceOf(member), start, members[member].BestPosition
            ?? throw new InvalidOperationException($"Run {member} of the stack has finished no epoch."));
    }

    /// <summary>Mean cross-entropy of a split by the weights of each run's best epoch, in nats per token, measured together.</summary>
    /// <param name="split">The split.</param>
    /// <param name="some">Runs that are still in the stack and have finished an epoch.</param>
    /// <param name="cancellation">Stops within a window.</param>
    public double[] BestLosses(Split split, IReadOnlyList<int> some, CancellationToken cancellation = default)
    {
        using var index = tensor(some.Select(m => (long)PlaceOf(m)).ToArray(), device: device);
        using var chosen = best.Select(index);
        return StackedEvaluation.Losses(chosen, corpus[split], shape.EvaluationBatchSize, shape.Window, device, cancellation);
    }

    private void Write(string path, StackedWeights from, int at, RecurrentState carried, TrainingPosition position)
    {
        from.CopyTo(scratch, at);
        Checkpoint.Save(path, scratch, carried, members[places[at]].Values, corpus, position);
    }

    private int PlaceOf(int member) => Array.IndexOf(places, member) is var at and >= 0 ? at
        : throw new InvalidOperationException($"Run {member} has left the stack.");

    private TrainingProgress ProgressOf(StackMember member)
    {
        var (position, epochs) = (member.Position, member.Values.Epochs);
        return new(position, text.Count, epochs, position.Sums.Tokens / position.Sums.Seconds,
            (position.Epoch + (double)position.Window / text.Count) / epochs);
    }

    private NearestIdentity? IdentityOf(int at)
    {
        using var scope = NewDisposeScope();
        return shape.Cell == Cell.Tanh ? NearestIdentity.Of(weights.OfLayer("weight_hh", shape.Layers - 1).select(0, at)) : null;
    }

    /// <summary>The state after a step where a run took it, the state before it elsewhere; both are given up.</summary>
    private RecurrentState Replace(RecurrentState before, RecurrentState after, bool[] took)
    {
        if (took.All(t => t))
        {
            before.Dispose();
            return after;
        }
        using var scope = NewDisposeScope();
        var mask = tensor(took, device: device).view(-1, 1, 1, 1);
        Tensor Chosen(Tensor now, Tensor then)
        {
            using (now)
            using (then)
                return where(mask, now, then).DetachFromDisposeScope();
        }
        return new(Chosen(after.Hidden, before.Hidden), before.Memory is null ? null : Chosen(after.Memory!, before.Memory));
    }

    private LanguageModel NewModel(int member) => Trainer.NewModel(members[member].Values, corpus.Vocabulary.Count, CPU);

    private LanguageModel Initial(int member, Checkpoint? last)
    {
        var model = Trainer.FirstModel(members[member].Values, corpus.Vocabulary.Count, CPU);
        last?.CopyWeightsTo(model);
        return model;
    }

    private void Restore(int member, StackStart run)
    {
        if (run.Last is null)
            return;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var carried = run.Last.CarriedState(device);
        state.Hidden.select(0, member).copy_(carried.Hidden);
        if (carried.Memory is not null)
            state.Memory!.select(0, member).copy_(carried.Memory);
        if (run.Best is null)
            return;
        run.Best.CopyWeightsTo(scratch);
        best.Put(member, scratch);
        members[member].BestPosition = run.Best.Position;
    }

    public void Dispose()
    {
        step.Dispose();
        state.Dispose();
        weights.Dispose();
        best.Dispose();
        text.Dispose();
        scratch.Dispose();
    }
}
