using ArTar.Workbench.Models;
using ArTar.Workbench.Training;
using static TorchSharp.torch;

namespace ArTar.Workbench.Stack;

/// <summary>
/// The dropout masks of a stack: every run's from its own seed, drawn as the plain step of that run would draw them, in the order and the
/// shapes of its dropouts. So they do not depend on the companions, and on a processor they are the plain step's very masks.
/// </summary>
/// <remarks>
/// That is a call for each run and place: a third of a millisecond of a processor's time for 33 runs of two layers. A hash of run, step and
/// place in tensor operations would be some ten passes over all masks in its stead.
/// </remarks>
internal sealed class Dropouts : IDisposable
{
    private readonly double[][] probabilities; // [places, R], in the order of drawing: word vectors, between layers, output
    private readonly Tensor[] kept;            // 1 - p, [R, 1, 1, 1] by place
    private readonly Device device;

    /// <param name="values">The hyper-parameters of each run, [R].</param>
    /// <param name="layers">Number of recurrent layers.</param>
    /// <param name="device">Where to draw.</param>
    public Dropouts(IReadOnlyList<HyperParameters> values, int layers, Device device)
    {
        this.device = device;
        double[] words = [.. values.Select(v => v.Dropout)], between = [.. values.Select(v => v.LayerDropout)];
        probabilities = [words, .. Enumerable.Repeat(between, layers - 1), words];
        kept = [.. probabilities.Select(p => tensor(p.Select(x => (float)(1 - x)).ToArray(), [p.Length, 1, 1, 1], device: device)
            .DetachFromDisposeScope())];
    }

    /// <summary>The masks of one window, 0 or 1/(1-p).</summary>
    /// <param name="shape">T, B and H.</param>
    /// <param name="seeds">Each run's seed for this step, [R].</param>
    /// <returns>By place, [R, T, B, H] each; null where no run drops anything.</returns>
    public Tensor?[] Draw(long[] shape, IReadOnlyList<long> seeds)
    {
        using var scope = NewDisposeScope();
        var masks = probabilities.Select(p => p.All(x => x == 0) ? null : empty([seeds.Count, .. shape], device: device)).ToArray();
        var slices = masks.Select(mask => mask?.unbind(0)).ToArray();
        for (var r = 0; r < seeds.Count; r++)
        {
            List<(Tensor? Slice, double P)> mine = [.. slices.Zip(probabilities, (slice, p) => (slice?[r], p[r]))];
            foreach (var (slice, _) in mine.Where(m => m.P == 0))
                slice?.fill_(1);
            if (mine.Exists(m => m.P > 0))
                SharedGenerator.Draw(seeds[r], () => mine.Where(m => m.P > 0).Select(m => m.Slice!.bernoulli_(1 - m.P)).ToList());
        }
        for (var place = 0; place < masks.Length; place++)
            masks[place]?.div_(kept[place]).MoveToOuterDisposeScope();
        return masks;
    }

    public void Dispose()
    {
        foreach (var tensor in kept)
            tensor.Dispose();
    }
}
