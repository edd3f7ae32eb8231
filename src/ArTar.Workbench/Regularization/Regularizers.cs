namespace ArTar.Workbench.Regularization;

/// <summary>The regularizers that hyper-parameters can name. A new one is a type of its own and one entry here.</summary>
public static class Regularizers
{
    private static readonly List<IRegularizer> known =
    [
        new ActivationRegularizer(), new TemporalActivationRegularizer(), new NormStabilizer(),
        new MemoryRegularizer(new ActivationRegularizer(), "AR of c", "memoryAlpha"),
        new MemoryRegularizer(new TemporalActivationRegularizer(), "TAR of c", "memoryBeta"),
    ];

    /// <summary>All regularizers, in the order in which tables show them.</summary>
    public static IReadOnlyList<IRegularizer> Known => known;

    /// <summary>
    /// Makes a regularizer of one's own known for this process, as a notebook does; one of the same coefficient is replaced.
    /// </summary>
    public static void Add(IRegularizer regularizer)
    {
        known.RemoveAll(r => r.Coefficient == regularizer.Coefficient);
        known.Add(regularizer);
    }
}
