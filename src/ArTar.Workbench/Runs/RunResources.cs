using ArTar.Workbench.Output;
using ArTar.Workbench.Stack;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Runs;

/// <summary>How runs are trained.</summary>
internal sealed record RunResources : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized()
    {
        StoredValue.Within(Jobs, 0, MostRuns);
        StoredValue.Within(Threads, 0, MostThreads);
        StoredValue.Within(Stack, 0, MostRuns);
        StoredValue.Within(Retries, 0, MostRetries);
        StoredValue.Within(CheckpointEvery, 0, LongestTime);
        StoredValue.Within(Patience, 0, LongestTime);
    }

    /// <summary>Runs side by side, or in a stack, at most; what the memory holds is less.</summary>
    public const int MostRuns = 100_000;

    /// <summary>Threads at most, on whatever machine.</summary>
    public const int MostThreads = 4096;

    /// <summary>Attempts at a row at most, beside the first.</summary>
    public const int MostRetries = 1000;

    /// <summary>Seconds at most: eleven days, which every timer can hold.</summary>
    public const double LongestTime = 1e6;

    // Of a process that trains, beside its model: libtorch, .NET and the text.
    private const long ProcessBytes = 200 << 20;

    /// <summary>Runs that this machine's memory has room for, each in a process of its own.</summary>
    internal static int MostJobs => (int)Math.Clamp(Disk.Memory / ProcessBytes, 1, MostRuns);

    /// <summary>Runs side by side on one machine; 0 takes one a core, with GPUs one a GPU.</summary>
    public int Jobs { get; init; }

    /// <summary>
    /// Threads of each run. 0 takes one, wherever and with whatever beside it a run is started, since figures are bit-identical only for
    /// the same number: small models gain little from a second one, several runs side by side use the cores better.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>Where to train: cpu, cuda or cuda:1.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>How a step is computed on a CPU: fast or plain. Figures are bit-identical only for the same choice.</summary>
    public KernelChoice Kernels { get; init; } = KernelChoice.Fast;

    /// <summary>How a GPU multiplies matrices: TF32, or float32 throughout.</summary>
    public Precision Precision { get; init; }

    /// <summary>
    /// Runs that are trained together as one job, at most. 0 takes as many as fit on a GPU, and on a processor, where it brings nothing,
    /// one.
    /// </summary>
    public int Stack { get; init; }

    /// <summary>How often a row of a sweep that failed, crashed or was lost is tried again, from its checkpoint.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>Seconds between checkpoints within an epoch.</summary>
    public double CheckpointEvery { get; init; } = 60;

    /// <summary>Seconds without a sign of life after which a process on another machine is taken for dead.</summary>
    public double Patience { get; init; } = 60;

    /// <summary>The same with what is left to this machine decided.</summary>
    public RunResources Resolved() => this with
    {
        Jobs = Jobs > 0 ? Jobs : Device == "cpu" ? Math.Min(Environment.ProcessorCount, MostJobs) : Math.Max(1, Gpus().Length),
        Threads = Math.Max(1, Threads),
    };

    /// <summary>
    /// The same with no more threads than this machine has processors: more of them take turns, and wait for each other most of the time.
    /// </summary>
    /// <param name="notice">Told where there are fewer.</param>
    public RunResources Fitted(Action<string>? notice)
    {
        if (Threads <= Environment.ProcessorCount)
            return this;
        notice?.Invoke($"{Threads} threads are asked for, this machine has {Environment.ProcessorCount} processors: it takes "
            + $"{Environment.ProcessorCount}.");
        return this with { Threads = Environment.ProcessorCount };
    }

    /// <summary>Whether runs may be trained together at all.</summary>
    internal bool MayStack => Stack > 1 || Stack == 0 && Device != "cpu";

    /// <summary>How many runs of a shape go into one stack here, at least 1.</summary>
    internal int StackOf(StackShape shape, long vocabulary)
    {
        if (!MayStack || Stack == 1)
            return 1;
        const double usable = 0.9; // libtorch keeps freed blocks, and cuBLAS takes some memory of its own
        var memory = Device == "cpu" ? Disk.Memory : GraphicsCard.Find(Training.LibTorch.DeviceNamed(Device))?.FreeMemory;
        var fit = memory is { } bytes ? StackMemory.Fit(shape, vocabulary, (long)(usable * bytes)) : Stack;
        return Math.Max(1, Stack > 0 ? Math.Min(Stack, fit) : fit);
    }

    /// <summary>How many of so many runs train side by side.</summary>
    internal int SideBySide(int runs) => Math.Clamp(Resolved().Jobs, 1, Math.Max(1, runs));

    /// <summary>What a person should know of so many runs side by side on this machine's processors or GPUs; null for nothing.</summary>
    internal string? CrowdOf(int runs)
    {
        var (jobs, gpu) = (SideBySide(runs), Device != "cpu");
        var places = gpu ? Math.Max(1, Gpus().Length) : Environment.ProcessorCount;
        if (jobs <= places)
            return null;
        return $"{Printed.Count(jobs)} runs side by side on {places} " + (!gpu
            ? "processors take turns, so that each is slower and all together are no faster, and each needs memory of its own."
            : (places == 1 ? "GPU" : "GPUs") + " wait for each other and share its memory; trained together as one job, which is what "
                + "happens where nothing is said of it, they take little longer than one of them.");
    }

    /// <summary>A place for each run that trains beside others; each names a GPU, or none.</summary>
    /// <param name="runs">The runs, which need no more places.</param>
    internal IReadOnlyList<string?> Places(int runs)
    {
        var gpus = Gpus();
        return [.. Enumerable.Range(0, SideBySide(runs)).Select(i => gpus.Length == 0 ? null : gpus[i % gpus.Length])];
    }

    /// <summary>The name of a place's device in this process, which sees all GPUs that are shared.</summary>
    /// <param name="gpu">One of <see cref="Places"/>.</param>
    internal string DeviceOf(string? gpu) => Gpus() is { Length: > 1 } all && Array.IndexOf(all, gpu) is >= 0 and var number
        ? string.Create(CultureInfo.InvariantCulture, $"{Device}:{number}") : Device;

    /// <summary>The GPUs to share among runs; a device with a number is the user's own choice.</summary>
    private string[] Gpus() => Device == "cuda" ? GraphicsCard.All() : [];
}
