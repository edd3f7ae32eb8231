using System.ComponentModel;
using ArTar.Cli.Sweeps;

namespace ArTar.Cli;

/// <summary>
/// Trains each run in a process of its own (<c>artar resume RUN --progress json</c>): one that crashes or runs out of memory takes nobody
/// along. A process stops, with a checkpoint, when its standard input ends: also when whoever started it is killed.
/// </summary>
internal sealed class ProcessWorker(Workspace workspace, RunResources resources) : IRunWorker
{
    private readonly List<Process> running = [];

    /// <summary>How this program is started again: "dotnet artar.dll" runs as dotnet, everything else as a program of its own.</summary>
    public static SelfCommand Self { get; } = new(Environment.ProcessPath!,
        Path.GetFileNameWithoutExtension(Environment.ProcessPath!).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? [Path.Combine(AppContext.BaseDirectory, "artar.dll")] : []);

    /// <summary>Whether to wait while another process trains the run.</summary>
    public bool WaitsForOthers { get; init; }

    /// <summary>Told every line that a process writes to its standard error.</summary>
    public Action<string>? Heard { get; init; }

    /// <summary>Ends all processes at once, without checkpoints.</summary>
    public void Kill()
    {
        lock (running)
            foreach (var process in running)
                process.Kill();
    }

    public async Task<Complaint> TrainAsync(
        IReadOnlyList<StoredRun> runs, string? gpu, Action<int, RunProgress> progress, Action<int, string> notice,
        CancellationToken cancellation)
    {
        using var process = Start(runs, gpu);
        lock (running)
            running.Add(process);
        using var asked = cancellation.Register(() =>
        {
            try
            {
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It has ended.
            }
        });
        var complaint = "";
        var errors = Task.Run(async () =>
        {
            while (await process.StandardError.ReadLineAsync(CancellationToken.None) is { } text)
            {
                Heard?.Invoke(text);
                complaint = text.Length > 0 ? text : complaint;
            }
        }, CancellationToken.None);
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
            RunMessages.Parse(line, progress, notice);
        await errors;
        await process.WaitForExitAsync(CancellationToken.None);
        lock (running)
            running.Remove(process);
        return new(InWords(complaint, process.ExitCode), process.ExitCode);
    }

    private static string InWords(string said, int code) =>
        said.StartsWith("artar: ", StringComparison.Ordinal) ? said["artar: ".Length..]
        : code > 128 && code != ExitCodes.Interrupted ? $"its process was ended by signal {code - 128}"
        : $"its process ended with code {code}{(said.Length > 0 ? $": {said}" : "")}";

    private Process Start(IReadOnlyList<StoredRun> runs, string? gpu)
    {
        string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(Self.Program,
        [
            .. Self.First, "resume", .. runs.Select(r => r.Folder), "--progress", "json", ResumeCommand.StopAtEndOfInput, "--device",
            resources.Device,
            .. resources.Kernels == KernelChoice.Plain ? new[] { "--kernels", "plain" } : [], // fast is no wish, it is the default
            "--threads", Number(resources.Threads), "--checkpoint-every", Number(resources.CheckpointEvery),
            "--precision", RunEnvironment.Name(resources.Precision),
            .. WaitsForOthers ? new[] { "--wait", "--patience", Number(resources.Patience) } : [],
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
