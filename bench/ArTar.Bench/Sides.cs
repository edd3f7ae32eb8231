using ArTar.Workbench;
using ArTar.Workbench.Training;

namespace ArTar.Bench;

/// <summary>What does a side's steps.</summary>
internal enum Engine
{
    /// <summary>The library, through its public door.</summary>
    Workbench,

    /// <summary>The same step written plainly in eager TorchSharp.</summary>
    Eager,

    /// <summary>The same step in PyTorch, in a Python process.</summary>
    PyTorch,

    /// <summary>The processor's loop of multiply-adds, <see cref="Bound"/>: the rate that bounds all others.</summary>
    Limit,
}

/// <summary>A column of the comparison.</summary>
/// <param name="Id">Its name on the command line and in the JSON.</param>
/// <param name="Label">Its name in tables.</param>
/// <param name="Engine">What does the steps.</param>
/// <param name="Settings">For the workbench: hyper-parameters to set, as <c>--set</c> takes them.</param>
internal sealed record Side(string Id, string Label, Engine Engine, params string[] Settings)
{
    /// <summary>
    /// How far a loss may differ from the eager one after some steps, relatively; float32 products differ in their order of summation.
    /// </summary>
    public double Tolerance { get; init; } = 1e-4;

    /// <summary>
    /// Whether its process keeps freed memory. glibc as it comes hands large buffers back to the kernel at every step and takes them
    /// again page by page; PyTorch's tuning guide names allocators that do not. Ours does so by itself.
    /// </summary>
    public bool IsTuned { get; init; }

    /// <summary>For the workbench: how a step is computed.</summary>
    public KernelChoice Kernels { get; init; }

    /// <summary>For the eager side: evaluate without gradients even where libtorch then computes something else.</summary>
    public bool MayBeWrong { get; init; }

    /// <summary>A configuration in the library's terms, with what this side sets.</summary>
    public HyperParameters Values(Configuration configuration) => configuration.ToHyperParameters().With(Settings).Validated();
}

/// <summary>All sides. A further variant of ours, other kernels or another precision, is one line here.</summary>
internal static class Sides
{
    public static Side Ours { get; } = new("ours", "ours", Engine.Workbench);

    /// <summary>Ours without its fast kernels: <c>--kernels plain</c>.</summary>
    public static Side Plain { get; } = new("plain", "plain", Engine.Workbench) { Kernels = KernelChoice.Plain };

    public static Side Eager { get; } = new("eager", "eager", Engine.Eager);
    public static Side EagerTuned { get; } = new("eager-tuned", "eager tuned", Engine.Eager) { IsTuned = true };

    /// <summary>
    /// libtorch 2.10 evaluates an LSTM without gradients by a kernel of oneDNN where the processor has AVX-512. It is fast, and its
    /// results are wrong where H is no multiple of 32 (pytorch/pytorch issue 173922).
    /// </summary>
    public static Side Inference { get; } = new("inference", "inference kernel", Engine.Eager) { MayBeWrong = true };

    public static Side PyTorch { get; } = new("pytorch", "PyTorch", Engine.PyTorch);
    public static Side PyTorchTuned { get; } = new("pytorch-tuned", "PyTorch tuned", Engine.PyTorch) { IsTuned = true };
    public static Side Limit { get; } = new("limit", "limit", Engine.Limit);

    /// <summary>What is compared when nobody says otherwise.</summary>
    public static IReadOnlyList<Side> Usual { get; } = [Ours, Plain, Eager, EagerTuned, Inference, PyTorch, PyTorchTuned];

    /// <summary>What a quick run compares.</summary>
    public static IReadOnlyList<Side> Quick { get; } = [Ours, EagerTuned, PyTorchTuned];

    public static IReadOnlyList<Side> All { get; } = [.. Usual, Limit];

    public static Side Get(string id) => All.FirstOrDefault(s => s.Id == id)
        ?? throw new WorkbenchException(
            $"Unknown side '{id}'; known are {string.Join(", ", All.Where(s => s.Engine != Engine.Limit).Select(s => s.Id))}.");
}
