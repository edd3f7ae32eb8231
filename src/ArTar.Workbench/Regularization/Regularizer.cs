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
}

/// <summary>The regularizers that hyper-parameters can name. A new one is a type of its own and one entry here.</summary>
public static class Regularizers
{
    private static readonly List<IRegularizer> known = [new ActivationRegularizer(), new TemporalActivationRegularizer()];

    /// <summary>All regularizers, in the order in which tables show them.</summary>
    public static IReadOnlyList<IRegularizer> Known => known;

    /// <summary>Makes a regularizer of one's own known for this process, as a notebook does; one of the same coefficient is replaced.</summary>
    public static void Add(IRegularizer regularizer)
    {
        known.RemoveAll(r => r.Coefficient == regularizer.Coefficient);
        known.Add(regularizer);
    }
}
