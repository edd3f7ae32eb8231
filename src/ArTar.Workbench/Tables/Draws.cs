using ArTar.Workbench.Data;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Tables;

/// <summary>The rows of a random search. Each key has draws of its own, so that neither its place nor another key changes them.</summary>
internal static class Draws
{
    private sealed record Range(IReadOnlyList<string> Values, double From, double To, bool Log, bool Whole);

    /// <summary>Draws the rows; one that was drawn before counts once.</summary>
    public static List<Row> Rows(Fields fields, YamlMap random, int samples, int seed, IReadOnlyList<Setting> common)
    {
        var keys = new List<(HyperParameter Parameter, Range Range)>();
        foreach (var (key, value) in random.Entries)
            if (HyperParameter.Find(key.Text) is not { } parameter)
                fields.Unknown(key, HyperParameter.All.Select(p => p.Key), "hyper-parameter");
            else
            {
                TableReader.CheckKey(fields, key, parameter.Key, common, [.. keys.Select(k => k.Parameter.Key)], random);
                if (parameter.Key != "seed" && Read(fields, parameter, key, value) is { } range)
                    keys.Add((parameter, range));
            }
        if (keys.Count < random.Entries.Count)
            return []; // their faults are taken in
        var streams = keys.Select(k => Stream(seed, k.Parameter.Key)).ToArray();
        var rows = new Dictionary<string, Row>();
        for (var i = 0; i < samples; i++)
        {
            var settings = keys.Select((k, at) => new Setting(k.Parameter.Key, k.Parameter.Canonical(Value(k.Range, ref streams[at]))))
                .ToList();
            var id = string.Join('+', settings);
            rows.TryAdd(id, new(id, string.Join(", ", settings.Select(s => $"{s.Key} = {s.Value}")), [.. common, .. settings], []));
        }
        return [.. rows.Values];
    }

    private static SplitMix64 Stream(int seed, string key) =>
        new(BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed} {key}")))));

    private static Range? Read(Fields fields, HyperParameter parameter, YamlScalar key, YamlNode node)
    {
        if (node is not YamlMap map)
            return fields.Scalars(node).Select(v => fields.Setting(v, parameter.Key, v.Text)).OfType<Setting>().Select(s => s.Value)
                .ToList() is { Count: > 0 } values
                ? new(values, 0, 0, false, false) : null;
        fields.Know(map, ["from", "to", "log", "whole"]);
        var (from, to, log) = (fields.Number(map, "from"), fields.Number(map, "to"), fields.Flag(map, "log"));
        var whole = parameter.IsWhole || fields.Flag(map, "whole");
        // Only the whole numbers between the ends are drawn.
        var (low, high) = whole ? (Math.Ceiling(from ?? 0), Math.Floor(to ?? 0)) : (from ?? 0, to ?? 0);
        if (from is not null && to is not null && low < high && (!log || low > 0) && parameter.IsNumber)
            return fields.Setting(map["from"]!, parameter.Key, Numbers.Text(low)) is not null
                & fields.Setting(map["to"]!, parameter.Key, Numbers.Text(high)) is not null ? new([], low, high, log, whole) : null;
        if (from is null && map["from"] is not null || to is null && map["to"] is not null)
            return null; // told already
        fields.Add(node, $"random: {key.Text}: "
            + (log ? "expected from and to with 0 < from < to, as it is logarithmic."
                : "expected some values, or from and to with from < to."));
        return null;
    }

    private static string Value(Range range, ref SplitMix64 stream)
    {
        var at = (stream.Next() >> 11) * (1.0 / (1UL << 53)); // uniform in [0, 1)
        if (range.Values.Count > 0)
            return range.Values[(int)(at * range.Values.Count)];
        // Whole numbers are equally likely: each has an interval of length 1, the first and the last one too.
        if (range.Whole && !range.Log)
            return Numbers.Text(range.From + Math.Floor(at * (range.To - range.From + 1)));
        var (from, to) = range.Whole ? (range.From - 0.5, range.To + 0.5) : (range.From, range.To);
        var value = range.Log ? from * Math.Pow(to / from, at) : from + at * (to - from);
        // Four digits are more than a search can tell apart, and people can read them; they must not leave the range.
        var rounded = range.Whole ? Math.Round(value, MidpointRounding.AwayFromZero)
            : double.Parse(value.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return Numbers.Text(Math.Clamp(rounded, range.From, range.To));
    }
}
