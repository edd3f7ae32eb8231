using System.Text.Encodings.Web;

namespace ArTar.Workbench;

/// <summary>
/// How everything that the workbench stores is written as JSON: camelCase keys; missing parts and nulls are refused, unknown keys are those
/// of a later version and passed over.
/// </summary>
public static class Json
{
    /// <summary>For files that people read: indented.</summary>
    public static JsonSerializerOptions Indented { get; } = Options(indented: true);

    /// <summary>For JSON lines and for values inside other files.</summary>
    public static JsonSerializerOptions Compact { get; } = Options(indented: false);

    /// <summary>
    /// For what is computed with, where a key of a later version may change what all others mean: unknown keys are refused.
    /// </summary>
    internal static JsonSerializerOptions Strict { get; } = new(Compact) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>Reads what is stored. Values are checked as when they are typed: types that have ranges check them themselves.</summary>
    /// <exception cref="JsonException">It is no such JSON, or a value is none; the message is for people.</exception>
    internal static T Read<T>(string json, JsonSerializerOptions? options = null)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, options ?? Compact) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new JsonException(JsonFault.Words(e), e);
        }
    }

    private static JsonSerializerOptions Options(bool indented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = indented,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        // Web defaults would read "3" as 3; a diverged loss is stored as "NaN" or "Infinity".
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };
}
