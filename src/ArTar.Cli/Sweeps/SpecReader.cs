using System.Text.RegularExpressions;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;

namespace ArTar.Cli.Sweeps;

/// <summary>
/// Reads what a sweep is over: a YAML or JSON file, the same on the command line, or a sentence such as <c>all tables, 5 seeds, profile
/// baseline</c>. A file names tables or is one (<c>tables/README.md</c>); beside it stand the scale and how it is trained.
/// </summary>
internal static partial class SpecReader
{
    // What a file says besides its table; the table's own keys are the reader's of tables.
    private static readonly string[] keys = [.. KeysOf(typeof(SweepSpec)).Where(k => k != "table")];
    private static readonly string[] ofTable = [.. TableReader.Keys.Except(["data"])], ofEither = ["set", "data"];

    /// <summary>Reads a spec.</summary>
    /// <param name="given">A file's path, YAML or JSON that starts with a brace, or a sentence.</param>
    /// <exception cref="WorkbenchException">It cannot be read; the message says where.</exception>
    public static SweepSpec Read(string given)
    {
        if (File.Exists(given) || KnownTables.IsFile(given))
        {
            var spec = Parse(Yaml.TextOf(given), given);
            return spec with { Name = spec.Name ?? SweepName.From(Path.GetFileNameWithoutExtension(given)) };
        }
        return given.TrimStart().StartsWith('{') ? Parse(given, "the spec") : Understand(given);
    }

    private static SweepSpec Parse(string text, string place)
    {
        var map = Yaml.Read(text, place);
        var isTable = map.Entries.Any(e => e.Key.Text is "axes" or "grid" or "random");
        if (map["axes"] is not null && map["grid"] is not null)
            throw new WorkbenchException($"{place}: axes and grid mean the same; name all of them under axes.");
        // An older word for axes.
        var document = new YamlMap(map.At,
            [.. map.Entries.Select(e => e.Key.Text == "grid" ? (e.Key with { Text = "axes" }, e.Value) : e)]);
        if (isTable && map["tables"] is not null)
            throw new WorkbenchException($"{place}: a sweep is over tables, a grid or a random search: name only one of them.");
        if (isTable)
            TableReader.Read(document, place, keys);
        else
        {
            var fields = new Fields(place);
            fields.Know(document, keys);
            fields.ThrowIfAny();
        }
        var parts = new Fields(place);
        if (document["profile"] is YamlScalar { IsNothing: false } profile && !string.IsNullOrWhiteSpace(profile.Text)
            && Profile.All.All(p => p.Name != profile.Text))
            parts.Unknown(profile, Profile.All.Select(p => p.Name), "profile");
        if (!isTable && document["set"] is YamlMap set)
            parts.Once(set, [.. set.Entries.Where(e => e.Value is YamlScalar { IsNothing: false } s && !string.IsNullOrWhiteSpace(s.Text))
                .Select(e => parts.Setting(e.Key, e.Key.Text, ((YamlScalar)e.Value).Text)).OfType<Setting>()]);
        foreach (var (key, type) in new[] { ("budget", typeof(SweepBudget)), ("resources", typeof(RunResources)),
            ("slurm", typeof(SlurmOptions)) })
            if (document[key] is YamlMap part)
                parts.Know(part, KeysOf(type));
        parts.ThrowIfAny();
        try
        {
            var spec = new YamlMap(map.At,
                [.. document.Entries.Where(e => !isTable || keys.Except(ofEither).Contains(e.Key.Text))]).ToJson()!.AsObject();
            foreach (var (key, value) in spec)
                RefuseNothing(value, key);
            Normalize(spec);
            return spec.Deserialize<SweepSpec>(Json.Compact)! with
            {
                Table = isTable ? new YamlMap(map.At,
                    [.. document.Entries.Where(e => ofTable.Contains(e.Key.Text) || e.Key.Text == "data")]).ToText() : null,
                Data = (document["data"] as YamlScalar)?.Text,
            };
        }
        catch (JsonException e)
        {
            var at = PlaceOf(document, e);
            throw new WorkbenchException(FormattableString.Invariant($"{place}, line {at.Line}, column {at.Column}: ")
                + $"{JsonFault.Words(e).TrimEnd('.')}.", e);
        }
    }

    /// <summary>Where in the text a value stands that is refused: as deep as the path and the first words of the message lead.</summary>
    private static YamlPlace PlaceOf(YamlMap document, JsonException e)
    {
        YamlNode node = document;
        foreach (var step in Steps().Matches($"{e.Path} {e.Message}").Select(m => m.Value))
            if (node is YamlMap map && map[step] is { } value)
                node = value;
            else if (node is YamlList list && int.TryParse(step, CultureInfo.InvariantCulture, out var i) && i < list.Items.Count)
                node = list.Items[i];
            else if (node != document)
                break;
        return node.At;
    }

    [GeneratedRegex("[A-Za-z0-9]+")]
    private static partial Regex Steps();

