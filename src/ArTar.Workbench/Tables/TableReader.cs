using ArTar.Workbench.Training;

namespace ArTar.Workbench.Tables;

/// <summary>Reads a table from YAML; the format is described in <c>tables/README.md</c>.</summary>
internal static class TableReader
{
    /// <summary>The keys of a table.</summary>
    public static IReadOnlyList<string> Keys { get; } =
    [
        "number", "key", "title", "question", "data", "assumed", "set", "axes", "grid", "random", "samples", "searchSeed", "baseline",
        "map", "gainOver", "texts", "cited",
    ];

    /// <summary>What a file says beside its table, or in place of it: what to train, at which scale and how.</summary>
    public static IReadOnlyList<string> OtherKeys { get; } =
        ["tables", "rows", "profile", "seeds", "name", "budget", "resources", "slurm"];

    private const int MostRows = 1_000_000;

    /// <summary>Reads a table.</summary>
    /// <param name="text">The text.</param>
    /// <param name="place">What messages call it.</param>
    /// <param name="isOurs">Whether it comes with the workbench, and says itself which of the paper's tables it is.</param>
    /// <exception cref="WorkbenchException">Names every fault with its line.</exception>
    public static Table Read(string text, string place, bool isOurs = false)
    {
        var fields = new Fields(place);
        var table = Read(fields, Yaml.Read(text, place), isOurs);
        fields.ThrowIfAny();
        return table;
    }

    /// <summary>Reads a table and takes its faults in; what a file says beside it is left to the caller.</summary>
    public static Table Read(Fields fields, YamlMap map, bool isOurs = false)
    {
        fields.Know(map, [.. Keys, .. OtherKeys]);
        if (map["rows"] is { } some)
            fields.Add(some, RowsOfWhat);
        if (map["tables"] is { } tables && (AxesOf(map) ?? map["random"]) is not null)
            fields.Add(tables, "a file names tables, or is a grid or a random search: name only one of them.");
        var common = Common(fields, map["set"]);
        var axes = Axes(fields, map, common);
        var lost = (AxesOf(map) as YamlMap)?.Entries.Select(e => e.Key.Text).Where(n => !axes.Exists(a => a.Name == NameOf(n))).ToList()
            ?? [];
        var baseline = Baseline(fields, map["baseline"], axes, lost);
        var (samples, seed) = Samples(fields, map);
        var rows = map["random"] is YamlMap random ? Draws.Rows(fields, random, samples, seed, common)
            : Rows(fields, AxesOf(map) ?? map, axes, common, baseline);
        string[] names = [.. axes.Select(a => a.Name)];
        var searched = map["random"] is YamlMap drawn ? drawn.Entries.Select(e => e.Key.Text) : names;
        var table = new Table
        {
            Number = fields.Whole(map, "number", 0, 0, 99),
            Key = fields.Text(map, "key") ?? "own",
            Title = fields.Text(map, "title") ?? $"{(map["random"] is null ? "Grid" : "Random search")} over {string.Join(", ", searched)}",
            Question = fields.Text(map, "question") ?? "Which values give the lowest validation perplexity?",
            Data = DataName(fields, map) ?? "ptb",
            IsDataChosen = map["data"] is not null,
            Assumed = fields.Text(map, "assumed") ?? "",
            Axes = axes,
            Rows = rows,
            GainOver = fields.Text(map, "gainOver"),
            Map = Map(fields, map["map"], axes, lost),
            ShowsSamples = fields.Flag(map, "texts"),
            Cited = Cited(fields, map["cited"]),
            Samples = samples,
            IsSearch = map["baseline"] is null && map["title"] is null,
        };
        if (table.GainOver is { } over && over != Table.Parameters && HyperParameter.Find(over) is not { IsNumber: true })
            fields.Add(map["gainOver"]!,
                $"gainOver: '{over}' is no number that grows; expected {Table.Parameters} or a hyper-parameter such as trainTokens.");
        if (!Table.IsKey(table.Key))
            fields.Add(map["key"]!, $"key: '{table.Key}' cannot be in the names of files; expected letters of ASCII, digits, '-' and '_', "
                + "at most 60.");
        // It would be shown as what the paper has measured.
        if (!isOurs && table.IsOfPaper && fields.Count == 0
            && !KnownTables.OfPaper.Any(t => t.Number == table.Number && HasSameRows(t, table)))
            fields.Add(map["number"]!, $"number: {table.Number}: the rows are not those of table {table.Number} of the paper; take the "
                + "number out, and name the table by key.");
        return table;
    }

    /// <summary>What is said of rows that are chosen of no table.</summary>
    public const string RowsOfWhat = "rows: expected together with one table, such as 'tables: 1' with 'rows: [alpha=0, alpha=2]'.";

