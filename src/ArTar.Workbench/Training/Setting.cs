using System.Text.Json.Serialization;

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

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => $"{Key}={Value}";
}
