using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ArTar.Workbench.Experiments;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ArTar.Workbench.Sweeps;

/// <summary>Reads what a sweep is over: a YAML or JSON file, the same on the command line, or a sentence such as <c>all tables, 5 seeds, profile baseline</c>.</summary>
public static partial class SpecReader
{
    private const int MostCharacters = 1_000_000, DeepestLevel = 8;

    /// <summary>Reads a spec.</summary>
    /// <param name="given">A file's path, YAML or JSON that starts with a brace, or a sentence.</param>
    /// <exception cref="WorkbenchException">It cannot be read; the message says where.</exception>
    public static SweepSpec Read(string given)
    {
        if (File.Exists(given))
        {
            if (new FileInfo(given).Length > MostCharacters)
                throw new WorkbenchException($"{given} is no sweep's spec: it has more than {MostCharacters} bytes.");
            var spec = Parse(File.ReadAllText(given), given);
            return spec with { Name = spec.Name ?? SweepName.From(Path.GetFileNameWithoutExtension(given)) };
        }
        if (given.TrimStart().StartsWith('{'))
            return Parse(given, "the spec");
        if (given.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || given.EndsWith(".yml", StringComparison.OrdinalIgnoreCase) || given.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            throw new WorkbenchException($"There is no file '{Path.GetFullPath(given)}'.");
        return Understand(given);
    }

    private static SweepSpec Parse(string text, string place)
    {
        try
        {
            if (ToJson(text) is not JsonObject spec)
                throw new WorkbenchException($"{place}: expected keys and values, such as 'tables: all' and 'seeds: 5'.");
            foreach (var (key, _) in spec)
                if (!keys.Contains(key))
                    throw new WorkbenchException($"{place}: unknown key '{key}'; did you mean '{Nearest.To(key, keys)}'? Known are {string.Join(", ", keys)}.");
            Normalize(spec);
            return spec.Deserialize<SweepSpec>(Json.Compact)!;
        }
        catch (JsonException e)
        {
            throw new WorkbenchException($"{place}: {(e.Path is { Length: > 2 } path ? path[2..] + ": " : "")}{Plain(e.Message)}", e);
        }
        catch (YamlException e)
        {
            throw new WorkbenchException(FormattableString.Invariant($"{place}, line {e.Start.Line}, column {e.Start.Column}: {e.Message}"), e);
        }
        catch (ArgumentException e)
        {
            throw new WorkbenchException($"{place}: {e.Message}", e); // the parser's own, of a tag that is no URI
        }
    }

    private static readonly string[] keys =
        [.. typeof(SweepSpec).GetProperties().Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name))];

    private static string Plain(string message) => message.Split(" Path:")[0];

    /// <summary>Short ways of writing: one value for a list, <c>all</c> for every table of the paper, <c>epochs: 3</c> for <c>epochs=3</c>.</summary>
    private static void Normalize(JsonObject spec)
    {
        static JsonArray ListOf(JsonNode? node) => node is JsonArray list ? list.DeepClone().AsArray() : [node?.DeepClone()];
        static JsonArray Texts(JsonNode? node) => [.. ListOf(node).Select(n => (JsonNode?)Text(n))];
        if (spec["tables"] is { } tables)
            spec["tables"] = tables is JsonValue && Text(tables) == "all" ? new JsonArray([.. PaperTables.All.Select(t => (JsonNode)t.Id)]) : Texts(tables);
        if (spec["rows"] is { } rows)
            spec["rows"] = Texts(rows);
        if (spec["set"] is { } set)
            spec["set"] = set is JsonObject map ? new JsonArray([.. map.Select(m => (JsonNode)$"{m.Key}={Text(m.Value)}")]) : Texts(set);
        if (spec["grid"] is JsonObject grid)
            foreach (var key in grid.Select(g => g.Key).ToList())
                grid[key] = Texts(grid[key]);
        if (spec["random"] is JsonObject random)
            foreach (var key in random.Select(r => r.Key).ToList())
                random[key] = random[key] is JsonObject range ? range.DeepClone() : new JsonObject { ["values"] = Texts(random[key]) };
        if (spec["slurm"] is JsonObject slurm)
            foreach (var (key, value) in slurm.ToList())
                if (value is null)
                    throw new JsonException($"slurm: {key} has no value; give it one or take it out.");
                else if (key is not ("atOnce" or "signalBefore"))
                    slurm[key] = key is "options" or "setup" ? Texts(value) : Text(value);
    }

    private static string Text(JsonNode? node) => node is JsonValue value
        ? value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString()
        : throw new JsonException($"expected a value, found {node?.ToJsonString() ?? "nothing"}");

    /// <summary>JSON is YAML too; of YAML itself plain data are read: no anchors, no aliases, no tags.</summary>
    private static JsonNode? ToJson(string text)
    {
        var parser = new Parser(new StringReader(text));
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _))
            return null;
        var node = ToJson(parser, 0);
        parser.Consume<DocumentEnd>();
        if (parser.TryConsume<DocumentStart>(out var second))
            throw new YamlException(second.Start, second.End, "expected one document.");
        return node;
    }

    private static JsonNode? ToJson(IParser parser, int level)
    {
        var at = parser.Current!;
        YamlException Fault(string message) => new(at.Start, at.End, message);
        if (level > DeepestLevel)
            throw Fault("the values lie too deep in each other.");
        if (at is AnchorAlias or NodeEvent { Anchor.IsEmpty: false })
            throw Fault("anchors and aliases are not read.");
        if (at is NodeEvent { Tag.IsEmpty: false })
            throw Fault("tags are not read; write plain values.");
        parser.MoveNext();
        switch (at)
        {
            case Scalar scalar:
                return Value(scalar);
            case SequenceStart:
                var list = new JsonArray();
                while (!parser.TryConsume<SequenceEnd>(out _))
                    list.Add(ToJson(parser, level + 1));
                return list;
            case MappingStart:
                var map = new JsonObject();
                while (!parser.TryConsume<MappingEnd>(out _))
                {
                    var key = parser.Consume<Scalar>();
                    if (map.ContainsKey(key.Value))
                        throw new YamlException(key.Start, key.End, $"'{key.Value}' is given twice.");
                    map[key.Value] = ToJson(parser, level + 1);
                }
                return map;
            default:
                throw Fault("expected a value.");
        }
    }

    // YAML 1.2's core schema, as far as values of a spec need it.
    private static JsonNode? Value(Scalar scalar) => scalar switch
    {
        { Style: not ScalarStyle.Plain } => scalar.Value,
        { Value: "" or "~" or "null" } => null,
        { Value: "true" } => true,
        { Value: "false" } => false,
        _ when Number().IsMatch(scalar.Value) => JsonNode.Parse(scalar.Value),
        _ => scalar.Value,
    };

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$")]
    private static partial Regex Number();

    /// <summary>A sentence: parts separated by commas, each of a known form.</summary>
    private static SweepSpec Understand(string sentence)
    {
        var spec = new SweepSpec();
        var grid = new Dictionary<string, IReadOnlyList<string>>();
        var random = new Dictionary<string, Draw>();
        var set = new List<string>();
        foreach (var part in sentence.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = part.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            int Whole(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Unclear(part);
            switch (words)
            {
                case ["all", "tables"]:
                    spec = spec with { Tables = [.. PaperTables.All.Select(t => t.Id)] };
                    break;
                case ["table" or "tables", _, ..]:
                    spec = spec with { Tables = [.. words.Skip(1).Where(w => w != "and")] };
                    break;
                case [var count, "seed" or "seeds"]:
                    spec = spec with { Seeds = Whole(count) };
                    break;
                case [var count, "sample" or "samples"]:
                    spec = spec with { Samples = Whole(count) };
                    break;
                case ["profile", var name]:
                    spec = spec with { Profile = name };
                    break;
                case ["data", var name]:
                    spec = spec with { Data = name };
                    break;
                default:
                    if (words.Length != 1 || part.Split('=', 2) is not [{ Length: > 0 } key, { Length: > 0 } value])
                        throw Unclear(part);
                    if (grid.ContainsKey(key) || random.ContainsKey(key))
                        throw new WorkbenchException($"'{part}': {key} is given twice; name all of its values in one part.");
                    if (Range().Match(value) is { Success: true } range)
                        random[key] = new()
                        {
                            From = double.Parse(range.Groups[1].Value, CultureInfo.InvariantCulture), To = double.Parse(range.Groups[2].Value, CultureInfo.InvariantCulture),
                            Log = range.Groups[3].Length > 0, Whole = (range.Groups[1].Value + range.Groups[2].Value).IndexOfAny(['.', 'e', 'E']) < 0,
                        };
                    else if (value.Contains('|', StringComparison.Ordinal))
                        grid[key] = value.Split('|', StringSplitOptions.RemoveEmptyEntries);
                    else
                        set.Add(part);
                    break;
            }
        }
        // With a random search, alternatives are drawn from, too.
        if (random.Count > 0)
        {
            foreach (var (key, values) in grid)
                random[key] = new() { Values = values };
            grid = [];
        }
        return spec with { Grid = grid, Random = random, Set = set };
    }

    private static WorkbenchException Unclear(string part) => new(
        $"'{part}' is neither a file nor a part of a sweep's sentence. Parts are: all tables; table 1; tables 1 and 2; table surface; 5 seeds; profile laptop; data ptb; alpha=0|1|2 (a grid); "
        + "learningRate=1.0..30.0:log (a random search) with 20 samples; epochs=3 (for all rows).");

    [GeneratedRegex(@"^(-?[0-9]*(?:\.?[0-9]+)(?:[eE]-?[0-9]+)?)\.\.(-?[0-9]*(?:\.?[0-9]+)(?:[eE]-?[0-9]+)?)(:log)?$")]
    private static partial Regex Range();
}
