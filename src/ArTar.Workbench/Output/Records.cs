using System.Reflection;
using System.Text.Encodings.Web;

namespace ArTar.Workbench.Output;

/// <summary>
/// Records for scripts: every property in snake_case, in full precision; null for what there is not, and for what is not a number,
/// which JSON does not have.
/// </summary>
internal static class Records
{
    private static readonly JsonSerializerOptions options = Options(indented: true), compact = Options(indented: false);

    private static JsonSerializerOptions Options(bool indented) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = indented,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new FiniteConverter() },
    };

    /// <summary>A document, indented, with a line's end. What would turn the direction of writing is in it by its number.</summary>
    public static string ToJson(object document)
    {
        var json = JsonSerializer.Serialize(document, document.GetType(), options) + "\n";
        return !json.Any(c => CleanText.TurnsDirection(c)) ? json
            : string.Concat(json.Select(c => CleanText.TurnsDirection(c) ? $"\\u{(int)c:x4}" : c.ToString()));
    }

    /// <summary>Comma-separated values: a header with the properties' names, then a line for each record.</summary>
    public static string ToCsv<T>(IEnumerable<T> records)
    {
        var properties = typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance);
        string Text(object? value)
        {
            var node = JsonSerializer.SerializeToElement(value, compact);
            return node.ValueKind switch
            {
                JsonValueKind.Null => "", JsonValueKind.String => Csv.Words(node.GetString()!), _ => node.GetRawText(),
            };
        }
        return Csv.Line(properties.Select(p => options.PropertyNamingPolicy!.ConvertName(p.Name)))
            + string.Concat(records.Select(r => Csv.Line(properties.Select(p => Text(p.GetValue(r))))));
    }

    private sealed class FiniteConverter : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
                writer.WriteNumberValue(value);
            else
                writer.WriteNullValue();
        }
    }
}
