namespace ArTar.Workbench.Runs;

/// <summary>Trains runs for a <see cref="RunPool"/>: in this process, in one of their own, or elsewhere.</summary>
internal interface IRunWorker
{
    /// <summary>Trains runs from where they stand to their ends: one, or several as a stack.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="gpu">The GPU that they are given; null where there is none to choose.</param>
    /// <param name="progress">Told how far a run has come, by its place in <paramref name="runs"/>, from any thread.</param>
    /// <param name="notice">Told what a person should know of a run.</param>
    /// <param name="cancellation">Asks it to save checkpoints and stop.</param>
    /// <returns>What went wrong, for runs that have no result then.</returns>
    Task<Complaint> TrainAsync(
        IReadOnlyList<StoredRun> runs, string? gpu, Action<int, RunProgress> progress, Action<int, string> notice,
        CancellationToken cancellation);
}

/// <summary>What went wrong in a try at some runs.</summary>
/// <param name="Text">In words; empty for nothing.</param>
/// <param name="Code">Exit code of its process, where it had one.</param>
internal sealed record Complaint(string Text = "", int Code = 0);
