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
    /// (x64) or Neon (ARM64) or with layer normalization, it is <see cref="Plain"/>.
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

    /// <summary>Bits of a vector in the fast loops on this processor.</summary>
    internal static int VectorBits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <summary>The hyper-parameter that the fast loops do not know; they know all other techniques of others.</summary>
    internal const string NotFast = "layerNorm";

    /// <summary>Whether the fast loops know all of these.</summary>
    internal static bool AreFast(Techniques techniques) => !techniques.LayerNorm;

    /// <summary>What it means for a model with techniques of others.</summary>
    internal static KernelChoice For(this KernelChoice choice, Device device, Techniques techniques) =>
        AreFast(techniques) ? choice.For(device) : KernelChoice.Plain;
}
