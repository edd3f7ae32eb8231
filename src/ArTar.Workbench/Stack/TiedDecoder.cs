using static TorchSharp.torch;

namespace ArTar.Workbench.Stack;

/// <summary>
/// Decoder and cross-entropy of R runs: logits = h W^T + b with the embedding's weight W. They are the largest tensors of a step, so that
/// no more runs are computed at once than <see cref="StackMemory.RunsOfLogits"/> says.
/// </summary>
internal static class TiedDecoder
{
    /// <summary>Summed cross-entropy in nats, [R], in double precision.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="output">The last layer's output, [R, T*B, H].</param>
    /// <param name="targets">The words to predict, [T*B].</param>
    public static Tensor Losses(StackedWeights weights, Tensor output, Tensor targets) =>
        cat([.. Parts(weights, StackMemory.RunsOfLogits(weights.Vocabulary, output.shape[1])).Select(part =>
        {
            using var logarithms = LogSoftmax(weights, output, part);
            return LossOf(logarithms, targets);
        })], 0);

    /// <summary>Mean cross-entropy and its gradients.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="output">The last layer's dropped output, [R, T*B, H].</param>
    /// <param name="targets">The words to predict, [T*B].</param>
    /// <param name="atOnce">The most runs at once; null takes as many as memory should hold.</param>
    /// <returns>The loss, [R], in double precision; the gradients of output, weight [R, V, H] and bias [R, V].</returns>
    public static (Tensor Loss, Tensor OfOutput, Tensor OfWeight, Tensor OfBias) Differentiate(
        StackedWeights weights, Tensor output, Tensor targets, long? atOnce = null)
    {
        var rows = output.shape[1];                                                           // T*B
        var parts = Parts(weights, atOnce ?? StackMemory.RunsOfLogits(weights.Vocabulary, rows)).Select(part =>
        {
            using var scope = NewDisposeScope();
            var logarithms = LogSoftmax(weights, output, part);                               // [R, T*B, V]
            var loss = LossOf(logarithms, targets) / rows;
            // d loss / d logits = (p - 1 at the target) / rows, in the logarithms' own place; the products below are divided by the rows
            var gradient = logarithms.exp_();
            var index = targets.view(1, rows, 1).expand(gradient.shape[0], rows, 1);
            gradient.scatter_add_(2, index, full(index.shape, -1f, device: gradient.device));
            var ofOutput = bmm(gradient, Of(weights.Embedding, part)).div_(rows);             // [R, T*B, H]
            var ofWeight = bmm(gradient.transpose(1, 2), Of(output, part) / rows);            // [R, V, H]
            var ofBias = gradient.sum([1]).div_(rows);                                        // [R, V]
            return (Tensor[])[.. new[] { loss, ofOutput, ofWeight, ofBias }.Select(t => t.MoveToOuterDisposeScope())];
        }).ToList();
        Tensor Whole(int i) => parts.Count == 1 ? parts[0][i] : cat([.. parts.Select(part => part[i])], 0);
        return (Whole(0), Whole(1), Whole(2), Whole(3));
    }

    private static Tensor LogSoftmax(StackedWeights weights, Tensor output, (long From, long Count) part)
    {
        // TorchSharp takes what is added last, and not first.
        using var logits = baddbmm(
            Of(output, part), Of(weights.Embedding, part).transpose(1, 2), Of(weights.DecoderBias, part).unsqueeze(1)); // [R, T*B, V]
        return logits.log_softmax(2);
    }

    private static Tensor LossOf(Tensor logarithms, Tensor targets)
    {
        var index = targets.view(1, -1, 1).expand(logarithms.shape[0], targets.shape[0], 1);
        return -logarithms.gather(2, index).to(float64).sum([1, 2]);                          // [R]
    }

    private static Tensor Of(Tensor stacked, (long From, long Count) part) => stacked.narrow(0, part.From, part.Count);

    private static IEnumerable<(long From, long Count)> Parts(StackedWeights weights, long most)
    {
        for (long from = 0; from < weights.Runs; from += most)
            yield return (from, Math.Min(most, weights.Runs - from));
    }
}
