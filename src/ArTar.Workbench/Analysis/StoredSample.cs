using ArTar.Workbench.Output;
using ArTar.Workbench.Runs;

namespace ArTar.Workbench.Analysis;

/// <summary>A text that a model wrote, with all that it takes to draw it again: kept where the model's weights are not.</summary>
internal sealed record StoredSample(
    string Model, int Epoch, string Data, string DataHash, int Words, double Temperature, int Seed, string Prompt, string Text)
{
    private static readonly JsonSerializerOptions names = new(Json.Compact) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Whose it is, and how it was drawn.</summary>
    public string Title() => FormattableString.Invariant(
        $"{Model}, trained on {Data}: {Words} words at temperature {Temperature}, seed {Seed}, <eos> and <unk> never chosen");

    /// <summary>As it is stored.</summary>
    public string ToJson() => Records.ToJson(this);

    /// <summary>The texts in the folder <c>samples</c> beside a folder of runs.</summary>
    /// <exception cref="WorkbenchException">One cannot be read.</exception>
    public static IReadOnlyList<StoredSample> Beside(RunStore store)
    {
        var folder = Path.Combine(Path.GetDirectoryName(store.Folder) ?? store.Folder, "samples");
        return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(Read)] : [];
    }

    private static StoredSample Read(string path)
    {
        try
        {
            return Json.Read<StoredSample>(PlainFile.ReadAllText(path), names);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new WorkbenchException($"{path} holds no sample: {e.Message}", e);
        }
    }
}
