using System.Text.RegularExpressions;
using ArTar.Workbench.Tables;

namespace ArTar.Cli.Sweeps;

/// <summary>
/// Reads what a sweep is over: a YAML or JSON file, the same on the command line, or a sentence such as <c>all tables, 5 seeds, profile
/// baseline</c>. A file names tables or is one (<c>tables/README.md</c>); beside it stand the scale and how it is trained.
/// </summary>
internal static partial class SpecReader
{
    /// <summary>Reads a spec.</summary>
    /// <param name="given">A file's path, YAML or JSON that starts with a brace, or a sentence.</param>
    /// <exception cref="WorkbenchException">It cannot be read; the message says where.</exception>
    public static SweepSpec Read(string given)
    {
        if (File.Exists(given) || KnownTables.IsFile(given))
        {
            var spec = Parse(Yaml.TextOf(given), given);
            return spec with
            {
                Name = spec.Name ?? SweepName.From(Path.GetFileNameWithoutExtension(given)), OwnTable = spec.OwnTable?.CalledAs(given),
            };
        }
        return given.TrimStart().StartsWith('{') ? Parse(given, "the spec") : Understand(given);
    }

    private static SweepSpec Parse(string text, string place)
    {
        var (map, fields) = (Yaml.Read(text, place), new Fields(place));
        var isTable = map["tables"] is null || map.Entries.Any(e => e.Key.Text is "axes" or "grid" or "random");
        var own = isTable ? TableReader.Read(fields, map) : null;
        var spec = new SweepSpec
        {
            Table = isTable ? (map with { Entries = [.. map.Entries.Where(e => TableReader.Keys.Contains(e.Key.Text))] }).ToText() : null,
            OwnTable = own,
            Name = fields.Text(map, "name", SweepName.Checked),
            Profile = fields.Text(map, "profile", Profile.Get)?.Name ?? new SweepSpec().Profile,
            Data = TableReader.DataName(fields, map),
            Seeds = fields.Whole(map, "seeds", 1, 1, SweepSpec.MostSeeds),
            Budget = Budget(fields, map),
            Resources = Resources(fields, map),
            Slurm = Slurm(fields, map),
        };
        if (!isTable)
            spec = OverTables(spec, fields, map);
        fields.ThrowIfAny();
        return spec;
    }

    private static SweepSpec OverTables(SweepSpec spec, Fields fields, YamlMap map)
    {
        fields.Know(map, [.. TableReader.OtherKeys, "set", "data"]);
        var known = new List<Table>();
        string Known(string id)
        {
            known.Add(KnownTables.Named(id));
            return id;
        }
        IReadOnlyList<string> tables = map["tables"] is YamlScalar { Text: "all" } ? AllTables : fields.Texts(map, "tables", Known);
        if (map["rows"] is { } rows && (map["tables"] is YamlScalar { Text: "all" } or YamlList { Items.Count: not 1 }))
            fields.Add(rows, TableReader.RowsOfWhat);
        return spec with
        {
            Tables = tables,
            Rows = fields.Texts(map, "rows", known is [var one] ? id => one.RowNamed(id).Id : null),
            Set = [.. TableReader.Common(fields, map["set"]).Select(s => s.ToString())],
        };
    }

    private static SweepBudget Budget(Fields fields, YamlMap map)
    {
        var part = fields.Part(map, "budget", KeysOf(typeof(SweepBudget)));
        return new()
        {
            Runs = part["runs"] is null ? null : fields.Whole(part, "runs", 0, 0, SweepBudget.MostRuns),
            Hours = fields.Number(part, "hours", 0, SweepBudget.MostHours),
        };
    }

    private static RunResources Resources(Fields fields, YamlMap map)
    {
        var (part, usual) = (fields.Part(map, "resources", KeysOf(typeof(RunResources))), new RunResources());
        return new()
        {
            Jobs = fields.Whole(part, "jobs", usual.Jobs, 0, RunResources.MostRuns),
            Threads = fields.Whole(part, "threads", usual.Threads, 0, RunResources.MostThreads),
            Stack = fields.Whole(part, "stack", usual.Stack, 0, RunResources.MostRuns),
            Retries = fields.Whole(part, "retries", usual.Retries, 0, RunResources.MostRetries),
            CheckpointEvery = fields.Number(part, "checkpointEvery", 0, RunResources.LongestTime) ?? usual.CheckpointEvery,
            Patience = fields.Number(part, "patience", 0, RunResources.LongestTime) ?? usual.Patience,
            Device = fields.Text(part, "device", LibTorch.CheckedDevice) ?? usual.Device,
            Kernels = fields.Word(part, "kernels", usual.Kernels),
            Precision = fields.Word(part, "precision", usual.Precision),
        };
    }

