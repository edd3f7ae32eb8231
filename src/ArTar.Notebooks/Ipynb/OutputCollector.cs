using ArTar.Notebooks.Cells;

namespace ArTar.Notebooks.Ipynb;

/// <summary>
/// Turns what cells show into the outputs that a file keeps: text of one stream joined, overwritten text gone, updated
/// displays in the place of the first, also when a later cell updates them.
/// </summary>
internal sealed class OutputCollector
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> displays = [];
    private readonly List<(NotebookCell Cell, int Number, CellResult Result, List<Entry> Entries)> ended = [];
    private List<Entry> entries = [];

    /// <summary>Adds an output of the current cell.</summary>
    public void Add(CellOutput output)
    {
        lock (gate)
        {
            switch (output)
            {
                case CellOutput.Text { Stream: var stream, Content: var content }:
                    if (entries is not [.., { Stream: { } last }] || last != stream)
                        entries.Add(new() { Stream = stream });
                    entries[^1].Text.Append(content);
                    break;
                case CellOutput.Display { IsUpdate: false } display:
                    entries.Add(displays[display.Id] = new() { Display = display.Bundle });
                    break;
                case CellOutput.Display update when displays.TryGetValue(update.Id, out var shown):
                    shown.Display = update.Bundle;
                    break;
            }
        }
    }

    /// <summary>The current cell has ended; what comes now belongs to the next.</summary>
    public void End(NotebookCell cell, int number, CellResult result)
    {
        lock (gate)
        {
            ended.Add((cell, number, result, entries));
            entries = [];
        }
    }

    /// <summary>Gives all cells that have ended their outputs, in the format's own terms.</summary>
    public void Apply()
    {
        lock (gate)
        {
            foreach (var (cell, number, result, shown) in ended)
            {
                cell.Outputs = new([.. shown.Select(ToJson), .. ToJson(result, number)]);
                cell.ExecutionCount = number;
            }
        }
    }

    private static JsonObject ToJson(Entry entry) => entry.Display is { } bundle
        ? new() { ["output_type"] = "display_data", ["data"] = Data(bundle), ["metadata"] = new JsonObject() }
        : new() { ["output_type"] = "stream", ["name"] = entry.Stream,
            ["text"] = NotebookJson.Lines(CarriageReturns.Final(entry.Text.ToString())) };

    private static IEnumerable<JsonObject> ToJson(CellResult result, int number)
    {
        if (result.Value is { } value)
            yield return new() { ["output_type"] = "execute_result", ["data"] = Data(value), ["execution_count"] = number,
                ["metadata"] = new JsonObject() };
        if (result.Error is { } error)
            yield return new()
            {
                ["output_type"] = "error",
                ["ename"] = error.Name,
                ["evalue"] = error.Message,
                ["traceback"] = new JsonArray([.. CellErrors.Colored(error).Select(line => JsonValue.Create(line))]),
            };
    }

    private static JsonObject Data(MimeBundle bundle) => new(bundle.Data.Select(form => KeyValuePair.Create(
        form.Key, !StoredPicture.IsPicture(form.Key) && form.Value is JsonValue value && value.TryGetValue<string>(out var text)
            ? NotebookJson.Lines(text) : form.Value?.DeepClone())));

    private sealed class Entry
    {
        public string? Stream { get; init; }

        public StringBuilder Text { get; } = new();

        public MimeBundle? Display { get; set; }
    }
}
