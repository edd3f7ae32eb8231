namespace ArTar.Workbench.Models;

/// <summary>
/// Techniques of others that reach into the model, where AR and TAR look at its output only. All are off by default; each belongs to a
/// hyper-parameter of the same name.
/// </summary>
internal sealed record Techniques
{
    /// <summary>Whether a dropout mask stays the same for all steps of a window (Gal and Ghahramani 2016).</summary>
    public bool VariationalDropout { get; init; }

    /// <summary>Probability that all of a word's vectors in a window are dropped; the decoder sees the whole embedding.</summary>
    public double EmbeddingDropout { get; init; }

    /// <summary>Dropout on what the cell reads of h_(t-1), a mask a window (Gal and Ghahramani 2016).</summary>
    public double RecurrentDropout { get; init; }

    /// <summary>Dropout on what is new to the memory, a mask a step: "without memory loss" (Semeniuta et al. 2016).</summary>
    public double CandidateDropout { get; init; }

    /// <summary>Dropout on the entries of W_hh, a mask a window (Merity, Keskar and Socher 2017, after DropConnect).</summary>
    public double WeightDropout { get; init; }

    /// <summary>Probability that a unit of h keeps its value for a step (Krueger et al. 2016).</summary>
    public double ZoneoutHidden { get; init; }

    /// <summary>The same of the cell state c.</summary>
    public double ZoneoutMemory { get; init; }

    /// <summary>Whether the sums within the cell, and c, are normalised over the units (Ba et al. 2016).</summary>
    public bool LayerNorm { get; init; }

    /// <summary>Whether a penalty looks at c of every step.</summary>
    public bool MemoryPenalties { get; init; }

    /// <summary>Whether all are off, so that every way to compute the model computes this one.</summary>
    public bool IsNone => this == new Techniques();

    /// <summary>
    /// Whether the recurrent layers need <see cref="RecurrentLoop"/>: libtorch's fused layer has no place for what is on, or, in
    /// evaluation, for the part of it that acts there, too.
    /// </summary>
    /// <param name="training">Whether the model is trained or evaluated.</param>
    public bool NeedLoop(bool training) => LayerNorm || ZoneoutHidden > 0 || ZoneoutMemory > 0
        || training && this with { EmbeddingDropout = 0 } != new Techniques();

    /// <summary>
    /// Whether one is on that no fused layer can compute, since it acts between two steps. The others change what goes into a layer, or its
    /// weights before the first step.
    /// </summary>
    public bool ActBetweenSteps => LayerNorm || RecurrentDropout > 0 || CandidateDropout > 0 || ZoneoutHidden > 0 || ZoneoutMemory > 0
        || MemoryPenalties;
}
