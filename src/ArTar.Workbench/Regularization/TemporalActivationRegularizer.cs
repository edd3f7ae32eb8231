using static TorchSharp.torch;

namespace ArTar.Workbench.Regularization;

/// <summary>
/// TAR, temporal activation regularization: beta * mean((h[1:] - h[:-1])^2) over all (T-1)*B*H entries of the RAW
/// (undropped) output of the last layer; for an LSTM only h, never the cell state.
/// </summary>
/// <remarks>
/// The paper (section "Temporal activation regularization") prints beta * L2(h_t - h_(t+1)), a norm; its authors' later
/// public code computes the mean of squares, and so do we. The difference runs over TIME, the first axis. The step over
/// a window's border is not penalised, so a window of one step has a penalty of 0.
/// </remarks>
public sealed class TemporalActivationRegularizer : IRegularizer
{
    /// <inheritdoc/>
    public string Name => "TAR";

    /// <inheritdoc/>
    public string Coefficient => "beta";

    /// <inheritdoc/>
    public Tensor Penalty(Tensor raw, Tensor dropped)
    {
        var steps = raw.shape[0];
        return steps == 1
            ? raw.new_zeros(Array.Empty<long>())
            : nn.functional.mse_loss(raw.narrow(0, 1, steps - 1), raw.narrow(0, 0, steps - 1)); // the mean of squared differences
    }
}
