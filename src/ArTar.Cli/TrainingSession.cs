using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;

namespace ArTar.Cli;

/// <summary>Trains one stored run in this process and tells how far it has come.</summary>
internal sealed class TrainingSession(StoredRun run, Workspace workspace)
{
    private const int StepInterval = 200; // milliseconds between two events for steps
    public required string Device { get; init; }
    public required int Threads { get; init; }
    public required KernelChoice Kernels { get; init; }
    public required double CheckpointEvery { get; init; }

    /// <summary>Whether to wait while another process trains the run; see <see cref="Runner.WaitsForOthers"/>.</summary>
    public bool WaitsForOthers { get; init; }

    /// <summary>When another process is taken for dead; see <see cref="Runner.Patience"/>.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Where to write TensorBoard's events, or null.</summary>
    public string? TensorBoard { get; init; }

    /// <summary>
    /// Trains on a thread of its own from start to end, since libtorch's settings and dispose scopes belong to a thread.
    /// </summary>
    public Task<RunSummary> Start(Action<RunEvent> tell, CancellationToken cancellation)
    {
        var outcome = new TaskCompletionSource<RunSummary>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                outcome.SetResult(Train(tell, cancellation));
            }
            catch (Exception e)
            {
                outcome.SetException(e);
            }
        });
        thread.Start();
        return outcome.Task;
    }

    private RunSummary Train(Action<RunEvent> tell, CancellationToken cancellation)
    {
        var configuration = run.Configuration;
        var corpus = Corpora.Load(configuration.Data, workspace, cancellation: cancellation);
        LibTorch.Prepare(Threads);
        var runner = new Runner(corpus, LibTorch.DeviceNamed(Device))
        {
            Kernels = Kernels,
            CheckpointInterval = TimeSpan.FromSeconds(CheckpointEvery),
            Notice = text => tell(RunEvent.Notice(text)),
            WaitsForOthers = WaitsForOthers,
            Patience = Patience,
        };
        long told = 0;
        var board = TensorBoard is null ? null : new TensorBoardLog(TensorBoard, run.ReadMetrics());
        var best = run.ReadMetrics().Select(e => e.ValidPerplexity).Append(double.PositiveInfinity).Min();
        var summary = runner.Execute(
            run,
            progress =>
            {
                board?.Step(progress);
                if (Environment.TickCount64 - told < StepInterval)
                    return;
                told = Environment.TickCount64;
                tell(RunEvent.Of(progress));
            },
            epoch =>
            {
                board?.Epoch(epoch);
                best = Math.Min(best, epoch.ValidPerplexity);
                tell(RunEvent.Of(epoch, configuration.Values.Epochs, best));
            },
            cancellation);
        tell(RunEvent.Of(summary));
        return summary;
    }
}
