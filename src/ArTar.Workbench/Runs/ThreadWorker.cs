using ArTar.Workbench.Data;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Runs;

/// <summary>Trains runs in this process, each on a thread of its own from start to end, since libtorch's settings and dispose scopes belong to a thread.</summary>
/// <param name="corpusOf">The data set of a run.</param>
/// <param name="resources">How it is trained.</param>
internal sealed class ThreadWorker(Func<RunConfiguration, Corpus> corpusOf, RunResources resources) : IRunWorker
{
    /// <summary>Whether to wait while another process trains a run; see <see cref="Runner.WaitsForOthers"/>.</summary>
    public bool WaitsForOthers { get; init; }

    /// <summary>Told after every step.</summary>
    public Action<TrainingProgress>? OnStep { get; init; }

    /// <summary>Told after every epoch.</summary>
    public Action<EpochMetrics>? OnEpoch { get; init; }

    /// <inheritdoc/>
    public Task<RunOutcome> TrainAsync(StoredRun run, string? gpu, Action<RunProgress> progress, Action<string> notice, CancellationToken cancellation)
    {
        var outcome = new TaskCompletionSource<RunOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                var corpus = corpusOf(run.Configuration);
                LibTorch.Prepare(resources.Resolved().Threads);
                var runner = new Runner(corpus, LibTorch.DeviceNamed(resources.Device))
                {
                    Kernels = resources.Kernels,
                    CheckpointInterval = TimeSpan.FromSeconds(resources.CheckpointEvery),
                    WaitsForOthers = WaitsForOthers,
                    Patience = TimeSpan.FromSeconds(resources.Patience),
                    Notice = notice,
                    Progressed = progress,
                };
                outcome.SetResult(new(runner.Execute(run, OnStep, OnEpoch, cancellation)));
            }
            catch (Exception e)
            {
                outcome.SetException(e);
            }
        }).Start();
        return outcome.Task;
    }
}
