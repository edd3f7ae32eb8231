using System.Globalization;
using ArTar.Workbench.Data;
using ArTar.Workbench.Experiments;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Sweeps;

/// <summary>The rows of a search: a table of one's own, in which every row sets some hyper-parameters.</summary>
internal static class SearchSpace
{
    private const int MostRows = 1_000_000;

    /// <summary>The table of a spec with a grid or a random search.</summary>
    /// <exception cref="WorkbenchException">A range that is none, or too many rows.</exception>
    public static PaperTable Table(SweepSpec spec)
    {
        var keys = spec.Grid.Keys.Concat(spec.Random.Keys).ToList();
        foreach (var set in spec.Set.Select(s => s.Split('=')[0].Trim()))
            if (keys.FirstOrDefault(k => HyperParameters.IsSameKey(k, set)) is { } both)
                throw new WorkbenchException($"{both} is searched over and set for all rows; take it out of one of the two.");
        foreach (var (i, key) in keys.Index())
            if (keys.Take(i).FirstOrDefault(k => HyperParameters.IsSameKey(k, key)) is { } first)
                throw new WorkbenchException($"{first} and {key} are the same hyper-parameter; name all of its values under one of the two.");
        if (keys.Any(k => HyperParameters.IsSameKey(k, "seed")))
            throw new WorkbenchException("seed cannot be searched over; 'seeds: 5' trains each row with seeds 1 to 5.");
        var points = (spec.Grid.Count > 0 ? Combinations(spec.Grid) : Draws(spec)).Distinct().ToList();
        return new()
        {
            Title = $"{(spec.Grid.Count > 0 ? "Grid" : "Random search")} over {string.Join(", ", keys)}",
            Question = "Which values give the lowest validation perplexity?",
            Data = CorpusInfo.PennTreebank.Name,
            Rows = [.. points.Select(p => new Row(p.Replace(' ', ','), p.Replace(" ", ", ", StringComparison.Ordinal).Replace("=", " = ", StringComparison.Ordinal), p))],
        };
    }

    private static IEnumerable<string> Combinations(IReadOnlyDictionary<string, IReadOnlyList<string>> grid)
    {
        if (grid.FirstOrDefault(g => g.Value.Count == 0) is { Key: { } empty })
            throw new WorkbenchException($"grid: {empty} has no values; expected some, such as {empty}: [0, 1, 2].");
        if (grid.Aggregate(1.0, (rows, g) => rows * g.Value.Count) > MostRows)
            throw new WorkbenchException($"The grid has more than {MostRows} rows.");
        IEnumerable<string> points = [""];
        foreach (var (key, values) in grid)
            points = [.. points.SelectMany(p => values.Select(v => $"{p} {Setting(key, v)}".TrimStart()))];
        return points;
    }

    private static IEnumerable<string> Draws(SweepSpec spec)
    {
        if (spec.Samples is < 1 or > MostRows)
            throw new WorkbenchException($"samples: {spec.Samples}; a random search needs a number of rows from 1 to {MostRows}, such as '20 samples'.");
        foreach (var (key, draw) in spec.Random)
            Check(key, draw);
        var random = new Random(spec.SearchSeed);
        for (var i = 0; i < spec.Samples; i++)
            yield return string.Join(' ', spec.Random.Select(r => Setting(r.Key, Value(r.Value, random))));
    }

    private static void Check(string key, Draw draw)
    {
        var fault = draw switch
        {
            { Values: { } values } when draw.From is not null || draw.To is not null => "expected values or a range, not both",
            { Values.Count: > 0 } => null,
            { From: { } from, To: { } to } when double.IsFinite(from) && double.IsFinite(to) && from < to && (!draw.Log || from > 0) => null,
            _ => draw.Log ? "expected from and to with 0 < from < to, as it is logarithmic" : "expected some values, or from and to with from < to",
        };
        if (fault is not null)
            throw new WorkbenchException($"random: {key}: {fault}.");
    }

    private static string Value(Draw draw, Random random)
    {
        if (draw.Values is { } values)
            return values[random.Next(values.Count)];
        var (from, to, at) = (draw.From!.Value, draw.To!.Value, random.NextDouble());
        var value = draw.Log ? from * Math.Pow(to / from, at) : from + at * (to - from);
        // Four digits are more than a search can tell apart, and people can read them.
        return draw.Whole ? Math.Round(value).ToString(CultureInfo.InvariantCulture)
            : double.Parse(value.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
    }

    private static string Setting(string key, string value) =>
        key.Any(char.IsWhiteSpace) || value.Any(char.IsWhiteSpace) || value.Length == 0 || key.Contains('=', StringComparison.Ordinal)
            ? throw new WorkbenchException($"'{key}={value}' is no setting; expected a key and a value without blanks.") : $"{key}={value}";
}
