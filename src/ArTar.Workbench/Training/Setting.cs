namespace ArTar.Workbench.Training;

/// <summary>A value for one of the <see cref="HyperParameters"/>, as text.</summary>
/// <param name="Key">The key: <c>alpha</c>.</param>
/// <param name="Value">The value: <c>2</c>.</param>
public readonly record struct Setting(string Key, string Value) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() =>
        StoredValue.Require(Key is { Length: > 0 } && Value is not null, "a setting needs a key and a value");

    /// <summary>Reads <c>alpha=2</c>.</summary>
    /// <exception cref="WorkbenchException">There is no key or no value.</exception>
    public static Setting Parse(string text) => text.Split('=', 2) is [{ Length: > 0 } key, { Length: > 0 } value]
        ? new(key.Trim(), value.Trim())
        : throw new WorkbenchException($"'{text}' is not a setting; expected key=value, such as epochs=3.");

    /// <summary>Reads several, of which each key has one value.</summary>
    /// <exception cref="WorkbenchException">As <see cref="Parse"/>, or a key has two values, of which one would be lost.</exception>
    internal static IReadOnlyList<Setting> ParseAll(IEnumerable<string> texts)
    {
        List<Setting> settings = [.. texts.Select(Parse)];
        return Contradiction(settings) is var (first, second)
            ? throw new WorkbenchException($"{first} and {second}: {first.Key} can have one value; take one of the two out.") : settings;
    }

    /// <summary>Two of several that give one key two values, in whatever way key and value are written; null for none.</summary>
    internal static (Setting First, Setting Second)? Contradiction(IEnumerable<Setting> settings)
    {
        var known = new Dictionary<string, Setting>();
        foreach (var setting in settings)
            if (!known.TryAdd(setting.KnownKey, setting) && known[setting.KnownKey] is var first && first.KnownValue != setting.KnownValue)
                return (first, setting);
        return null;
    }

    /// <summary>The last one of each key, where some are laid over others.</summary>
    internal static IReadOnlyList<string> LastOfEach(IEnumerable<string> texts) =>
        [.. texts.Reverse().DistinctBy(t => Parse(t).KnownKey).Reverse()];

    private string KnownKey => HyperParameter.Find(Key)?.Key ?? Key;

    private string KnownValue => HyperParameter.Find(Key)?.Canonical(Value) ?? Value;

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => $"{Key}={Value}";
}
