namespace ArTar.Cli;

/// <summary>A small plot in characters: figures over epochs, on a logarithmic scale.</summary>
internal static class TextPlot
{
    private const int Height = 10;

    /// <param name="curves">Curves of the same length, each with the character that stands for a point; the first one lies on top.</param>
    /// <param name="width">Columns at most.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<(char Point, IReadOnlyList<double> Values)> curves, int width)
    {
        var all = curves.SelectMany(c => c.Values).Where(v => double.IsFinite(v) && v > 0).ToList();
        var count = curves[0].Values.Count;
        if (all.Count == 0)
            yield break;
        var (low, high) = (Math.Log(all.Min()), Math.Log(all.Max()));
        var columns = Math.Min(count, Math.Max(10, width - 10));
        var cells = new char[Height, columns];
        foreach (var (point, values) in curves.Reverse())
            for (var x = 0; x < columns; x++)
            {
                var value = values[columns == 1 ? 0 : (int)Math.Round(x * (count - 1.0) / (columns - 1))];
                if (double.IsFinite(value) && value > 0)
                    cells[high > low ? (int)Math.Round((high - Math.Log(value)) / (high - low) * (Height - 1)) : 0, x] = point;
            }
        for (var y = 0; y < Height; y++)
        {
            var label = y % 3 == 0 ? Printed.Perplexity(Math.Exp(high - (high - low) * y / (Height - 1))) : "";
            var line = string.Concat(Enumerable.Range(0, columns).Select(x => cells[y, x] == '\0' ? ' ' : cells[y, x]));
            yield return $"{label,8} │{line.TrimEnd()}";
        }
        yield return $"{"epoch",8} └{new string('─', columns)} {count}";
    }
}
