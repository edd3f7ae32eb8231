namespace ArTar.Workbench;

/// <summary>
/// Reads JSON of others, whole and at once: .NET finds a key that stands twice, or a text that is none, only when it is asked for it.
/// </summary>
internal static class StrictJson
{
    /// <summary>The object that it holds; null where it holds something else.</summary>
    /// <param name="utf8">The JSON.</param>
    /// <param name="depth">How deep its values may lie in each other.</param>
    /// <exception cref="JsonException">It is no JSON, has a key twice, or a text that is no Unicode.</exception>
    public static JsonObject? Object(byte[] utf8, int depth = 64)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = depth });
        try
        {
            while (reader.Read())
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                    _ = reader.GetString();
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a text in it is no Unicode", e);
        }
        try
        {
            return JsonNode.Parse(utf8, documentOptions: new() { MaxDepth = depth, AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException e)
        {
            throw new JsonException(JsonFault.Words(e), e);
        }
    }
}
