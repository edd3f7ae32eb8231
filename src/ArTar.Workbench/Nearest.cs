namespace ArTar.Workbench;

/// <summary>Finds what a user probably meant.</summary>
public static class Nearest
{
    /// <summary>
    /// The first candidate that contains what was given (batch: batchSize) or has it as its initials (lr: learningRate), else
    /// the one with the fewest letters to insert, delete, replace or swap, ignoring case; null where more than half of the letters would change.
    /// </summary>
    public static string? To(string given, IEnumerable<string> candidates)
    {
        var (nearest, distance) = candidates.Select(c => (Candidate: c, Distance: given.Length > 1 && c.Contains(given, StringComparison.OrdinalIgnoreCase)
            || Initials(c).Equals(given, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(given.ToLowerInvariant(), c.ToLowerInvariant()))).DefaultIfEmpty().MinBy(c => c.Distance);
        return nearest is not null && 2 * distance <= Math.Max(given.Length, nearest.Length) ? nearest : null;
    }

    /// <summary>The nearest candidate as messages ask for it, <c>; did you mean 'batchSize'?</c>, or a full stop where none is near.</summary>
    public static string Guess(string given, IEnumerable<string> candidates) => To(given, candidates) is { } nearest ? $"; did you mean '{nearest}'?" : ".";

    private static string Initials(string name) => string.Concat(name.Where((c, i) => i == 0 || char.IsUpper(c)));

    private static int Distance(string a, string b)
    {
        // Levenshtein's dynamic programme; two neighbours that changed places count once (Damerau).
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            for (var j = 0; j <= b.Length; j++)
                d[i, j] = i == 0 || j == 0 ? i + j
                    : Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, Math.Min(d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1),
                        i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] ? d[i - 2, j - 2] + 1 : int.MaxValue));
        return d[a.Length, b.Length];
    }
}
