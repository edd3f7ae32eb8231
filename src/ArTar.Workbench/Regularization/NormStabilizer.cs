using static TorchSharp.torch;

namespace ArTar.Workbench.Regularization;

/// <summary>
/// The norm stabilizer (Krueger and Memisevic 2015): mean((|h_t| - |h_(t-1)|)^2) over all T-1 steps and B columns of the RAW output of the
/// last layer, where |h_t| is the L2 norm over its units. TAR's rival: lengths should stay, directions may change.
/// </summary>
/// <remarks>As with TAR the step over a window's border is not penalised, so a window of one step has a penalty of 0.</remarks>
internal sealed class NormStabilizer : IRegularizer
{
    public string Name => "NS";

    public string Coefficient => "normStabilizer";

    string IRegularizer.Source => "Krueger and Memisevic 2015";

    public Tensor Penalty(Tensor raw, Tensor dropped)
    {
        var (norms, steps) = (raw.norm(-1), raw.shape[0]);                                                // [T, B]
        return steps == 1
            ? raw.new_zeros(Array.Empty<long>())
            : (norms.narrow(0, 1, steps - 1) - norms.narrow(0, 0, steps - 1)).square().mean();
    }
}
