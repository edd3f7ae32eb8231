using System.Diagnostics;
using ArTar.Workbench;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;

namespace ArTar.Cli;

/// <summary>
/// Trains stored runs, each in a <see cref="WorkerProcess"/> of its own, several side by side. So each row starts with the memory of a
/// fresh process.
/// </summary>
internal sealed class Workers(Workspace workspace, RunBoard board)
{
    public required int Jobs { get; init; }
    public required int ThreadsEach { get; init; }
    public required string Device { get; init; }
    public required KernelChoice Kernels { get; init; }
    public required double CheckpointEvery { get; init; }

    private readonly List<Process> running = [];

    /// <summary>
    /// Rows side by side when the user does not say. Small models gain little from a second thread, so on a CPU each core
    /// takes a row; a GPU takes one at a time.
    /// </summary>
    public static int DefaultJobs(string device) => device == "cpu" ? Environment.ProcessorCount : 1;

    /// <summary>Trains all, then returns; what became of each stands in its line and in its folder.</summary>
    /// <exception cref="OperationCanceledException">Stopped; every row that was running has saved a checkpoint.</exception>
    public async Task RunAsync(IEnumerable<BoardLine> lines, CancellationToken cancellation)
    {
        await Parallel.ForEachAsync(lines, new ParallelOptions { MaxDegreeOfParallelism = Jobs }, async (line, _) =>
        {
            if (!cancellation.IsCancellationRequested)
                await RunOneAsync(line, cancellation);
        });
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Ends all workers at once, without checkpoints.</summary>
    public void Kill()
    {
        lock (running)
            foreach (var process in running)
                process.Kill();
    }

    private async Task RunOneAsync(BoardLine line, CancellationToken cancellation)
    {
        using var process = WorkerProcess.Start(workspace, line.Run, Device, ThreadsEach, Kernels, CheckpointEvery);
        lock (running)
            running.Add(process);
        // The end of its input asks a worker to stop: also when this process is killed.
        using var stop = cancellation.Register(() => process.StandardInput.Close());
        var complaint = "";
        var errors = Task.Run(async () =>
        {
            while (await process.StandardError.ReadLineAsync() is { } text)
                complaint = text.Length > 0 ? text : complaint;
        }, CancellationToken.None);
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } text)
            if (RunEvent.Parse(text) is { } told)
                board.Take(line, told);
        await errors;
        await process.WaitForExitAsync(CancellationToken.None);
        lock (running)
            running.Remove(process);

        if (line.Run.ReadSummary() is { } summary)
            board.End(line, summary.Status, summary, summary.Error ?? "");
        else if (cancellation.IsCancellationRequested)
            board.End(line, RunStatus.Interrupted, null);
        else
            board.End(line, RunStatus.Failed, null, complaint.Length > 0 ? complaint : $"its process ended with code {process.ExitCode}");
    }
}
