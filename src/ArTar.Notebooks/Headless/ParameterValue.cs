using System.Numerics;

namespace ArTar.Notebooks.Headless;

/// <summary>A parameter's value as C# writes it, by the parameter's type.</summary>
internal static class ParameterValue
{
    // The ending says which type is meant where the assignment alone would not take the number.
    private static readonly Dictionary<string, (BigInteger Least, BigInteger Most, string Ending)> whole = new()
    {
        ["sbyte"] = (sbyte.MinValue, sbyte.MaxValue, ""),
        ["byte"] = (byte.MinValue, byte.MaxValue, ""),
        ["short"] = (short.MinValue, short.MaxValue, ""),
        ["ushort"] = (ushort.MinValue, ushort.MaxValue, ""),
        ["int"] = (int.MinValue, int.MaxValue, ""),
        ["uint"] = (uint.MinValue, uint.MaxValue, "U"),
        ["long"] = (long.MinValue, long.MaxValue, "L"),
        ["ulong"] = (ulong.MinValue, ulong.MaxValue, "UL"),
    };

    /// <summary>The literal, or null where the text is no value of the type.</summary>
    /// <param name="type">The type as it is declared; empty where that is not known.</param>
    /// <param name="value">The value as text.</param>
    public static string? Literal(string type, string value)
    {
        if (type.EndsWith('?') && value == "null" && type != "string?")
            return "null";
        type = type.TrimEnd('?');
        if (whole.TryGetValue(type, out var range))
            return BigInteger.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                && number >= range.Least && number <= range.Most
                ? number.ToString(CultureInfo.InvariantCulture) + range.Ending : null;
        return type switch
        {
            "string" => SymbolDisplay.FormatLiteral(value, quote: true),
            "char" => value.Length == 1 ? SymbolDisplay.FormatLiteral(value[0], quote: true) : null,
            "bool" => bool.TryParse(value, out var truth) ? truth ? "true" : "false" : null,
            "double" => Real(value, "double", number => number.ToString("R", CultureInfo.InvariantCulture) + "d"),
            "float" => Real(value, "float", number => number.ToString("R", CultureInfo.InvariantCulture) + "f"),
            "decimal" => decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)
                ? exact.ToString(CultureInfo.InvariantCulture) + "m" : null,
            // Anything else is C#: new[] { 1, 2 }, Cell.Gru.
            _ => SyntaxFactory.ParseExpression(value) is { ContainsDiagnostics: false } expression && expression.ToFullString() == value
                ? value : null,
        };
    }

    /// <summary>What was expected, in words.</summary>
    public static string Expected(string type) => type.TrimEnd('?') switch
    {
        "bool" => "true or false",
        "double" or "float" or "decimal" => "a number",
        "char" => "one letter",
        var name when whole.ContainsKey(name) => "a whole number",
        _ => "a C# expression",
    } + (type.EndsWith('?') && type != "string?" ? " or null" : "");

    private static string? Real(string value, string type, Func<double, string> literal) =>
        !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? null
        : double.IsNaN(number) ? $"{type}.NaN"
        : double.IsInfinity(number) ? $"{type}.{(number > 0 ? "Positive" : "Negative")}Infinity"
        : literal(number);
}