    /// <summary>The data set that a file names; null for none.</summary>
    public static string? DataName(Fields fields, YamlMap map) => fields.Text(map, "data", name => StoredValue.IsDataName(name) ? name
        : throw new WorkbenchException("data names no data set and no folder."));

    private static bool HasSameRows(Table one, Table other)
    {
        static IEnumerable<(string, string)> Rows(Table table) => table.Rows.Select(r => (r.Id, string.Join(' ', r.Settings)));
        return Rows(one).SequenceEqual(Rows(other));
    }

    // An older word for axes.
    private static YamlNode? AxesOf(YamlMap map) => map["axes"] ?? map["grid"];

    private static (int Samples, int Seed) Samples(Fields fields, YamlMap map)
    {
        if (map["random"] is null)
        {
            foreach (var key in new[] { "samples", "searchSeed" })
                if (map[key] is { } alone)
                    fields.Add(alone, $"{key}: expected together with random, whose rows are drawn; take it out.");
            return (0, 0);
        }
        if (map["random"] is YamlMap { Entries.Count: > 0 } random && map["samples"] is null)
            fields.Add(random, $"samples: a random search needs a number of rows, from 1 to {MostRows}.");
        return (fields.Whole(map, "samples", 0, 1, MostRows), fields.Whole(map, "searchSeed", 1, int.MinValue, int.MaxValue));
    }

    private static List<Axis> Axes(Fields fields, YamlMap map, IReadOnlyList<Setting> common)
    {
        if (map["axes"] is not null && map["grid"] is { } grid)
            fields.Add(grid, "axes and grid mean the same; name all of them under axes.");
        if (map["random"] is { } random)
        {
            if (AxesOf(map) is not null)
                fields.Add(random, "random: expected either axes, whose combinations are the rows, or random, which draws them; both "
                    + "are given.");
            if (random is not YamlMap { Entries.Count: > 0 })
                fields.Add(random, "random: expected hyper-parameters and what to draw, such as 'random: {alpha: {from: 0, to: 4}}'.");
            return [];
        }
        if (AxesOf(map) is not YamlMap given || given.Entries.Count == 0)
        {
            if (map["tables"] is { } others)
                fields.Add(others, "tables: a file that names tables is none itself; take them by their names.");
            else
                fields.Add(AxesOf(map) ?? map, "axes: expected in what the rows differ, such as 'axes: {alpha: [0, 1, 2]}', "
                    + "or in their place some tables, such as 'tables: 1'.");
            return [];
        }
        var axes = new List<Axis>();
        foreach (var (key, value) in given.Entries)
        {
            var (parameter, name) = (HyperParameter.Find(key.Text), NameOf(key.Text));
            CheckKey(fields, key, name, common, [.. axes.Select(a => a.Name)], given);
            if (value is YamlMap && parameter is null || name == Profile.Size || parameter is not null)
                axes.Add(new(name, [.. Choices(fields, key, name, value)]));
            else
                fields.Unknown(key, HyperParameter.All.Select(p => p.Key), "hyper-parameter");
            if (value is YamlList { Items.Count: 1 } || given.Entries.Count > 1 && value is YamlMap { Entries.Count: 1 } or YamlScalar
                { IsNothing: false })
                fields.Add(value, $"{key.Text}: an axis with one value is none; move it to set.");
        }
        string[] set = [.. axes.SelectMany(a => a.Choices.SelectMany(c => c.Settings).Select(s => s.Key).Distinct())];
        foreach (var twice in set.GroupBy(k => k).Where(g => g.Count() > 1))
            fields.Add(given, $"axes: {twice.Key} is set on {twice.Count()} axes; a row can have one value of it.");
        foreach (var same in axes.Where(a => a.Choices.GroupBy(c => c.Name).Any(g => g.Count() > 1)))
            fields.Add(given[same.Name] ?? given,
                $"{same.Name}: {same.Choices.GroupBy(c => c.Name).First(g => g.Count() > 1).Key} is given twice.");
        static string Called(Choice choice) => choice.Label.Length > 0 ? choice.Label : choice.Name;
        foreach (var axis in axes)
            if (axis.Choices.DistinctBy(c => c.Name).GroupBy(Called).FirstOrDefault(g => g.Count() > 1) is { } same)
                fields.Add(given[axis.Name] ?? given,
                    $"{axis.Name}: {same.Count()} choices are called '{same.Key}'; label each otherwise.");
        return axes;
    }

    /// <summary>Refuses what may be said once only: the seed, a key that is set already, a key in two ways of writing.</summary>
    internal static void CheckKey(Fields fields, YamlScalar key, string name, IReadOnlyList<Setting> common, IReadOnlyList<string> before,
        YamlMap all)
    {
        if (HyperParameters.IsSameKey(name, "seed"))
            fields.Seed(key, "seed");
        if (common.Any(s => s.Key == name))
            fields.Add(key, SearchedAndSet(key.Text));
        if (before.Contains(name))
            fields.Add(key, $"{all.Entries.First(e => HyperParameters.IsSameKey(e.Key.Text, name)).Key.Text} and {key.Text} are the same "
                + "hyper-parameter; name all of its values under one of the two.");
    }

