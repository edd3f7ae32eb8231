using ArTar.Workbench.Training;

namespace ArTar.Workbench.Tables;

/// <summary>Reads the fields of a YAML text and collects what is wrong with them, so that all of it is said at once.</summary>
/// <param name="place">What messages call the text; empty where nobody wrote it so, and a place in it would say nothing.</param>
internal sealed class Fields(string place)
{
    private readonly List<(YamlPlace At, string Message)> faults = [];

    /// <summary>Takes in a fault.</summary>
    public void Add(YamlNode at, string message) => faults.Add((at.At, message));

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

    /// <summary>A text; null where none is given.</summary>
    /// <param name="map">The values.</param>
    /// <param name="key">Its key.</param>
    /// <param name="mayBeEmpty">Whether an empty text is meant as one.</param>
    public string? Text(YamlMap map, string key, bool mayBeEmpty = false)
    {
        switch (map[key])
        {
            case null or YamlScalar { IsNothing: true, IsQuoted: false }:
                return null;
            case YamlScalar scalar when mayBeEmpty || !string.IsNullOrWhiteSpace(scalar.Text):
                return scalar.Text;
            case YamlScalar blank:
                Add(blank, $"{key} has no value; give it one or take it out.");
                return null;
            case var other:
                Add(other, $"{key}: expected a text.");
                return null;
        }
    }

    /// <summary>A whole number; the usual one where none is given.</summary>
    public int Whole(YamlMap map, string key, int usual, int least, int most)
    {
        if (Text(map, key) is not { } text)
            return usual;
        if (Numbers.TryRead(text, out int number) && number >= least && number <= most)
            return number;
        Add(map[key]!, FormattableString.Invariant($"{key}: {text}; expected a whole number from {least} to {most}."));
        return usual;
    }

    /// <summary>A number; null where none is given.</summary>
    public double? Number(YamlMap map, string key)
    {
        if (Text(map, key) is not { } text)
            return null;
        if (Numbers.TryRead(text, out double number) && double.IsFinite(number))
            return number;
        Add(map[key]!, $"{key}: {text}; expected a number.");
        return null;
    }

    /// <summary>One value, or several.</summary>
    public IEnumerable<YamlScalar> Scalars(YamlNode node)
    {
        foreach (var item in node is YamlList list ? list.Items : [node])
            if (item is YamlScalar { IsNothing: false } scalar)
                yield return scalar;
            else
                Add(item, "expected a value, found none.");
    }

    /// <summary>The settings again; a fault is taken in where a key has two values.</summary>
    public List<Setting> Once(YamlNode at, List<Setting> settings)
    {
        if (Training.Setting.Contradiction(settings) is var (first, second))
            Add(at, $"{first} and {second}: {first.Key} can have one value; take one of the two out.");
        return settings;
    }

    /// <summary>A setting that is written as <c>key=value</c>; null with a fault taken in.</summary>
    public Setting? Setting(YamlScalar text)
    {
        if (text.Text.Split('=', 2) is [{ Length: > 0 } key, { Length: > 0 } value])
            return Setting(text, key.Trim(), value.Trim());
        Add(text, $"'{text.Text}' is not a setting; expected key=value, such as epochs=3.");
        return null;
    }

    /// <summary>A setting of a hyper-parameter, in the way that all settings are written; null with a fault taken in.</summary>
    public Setting? Setting(YamlNode at, string key, string value)
    {
        if (key == "size")
            return new(key, value);
        if (HyperParameters.IsSameKey(key, "seed"))
        {
            Add(at, $"seed={value}: rows have the seeds from 1 on, as many as 'seeds' says; take it out.");
            return null;
        }
        if (HyperParameter.Find(key) is not { } parameter)
        {
            Unknown(at, HyperParameter.All.Select(p => p.Key).Append("size"), "hyper-parameter", key);
            return null;
        }
        try
        {
            var text = parameter.Canonical(value);
            if (parameter.Fault(parameter.Set(new(), value)) is not { } fault)
                return new(parameter.Key, text);
            Add(at, fault + ".");
        }
        catch (WorkbenchException e)
        {
            Add(at, e.Message);
        }
        return null;
    }
}
