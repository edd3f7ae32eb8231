using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using ArTar.Workbench;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Sweeps;
using ArTar.Workbench.Training;

namespace ArTar.Cli;

/// <summary>
/// A process that trains one stored run (<c>artar resume RUN --progress json</c>): a row that crashes or runs out of memory takes nobody
/// along. It stops, with a checkpoint, when its standard input ends: also when whoever started it is killed.
/// </summary>
internal static class WorkerProcess
{
    /// <summary>How this program is started again: "dotnet artar.dll" runs as dotnet, everything else as a program of its own.</summary>
    public static SelfCommand Self { get; } = new(Environment.ProcessPath!,
        Path.GetFileNameWithoutExtension(Environment.ProcessPath!).Equals("dotnet", StringComparison.OrdinalIgnoreCase) ? [Path.Combine(AppContext.BaseDirectory, "artar.dll")] : []);

    /// <summary>Starts a worker.</summary>
    /// <exception cref="WorkbenchException">It cannot be started.</exception>
    public static Process Start(Workspace workspace, StoredRun run, string device, int threads, KernelChoice kernels, double checkpointEvery, string? gpu = null, params IEnumerable<string> more)
    {
        var start = new ProcessStartInfo(Self.Program,
        [
            .. Self.First, "resume", run.Folder, "--progress", "json", ResumeCommand.StopAtEndOfInput, "--device", device,
            "--kernels", kernels.ToString().ToLowerInvariant(), "--threads", threads.ToString(CultureInfo.InvariantCulture), "--checkpoint-every", checkpointEvery.ToString(CultureInfo.InvariantCulture), .. more,
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ARTAR_HOME"] = workspace.Root;
        if (gpu is not null)
            start.Environment["CUDA_VISIBLE_DEVICES"] = gpu;
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new WorkbenchException($"A worker could not be started as '{Self.Program}': {e.Message}", e);
        }
    }
}