    private static SlurmOptions Slurm(Fields fields, YamlMap map)
    {
        var (part, usual) = (fields.Part(map, "slurm", KeysOf(typeof(SlurmOptions))), new SlurmOptions());
        return new()
        {
            Partition = fields.Text(part, "partition"),
            Time = fields.Text(part, "time"),
            Gpus = fields.Text(part, "gpus"),
            Memory = fields.Text(part, "memory"),
            Account = fields.Text(part, "account"),
            AtOnce = fields.Whole(part, "atOnce", usual.AtOnce, 0, SweepBudget.MostRuns),
            SignalBefore = fields.Whole(part, "signalBefore", usual.SignalBefore, 1, SlurmOptions.MostSignalBefore),
            Options = fields.Texts(part, "options", SlurmOptions.Free),
            Setup = fields.Texts(part, "setup"),
        };
    }

    private static string[] KeysOf(Type type) => [.. type.GetProperties().Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name))];

    private static IReadOnlyList<string> AllTables => [.. KnownTables.OfPaper.Select(t => t.Id)];

    /// <summary>A sentence: parts separated by commas, each of a known form.</summary>
    private static SweepSpec Understand(string sentence)
    {
        var spec = new SweepSpec();
        var (grid, ranges, set, samples) = (new JsonObject(), new JsonObject(), new List<string>(), (int?)null);
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
                    spec = spec with { Tables = AllTables };
                    break;
                case ["table" or "tables", _, ..]:
                    Once(part, "tables");
                    spec = spec with { Tables = [.. words.Skip(1).Where(w => w != "and")] };
                    break;
                case [var count, "seed" or "seeds"]:
                    Once(part, "seeds");
                    spec = spec with { Seeds = Whole(count) is var number and >= 1 and <= SweepSpec.MostSeeds ? number
                        : throw new WorkbenchException($"'{part}': expected a whole number of seeds from 1 to {SweepSpec.MostSeeds}.") };
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
        {
            if (samples is not null)
                throw new WorkbenchException($"samples: {samples} is for a random search; none is given.");
            var fields = new Fields("");
            var settings = set.Select(s => fields.Setting(new YamlScalar(default, s, false))).OfType<Setting>().ToList();
            fields.ThrowIfAny();
            return spec with { Set = [.. settings.Select(s => s.ToString())] };
        }
        if (spec.Tables.Count > 0)
            throw new WorkbenchException("A sweep is over tables, a grid or a random search: name only one of them.");
        // With a random search, alternatives are drawn from, too.
        var table = ranges.Count == 0 ? new JsonObject { ["axes"] = grid }
            : new JsonObject { ["random"] = new JsonObject(ranges.Concat(grid)
                .Select(e => KeyValuePair.Create(e.Key, e.Value?.DeepClone()))) };
        if (samples is not null)
            table["samples"] = samples;
        if (set.Count > 0)
            table["set"] = new JsonArray([.. set.Select(s => (JsonNode)s)]);
        return spec with { Table = table.ToJsonString(), OwnTable = TableReader.Read(table.ToJsonString(), place: "") };
    }

    private static WorkbenchException Unclear(string part) => new(
        $"'{part}' is neither a file nor a part of a sweep's sentence. Parts are: all tables; table 1; tables 1 and 2; table surface; 5 "
            + "seeds; profile laptop; data ptb; alpha=0|1|2 (a grid); "
        + "learningRate=1.0..30.0:log (a random search) with 20 samples; epochs=3 (for all rows).");

    [GeneratedRegex(@"^(-?[0-9]*(?:\.?[0-9]+)(?:[eE]-?[0-9]+)?)\.\.(-?[0-9]*(?:\.?[0-9]+)(?:[eE]-?[0-9]+)?)(:log)?$")]
    private static partial Regex Range();
}
