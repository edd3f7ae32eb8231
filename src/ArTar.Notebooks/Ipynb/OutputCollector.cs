using System.Text.Json.Nodes;
using ArTar.Notebooks.Cells;

namespace ArTar.Notebooks.Ipynb;

/// <summary>
/// Turns what cells show into the outputs that a file keeps: text of one stream joined, overwritten text gone, updated
/// displays in the place of the first.
/// </summary>
public sealed class OutputCollector
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, List<Entry>> displays = [];
    private List<Entry> entries = [];

    /// <summary>Starts the next cell. Displays of cells before it can still be updated.</summary>
    public void Begin()
    {
        lock (gate)
            entries = [];
    }

    /// <summary>Adds an output of the current cell.</summary>
    public void Add(CellOutput output)
    {
        lock (gate)
        {
            switch (output)
            {
                case CellOutput.Text { Stream: var stream, Content: var content }:
                    if (entries is [.., { Stream: { } last } before] && last == stream)
                        before.Text += content;
                    else
                        entries.Add(new() { Stream = stream, Text = content });
                    break;
                case CellOutput.Display { IsUpdate: false } display:
                    var entry = new Entry { Display = display.Bundle };
                    entries.Add(entry);
                    displays[display.Id] = [.. displays.GetValueOrDefault(display.Id, []), entry];
                    break;
                case CellOutput.Display update:
                    foreach (var shown in displays.GetValueOrDefault(update.Id, []))
                        shown.Display = update.Bundle;
                    break;
            }
        }
    }

    /// <summary>The current cell's outputs in the format's own terms.</summary>
    /// <param name="result">How it ended.</param>
    /// <param name="number">Its number.</param>
    public JsonArray ToJson(CellResult result, int number)
    {
        lock (gate)
        {
            var outputs = new JsonArray([.. entries.Select(ToJson)]);
            if (result.Value is { } value)
                outputs.Add(new JsonObject { ["output_type"] = "execute_result", ["data"] = Data(value), ["execution_count"] = number, ["metadata"] = new JsonObject() });
            if (result.Error is { } error)
                outputs.Add(new JsonObject
                {
                    ["output_type"] = "error",
                    ["ename"] = error.Name,
                    ["evalue"] = error.Message,
                    ["traceback"] = new JsonArray([.. error.Trace.Select(line => JsonValue.Create(line))]),
                });
            return outputs;
        }
    }

    private static JsonObject ToJson(Entry entry) => entry.Display is { } bundle
        ? new() { ["output_type"] = "display_data", ["data"] = Data(bundle), ["metadata"] = new JsonObject() }
        : new() { ["output_type"] = "stream", ["name"] = entry.Stream, ["text"] = NotebookJson.Lines(CarriageReturns.Final(entry.Text)) };

    private static JsonObject Data(MimeBundle bundle) => new(bundle.Data.Select(form => KeyValuePair.Create(
        form.Key, form.Value is JsonValue value && value.TryGetValue<string>(out var text) ? NotebookJson.Lines(text) : form.Value?.DeepClone())));

    private sealed class Entry
    {
        public string? Stream { get; init; }

        public string Text { get; set; } = "";

        public MimeBundle? Display { get; set; }
    }
}
