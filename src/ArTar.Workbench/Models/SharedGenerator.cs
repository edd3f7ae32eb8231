using static TorchSharp.torch;

namespace ArTar.Workbench.Models;

/// <summary>libtorch's generator of random numbers: it belongs to the process, in which several runs may train at once.</summary>
internal static class SharedGenerator
{
    private static readonly Lock gate = new();

    /// <summary>Draws with nobody else in between.</summary>
    /// <param name="seed">What the numbers follow from; null for any numbers, as where a checkpoint's weights take their place.</param>
    /// <param name="draw">What draws.</param>
    public static T Draw<T>(long? seed, Func<T> draw)
    {
        lock (gate)
        {
            if (seed is { } start)
                manual_seed(start);
            return draw();
        }
    }

    /// <summary>The seed of what a penalty of somebody's own draws in a step: other numbers than those of the dropout masks.</summary>
    /// <param name="seed">The step's seed.</param>
    public static long OfPenalties(long seed) => seed ^ 0x5555_5555;
}
