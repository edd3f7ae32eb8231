using ArTar.Workbench.Output;
using ArTar.Workbench.Stack;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Runs;

/// <summary>What a figure depends on besides configuration and data.</summary>
public sealed record RunEnvironment : IJsonOnDeserialized
{
    /// <summary>Version and commit of the workbench.</summary>
    public required string Workbench { get; init; }

    /// <summary>Version of libtorch.</summary>
    public required string LibTorch { get; init; }

    /// <summary>Version of .NET.</summary>
    public required string DotNet { get; init; }

    /// <summary>Device that trained.</summary>
    public required string Device { get; init; }

    /// <summary>How it was computed; plain in runs that are older than the choice.</summary>
    public KernelChoice Kernels { get; init; } = KernelChoice.Plain;

    /// <summary>
    /// How a GPU multiplied; null for a processor, and in runs that are older than the choice, which did as libtorch does unasked.
    /// </summary>
    public Precision? Precision { get; init; }

    /// <summary>Whether it was trained in a stack with others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsStacked { get; init; }

    /// <summary>
    /// Bits of a vector in the fast kernels; null for the plain ones, and in runs that are older than the note. Last digits depend on it,
    /// and a processor's name does not always tell.
    /// </summary>
    public int? VectorBits { get; init; }

    /// <summary>Threads that one operation may use.</summary>
    public required int Threads { get; init; }

    /// <summary>Processor's name.</summary>
    public required string Processor { get; init; }

    /// <summary>Operating system.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>When the last attempt started, UTC.</summary>
    public required DateTime Started { get; init; }

    /// <summary>Largest resident memory of the process so far, in bytes.</summary>
    public required long PeakMemory { get; init; }

    void IJsonOnDeserialized.OnDeserialized()
    {
        StoredValue.Within(Threads, 0);
        StoredValue.Within(VectorBits ?? 128, 128, 512);
        StoredValue.Within(PeakMemory, 0);
    }

    /// <summary>All in one line, for the foot of a table.</summary>
    public override string ToString() =>
        $"{Device}, {Printed.Count(Threads, "thread")}{(Device == "cpu" ? $", {Name(Kernels)} kernels" : "")}"
        + $"{(VectorBits is { } bits ? $" with vectors of {bits} bits" : "")}"
        + $"{(Precision is { } p ? $", {Name(p)}" : "")}{(IsStacked ? ", in a stack" : "")}, "
        + $"{Processor}; libtorch {LibTorch}, .NET {DotNet}; workbench {Workbench}";

    /// <summary>That results were trained otherwise than is asked now, in a line; null where they were not.</summary>
    /// <param name="stored">The circumstances and the values of each result.</param>
    /// <param name="asked">What is asked.</param>
    internal static string? Difference(IEnumerable<(RunEnvironment Environment, HyperParameters Values)> stored, RunResources asked)
    {
        string Wanted(HyperParameters values) => Means(asked.Device, asked.Resolved().Threads,
            asked.Device != "cpu" || asked.Stack > 1 ? KernelChoice.Plain : asked.Kernels.For(TorchSharp.torch.CPU, values.Techniques),
            asked.Device == "cpu" ? null : asked.Precision);
        var all = stored.Select(s => (
            Had: Means(s.Environment.Device, s.Environment.Threads, s.Environment.Kernels, s.Environment.Precision),
            Wanted: Wanted(s.Values))).ToList();
        var others = all.Where(m => m.Had != m.Wanted).ToList();
        return others.Count == 0 ? null
            : $"{(all.Count == 1 ? "The stored result was" : $"{others.Count} of {all.Count} stored results were")} trained otherwise " +
            $"({string.Join("; ", others.Select(o => o.Had).Distinct())}) than is asked now "
            + $"({string.Join("; ", others.Select(o => o.Wanted).Distinct())}); what is stored is taken.";
    }

    // What decides a result's last digits; a GPU's number and the threads beside it do not.
    private static string Means(string device, int threads, KernelChoice kernels, Precision? precision) => device == "cpu"
        ? $"cpu, {Printed.Count(threads, "thread")}, {Name(kernels)} kernels"
        : $"{device.Split(':')[0]}{(precision is { } p ? $", {Name(p)}" : "")}";

    /// <summary>A choice as one types it and as files have it.</summary>
    internal static string Name(Enum choice) => JsonSerializer.SerializeToNode(choice, choice.GetType(), Json.Compact)!.GetValue<string>();

    /// <summary>The circumstances of this process now.</summary>
    public static RunEnvironment Here(string device, KernelChoice kernels, DateTime started) => new()
    {
        Workbench = Version,
        LibTorch = Training.LibTorch.Version,
        DotNet = Environment.Version.ToString(),
        Device = device,
        Kernels = kernels,
        VectorBits = kernels == KernelChoice.Fast ? KernelChoices.VectorBits : null,
        Threads = TorchSharp.torch.get_num_threads(),
        Processor = ProcessorName(),
        OperatingSystem = System.Runtime.InteropServices.RuntimeInformation.OSDescription,
        Started = started,
        PeakMemory = System.Diagnostics.Process.GetCurrentProcess().PeakWorkingSet64,
    };

    /// <summary>Version and commit of the workbench, as the build recorded them.</summary>
    public static string Version =>
        System.Reflection.CustomAttributeExtensions.GetCustomAttribute<System.Reflection.AssemblyInformationalVersionAttribute>(
            typeof(RunEnvironment).Assembly)!.InformationalVersion;

    /// <summary>Name of this machine's processor.</summary>
    public static string ProcessorName()
    {
        const string linux = "/proc/cpuinfo";
        var line = File.Exists(linux)
            ? File.ReadLines(linux).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
            ?? System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString();
    }
}
