namespace ArTar.Workbench;

/// <summary>Finds what a user probably meant.</summary>
public static class Nearest
{
    /// <summary>
    /// The first candidate that contains what was given (batch: batchSize) or has it as its initials (lr: learningRate), else
    /// the one with the fewest letters to insert, delete or replace, ignoring case; null where more than half of the letters would change.
    /// </summary>
    public static string? To(string given, IEnumerable<string> candidates)
    {
        var (nearest, distance) = candidates.Select(c => (Candidate: c, Distance: given.Length > 1 && c.Contains(given, StringComparison.OrdinalIgnoreCase)
            || Initials(c).Equals(given, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(given.ToLowerInvariant(), c.ToLowerInvariant()))).MinBy(c => c.Distance);
        return nearest is not null && 2 * distance <= Math.Max(given.Length, nearest.Length) ? nearest : null;
    }

    /// <summary>The nearest candidate as messages ask for it, <c>; did you mean 'batchSize'?</c>, or a full stop where none is near.</summary>
    public static string Guess(string given, IEnumerable<string> candidates) => To(given, candidates) is { } nearest ? $"; did you mean '{nearest}'?" : ".";

    private static string Initials(string name) => string.Concat(name.Where((c, i) => i == 0 || char.IsUpper(c)));

    private static int Distance(string a, string b)
    {
        // Levenshtein's dynamic programme over one row.
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
