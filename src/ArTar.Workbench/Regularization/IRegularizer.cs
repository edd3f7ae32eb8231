using ArTar.Workbench.Models;
using static TorchSharp.torch;

namespace ArTar.Workbench.Regularization;

/// <summary>
/// A term added to the training objective, a function of the last recurrent layer's output within one window.
/// The loss that is reported, and perplexity, never contain it.
/// </summary>
public interface IRegularizer
{
    /// <summary>Short name for tables and logs: <c>AR</c>.</summary>
    string Name { get; }

    /// <summary>The coefficient's key in the hyper-parameters: <c>alpha</c>. A coefficient of 0 costs nothing.</summary>
    string Coefficient { get; }

    /// <summary>The penalty before it is multiplied with its coefficient, a scalar.</summary>
    /// <param name="raw">Output h of the last layer, [T, B, H].</param>
    /// <param name="dropped">The same after dropout, m ∘ h, [T, B, H].</param>
    Tensor Penalty(Tensor raw, Tensor dropped);

    /// <summary>Where the coefficient comes from.</summary>
    internal string Source => "the paper's tables";

    /// <summary>The same of all that the recurrent layers gave.</summary>
    internal Tensor Penalty(in Activations activations) => Penalty(activations.Raw, activations.Dropped);
}
