using ArTar.Workbench.Models;
using static TorchSharp.torch;

namespace ArTar.Workbench.Regularization;

/// <summary>
/// A penalty on an LSTM's cell state c in place of h, which the paper leaves as an option: AR and TAR of c. There is no dropout on c, so
/// both look at the same c, that of the last layer at every step.
/// </summary>
internal sealed class MemoryRegularizer(IRegularizer ofHidden, string name, string coefficient) : IRegularizer
{
    /// <summary>AR or TAR.</summary>
    public IRegularizer OfHidden => ofHidden;

    public string Name => name;

    public string Coefficient => coefficient;

    string IRegularizer.Source => "ours; the paper leaves it as an option";

    public Tensor Penalty(Tensor raw, Tensor dropped) => throw NoMemory;

    Tensor IRegularizer.Penalty(in Activations activations) => ofHidden.Penalty(
        activations.Memory ?? throw NoMemory, activations.Memory);

    private InvalidOperationException NoMemory => new($"{name} looks at c of every step, which h does not tell.");
}
