using ArTar.Workbench.Models;
using static TorchSharp.torch;

namespace ArTar.Workbench.Stack;

/// <summary>
/// One recurrent layer of R runs, forward and back over a window. The input's products and the weights' gradients are one batched product
/// each for the whole window; the state's products stand in <see cref="TimeLoops"/>.
/// </summary>
/// <param name="weights">All weights.</param>
/// <param name="layer">Which layer, from 0.</param>
internal sealed class StackedLayer(StackedWeights weights, int layer)
{
    private readonly string cell = weights.Cell.ToString().ToLowerInvariant();
    private Tensor[] saved = [];

    private Tensor InputWeight => weights.OfLayer("weight_ih", layer);     // [R, G*H, H]
    private Tensor StateWeight => weights.OfLayer("weight_hh", layer);     // [R, G*H, H]
    private Tensor InputBias => weights.OfLayer("bias_ih", layer).unsqueeze(1); // [R, 1, G*H]
    private Tensor StateBias => weights.OfLayer("bias_hh", layer).unsqueeze(1); // [R, 1, G*H]

    /// <summary>h before the window and after each of its steps, [R, 1 + T, B, H].</summary>
    public Tensor States { get; private set; } = null!;

    /// <summary>The cell state c after the window, [R, B, H]; null for a cell that has none.</summary>
    public Tensor? Memory { get; private set; }

    /// <summary>h after each step, [R, T, B, H].</summary>
    public Tensor Output => States.narrow(1, 1, States.shape[1] - 1);

    /// <summary>Runs over a window.</summary>
    /// <param name="input">[R, T, B, H].</param>
    /// <param name="hidden">h before the window, [R, B, H].</param>
    /// <param name="memory">c before the window, [R, B, H]; null for a cell that has none.</param>
    public void Forward(Tensor input, Tensor hidden, Tensor? memory)
    {
        var (R, T, B) = (input.shape[0], input.shape[1], input.shape[2]);
        using var sums = bmm(input.reshape(R, T * B, -1), InputWeight.transpose(1, 2)).view(R, T, B, -1); // [R, T, B, G*H]
        var bias = weights.Cell == Cell.Gru ? InputBias : InputBias + StateBias; // r times h's part, bias included: a GRU keeps them apart
        object[] more = weights.Cell switch { Cell.Lstm => [memory!], Cell.Gru => [StateBias], _ => [] };
        saved = TimeLoops.Run(cell, [sums, bias, StateWeight, hidden, .. more]);
        States = saved[0];
        Memory = weights.Cell == Cell.Lstm ? saved[1] : null;
    }

    /// <summary>Runs back over the window of the last <see cref="Forward"/>.</summary>
    /// <param name="input">What <see cref="Forward"/> had, [R, T, B, H].</param>
    /// <param name="outputGradient">Gradient of <see cref="Output"/>, [R, T, B, H]; it may be overwritten.</param>
    /// <param name="gradients">Takes the gradients of the layer's weights, by name.</param>
    /// <returns>Gradient of the input, [R, T, B, H].</returns>
    public Tensor Backward(Tensor input, Tensor outputGradient, Dictionary<string, Tensor> gradients)
    {
        using var scope = NewDisposeScope();
        var (R, T, B, H) = (input.shape[0], input.shape[1], input.shape[2], input.shape[3]);
        var ofSums = TimeLoops.Run($"{cell}_back", [outputGradient, StateWeight, .. weights.Cell switch
        {
            Cell.Lstm => [saved[2], saved[3]],
            Cell.Gru => [saved[1]],
            _ => new object[] { States },
        }]);
        var ofInput = ofSums[0].view(R, T * B, -1);                                    // [R, T*B, G*H]
        var ofState = ofSums[^1].view(R, T * B, -1);                                   // the same but in a GRU
        var before = States.narrow(1, 0, T).reshape(R, T * B, H);                      // [R, T*B, H]
        void Gradient(string name, Tensor value) => gradients[$"rnn.{name}_l{layer}"] = value.MoveToOuterDisposeScope();
        Gradient("weight_ih", bmm(ofInput.transpose(1, 2), input.reshape(R, T * B, H)));
        Gradient("weight_hh", bmm(ofState.transpose(1, 2), before));
        Gradient("bias_ih", ofInput.sum([1]));
        Gradient("bias_hh", ofState.sum([1]));
        return bmm(ofInput, InputWeight).view(R, T, B, H).MoveToOuterDisposeScope();
    }
}
