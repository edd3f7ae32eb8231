using static TorchSharp.torch;

namespace ArTar.Workbench.Models;

/// <summary>Dropout masks from libtorch's generator, which every step seeds anew.</summary>
internal static class Mask
{
    /// <summary>0 with probability p, else 1/(1-p).</summary>
    public static Tensor Of(double p, Device device, params long[] shape) => empty(shape, device: device).bernoulli_(1 - p).div_(1 - p);

    /// <summary>True with probability p.</summary>
    public static Tensor Chosen(double p, Device device, params long[] shape) => empty(shape, ScalarType.Bool, device).bernoulli_(p);

    /// <summary>m ∘ x.</summary>
    /// <param name="x">Activations, [T, B, H].</param>
    /// <param name="p">Probability that an entry is dropped.</param>
    /// <param name="isOfWindow">Whether all T steps have the same mask, [B, H].</param>
    public static Tensor Drop(Tensor x, double p, bool isOfWindow) =>
        p > 0 && isOfWindow ? x * Of(p, x.device, x.shape[1], x.shape[2]) : nn.functional.dropout(x, p, training: true);
}
