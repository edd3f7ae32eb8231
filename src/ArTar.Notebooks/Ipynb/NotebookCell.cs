namespace ArTar.Notebooks.Ipynb;

/// <summary>One cell of a notebook. What is not changed here is written back byte for byte.</summary>
public sealed class NotebookCell
{
    private readonly byte[]? original;
    private readonly JsonObject content;
    private bool isChanged;

    internal NotebookCell(JsonObject content, byte[]? original) => (this.content, this.original) = (content, original);

    /// <summary>A new code cell.</summary>
    /// <param name="id">1 to 64 letters, digits, hyphens or underscores; no other cell's.</param>
    /// <param name="source">Its code.</param>
    /// <param name="tags">Its tags.</param>
    public static NotebookCell NewCode(string id, string source, params string[] tags) => new(
        new JsonObject
        {
            ["cell_type"] = "code",
            ["execution_count"] = null,
            ["id"] = id,
            ["metadata"] = new JsonObject { ["tags"] = new JsonArray([.. tags.Select(t => JsonValue.Create(t))]) },
            ["outputs"] = new JsonArray(),
            ["source"] = NotebookJson.Lines(source),
        }, null) { isChanged = true };

    /// <summary><c>code</c>, <c>markdown</c> or <c>raw</c>.</summary>
    public string Type => (string?)content["cell_type"] ?? "";

    /// <summary>The cell's id; null in files older than nbformat 4.5.</summary>
    public string? Id => (string?)content["id"];

    /// <summary>Its text.</summary>
    public string Source
    {
        get => NotebookJson.Text(content["source"]);
        set => Set("source", NotebookJson.Lines(value));
    }

    /// <summary>Its metadata.</summary>
    public JsonObject Metadata => content["metadata"] as JsonObject ?? [];

    /// <summary>Its tags.</summary>
    public IEnumerable<string> Tags =>
        Metadata["tags"] is JsonArray tags ? tags.OfType<JsonValue>().Select(t => t.TryGetValue<string>(out var tag) ? tag : "") : [];

    /// <summary>The number that the cell had when it was last run.</summary>
    public int? ExecutionCount
    {
        get => (int?)content["execution_count"];
        set => Set("execution_count", value);
    }

    /// <summary>What it showed when it was last run, in the format's own terms.</summary>
    public JsonArray Outputs
    {
        get => content["outputs"] as JsonArray ?? [];
        set => Set("outputs", value);
    }

    /// <summary>The bytes to write, of the original if it was not changed.</summary>
    internal byte[] ToBytes(int depth) => original is not null && !isChanged ? original
        : Encoding.UTF8.GetBytes(NotebookJson.Write(content, depth));

    private void Set(string key, JsonNode? value)
    {
        // The same text as one string and as a list of lines is the same.
        if (JsonNode.DeepEquals(Joined(content[key]), Joined(value)))
            return;
        content[key] = value;
        isChanged = true;
    }

    private static JsonNode? Joined(JsonNode? node) => node switch
    {
        JsonArray { Count: > 0 } list when list.All(item => item is JsonValue text && text.TryGetValue<string>(out _)) =>
            NotebookJson.Text(list),
        JsonArray { Count: 0 } => "",
        JsonArray list => new JsonArray([.. list.Select(Joined)]),
        // The content of JSON types and pictures is no text: its lists are lists.
        JsonObject map => new JsonObject(map.Select(e =>
            KeyValuePair.Create(e.Key, IsText(e.Key) ? Joined(e.Value) : e.Value?.DeepClone()))),
        _ => node?.DeepClone(),
    };

    private static bool IsText(string key) => !key.EndsWith("json", StringComparison.Ordinal) && !StoredPicture.IsPicture(key);
}
