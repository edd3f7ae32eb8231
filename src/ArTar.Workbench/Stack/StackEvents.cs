using ArTar.Workbench.Training;

namespace ArTar.Workbench.Stack;

/// <summary>What a stack tells while it trains. Runs are named by their place in <see cref="StackTrainer.Members"/>.</summary>
internal sealed record StackEvents
{
    /// <summary>A run has taken a step.</summary>
    public Action<int, TrainingProgress>? Step { get; init; }

    /// <summary>All runs have taken their step: every position is whole, and this is the place to save.</summary>
    public Action? Window { get; init; }

    /// <summary>A run has finished an epoch and was validated; true says that its weights are the best so far.</summary>
    public Action<int, EpochMetrics, bool>? Epoch { get; init; }

    /// <summary>
    /// These runs have ended, diverged or been withdrawn, and are about to leave the stack: the last time that they can be saved. It comes
    /// at an epoch's end.
    /// </summary>
    public Action<IReadOnlyList<int>>? End { get; init; }
}
