using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ArTar.Workbench;

namespace ArTar.Bench;

/// <summary>
/// A worker process as the benchmark sees it: one side, one configuration, one process, so that each has a peak memory of its
/// own. It lives until it is disposed and works only when it is told to.
/// </summary>
internal sealed class Peer : IDisposable
{
    // PyTorch's own threads are OpenMP's; OpenBLAS's build for POSIX threads keeps a second set of them and the two get in each other's
    // way.
    private const string OpenBlas = "/usr/lib/x86_64-linux-gnu/openblas-openmp";

    /// <summary>The name of a worker's remark among the versions that it reports.</summary>
    public const string Remark = "remark";

    private readonly Process process;
    private readonly Task<string> errors;
    private readonly List<double> faults = [];

    private Peer(Side side, Assignment work, Machine machine)
    {
        (Side, Work) = (side, work);
        var json = JsonSerializer.Serialize(work, Json.Compact);
        var start = side.Engine == Engine.PyTorch
            ? new ProcessStartInfo(machine.Python, ["-B", Path.Combine(Repository, "bench", "peers", "step.py"), json])
            : new ProcessStartInfo(Environment.ProcessPath!, ["worker", json]);
        machine.Prepare(start.Environment, side.IsTuned);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        if (side.Engine == Engine.PyTorch)
        {
            start.Environment["OMP_NUM_THREADS"] = start.Environment["OPENBLAS_NUM_THREADS"] = work.Threads.ToString(
                CultureInfo.InvariantCulture);
            if (Directory.Exists(OpenBlas))
                start.Environment["LD_LIBRARY_PATH"] = OpenBlas;
        }
        process = Process.Start(start)!;
        errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>The top of the repository.</summary>
    public static string Repository { get; } = FindRepository()
        ?? throw new WorkbenchException($"{AppContext.BaseDirectory} is not below the repository; run ./bench/run.");

    public Side Side { get; }

    /// <summary>What it was told to be.</summary>
    public Assignment Work { get; }

    /// <summary>The versions that it reports.</summary>
    public JsonObject About { get; private set; } = [];

    /// <summary>Starts a worker and waits until it is set up.</summary>
    public static Peer Start(Side side, Assignment work, Machine machine)
    {
        var peer = new Peer(side, work, machine);
        peer.About = JsonNode.Parse(peer.Answer())!.AsObject();
        return peer;
    }

    /// <summary>Lets a worker check itself, to its end.</summary>
    public static Losses Check(Side side, Assignment work, Machine machine)
    {
        using var peer = new Peer(side, work, machine);
        return JsonSerializer.Deserialize<Losses>(peer.Answer(), Json.Compact)!;
    }

    /// <summary>Makes steps.</summary>
    /// <returns>The seconds of each.</returns>
    public double[] Run(int steps)
    {
        var before = Processor.PageFaults(process.Id);
        process.StandardInput.WriteLine(FormattableString.Invariant($"run {steps}"));
        process.StandardInput.Flush();
        var seconds = JsonNode.Parse(Answer())!["seconds"]!.AsArray().Select(s => s!.GetValue<double>()).ToArray();
        if (Processor.PageFaults(process.Id) - before is { } count)
            faults.Add((double)count / seconds.Length);
        return seconds;
    }

    /// <summary>Pages that the kernel had to give it in a step, the median over its turns; null where that is not known.</summary>
    public double? PageFaults => faults.Count > 0 ? Statistics.Median(faults) : null;

    /// <summary>The most memory that it has held so far, in bytes (Linux: VmHWM).</summary>
    public long PeakMemory
    {
        get
        {
            process.Refresh();
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>Seconds that it has used, on all cores.</summary>
    public double ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime.TotalSeconds;
        }
    }

    private string Answer()
    {
        if (process.StandardOutput.ReadLine() is { } line)
            return line;
        process.WaitForExit();
        throw new WorkbenchException($"The worker of side '{Side.Id}' ended with {process.ExitCode}: {errors.Result.Trim()}");
    }

    public void Dispose()
    {
        process.StandardInput.Close(); // the end of its input ends it
        if (!process.WaitForExit(TimeSpan.FromSeconds(5)))
            process.Kill(entireProcessTree: true);
        process.Dispose();
    }

    private static string? FindRepository()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "ArTar.Workbench.csproj")))
                return at.FullName;
        return null;
    }
}
