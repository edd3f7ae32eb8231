namespace ArTar.Workbench.Data;

/// <summary>A run's vocabulary, kept in its folder: with it, its checkpoints write and read text where the data set is not at
/// hand.</summary>
internal static class VocabularyFile
{
    internal const string Name = "vocabulary.json";
    private const long MostBytes = 256 << 20;

    private sealed record Stored(string DataHash, IReadOnlyList<string> Tokens);

    /// <summary>Writes it into a run's or a lease's folder, whole or not at all.</summary>
    public static void Write(string folder, Corpus corpus) => AtomicFile.WriteAllText(Path.Combine(folder, Name),
        JsonSerializer.Serialize(new Stored(corpus.Hash, corpus.Vocabulary.Tokens), Json.Compact) + "\n");

    /// <summary>The vocabulary beside a checkpoint, or in the run's folder above it; null where there is none of that data set.</summary>
    /// <param name="checkpoint">Path of the checkpoint.</param>
    /// <param name="hash">Content hash of the data set.</param>
    public static Vocabulary? Find(string checkpoint, string hash)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(checkpoint));
        foreach (var path in new[] { folder, Path.GetDirectoryName(folder) }.OfType<string>().Select(f =>
            Path.Combine(f, Name)).Where(File.Exists))
            try
            {
                if (Json.Read<Stored>(PlainFile.ReadAllText(path, MostBytes)) is var stored && stored.DataHash == hash
                    && stored.Tokens.All(t => t is not null))
                    return new(stored.Tokens);
            }
            catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or WorkbenchException)
            {
                // Damaged, or another program's: the data set itself still has it.
            }
        return null;
    }
}
