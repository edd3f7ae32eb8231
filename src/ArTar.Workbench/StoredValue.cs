namespace ArTar.Workbench;

/// <summary>
/// What a value that is read from a file may be. Files are edited, copied from elsewhere and cut off: types that are stored check their
/// values whenever JSON is read into them (<see cref="System.Text.Json.Serialization.IJsonOnDeserialized"/>), before it is known whether
/// anything is missing: what is required may be null.
/// </summary>
internal static class StoredValue
{
    /// <summary>The longest time that makes sense: three centuries.</summary>
    public const double MostSeconds = 1e10;

    private const double MostLoss = 1e6; // beyond all that training lets pass

    /// <summary>Refuses what does not hold.</summary>
    /// <exception cref="JsonException">It does not.</exception>
    public static void Require(bool holds, string expected)
    {
        if (!holds)
            throw new JsonException(expected);
    }

    /// <summary>A number within bounds, and not NaN.</summary>
    public static void Within(
        double value, double least, double most = double.MaxValue, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value >= least && value <= most)) // NaN is neither
            throw new JsonException(string.Create(CultureInfo.InvariantCulture, $"{Key(name)} is {value}; expected ") +
                (most == double.MaxValue ? string.Create(CultureInfo.InvariantCulture, $"a number of at least {least}")
                    : string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}")));
    }

    /// <summary>A time in seconds.</summary>
    public static void Seconds(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        Within(value, 0, MostSeconds, name);

    /// <summary>A cross-entropy that training lets pass, in nats per token.</summary>
    public static void Loss(double? value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        Require(value is not null, $"a finished run needs a {Key(name)}, found none");
        Within(value!.Value, 0, MostLoss, name);
    }

    /// <summary>A SHA-256 in hex.</summary>
    public static void Hash(string? value, [CallerArgumentExpression(nameof(value))] string name = "") => Require(
        value?.Length == 64 && value.All(char.IsAsciiHexDigitLower), $"{Key(name)} is no SHA-256: expected 64 hex digits");

    /// <summary>The name of a data set, or a folder's path.</summary>
    public static void DataName(string? value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        Require(value is not null && IsDataName(value), $"{Key(name)} names no data set and no folder");

    /// <summary>Whether a text can be the name of a data set, or a folder's path.</summary>
    public static bool IsDataName(string value) => value.Length is > 0 and <= 4096 && !value.Contains('\0', StringComparison.Ordinal);

    /// <summary>The name of a folder or file, without a path.</summary>
    public static void FileName(string? value, [CallerArgumentExpression(nameof(value))] string name = "") => Require(
        value?.Length is > 0 and <= 255 && value is not ("." or "..") && !value.Any(c => c is '/' or '\\' || char.IsControl(c)),
        $"{Key(name)} is no name of a folder");

    private static string Key(string name) => JsonNamingPolicy.CamelCase.ConvertName(name[(name.LastIndexOf('.') + 1)..]);
}
