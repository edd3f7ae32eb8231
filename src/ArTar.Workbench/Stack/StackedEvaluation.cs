using ArTar.Workbench.Models;
using ArTar.Workbench.Training;
using static TorchSharp.torch;

namespace ArTar.Workbench.Stack;

/// <summary>Measures R models on a split, without dropout: <see cref="Evaluation"/> for a stack.</summary>
internal static class StackedEvaluation
{
    /// <summary>Mean cross-entropy in nats per predicted token of each run, [R].</summary>
    /// <param name="weights">The models.</param>
    /// <param name="tokens">The split.</param>
    /// <param name="batchSize">Columns read side by side.</param>
    /// <param name="length">Steps of a window; it changes the speed, not the result.</param>
    /// <param name="device">Where the weights lie.</param>
    /// <param name="cancellation">Stops within a window.</param>
    public static double[] Losses(
        StackedWeights weights, ReadOnlyMemory<int> tokens, int batchSize, int length, Device device,
        CancellationToken cancellation = default)
    {
        using var noGradient = no_grad();
        using var text = new DeviceText(tokens, batchSize, length, weights.Vocabulary, device);
        var network = new StackedNetwork(weights);
        using var sums = zeros(weights.Runs, float64, device).DetachFromDisposeScope();
        var state = InitialState(weights, batchSize, device);
        try
        {
            for (var i = 0; i < text.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var (inputs, targets) = text[i];                                                          // [T, B]
                var activations = network.Forward(inputs, state);
                var output = activations.Dropped.reshape(weights.Runs, inputs.numel(), weights.Hidden);   // [R, T*B, H]
                sums.add_(TiedDecoder.Losses(weights, output, targets.view(-1)));
                state.Dispose();
                state = activations.State.Carry();
            }
            using var onCpu = sums.cpu();
            return [.. onCpu.data<double>().ToArray().Select(sum => sum / text.PredictedTokens)];
        }
        finally
        {
            state.Dispose();
        }
    }

    /// <summary>The state at the start of a text: zeros, [R, layers, B, H]. The caller owns it.</summary>
    public static RecurrentState InitialState(StackedWeights weights, int batchSize, Device device)
    {
        Tensor Zeros() => zeros(weights.Runs, weights.Layers, batchSize, weights.Hidden, device: device).DetachFromDisposeScope();
        return new(Zeros(), weights.Cell == Cell.Lstm ? Zeros() : null);
    }
}
