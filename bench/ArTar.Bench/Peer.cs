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
    private const string Python = "/usr/bin/python3"; // the one that Debian's python3-torch belongs to

    // PyTorch's own threads are OpenMP's; OpenBLAS's build for POSIX threads keeps a second set of them and the two get in each other's
    // way.
    private const string OpenBlas = "/usr/lib/x86_64-linux-gnu/openblas-openmp";

    /// <summary>The name of a worker's remark among the versions that it reports.</summary>
    public const string Remark = "remark";

    private readonly Process process;
    private readonly Task<string> errors;

    private Peer(Side side, Assignment work)
    {
        (Side, Work) = (side, work);
        var json = JsonSerializer.Serialize(work, Json.Compact);
        var start = side.Engine == Engine.PyTorch
            ? new ProcessStartInfo(Python, ["-B", Path.Combine(Repository, "bench", "peers", "step.py"), json])
            : new ProcessStartInfo(Environment.ProcessPath!, ["worker", json]);
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

    /// <summary>Whether there is a PyTorch for it.</summary>
    public static bool HasPyTorch { get; } = File.Exists(Python) && CanImportTorch();

    public Side Side { get; }

    /// <summary>What it was told to be.</summary>
    public Assignment Work { get; }

    /// <summary>The versions that it reports.</summary>
    public JsonObject About { get; private set; } = [];

    /// <summary>Starts a worker and waits until it is set up.</summary>
    public static Peer Start(Side side, Assignment work)
    {
        var peer = new Peer(side, work);
        peer.About = JsonNode.Parse(peer.Answer())!.AsObject();
        return peer;
    }

    /// <summary>Lets a worker check itself, to its end.</summary>
    public static Losses Check(Side side, Assignment work)
    {
        using var peer = new Peer(side, work);
        return JsonSerializer.Deserialize<Losses>(peer.Answer(), Json.Compact)!;
    }

    /// <summary>Makes steps.</summary>
    /// <returns>The seconds of each.</returns>
    public double[] Run(int steps)
    {
        process.StandardInput.WriteLine(FormattableString.Invariant($"run {steps}"));
        process.StandardInput.Flush();
        return JsonNode.Parse(Answer())!["seconds"]!.AsArray().Select(s => s!.GetValue<double>()).ToArray();
    }

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

    private static bool CanImportTorch()
    {
        using var check = Process.Start(
            new ProcessStartInfo(Python,
                ["-c", "from importlib.util import find_spec; exit(not (find_spec('numpy') and find_spec('torch')))"]))!;
        check.WaitForExit();
        return check.ExitCode == 0;
    }

    private static string? FindRepository()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "ArTar.Workbench.csproj")))
                return at.FullName;
        return null;
    }
}
