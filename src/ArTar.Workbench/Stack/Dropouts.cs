using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Workbench.Stack;

/// <summary>
/// The dropout masks of a stack: every run's from its own seed, drawn as the plain step of that run would draw them, in the order and the
/// shapes of its three kinds of dropout. So they do not depend on the companions, and on a processor they are the plain step's very masks.
/// </summary>
/// <param name="words">Dropout dp of each run, [R].</param>
/// <param name="layers">Dropout dph of each run, [R].</param>
/// <param name="betweenLayers">How often dph is applied: one time less than there are layers.</param>
internal sealed class Dropouts(double[] words, double[] layers, int betweenLayers)
{
    // In the order of drawing: word vectors, between layers, output.
    private readonly double[][] places = [words, .. Enumerable.Repeat(layers, betweenLayers), words];

    /// <summary>The masks of one window, 0 or 1/(1-p).</summary>
    /// <param name="shape">T, B and H.</param>
    /// <param name="seeds">Each run's seed for this step, [R].</param>
    /// <param name="device">Where to draw.</param>
    /// <returns>By place, [R, T, B, H] each; null where no run drops anything.</returns>
    public Tensor?[] Draw(ReadOnlySpan<long> shape, IReadOnlyList<long> seeds, Device device)
    {
        using var scope = NewDisposeScope();
        var (R, steps, batch, hidden) = (seeds.Count, shape[0], shape[1], shape[2]);
        var masks = places.Select(p => p.All(x => x == 0) ? null : empty(R, steps, batch, hidden, device: device)).ToArray();
        var slices = masks.Select(mask => mask?.unbind(0)).ToArray();
        for (var r = 0; r < R; r++)
        {
            if (places.All(p => p[r] == 0))
            {
                foreach (var slice in slices)
                    slice?[r].fill_(1);
                continue;
            }
            manual_seed(seeds[r]);
            for (var place = 0; place < places.Length; place++)
                if (places[place][r] is var p && p > 0)
                    slices[place]![r].bernoulli_(1 - p);
                else
                    slices[place]?[r].fill_(1);
        }
        for (var place = 0; place < places.Length; place++)
            masks[place]?.div_(tensor(places[place].Select(p => (float)(1 - p)).ToArray(), device: device).view(-1, 1, 1, 1));
        foreach (var mask in masks)
            mask?.MoveToOuterDisposeScope();
        return masks;
    }
}