    /// <summary>What is said of a hyper-parameter that has several values and one.</summary>
    public static string SearchedAndSet(string key) => $"{key} is searched over and set for all rows; take it out of one of the two.";

    private static IEnumerable<Choice> Choices(Fields fields, YamlScalar axis, string name, YamlNode value)
    {
        var isSetting = name == Profile.Size || HyperParameter.Find(name) is not null;
        var choices = value is YamlMap map ? map.Entries.Select(e => (Name: e.Key, More: e.Value))
            : value is YamlScalar { IsNothing: true } ? []
            : fields.Scalars(value).Select(s => (Name: s, More: (YamlNode)Empty(s)));
        var any = false;
        foreach (var (choice, node) in choices)
        {
            any = true;
            if (node is not YamlMap and not YamlScalar { IsNothing: true })
                fields.Add(node, $"{axis.Text}: {choice.Text}: expected what it sets, such as {{alpha: 2}}.");
            var more = node as YamlMap ?? Empty(node);
            var own = isSetting && !HyperParameters.IsSameKey(name, "seed") ? fields.Setting(choice, name, choice.Text) : null;
            var text = own?.Value ?? choice.Text;
            yield return new(text,
                fields.Text(more, "id", mayBeEmpty: true) ?? (isSetting ? $"{name}={text}" : text),
                fields.Text(more, "label", mayBeEmpty: true) ?? (isSetting ? $"{name} = {text}" : text),
                fields.Once(choice, [.. own is { } setting ? new[] { setting } : [], .. Settings(fields, more, "id", "label")]));
        }
        if (!any && value is not YamlList { Items.Count: > 0 })
            fields.Add(value, $"{axis.Text} has no values; expected some, such as {axis.Text}: [0, 1, 2].");
    }

    private static string NameOf(string axis) => HyperParameter.Find(axis)?.Key ?? axis;

    /// <summary>Takes in that there is no such axis, but for one that was lost to a fault of its own.</summary>
    private static void UnknownAxis(Fields fields, YamlScalar name, IEnumerable<Axis> axes, List<string> lost)
    {
        if (!lost.Contains(name.Text))
            fields.Unknown(name, axes.Select(a => a.Name), "axis");
    }

    /// <summary>Choices by the axis's name that a row's baseline has in place of its own.</summary>
    private static Dictionary<string, string> Baseline(Fields fields, YamlNode? node, IReadOnlyList<Axis> axes, List<string> lost)
    {
        var chosen = new Dictionary<string, string>();
        if (node is not null and not YamlMap)
            fields.Add(node, "baseline: expected an axis and its choice, such as 'baseline: {alpha: 0}'.");
        foreach (var (key, value) in (node as YamlMap)?.Entries ?? [])
        {
            if (axes.FirstOrDefault(a => a.Name == NameOf(key.Text)) is not { } axis)
            {
                UnknownAxis(fields, key, axes, lost);
                continue;
            }
            var text = (value as YamlScalar)?.Text ?? "";
            var choice = axis.Choices.FirstOrDefault(c => c.Name == text || axis.Parameter is { IsNumber: true }
                && Numbers.TryRead(text, out double n) && n == c.Number);
            if (choice is null)
                fields.Unknown(value, axis.Choices.Select(c => c.Name), $"value of {axis.Name}", text);
            else
                chosen[axis.Name] = choice.Name;
        }
        return chosen;
    }

    private static List<Row> Rows(Fields fields, YamlNode at, List<Axis> axes, List<Setting> common, Dictionary<string, string> baseline)
    {
        if (axes.Aggregate(1.0, (rows, axis) => rows * axis.Choices.Count) is > MostRows or 0)
        {
            if (axes.All(a => a.Choices.Count > 0))
                fields.Add(at, $"axes: more than {MostRows} rows.");
            return [];
        }
        static string Place(IEnumerable<string> choices) => string.Join('\n', choices);
        IEnumerable<Choice[]> combinations = [[]];
        foreach (var axis in axes)
            combinations = [.. combinations.SelectMany(before => axis.Choices.Select(choice => (Choice[])[.. before, choice]))];
        Row Plain(Choice[] choices) => new(
            string.Join('+', choices.Select(c => c.Id).Where(id => id.Length > 0)),
            string.Join(", ", choices.Select(c => c.Label).Where(label => label.Length > 0)),
            [.. common, .. choices.SelectMany(c => c.Settings)], choices);
        var rows = combinations.Select(Plain).ToList();
        // A choice that is given twice is a fault of its axis, and told there.
        foreach (var same in rows.DistinctBy(r => Place(r.Choices.Select(c => c.Name))).GroupBy(r => r.Id).Where(g => g.Count() > 1))
            fields.Add(at, $"axes: {same.Count()} rows come to the id '{same.Key}'; give the choices ids of their own.");
        if (baseline.Count == 0 || axes.Count == 0)
            return rows;
        // By its choices: a row and its baseline differ on the axes that the baseline names, and on no other.
        var byPlace = rows.ToLookup(r => Place(r.Choices.Select(c => c.Name)));
        return [.. rows.Select(row =>
            byPlace[Place(row.Choices.Select((c, i) => baseline.GetValueOrDefault(axes[i].Name, c.Name)))].First() is var found
                && found.Id != row.Id
            ? row with { Baseline = found } : row)];
    }

