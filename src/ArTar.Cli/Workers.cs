using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using ArTar.Workbench;
using ArTar.Workbench.Experiments;
using ArTar.Workbench.Training;

namespace ArTar.Cli;

/// <summary>
/// Trains stored runs, each in a process of its own (<c>artar resume RUN --progress json</c>), several side by side. So a row
/// that crashes or runs out of memory takes nobody along, and each row starts with the memory of a fresh process.
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
        using var process = Start(line.Run);
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

    private Process Start(StoredRun run)
    {
        // "dotnet artar.dll" runs as dotnet, everything else as a program of its own.
        var program = Environment.ProcessPath!;
        string[] itself = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? [Path.Combine(AppContext.BaseDirectory, "artar.dll")] : [];
        var start = new ProcessStartInfo(program,
        [
            .. itself, "resume", run.Folder, "--progress", "json", ResumeCommand.StopAtEndOfInput, "--device", Device,
            "--kernels", Kernels.ToString().ToLowerInvariant(),
            "--threads", ThreadsEach.ToString(CultureInfo.InvariantCulture),
            "--checkpoint-every", CheckpointEvery.ToString(CultureInfo.InvariantCulture),
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ARTAR_HOME"] = workspace.Root;
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new WorkbenchException($"A worker could not be started as '{program}': {e.Message}", e);
        }
    }
}
