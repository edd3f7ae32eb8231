using static TorchSharp.torch;

namespace ArTar.Workbench.Models;

/// <summary>What a recurrent network carries from one step, and from one window, to the next.</summary>
/// <param name="Hidden">Hidden state h of every layer, [layers, B, H].</param>
/// <param name="Memory">Cell state c of every layer, [layers, B, H]; null for cells that have none (GRU, tanh RNN).</param>
public sealed record RecurrentState(Tensor Hidden, Tensor? Memory) : IDisposable
{
    /// <summary>
    /// The same values cut off from the window that made them, so that the next window's gradient stops here, and
    /// moved out of the current dispose scope: the caller owns them.
    /// </summary>
    public RecurrentState Carry() =>
        new(Hidden.detach().DetachFromDisposeScope(), Memory?.detach().DetachFromDisposeScope());

    /// <inheritdoc/>
    public void Dispose()
    {
        Hidden.Dispose();
        Memory?.Dispose();
    }
}