    private static string[] KeysOf(Type type) => [.. type.GetProperties().Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name))];

    /// <summary>Refuses a key without a value, or with an empty one: behind it there mostly is a variable that is not set.</summary>
    private static void RefuseNothing(JsonNode? node, string key)
    {
        if (node is null || node is JsonArray { Count: 0 } || node is JsonValue && Text(node, key) is var text
            && string.IsNullOrWhiteSpace(text))
            throw new JsonException($"{key} has no value; give it one or take it out.");
        if (node is JsonObject map)
            foreach (var (name, value) in map)
                RefuseNothing(value, $"{key}: {name}");
        foreach (var item in node as JsonArray ?? [])
            RefuseNothing(item, key);
    }

    /// <summary>
    /// Short ways of writing: one value for a list, <c>all</c> for every table of the paper, <c>epochs: 3</c> for <c>epochs=3</c>.
    /// </summary>
    private static void Normalize(JsonObject spec)
    {
        static JsonArray ListOf(JsonNode? node) => node is JsonArray list ? list.DeepClone().AsArray() : [node?.DeepClone()];
        static JsonArray Texts(string key, JsonNode? node) => [.. ListOf(node).Select(n => (JsonNode?)Text(n, key))];
        if (spec["tables"] is { } tables)
            spec["tables"] = tables is JsonValue && Text(tables, "tables") == "all"
                ? new JsonArray([.. KnownTables.OfPaper.Select(t => (JsonNode)t.Id)]) : Texts("tables", tables);
        if (spec["rows"] is { } rows)
            spec["rows"] = Texts("rows", rows);
        if (spec["set"] is { } set)
            spec["set"] = set is not JsonObject map ? Texts("set", set)
                : new JsonArray([.. map.Select(m => (JsonNode)$"{m.Key}={Text(m.Value, "set")}")]);
        if (spec["slurm"] is JsonObject slurm)
            foreach (var (key, value) in slurm.ToList())
                if (key is not ("atOnce" or "signalBefore"))
                    slurm[key] = key is "options" or "setup" ? Texts($"slurm: {key}", value) : Text(value, $"slurm: {key}");
    }

    private static string Text(JsonNode? node, string key) => node is JsonValue value
        ? value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString()
        : throw new JsonException($"{key}: expected a value, found {node?.ToJsonString() ?? "nothing"}");

    /// <summary>A sentence: parts separated by commas, each of a known form.</summary>
    private static SweepSpec Understand(string sentence)
    {
        var spec = new SweepSpec();
        var (grid, ranges, set, samples) = (new JsonObject(), new JsonObject(), new List<string>(), 0);
        var given = new HashSet<string>();
        void Once(string part, string key)
        {
            if (!given.Add(HyperParameter.Find(key)?.Key ?? key))
                throw new WorkbenchException($"'{part}': {key} is given twice; name all of its values in one part.");
        }
        foreach (var part in sentence.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = part.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            int Whole(string word) => Numbers.TryRead(word, out int number) ? number : throw Unclear(part);
            switch (words)
            {
                case ["all", "tables"]:
                    Once(part, "tables");
                    spec = spec with { Tables = [.. KnownTables.OfPaper.Select(t => t.Id)] };
                    break;
                case ["table" or "tables", _, ..]:
                    Once(part, "tables");
                    spec = spec with { Tables = [.. words.Skip(1).Where(w => w != "and")] };
                    break;
                case [var count, "seed" or "seeds"]:
                    Once(part, "seeds");
                    spec = spec with { Seeds = Whole(count) };
                    break;
                case [var count, "sample" or "samples"]:
                    Once(part, "samples");
                    samples = Whole(count);
                    break;
                case ["profile", var name]:
                    Once(part, "profile");
                    spec = spec with { Profile = name };
                    break;
                case ["data", var name]:
                    Once(part, "data");
                    spec = spec with { Data = name };
                    break;
                default:
                    if (words.Length != 1 || part.Split('=', 2) is not [{ Length: > 0 } key, { Length: > 0 } value])
                        throw Unclear(part);
                    Once(part, key);
                    if (Range().Match(value) is { Success: true } range)
                        ranges[key] = new JsonObject
                        {
                            ["from"] = range.Groups[1].Value, ["to"] = range.Groups[2].Value, ["log"] = range.Groups[3].Length > 0,
                            ["whole"] = (range.Groups[1].Value + range.Groups[2].Value).IndexOfAny(['.', 'e', 'E']) < 0,
                        };
                    else if (value.Contains('|', StringComparison.Ordinal))
                        grid[key] = new JsonArray([.. value.Split('|').Select(v => v.Length > 0 ? (JsonNode)v
                            : throw new WorkbenchException($"{part}: a value between two | is empty; expected alpha=0|2, say."))]);
                    else
                        set.Add(part);
                    break;
            }
        }
        if (grid.Count == 0 && ranges.Count == 0)
            return samples == 0 ? spec with { Set = set }
                : throw new WorkbenchException($"samples: {samples} is for a random search; none is given.");
        if (spec.Tables.Count > 0)
            throw new WorkbenchException("A sweep is over tables, a grid or a random search: name only one of them.");
        // With a random search, alternatives are drawn from, too.
        var table = ranges.Count == 0 ? new JsonObject { ["axes"] = grid }
            : new JsonObject { ["random"] = new JsonObject(ranges.Concat(grid)
                .Select(e => KeyValuePair.Create(e.Key, e.Value?.DeepClone()))), ["samples"] = samples };
        table["set"] = new JsonObject(set.Select(Workbench.Training.Setting.Parse)
            .Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value)));
        TableReader.Read(Yaml.Read(table.ToJsonString(), "the spec"), place: "");
        return spec with { Table = table.ToJsonString(), Set = [] };
    }

    private static WorkbenchException Unclear(string part) => new(
        $"'{part}' is neither a file nor a part of a sweep's sentence. Parts are: all tables; table 1; tables 1 and 2; table surface; 5 "
            + "seeds; profile laptop; data ptb; alpha=0|1|2 (a grid); "
        + "learningRate=1.0..30.0:log (a random search) with 20 samples; epochs=3 (for all rows).");

    [GeneratedRegex(@"^(-?[0-9]*(?:\.?[0-9]+)(?:[eE]-?[0-9]+)?)\.\.(-?[0-9]*(?:\.?[0-9]+)(?:[eE]-?[0-9]+)?)(:log)?$")]
    private static partial Regex Range();
}
