using ArTar.Workbench.Models;
using static TorchSharp.torch;

namespace ArTar.Workbench.Stack;

/// <summary>
/// The language model of R runs with the way back by hand: the equations of <see cref="LanguageModel"/> with the run as the first axis
/// everywhere. Nothing in it goes from one run to another.
/// </summary>
/// <remarks>
/// Automatic differentiation would make a weight gradient at every step of time. Call it without gradients and within a dispose scope that
/// lasts from <see cref="Forward"/> to <see cref="Backward"/>.
/// </remarks>
internal sealed class StackedNetwork(StackedWeights weights)
{
    private readonly StackedLayer[] layers = [.. Enumerable.Range(0, weights.Layers).Select(layer => new StackedLayer(weights, layer))];
    private readonly Tensor[] inputs = new Tensor[weights.Layers];
    private Tensor?[] masks = [];
    private Tensor words = null!;

    /// <summary>Runs the recurrent layers over one window.</summary>
    /// <param name="tokens">Token ids, the same for all runs, [T, B].</param>
    /// <param name="before">The state before the window, [R, layers, B, H].</param>
    /// <param name="masks">Dropout masks: word vectors, between layers, output; none for evaluation.</param>
    /// <returns>Raw and dropped output of the last layer, [R, T, B, H], and the state after the window.</returns>
    public Activations Forward(Tensor tokens, RecurrentState before, Tensor?[]? masks = null)
    {
        var (R, T, B) = (weights.Runs, tokens.shape[0], tokens.shape[1]);
        (words, this.masks) = (tokens.view(-1), masks ?? new Tensor?[layers.Length + 1]);
        var output = weights.Embedding.index_select(1, words).view(R, T, B, -1);       // [R, T, B, H]
        for (var i = 0; i < layers.Length; i++)
        {
            inputs[i] = Masked(output, i);
            layers[i].Forward(inputs[i], before.Hidden.select(1, i), before.Memory?.select(1, i));
            output = layers[i].Output;
        }
        var hidden = stack([.. layers.Select(l => l.States.select(1, T))], 1);         // [R, layers, B, H]
        var memory = before.Memory is null ? null : stack([.. layers.Select(l => l.Memory!)], 1);
        return new(output, Masked(output, layers.Length), new(hidden, memory));
    }

    /// <summary>Runs back over the window of the last <see cref="Forward"/>.</summary>
    /// <param name="ofRaw">Gradient of the raw output by penalties alone, [R, T, B, H]; null for 0.</param>
    /// <param name="ofDropped">Gradient of the dropped output, [R, T, B, H].</param>
    /// <param name="gradients">The decoder's gradients by name; takes those of all other weights.</param>
    public void Backward(Tensor? ofRaw, Tensor ofDropped, Dictionary<string, Tensor> gradients)
    {
        var gradient = Masked(ofDropped, layers.Length);
        if (ofRaw is not null)
            gradient = gradient + ofRaw;
        for (var i = layers.Length - 1; i >= 0; i--)
            gradient = Masked(layers[i].Backward(inputs[i], gradient, gradients), i);
        // The tied weight is used twice: what the word vectors add, word by word.
        gradients["embedding.weight"].index_add_(1, words, gradient.view(weights.Runs, words.shape[0], -1), 1);
    }

    private Tensor Masked(Tensor x, int place) => masks[place] is { } mask ? x * mask : x;
}
