using System.Text.RegularExpressions;

namespace ArTar.Workbench;

/// <summary>What is wrong with a JSON, in words for people: .NET's own speak of its types.</summary>
internal static partial class JsonFault
{
    /// <summary>What is wrong, with the key or the line; a message of ours stays as it is.</summary>
    public static string Words(JsonException e)
    {
        var key = e.Path is { Length: > 2 } path ? path[2..] : "";
        string At(string words) => key.Length == 0 ? words : $"{key}: {words}";
        return e.Message switch
        {
            var m when m.StartsWith("Duplicate propert", StringComparison.Ordinal) => $"'{key}' stands there twice",
            var m when m.StartsWith("The JSON property '", StringComparison.Ordinal) => $"'{key}' is no key that is known here",
            var m when Converted().Match(m) is { Success: true } wanted => At($"expected {Expected(wanted.Groups[1].Value.TrimEnd('.'))}"),
            var m when m.StartsWith("The property or field '", StringComparison.Ordinal) => At("expected a value, found null"),
            var m when m.Contains("missing required propert", StringComparison.Ordinal) =>
                At($"{string.Join(", ", Quoted().Matches(m[m.IndexOf("including", StringComparison.Ordinal)..]).Select(q => q.Value))} "
                    + "is missing"),
            var m when m.StartsWith("The input does not contain any JSON", StringComparison.Ordinal) => "there is nothing in it",
            // A message of the reader, which speaks of signs.
            var m when m.Contains(" LineNumber: ", StringComparison.Ordinal)
                && (e.LineNumber, e.BytePositionInLine) is ({ } line, { } at) =>
                string.Create(CultureInfo.InvariantCulture,
                $"line {line + 1}, byte {at + 1}: {m.Split(" Path:")[0].Split(" LineNumber:")[0].TrimEnd('.')}"),
            var m => At(m),
        };
    }

    private static string Expected(string type) => type switch
    {
        "System.Int32" or "System.Int64" => "a whole number",
        "System.Double" => "a number",
        "System.Boolean" => "true or false",
        "System.String" => "a text",
        "System.DateTime" => "a time",
        _ when typeof(JsonFault).Assembly.GetType(type) is { IsEnum: true } words => "one of " + string.Join(", ",
            Enum.GetValuesAsUnderlyingType(words).Cast<object>().Select(v => Enum.ToObject(words, v))
                .Select(word => JsonSerializer.Serialize(word, words, Json.Compact).Trim('"'))),
        _ when type.Contains("Dictionary", StringComparison.Ordinal) || type.StartsWith("ArTar.", StringComparison.Ordinal)
            => "keys and values",
        _ when type.Contains("List", StringComparison.Ordinal) || type.EndsWith("[]", StringComparison.Ordinal) => "a list",
        _ => "another kind of value",
    };

    [GeneratedRegex(@"could not be converted to (?:System\.Nullable`1\[)?([\w.+`]+(?:\[\])?)")]
    private static partial Regex Converted();

    [GeneratedRegex("'[^']*'")]
    private static partial Regex Quoted();
}
