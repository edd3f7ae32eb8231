using System.Collections.Immutable;

namespace ArTar.Workbench.Regularization;

/// <summary>The regularizers that hyper-parameters can name. A new one is a type of its own and one entry here.</summary>
public static class Regularizers
{
    // Never changed, only replaced: a cell that trains in the background goes on with the list that it began with.
    private static ImmutableList<IRegularizer> known =
    [
        new ActivationRegularizer(), new TemporalActivationRegularizer(), new NormStabilizer(),
        new MemoryRegularizer(new ActivationRegularizer(), "AR of c", "memoryAlpha"),
        new MemoryRegularizer(new TemporalActivationRegularizer(), "TAR of c", "memoryBeta"),
    ];

    /// <summary>All regularizers, in the order in which tables show them.</summary>
    public static IReadOnlyList<IRegularizer> Known => known;

    /// <summary>
    /// Makes a regularizer of one's own known for this process, as a notebook does; one of the same coefficient is replaced, at its place.
    /// </summary>
    public static void Add(IRegularizer regularizer) => ImmutableInterlocked.Update(ref known,
        list => list.FindIndex(r => r.Coefficient == regularizer.Coefficient) is >= 0 and var place ? list.SetItem(place, regularizer)
            : list.Add(regularizer));
}
