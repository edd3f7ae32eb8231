namespace ArTar.Notebooks.Ipynb;

/// <summary>
/// A notebook in the .ipynb format (nbformat 4). Cells that were not changed are written back byte for byte, as is
/// everything around them, so that a run changes no more of a file than what it shows.
/// </summary>
public sealed class NotebookFile
{
    private static readonly JsonDocumentOptions options = new() { MaxDepth = 512 };

    private readonly byte[] before, after;
    private readonly byte[] separator;
    private readonly List<NotebookCell> cells;

    // The bytes between a cell and the next; where cells were added the usual separator stands.
    private readonly Dictionary<(NotebookCell, NotebookCell), byte[]> between = [];

    private NotebookFile(JsonObject metadata, int minor, byte[] before, byte[] after, byte[] separator, List<NotebookCell> cells) =>
        (Metadata, Minor, this.before, this.after, this.separator, this.cells) = (metadata, minor, before, after, separator, cells);

    /// <summary>The notebook's own metadata, to be read.</summary>
    public JsonObject Metadata { get; }

    /// <summary>The minor version of the format: the 5 of 4.5.</summary>
    public int Minor { get; }

    /// <summary>The cells in order.</summary>
    public IReadOnlyList<NotebookCell> Cells => cells;

    /// <summary>Adds a cell at a place.</summary>
    public void Insert(int index, NotebookCell cell) => cells.Insert(index, cell);

    /// <summary>Removes a cell.</summary>
    public void Remove(NotebookCell cell) => cells.Remove(cell);

    // With all its pictures and charts; a larger one no front end opens.
    private const long MostBytes = 256 << 20;

    /// <summary>Reads a notebook.</summary>
    /// <exception cref="WorkbenchException">It is not there, or is no notebook of this format.</exception>
    public static NotebookFile Load(string path)
    {
        try
        {
            return Parse(PlainFile.ReadAllBytes(path, MostBytes));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new WorkbenchException($"There is no notebook {path}.", e);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            throw new WorkbenchException($"{path} is not a notebook: {e.Message} Expected a .ipynb file, nbformat 4.", e);
        }
    }

    /// <summary>Writes the notebook, whole or not at all.</summary>
    public void Save(string path) => AtomicFile.WriteNamed(path, stream => stream.Write(ToBytes()));

    /// <summary>The file's content.</summary>
    public byte[] ToBytes()
    {
        using var file = new MemoryStream();
        file.Write(before);
        for (var i = 0; i < cells.Count; i++)
        {
            if (i > 0)
                file.Write(between.GetValueOrDefault((cells[i - 1], cells[i]), separator));
            file.Write(cells[i].ToBytes(depth: 2));
        }
        file.Write(after);
        return file.ToArray();
    }

    /// <summary>Reads a notebook's content.</summary>
    /// <exception cref="JsonException">No JSON.</exception>
    /// <exception cref="FormatException">No notebook.</exception>
    internal static NotebookFile Parse(byte[] bytes)
    {
        if (bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        var root = StrictJson.Object(bytes, options.MaxDepth) ?? throw new FormatException("It holds no JSON object.");
        // Strings are decoded when they are first read: now is the time to find that one cannot be.
        _ = root.ToJsonString();
        if (root["nbformat"] is not JsonValue format || !format.TryGetValue<int>(out var version) || version != 4)
            throw new FormatException($"Its nbformat is {root["nbformat"]?.ToJsonString() ?? "missing"}.");
        if (root["cells"] is not JsonArray list || list.Any(c => c is not JsonObject))
            throw new FormatException("It has no list of cells.");

        var (start, ranges, end) = Locate(bytes);
        var cells = list.Select((cell, i) => Cell((JsonObject)cell!, i, bytes[ranges[i]])).ToList();
        var metadata = root["metadata"] as JsonObject ?? [];
        var minor = root["nbformat_minor"] is JsonValue value && value.TryGetValue<int>(out var known) ? known : 0;
        if (cells.Count == 0)
            return new(metadata, minor, bytes[..(start + 1)], bytes[end..], ",\n  "u8.ToArray(), cells);
        var file = new NotebookFile(metadata, minor, bytes[..ranges[0].Start], bytes[ranges[^1].End..],
            cells.Count > 1 ? bytes[ranges[0].End..ranges[1].Start] : ",\n  "u8.ToArray(), cells);
        for (var i = 1; i < cells.Count; i++)
            file.between[(cells[i - 1], cells[i])] = bytes[ranges[i - 1].End..ranges[i].Start];
        return file;
    }

    private static NotebookCell Cell(JsonObject content, int index, byte[] bytes)
    {
        var type = content["cell_type"] is JsonValue value && value.TryGetValue<string>(out var name) ? name : null;
        if (type is not ("code" or "markdown" or "raw"))
            throw new FormatException($"Cell {index + 1} has the type {content["cell_type"]?.ToJsonString() ?? "null"}.");
        if (!IsText(content["source"]))
            throw new FormatException($"Cell {index + 1} has no source.");
        if (content["metadata"] is not (null or JsonObject) || content["outputs"] is not (null or JsonArray))
            throw new FormatException($"Cell {index + 1} has metadata or outputs of another kind.");
        if (content["id"] is { } id && !IsText(id) || content["execution_count"] is { } count
            && !(count is JsonValue number && number.TryGetValue<int>(out _)))
            throw new FormatException($"Cell {index + 1} has an id or execution_count of another kind.");
        return new(content, bytes);
    }

    private static bool IsText(JsonNode? node) => node switch
    {
        JsonValue value => value.TryGetValue<string>(out _),
        JsonArray lines => lines.All(l => l is JsonValue value && value.TryGetValue<string>(out _)),
        _ => false,
    };

    /// <summary>Where the list of cells opens, where each cell lies, where the list closes.</summary>
    private static (int Start, List<Range> Cells, int End) Locate(byte[] bytes)
    {
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = options.MaxDepth });
        (int, List<Range>, int)? found = null;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCells = reader.ValueTextEquals("cells"u8);
            reader.Read();
            if (!isCells)
            {
                reader.Skip();
                continue;
            }
            var start = (int)reader.TokenStartIndex;
            var ranges = new List<Range>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var from = (int)reader.TokenStartIndex;
                reader.Skip();
                ranges.Add(from..(int)reader.BytesConsumed);
            }
            // Of two lists of cells the last counts, as it does for the parser.
            found = (start, ranges, (int)reader.TokenStartIndex);
        }
        return found ?? throw new FormatException("It has no list of cells.");
    }
}
