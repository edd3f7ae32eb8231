namespace ArTar.Workbench.Runs;

/// <summary>Trains runs for a <see cref="RunPool"/>: in this process, in one of their own, or elsewhere.</summary>
internal interface IRunWorker
{
    /// <summary>Trains a run from where it stands to its end.</summary>
    /// <param name="run">The run.</param>
    /// <param name="gpu">The GPU that it is given; null where there is none to choose.</param>
    /// <param name="progress">Told how far it has come, from any thread.</param>
    /// <param name="notice">Told what a person should know.</param>
    /// <param name="cancellation">Asks it to save a checkpoint and stop.</param>
    Task<RunOutcome> TrainAsync(StoredRun run, string? gpu, Action<RunProgress> progress, Action<string> notice, CancellationToken cancellation);
}

/// <summary>What became of a try at a run.</summary>
/// <param name="Summary">Its result; null where it has none.</param>
/// <param name="Complaint">What went wrong, where there is no result.</param>
/// <param name="Code">Exit code of its process, where it had one.</param>
internal sealed record RunOutcome(RunSummary? Summary, string Complaint = "", int Code = 0);
