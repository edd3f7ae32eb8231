using static TorchSharp.torch;

namespace ArTar.Workbench.Regularization;

/// <summary>
/// AR, activation regularization: alpha * mean((m ∘ h)^2) over all T*B*H entries of the DROPPED output of the last layer.
/// </summary>
/// <remarks>
/// The paper (section "Activation regularization") prints alpha * L2(m ∘ h_t), a norm; its authors' later public code
/// computes the mean of squares, and so do we.
/// </remarks>
public sealed class ActivationRegularizer : IRegularizer
{
    /// <inheritdoc/>
    public string Name => "AR";

    /// <inheritdoc/>
    public string Coefficient => "alpha";

    /// <inheritdoc/>
    public Tensor Penalty(Tensor raw, Tensor dropped) => dropped.square().mean();
}
