namespace ArTar.Workbench;

/// <summary>Finds what a user probably meant.</summary>
public static class Nearest
{
    /// <summary>
    /// The first candidate that contains what was given (batch: batchSize) or has it as its initials (lr: learningRate), else
    /// the one with the fewest letters to insert, delete or replace, ignoring case.
    /// </summary>
    public static string To(string given, IEnumerable<string> candidates) =>
        candidates.MinBy(c => c.Contains(given, StringComparison.OrdinalIgnoreCase) || Initials(c).Equals(given, StringComparison.OrdinalIgnoreCase)
            ? 0 : Distance(given.ToLowerInvariant(), c.ToLowerInvariant()))
        ?? throw new ArgumentException("There is no candidate.", nameof(candidates));

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
