using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using ArTar.Workbench.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Workbench.Training;

/// <summary>How the network is computed; the equations are the same.</summary>
public enum KernelChoice
{
    /// <summary>
    /// On a processor by loops of our own (docs/performance.md says how fast). Where they do not run, on a GPU, a processor without AVX2
    /// (x64) or Neon (ARM64) or with a technique that reaches into the cell, it is <see cref="Plain"/>.
    /// </summary>
    Fast,

    /// <summary>By libtorch's operations and automatic differentiation: the definition.</summary>
    Plain,
}

/// <summary>What a choice comes to.</summary>
public static class KernelChoices
{
    /// <summary>What this choice means on a device.</summary>
    public static KernelChoice For(this KernelChoice choice, Device device) =>
        choice == KernelChoice.Fast && device.type == DeviceType.CPU && HasInstructions ? KernelChoice.Fast : KernelChoice.Plain;

    // Multiply-adds of whole vectors; without them the loops would be right and slow.
    private static bool HasInstructions => Fma.IsSupported && Avx2.IsSupported || AdvSimd.Arm64.IsSupported;

    /// <summary>What it means for training with techniques of others: none of them is written out in the fast loops.</summary>
    internal static KernelChoice For(this KernelChoice choice, Device device, Techniques techniques) =>
        techniques.IsNone ? choice.For(device) : KernelChoice.Plain;

    /// <summary>What it means for evaluating a model: techniques that act in training only do not matter.</summary>
    internal static KernelChoice ForEvaluation(this KernelChoice choice, Device device, Techniques techniques) =>
        techniques.NeedLoop(training: false) ? KernelChoice.Plain : choice.For(device);
}
