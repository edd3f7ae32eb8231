using System.Runtime.Intrinsics;
using ArTar.Workbench;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;

namespace ArTar.Bench;

/// <summary>Where and with what it was measured.</summary>
internal sealed record Conditions
{
    public required string Processor { get; init; }
    public required int Cores { get; init; }
    public required int Threads { get; init; }

    /// <summary>Whether steps are in processor time, not the clock's.</summary>
    public bool ProcessorTime { get; init; }

    /// <summary>Whether every side was held to AVX2.</summary>
    public bool Avx2 { get; init; }

    /// <summary>Whether the processor has AVX-512 and .NET uses it.</summary>
    public bool HasAvx512 { get; init; }

    public required string OperatingSystem { get; init; }
    public required string Workbench { get; init; }
    public required string DotNet { get; init; }

    /// <summary>The versions of each side, as its worker reports them.</summary>
    public IReadOnlyDictionary<string, string> Sides { get; init; } = new Dictionary<string, string>();

    public required DateTime Started { get; init; }

    public static Conditions Here(int threads)
    {
        var here = RunEnvironment.Here("cpu", KernelChoice.Fast, DateTime.UtcNow);
        return new()
        {
            Processor = here.Processor,
            Cores = Environment.ProcessorCount,
            Threads = threads,
            HasAvx512 = Vector512.IsHardwareAccelerated,
            OperatingSystem = here.OperatingSystem,
            Workbench = here.Workbench,
            DotNet = here.DotNet,
            Started = here.Started,
        };
    }
}

/// <summary>All that one run of the benchmark measured: the JSON file.</summary>
internal sealed record Results
{
    public required Conditions Conditions { get; set; }
    public required Scale Scale { get; init; }
    public List<StepResult> Steps { get; init; } = [];
    public List<Agreement> Agreements { get; init; } = [];
    public List<PenaltyCost> PenaltyCosts { get; init; } = [];
    public List<DenormalCost> Denormals { get; init; } = [];
    public List<ScalingPoint> Scaling { get; init; } = [];
    public List<TableTime> Tables { get; init; } = [];
    public List<Other> Others { get; init; } = [];

    /// <summary>The results of parts that were measured one after the other, on one machine with one version.</summary>
    public static Results Joined(IReadOnlyList<Results> parts)
    {
        var first = parts[0];
        static object Of(Conditions c) => (c.Processor, c.Threads, c.Workbench, c.ProcessorTime, c.Avx2);
        foreach (var other in parts.Skip(1).Select(p => p.Conditions))
            if (!Of(other).Equals(Of(first.Conditions)))
                throw new WorkbenchException(
                    $"These results are no parts of one measurement: one was taken on {first.Conditions.Processor} with "
                        + $"{first.Conditions.Threads} threads and workbench {first.Conditions.Workbench}, another on {other.Processor} "
                            + $"with {other.Threads} threads and workbench {other.Workbench}. Measure both with one version on "
                                + "one machine.");
        return new()
        {
            Conditions = first.Conditions with { Sides = parts.SelectMany(p => p.Conditions.Sides).DistinctBy(s => s.Key).ToDictionary() },
            Scale = parts.Max(p => p.Scale),
            Steps = [.. parts.SelectMany(p => p.Steps)],
            Agreements = [.. parts.SelectMany(p => p.Agreements)],
            PenaltyCosts = [.. parts.SelectMany(p => p.PenaltyCosts)],
            Denormals = [.. parts.SelectMany(p => p.Denormals)],
            Scaling = [.. parts.SelectMany(p => p.Scaling)],
            Tables = [.. parts.SelectMany(p => p.Tables)],
            Others = [.. parts.SelectMany(p => p.Others)],
        };
    }
}
