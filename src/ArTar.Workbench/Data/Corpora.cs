namespace ArTar.Workbench.Data;

/// <summary>The corpora that the workbench knows by name, and the way to load these or any folder of text.</summary>
public static class Corpora
{
    /// <summary>Name of the embedded, generated corpus; it needs no files.</summary>
    public const string Synthetic = "synthetic";

    /// <summary>The corpora that can be installed.</summary>
    public static IReadOnlyList<CorpusInfo> Known { get; } = [CorpusInfo.PennTreebank, CorpusInfo.WikiText2];

    /// <summary>
    /// Loads a corpus. A word of the validation or test text that the training text lacks becomes <c>&lt;unk&gt;</c>, which joins the
    /// vocabulary as its last id if the training text lacks it too.
    /// </summary>
    /// <param name="nameOrFolder">
    /// <c>"synthetic"</c>, an installed corpus (<c>"ptb"</c>, <c>"wikitext-2"</c>), or the path of a folder with train, valid
    /// and test files (.txt or .tokens). A known name wins over a folder of that name; write <c>./ptb</c> for the folder. A folder's corpus is
    /// named by its full path, so that a stored run finds it again from anywhere.
    /// </param>
    /// <param name="workspace">Where installed corpora and the cache lie.</param>
    /// <param name="progress">Told how far reading has come.</param>
    /// <param name="cancellation">Stops between two buffers.</param>
    /// <exception cref="WorkbenchException">There is no such corpus, or its files cannot be used; the message says what to do.</exception>
    public static Corpus Load(string nameOrFolder, Workspace workspace, IProgress<Progress>? progress = null, CancellationToken cancellation = default)
    {
        if (string.IsNullOrWhiteSpace(nameOrFolder))
            throw new WorkbenchException($"An empty name names no corpus; expected {Synthetic}, {string.Join(", ", Known.Select(info => info.Name))}, or a folder.");
        if (nameOrFolder.Equals(Synthetic, StringComparison.OrdinalIgnoreCase))
            return new SyntheticLanguage().Generate();
        if (Find(nameOrFolder) is { } known)
            return LoadKnown(known, workspace, progress, cancellation);
        var folder = Path.GetFullPath(nameOrFolder);
        if (!Directory.Exists(folder))
            throw new WorkbenchException(
                $"There is no corpus '{nameOrFolder}': expected {Synthetic}, {string.Join(", ", Known.Select(info => info.Name))}, or a folder with train, valid and test files (.txt or .tokens){(File.Exists(folder) ? "; this is a file" : "")}.");
        return Read(Path.TrimEndingDirectorySeparator(folder), SplitFiles.Find(folder), workspace, progress, cancellation);
    }

    /// <summary>What <see cref="Load"/> would load, without its text; a known corpus need not be installed for it.</summary>
    /// <param name="nameOrFolder">As for <see cref="Load"/>.</param>
    /// <param name="workspace">Where the cache lies.</param>
    /// <exception cref="WorkbenchException">There is no such corpus, or a folder's files cannot be used.</exception>
    public static CorpusFacts FactsOf(string nameOrFolder, Workspace workspace) => Find(nameOrFolder)?.Facts ?? Load(nameOrFolder, workspace).Facts;

    /// <summary>What is known about a corpus of this name (case does not matter), or null.</summary>
    public static CorpusInfo? Find(string name) => Known.FirstOrDefault(info => info.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static Corpus LoadKnown(CorpusInfo info, Workspace workspace, IProgress<Progress>? progress, CancellationToken cancellation)
    {
        var folder = info.Folder(workspace);
        if (!Directory.Exists(folder))
            throw new WorkbenchException(
                $"The corpus '{info.Name}' ({info.Title}) is not installed in '{workspace.Datasets}'. Get it with: artar data install {info.Name} (add --from FILE-OR-FOLDER if you have a copy).");
        var paths = info.Files.Select(file => Path.Combine(folder, file.FileName)).ToArray();
        return Read(info.Name, new(paths[0], paths[1], paths[2]), workspace, progress, cancellation, info);
    }

    /// <summary>
    /// Hashing the text first costs little, makes the cache's key depend on nothing but the content (no clock, no path), and shows whether
    /// an installed corpus is still what it should be.
    /// </summary>
    private static Corpus Read(
        string name, SplitFiles files, Workspace workspace, IProgress<Progress>? progress, CancellationToken cancellation, CorpusInfo? info = null)
    {
        string[] paths = [files.Train, files.Valid, files.Test];
        string[] hashes = [.. paths.Select(path => DataFile.Sha256(path, progress, cancellation))];
        for (var i = 0; i < (info?.Files.Count ?? 0); i++)
            if (hashes[i] != info!.Files[i].Sha256)
                throw new WorkbenchException(
                    $"'{paths[i]}' is not the file that {info.Title} has: its SHA-256 is {hashes[i]}, expected {info.Files[i].Sha256}. Install it again: artar data install {info.Name}");

        var hash = HashOfSplits(hashes[0], hashes[1], hashes[2]);
        var tokenizer = new Tokenizer();
        var train = tokenizer.Read(files.Train, grow: true, progress, cancellation);
        var valid = tokenizer.Read(files.Valid, grow: false, progress, cancellation);
        var test = tokenizer.Read(files.Test, grow: false, progress, cancellation);
        if (HashOfSplits(train.Sha256, valid.Sha256, test.Sha256) != hash)
            throw new WorkbenchException($"The text of '{name}' in '{Path.GetDirectoryName(files.Train)}' changed while it was read; run again when nothing writes to it.");
        return new(name, new(tokenizer.Tokens), train.Ids, valid.Ids, test.Ids, hash);
    }

    /// <summary>A corpus is its three texts: the hash of their hashes.</summary>
    internal static string HashOfSplits(string train, string valid, string test) => Corpus.HashOf($"train {train} valid {valid} test {test}");
}
