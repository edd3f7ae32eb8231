namespace ArTar.Workbench.Training;

/// <summary>
/// What is said of a hyper-parameter at its property, once: what it is, which values it takes, where its default comes from.
/// </summary>
/// <param name="meaning">What it is, in a few words; its unit stands in <see cref="Unit"/>.</param>
/// <param name="least">Least value of a number.</param>
/// <param name="most">Largest value of a number.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class RangeAttribute(string meaning, double least = 0, double most = RangeAttribute.Largest) : Attribute
{
    /// <summary>Above every value that trains, and far enough below the largest float32 that sums and products of it are numbers.</summary>
    public const double Largest = 1e30;

    public string Meaning => meaning;

    public double Least => least;

    public double Most => most;

    /// <summary>Whether the least value itself is left out.</summary>
    public bool Above { get; init; }

    /// <summary>Whether the largest value itself is left out.</summary>
    public bool Below { get; init; }

    /// <summary>What charts call it; made from the key where it is empty.</summary>
    public string Title { get; init; } = "";

    public string Unit { get; init; } = "";

    /// <summary>Where the default comes from: a section of the paper, or the public code that it builds on.</summary>
    public string Source { get; init; } = "";

    /// <summary>Whether our copy of the paper does not show the default.</summary>
    public bool IsAssumed { get; init; }

    /// <summary>Whether it is a technique of others, beside the paper's recipe.</summary>
    public bool IsTechnique { get; init; }

    /// <summary>Whether nothing is said of it where it is off, as of a technique.</summary>
    public bool IsSilent { get; init; }
}
