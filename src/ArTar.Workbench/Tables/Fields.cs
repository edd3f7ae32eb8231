using ArTar.Workbench.Output;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Tables;

/// <summary>Reads the fields of a YAML text and collects what is wrong with them, so that all of it is said at once.</summary>
/// <param name="place">What messages call the text; empty where nobody wrote it so, and a place in it would say nothing.</param>
internal sealed class Fields(string place)
{
    private readonly List<(YamlPlace At, string Message)> faults = [];

    /// <summary>How many faults were taken in so far.</summary>
    public int Count => faults.Count;

    /// <summary>Takes in a fault.</summary>
    public void Add(YamlNode at, string message) => faults.Add((at.At, CleanText.Line(message))); // a quoted word may hold a line's end

    /// <summary>Takes in that a word is none of those that are known.</summary>
    public void Unknown(YamlNode at, IEnumerable<string> known, string what, string? word = null)
    {
        word ??= ((YamlScalar)at).Text;
        var all = known.ToList();
        Add(at, $"unknown {what} '{word}'"
            + (all.Count == 0 ? "; there is none." : $"{Nearest.Guess(word, all)} Known are {string.Join(", ", all)}."));
    }

    /// <summary>Takes in keys that are not known.</summary>
    public void Know(YamlMap map, IReadOnlyList<string> keys)
    {
        foreach (var (key, _) in map.Entries.Where(e => !keys.Contains(e.Key.Text)))
            Unknown(key, keys, "key");
    }

    /// <summary>Says every fault, in the order of their places.</summary>
    public void ThrowIfAny()
    {
        if (faults.Count == 0)
            return;
        var lines = faults.Distinct().OrderBy(f => f.At.Line).ThenBy(f => f.At.Column)
            .Select(f => place.Length == 0 ? f.Message
                : FormattableString.Invariant($"{place}, line {f.At.Line}, column {f.At.Column}: {f.Message}"));
        throw new WorkbenchException(string.Join('\n', lines));
    }

    /// <summary>What is read from a value; nothing, with a fault taken in, where that is refused.</summary>
    public T? Taken<T>(YamlNode at, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (WorkbenchException e)
        {
            Add(at, e.Message);
            return default;
        }
    }

    /// <summary>Values by name; none where the key is not given.</summary>
    public YamlMap Part(YamlMap map, string key, IReadOnlyList<string> keys)
    {
        if (map[key] is not null and not YamlMap)
            Add(map[key]!, $"{key}: expected keys and values.");
        var part = map[key] as YamlMap ?? new(map.At, []);
        Know(part, keys);
        return part;
    }

    /// <summary>A text; null where the key is not given.</summary>
    /// <param name="map">The values.</param>
    /// <param name="key">Its key.</param>
    /// <param name="mayBeEmpty">Whether an empty text is meant as one, and a key without a value as none.</param>
    public string? Text(YamlMap map, string key, bool mayBeEmpty = false) => map[key] switch
    {
        null => null,
        YamlScalar scalar when mayBeEmpty => scalar.IsNothing ? null : scalar.Text,
        var node => Text(node, key),
    };

    // A key without a value mostly has a variable behind it that is not set.
    private string? Text(YamlNode node, string key, string expected = "a text")
    {
        if (node is YamlScalar { IsNothing: false } scalar && !string.IsNullOrWhiteSpace(scalar.Text))
            return scalar.Text;
        Add(node, node is YamlScalar or YamlList { Items.Count: 0 } ? $"{key} has no value; give it one or take it out."
            : $"{key}: expected {expected}.");
        return null;
    }

    private string? Text(YamlMap map, string key, string expected) => map[key] is { } node ? Text(node, key, expected) : null;

    /// <summary>What is made of a text; nothing where none is given, or with a fault taken in where it is refused.</summary>
    public T? Text<T>(YamlMap map, string key, Func<string, T> read) =>
        Text(map, key) is { } text ? Taken(map[key]!, () => read(text)) : default;

    /// <summary>One text, or several; none where the key is not given.</summary>
    /// <param name="map">The values.</param>
    /// <param name="key">Their key.</param>
    /// <param name="read">Refuses those that are none.</param>
    public List<string> Texts(YamlMap map, string key, Func<string, string>? read = null) =>
        [.. (map[key] switch { null => [], YamlList { Items.Count: > 0 } list => list.Items, var one => (IReadOnlyList<YamlNode>)[one] })
            .Select(item => Text(item, key) is { } text ? Taken(item, () => read?.Invoke(text) ?? text) : null).OfType<string>()];

