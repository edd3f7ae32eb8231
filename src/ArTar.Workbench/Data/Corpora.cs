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
    /// and test files (.txt or .tokens). A known name wins over a folder of that name; write <c>./ptb</c> for the folder.
    /// </param>
    /// <param name="workspace">Where installed corpora and the cache lie.</param>
    /// <param name="progress">Told how far reading has come.</param>
    /// <param name="cancellation">Stops between two buffers.</param>
    /// <exception cref="WorkbenchException">There is no such corpus, or its files cannot be used; the message says what to do.</exception>
    public static Corpus Load(string nameOrFolder, Workspace workspace, IProgress<Progress>? progress = null, CancellationToken cancellation = default)
    {
        if (nameOrFolder.Equals(Synthetic, StringComparison.OrdinalIgnoreCase))
            return new SyntheticLanguage().Generate();
        if (Find(nameOrFolder) is { } known)
            return LoadKnown(known, workspace, progress, cancellation);
        var folder = Path.GetFullPath(nameOrFolder);
        if (!Directory.Exists(folder))
            throw new WorkbenchException(
                $"There is no corpus '{nameOrFolder}': expected {Synthetic}, {string.Join(", ", Known.Select(info => info.Name))}, or a folder with train, valid and test files (.txt or .tokens){(File.Exists(folder) ? "; this is a file" : "")}.");
        return Read(new DirectoryInfo(folder).Name, SplitFiles.Find(folder), progress, cancellation);
    }

    /// <summary>What is known about a corpus of this name (case does not matter), or null.</summary>
    public static CorpusInfo? Find(string name) => Known.FirstOrDefault(info => info.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static Corpus LoadKnown(CorpusInfo info, Workspace workspace, IProgress<Progress>? progress, CancellationToken cancellation)
    {
        var folder = info.Folder(workspace);
        if (!Directory.Exists(folder))
            throw new WorkbenchException(
                $"The corpus '{info.Name}' ({info.Title}) is not installed in '{workspace.Datasets}'. Get it with: artar data install {info.Name} (add --from FILE-OR-FOLDER if you have a copy).");
        return Read(info.Name, SplitFiles.Find(folder), progress, cancellation);
    }

    private static Corpus Read(string name, SplitFiles files, IProgress<Progress>? progress, CancellationToken cancellation)
    {
        var tokenizer = new Tokenizer();
        var train = tokenizer.Read(files.Train, grow: true, progress, cancellation);
        var valid = tokenizer.Read(files.Valid, grow: false, progress, cancellation);
        var test = tokenizer.Read(files.Test, grow: false, progress, cancellation);
        return new(name, new(tokenizer.Tokens), train.Ids, valid.Ids, test.Ids, HashOfSplits(train.Sha256, valid.Sha256, test.Sha256));
    }

    /// <summary>A corpus is its three texts: the hash of their hashes.</summary>
    internal static string HashOfSplits(string train, string valid, string test) => Corpus.HashOf($"train {train} valid {valid} test {test}");
}
