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
        return Contradiction(settings) is { } fault ? throw new WorkbenchException(fault) : settings;
    }

    /// <summary>What is wrong with several that give one key two values, in whatever way these are written; null for nothing.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="before">What stands before each of them where they were given.</param>
    internal static string? Contradiction(IEnumerable<Setting> settings, string before = "")
    {
        var known = new Dictionary<string, Setting>();
        foreach (var setting in settings)
            if (!known.TryAdd(setting.KnownKey, setting) && known[setting.KnownKey] is var first && first.KnownValue != setting.KnownValue)
                return $"{before}{first} and {before}{setting}: {first.Key} can have one value; take one of the two out.";
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