    /// <summary>Whether something is so; not where nothing is said of it.</summary>
    public bool Flag(YamlMap map, string key)
    {
        const string expected = "true or false";
        var text = Text(map, key, expected);
        if (text is not (null or "true" or "false"))
            Add(map[key]!, $"{key}: {text}; expected {expected}.");
        return text == "true";
    }

    /// <summary>One of some words; the usual one where none is given.</summary>
    public T Word<T>(YamlMap map, string key, T usual) where T : struct, Enum
    {
        var words = Enum.GetValues<T>()
            .ToDictionary(v => JsonSerializer.Serialize(v, Json.Compact).Trim('"'), StringComparer.OrdinalIgnoreCase);
        if (Text(map, key, $"one of {string.Join(", ", words.Keys)}") is not { } text)
            return usual;
        if (!words.TryGetValue(text, out var value))
            Unknown(map[key]!, words.Keys, key, text);
        return value;
    }

    /// <summary>A whole number; the usual one where none is given.</summary>
    public int Whole(YamlMap map, string key, int usual, int least, int most)
    {
        var expected = FormattableString.Invariant($"a whole number from {least} to {most}");
        if (Text(map, key, expected) is not { } text)
            return usual;
        if (Numbers.TryRead(text, out int number) && number >= least && number <= most)
            return number;
        Add(map[key]!, $"{key}: {text}; expected {expected}.");
        return usual;
    }

    /// <summary>A number; null where none is given.</summary>
    public double? Number(YamlMap map, string key, double least = double.MinValue, double most = double.MaxValue)
    {
        var expected = "a number" + (most == double.MaxValue ? "" : FormattableString.Invariant($" from {least} to {most}"));
        if (Text(map, key, expected) is not { } text)
            return null;
        if (Numbers.TryRead(text, out double number) && number >= least && number <= most)
            return number;
        Add(map[key]!, $"{key}: {text}; expected {expected}.");
        return null;
    }

    /// <summary>One value, or several.</summary>
    public IEnumerable<YamlScalar> Scalars(YamlNode node)
    {
        foreach (var item in node is YamlList list ? list.Items : [node])
            if (item is YamlScalar { IsNothing: false } scalar)
                yield return scalar;
            else
                Add(item, item is YamlScalar ? "expected a value, found none." : "expected a single value.");
    }

    /// <summary>The settings again; a fault is taken in where a key has two values.</summary>
    public List<Setting> Once(YamlNode at, List<Setting> settings)
    {
        if (Training.Setting.Contradiction(settings) is { } fault)
            Add(at, fault);
        return settings;
    }

    /// <summary>A setting that is written as <c>key=value</c>; null with a fault taken in.</summary>
    public Setting? Setting(YamlScalar text) =>
        Taken(text, () => Training.Setting.Parse(text.Text)) is { Key: not null } read ? Setting(text, read.Key, read.Value) : null;

    /// <summary>A setting of a hyper-parameter, in the way that all settings are written; null with a fault taken in.</summary>
    public Setting? Setting(YamlNode at, string key, string value)
    {
        if (key == Profile.Size)
        {
            if (Profile.SizeNames.Contains(value))
                return new(key, value);
            Unknown(at, Profile.SizeNames, key, value);
            return null;
        }
        if (HyperParameters.IsSameKey(key, "seed"))
        {
            Seed(at, $"seed={value}");
            return null;
        }
        if (HyperParameter.Find(key) is not { } parameter)
        {
            Unknown(at, HyperParameter.All.Select(p => p.Key).Append(Profile.Size), "hyper-parameter", key);
            return null;
        }
        if (Taken(at, () => parameter.Set(new(), value)) is not { } values)
            return null;
        if (parameter.Fault(values) is not { } fault)
            return new(parameter.Key, parameter.Text(values));
        Add(at, fault + ".");
        return null;
    }

    /// <summary>Takes in that a seed is given where it cannot be.</summary>
    public void Seed(YamlNode at, string given) =>
        Add(at, $"{given}: rows have the seeds from 1 on, as many as 'seeds' says; take it out.");
}