    private static TableMap? Map(Fields fields, YamlNode? node, List<Axis> axes, List<string> lost)
    {
        const string plain = "Darker is better; the best cell is bold, grey ones have no result.";
        if (node is null)
            return axes is [{ Parameter.IsNumber: true }, { Parameter.IsNumber: true }] ? new([0], 1, plain) : null;
        if (node is not YamlMap map)
        {
            fields.Add(node, "map: expected the axes across and up, such as 'map: {x: alpha, y: beta}'.");
            return null;
        }
        fields.Know(map, ["x", "y", "caption"]);
        int At(YamlScalar name)
        {
            var at = axes.ToList().FindIndex(a => a.Name == name.Text);
            if (at < 0)
                UnknownAxis(fields, name, axes, lost);
            return at;
        }
        var (x, y) = (map["x"] is { } across ? fields.Scalars(across).Select(At).ToList() : [], map["y"] is YamlScalar up ? At(up) : -1);
        if (lost.Count == 0 && (x.Count == 0 || y < 0 || x.Append(y).Distinct().Count() != axes.Count))
            fields.Add(node, $"map: expected each axis once, across (x) or up (y); the table has "
                + $"{string.Join(", ", axes.Select(a => a.Name))}.");
        return new(x, y, fields.Text(map, "caption") ?? plain);
    }

    private static List<CitedRow> Cited(Fields fields, YamlNode? node)
    {
        var rows = new List<CitedRow>();
        if (node is not null and not YamlList)
            fields.Add(node, "cited: expected a list of rows, such as '- {label: Somebody 2016, test: 72.30}'.");
        foreach (var item in (node as YamlList)?.Items ?? [])
            if (item is YamlMap row)
            {
                fields.Know(row, ["label", "parameters", "valid", "test"]);
                if (row["label"] is null)
                    fields.Add(row, "cited: a row needs a label, such as 'label: Somebody 2016'.");
                string Published(string key, Func<string, bool> holds, string expected)
                {
                    var text = fields.Text(row, key) ?? "-";
                    if (text != "-" && !holds(text))
                        fields.Add(row[key]!, $"cited: {key}: {text}; expected {expected}.");
                    return text;
                }
                string Figure(string key) =>
                    Published(key, text => CitedRow.Figure(text) is not null, "a perplexity above 0, such as 72.30 or 81.9 ± 0.2");
                rows.Add(new(fields.Text(row, "label") ?? "",
                    Published("parameters", CitedRow.IsCount, "a number above 0, with k, M or B behind it or none, such as 226k or 13.3M"),
                    Figure("valid"), Figure("test")));
            }
            else
                fields.Add(item, "cited: expected label, parameters, valid and test.");
        return rows;
    }

    /// <summary>What all rows have: values by key, or <c>key=value</c>, one or several.</summary>
    public static List<Setting> Common(Fields fields, YamlNode? node) => node switch
    {
        null => [],
        YamlMap map => fields.Once(map, Settings(fields, map)),
        YamlScalar { IsNothing: true } => Lacking(fields, node),
        _ => fields.Once(node, [.. fields.Scalars(node).Select(s => fields.Setting(s)).OfType<Setting>()]),
    };

    private static List<Setting> Lacking(Fields fields, YamlNode node)
    {
        fields.Add(node, "set has no value; give it one or take it out.");
        return [];
    }

    /// <summary>The settings of a map, but for some keys that say something else; that they agree is for the caller to see.</summary>
    private static List<Setting> Settings(Fields fields, YamlMap map, params string[] others)
    {
        var settings = new List<Setting>();
        foreach (var (key, value) in map.Entries.Where(e => !others.Contains(e.Key.Text)))
            if (value is not YamlScalar scalar)
                fields.Add(value, $"{key.Text}: expected a value, such as {key.Text}: 2.");
            else if (fields.Setting(key, key.Text, scalar.Text) is { } setting)
                settings.Add(setting);
        return settings;
    }

    private static YamlMap Empty(YamlNode at) => new(at.At, []);
}
