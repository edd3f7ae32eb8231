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
    /// <exception cref="WorkbenchException">Its coefficient cannot be a key, or its name is another one's.</exception>
    public static void Add(IRegularizer regularizer)
    {
        var (name, key) = (regularizer.Name, regularizer.Coefficient);
        if (!IsKey(key))
            throw new WorkbenchException($"Regularizer {name}: its coefficient '{key}' becomes a part of names of runs and files; expected "
                + $"up to {LongestKey} letters from a to z, digits, hyphens and underscores, such as gamma.");
        ImmutableInterlocked.Update(ref known, list => list.Find(r => r.Name == name && r.Coefficient != key) is { } twin
            ? throw new WorkbenchException($"Regularizer {name}: one of that name is known, with the coefficient {twin.Coefficient}; "
                + "expected a name of its own, under which its cost is told. A kernel that is started anew has forgotten the other one.")
            : list.FindIndex(r => r.Coefficient == key) is >= 0 and var place ? list.SetItem(place, regularizer) : list.Add(regularizer));
    }

    private const int LongestKey = 40;

    /// <summary>Whether a text can be a coefficient's key.</summary>
    internal static bool IsKey(string key) =>
        key.Length is > 0 and <= LongestKey && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
