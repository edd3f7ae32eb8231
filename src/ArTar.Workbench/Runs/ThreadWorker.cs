using ArTar.Workbench.Data;
using ArTar.Workbench.Stack;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Runs;

/// <summary>
/// Trains runs in this process, each job on a thread of its own from start to end, since libtorch's settings and dispose scopes belong to a
/// thread.
/// </summary>
/// <param name="corpusOf">The data set of a run.</param>
/// <param name="resources">How it is trained.</param>
internal sealed class ThreadWorker(Func<RunConfiguration, Corpus> corpusOf, RunResources resources) : IRunWorker
{
    /// <summary>Whether to wait while another process trains a run; see <see cref="Runner.WaitsForOthers"/>.</summary>
    public bool WaitsForOthers { get; init; }

    /// <summary>Told after every step of a run that is trained alone.</summary>
    public Action<TrainingProgress>? OnStep { get; init; }

    /// <summary>Told after every epoch of a run that is trained alone.</summary>
    public Action<EpochMetrics>? OnEpoch { get; init; }

    /// <summary>Told how a run has ended.</summary>
    public Action<int, RunSummary>? Ended { get; init; }

    public Task<Complaint> TrainAsync(
        IReadOnlyList<StoredRun> runs, string? gpu, Action<int, RunProgress> progress, Action<int, string> notice,
        CancellationToken cancellation)
    {
        var outcome = new TaskCompletionSource<Complaint>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                Train(runs, gpu, progress, notice, cancellation);
                outcome.SetResult(new());
            }
            catch (Exception e)
            {
                outcome.SetException(e);
            }
        })
        {
            IsBackground = true, // a program that ends does not wait for it: its checkpoints are there
        };
        thread.Start();
        return outcome.Task;
    }

    private void Train(IReadOnlyList<StoredRun> runs, string? gpu, Action<int, RunProgress> progress, Action<int, string> notice,
        CancellationToken cancellation)
    {
        var corpus = corpusOf(runs[0].Configuration);
        LibTorch.Prepare(resources.Resolved().Fitted(text => notice(0, text)).Threads);
        var (device, interval, patience) = (LibTorch.DeviceNamed(resources.DeviceOf(gpu)), TimeSpan.FromSeconds(resources.CheckpointEvery),
            TimeSpan.FromSeconds(resources.Patience));
        if (runs.Count > 1)
        {
            new StackRunner(corpus, device)
            {
                CheckpointInterval = interval, Policy = new() { Waits = WaitsForOthers, Patience = patience },
                Precision = resources.Precision,
                Progressed = progress, Notice = notice, Ended = Ended,
            }.Execute(runs, cancellation);
            return;
        }
        resources.Precision.Apply();
        var runner = new Runner(corpus, device)
        {
            Kernels = resources.Kernels, CheckpointInterval = interval, WaitsForOthers = WaitsForOthers, Patience = patience,
            Precision = resources.Precision,
            Notice = text => notice(0, text), Progressed = p => progress(0, p),
        };
        var summary = runner.Execute(runs[0], OnStep, OnEpoch, cancellation);
        Ended?.Invoke(0, summary);
    }
}
