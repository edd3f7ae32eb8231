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

    /// <summary>A 2048 x 2048 x 2048 matrix product in libtorch: the rate that bounds all others.</summary>
    Gemm,
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

    /// <summary>
    /// libtorch 2.10 evaluates an LSTM without gradients by a kernel of oneDNN where the processor has AVX-512. It is fast, and its
    /// results are wrong where H is no multiple of 32 (pytorch/pytorch issue 173922).
    /// </summary>
    public static Side Inference { get; } = new("inference", "inference kernel", Engine.Eager) { MayBeWrong = true };

    public static Side PyTorch { get; } = new("pytorch", "PyTorch", Engine.PyTorch);
    public static Side Gemm { get; } = new("gemm", "GEMM", Engine.Gemm);

    /// <summary>What is compared when nobody says otherwise.</summary>
    public static IReadOnlyList<Side> Usual { get; } = [Ours, Plain, Eager, Inference, PyTorch];

    /// <summary>What a quick run compares.</summary>
    public static IReadOnlyList<Side> Quick { get; } = [Ours, Eager, PyTorch];

    public static IReadOnlyList<Side> All { get; } = [.. Usual, Gemm];

    public static Side Get(string id) => All.FirstOrDefault(s => s.Id == id)
        ?? throw new WorkbenchException(
            $"Unknown side '{id}'; known are {string.Join(", ", All.Where(s => s.Engine != Engine.Gemm).Select(s => s.Id))}.");
}
