using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ArTar.Workbench.Models;

/// <summary>
/// Layer normalization within the cell (Ba et al. 2016): mean 0 and variance 1 over the units, then a gain and a bias that are learned.
/// Normalised are W_ih x, W_hh h and an LSTM's c before its tanh; of a GRU its two gates together and its candidate on its own, as in their
/// formulas. The layer's own biases are added afterwards.
/// </summary>
/// <remarks>Gains start at 1, biases at 0, so the other weights start as they would without.</remarks>
internal sealed class CellNorm : Module
{
    private readonly Cell cell;
    private readonly int hidden;

    public CellNorm(Cell cell, int hidden, int layers) : base(nameof(CellNorm))
    {
        (this.cell, this.hidden) = (cell, hidden);
        foreach (var (name, size) in ShapesOf(cell, hidden, layers))
            register_parameter(name, Parameter(name.StartsWith("gain", StringComparison.Ordinal) ? ones(size) : zeros(size)));
    }

    /// <summary>Its weights by name: <c>gain_ih_l0</c>, <c>bias_ih_l0</c>, the same for hh and, in an LSTM, for c.</summary>
    public static IEnumerable<(string Name, long Size)> ShapesOf(Cell cell, long hidden, int layers) =>
        from layer in Enumerable.Range(0, layers)
        from place in (string[])(cell == Cell.Lstm ? ["ih", "hh", "c"] : ["ih", "hh"])
        from kind in (string[])["gain", "bias"]
        select ($"{kind}_{place}_l{layer}", place == "c" ? hidden : LanguageModel.GatesOf(cell) * hidden);

    /// <summary>What normalises at a place of a layer.</summary>
    /// <param name="place"><c>ih</c>, <c>hh</c> or <c>c</c>.</param>
    /// <param name="layer">Recurrent layer, from 0.</param>
    public Func<Tensor, Tensor> At(string place, int layer)
    {
        var (gain, bias) = (get_parameter($"gain_{place}_l{layer}")!, get_parameter($"bias_{place}_l{layer}")!);
        if (cell != Cell.Gru)
            return x => functional.layer_norm(x, [gain.shape[0]], gain, bias);
        long[] parts = [2 * hidden, hidden]; // reset and update gate, candidate
        var (gains, biases) = (gain.split(parts), bias.split(parts));
        return x => cat([.. x.split(parts, -1).Select((part, i) => functional.layer_norm(part, [parts[i]], gains[i], biases[i]))], -1);
    }
}
