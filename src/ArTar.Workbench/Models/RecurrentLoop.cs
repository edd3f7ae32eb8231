using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ArTar.Workbench.Models;

/// <summary>
/// The recurrent layers as a loop over time in plain operations, for techniques that have no place in libtorch's fused layer. The weights
/// are the fused layer's own; with all techniques off it gives the same numbers.
/// </summary>
/// <param name="cell">The recurrent cell.</param>
/// <param name="techniques">What is on.</param>
/// <param name="layerDropout">Dropout dph, between layers.</param>
/// <param name="norm">Layer normalization; null for none.</param>
internal sealed class RecurrentLoop(Cell cell, Techniques techniques, double layerDropout, CellNorm? norm)
{
    /// <summary>Runs over one window.</summary>
    /// <param name="weights">The fused layer's weights by name: <c>weight_ih_l0</c>.</param>
    /// <param name="input">Word vectors, [T, B, H].</param>
    /// <param name="state">The state before the window.</param>
    /// <param name="training">Whether masks are drawn.</param>
    /// <returns>The last layer's h and, for an LSTM, c at every step, [T, B, H]; the state after the window.</returns>
    public (Tensor Output, Tensor? Memory, RecurrentState Next) Run(
        IReadOnlyDictionary<string, Tensor> weights, Tensor input, RecurrentState state, bool training)
    {
        var layers = (int)state.Hidden.shape[0];
        Tensor? memory = null;
        var (lastHidden, lastMemory) = (new Tensor[layers], new Tensor?[layers]);
        for (var layer = 0; layer < layers; layer++)
        {
            if (layer > 0 && training)
                input = Mask.Drop(input, layerDropout, techniques.VariationalDropout);
            (input, memory, lastHidden[layer], lastMemory[layer]) =
                RunLayer(layer, weights, input, state.Hidden[layer], state.Memory?[layer], training);
        }
        return (input, memory, new(stack(lastHidden), cell == Cell.Lstm ? stack(lastMemory!) : null));
    }

    private (Tensor Output, Tensor? Memory, Tensor LastHidden, Tensor? LastMemory) RunLayer(
        int layer, IReadOnlyDictionary<string, Tensor> weights, Tensor input, Tensor h, Tensor? c, bool training)
    {
        var (steps, size, device) = (input.shape[0], h.shape, input.device);                              // T, [B, H]
        bool Acts(double p) => training && p > 0;
        Tensor Weight(string name) => weights[$"{name}_l{layer}"];
        Func<Tensor, Tensor> Norm(string place) => norm?.At(place, layer) ?? (x => x);
        // Masks of the window, then masks of its steps, [T, B, H].
        var recurrentWeight = Acts(techniques.WeightDropout)
            ? functional.dropout(Weight("weight_hh"), techniques.WeightDropout) : Weight("weight_hh");
        var recurrentMask = Acts(techniques.RecurrentDropout) ? Mask.Of(techniques.RecurrentDropout, device, size) : null;
        var candidateMask = OfSteps(techniques.CandidateDropout, Mask.Of);
        var keepsHidden = OfSteps(techniques.ZoneoutHidden, Mask.Chosen);
        var keepsMemory = OfSteps(techniques.ZoneoutMemory, Mask.Chosen);
        Tensor[]? OfSteps(double p, Func<double, Device, long[], Tensor> draw) =>
            Acts(p) ? draw(p, device, [steps, .. size]).unbind(0) : null;

        var (normInput, normState, normMemory) = (Norm("ih"), Norm("hh"), cell == Cell.Lstm ? Norm("c") : x => x);
        var fromInput = (normInput(functional.linear(input, Weight("weight_ih"))) + Weight("bias_ih")).unbind(0); // T times [B, gates * H]
        var (hidden, memory) = (new Tensor[steps], new Tensor[steps]);
        for (var t = 0; t < steps; t++)
        {
            var read = recurrentMask is null ? h : recurrentMask * h;
            var fromState = normState(functional.linear(read, recurrentWeight)) + Weight("bias_hh");      // [B, gates * H]
            var candidate = (Tensor x) => candidateMask is null ? x : candidateMask[t] * x;
            Tensor next;
            switch (cell)
            {
                case Cell.Lstm:
                    var (i, f, g, o) = Gates(fromInput[t] + fromState) is var gates ? (gates[0], gates[1], gates[2], gates[3]) : default;
                    var updated = f.sigmoid() * c! + i.sigmoid() * candidate(g.tanh());
                    next = o.sigmoid() * normMemory(updated).tanh();
                    c = Zoneout(c!, updated, techniques.ZoneoutMemory, keepsMemory?[t]);
                    break;
                case Cell.Gru:
                    var (x, s) = (Gates(fromInput[t]), Gates(fromState));
                    var (reset, update) = ((x[0] + s[0]).sigmoid(), (x[1] + s[1]).sigmoid());
                    next = (1 - update) * candidate((x[2] + reset * s[2]).tanh()) + update * h;
                    break;
                default:
                    next = (fromInput[t] + fromState).tanh();
                    break;
            }
            h = Zoneout(h, next, techniques.ZoneoutHidden, keepsHidden?[t]);
            (hidden[t], memory[t]) = (h, c!);
        }
        return (stack(hidden), techniques.MemoryPenalties && training ? stack(memory) : null, h, c);
    }

    private Tensor[] Gates(Tensor all) => all.chunk(LanguageModel.GatesOf(cell), -1);

    /// <summary>Where the mask says so, the value before the step; without a mask, in evaluation, what is expected of it.</summary>
    private static Tensor Zoneout(Tensor before, Tensor after, double p, Tensor? keeps) =>
        p == 0 ? after : keeps is not null ? where(keeps, before, after) : p * before + (1 - p) * after;
}
