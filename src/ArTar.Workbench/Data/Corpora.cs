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
    /// and test files (.txt or .tokens). A known name wins over a folder of that name; write <c>./ptb</c> for the folder. A folder's corpus
    /// is named by its full path, so that a stored run finds it again from anywhere.
    /// </param>
    /// <param name="workspace">Where installed corpora lie.</param>
    /// <param name="progress">Told how far reading has come.</param>
    /// <param name="cancellation">Stops between two buffers.</param>
    /// <exception cref="WorkbenchException">There is no such corpus, or its files cannot be used; the message says what to do.</exception>
    public static Corpus Load(string nameOrFolder, Workspace workspace, IProgress<Progress>? progress = null,
        CancellationToken cancellation = default)
    {
        if (string.IsNullOrWhiteSpace(nameOrFolder))
            throw new WorkbenchException(
                $"An empty name names no corpus; expected {Synthetic}, {string.Join(", ", Known.Select(info => info.Name))}, or a folder.");
        if (nameOrFolder.Equals(Synthetic, StringComparison.OrdinalIgnoreCase))
            return new SyntheticLanguage().Generate();
        if (Find(nameOrFolder) is { } known)
            return Read(known.Name, FilesOf(known, InstalledFolder(known, workspace)), progress, cancellation, known);
        var folder = FolderOf(nameOrFolder);
        return Read(folder, SplitFiles.Find(folder), progress, cancellation);
    }

    /// <summary>Another text in the words of a vocabulary, to measure a model on that was trained on something else.</summary>
    /// <param name="nameOrFolder">As for <see cref="Load"/>.</param>
    /// <param name="workspace">Where installed corpora lie.</param>
    /// <param name="vocabulary">The model's words; others become <c>&lt;unk&gt;</c>.</param>
    /// <param name="only">The one split that is needed: a folder need have no other, and the others stay empty; null for all three.</param>
    /// <exception cref="WorkbenchException">There is no such corpus, or the vocabulary has no <c>&lt;unk&gt;</c> and lacks a
    /// word.</exception>
    internal static Corpus LoadInWordsOf(string nameOrFolder, Workspace workspace, Vocabulary vocabulary, Split? only = null)
    {
        if (nameOrFolder.Equals(Synthetic, StringComparison.OrdinalIgnoreCase))
            throw new WorkbenchException(
                $"The corpus '{Synthetic}' is read in its own words only; expected a folder of text or an installed corpus.");
        var info = Find(nameOrFolder);
        var folder = info is null ? FolderOf(nameOrFolder) : InstalledFolder(info, workspace);
        return Read(info?.Name ?? folder, info is null ? SplitFiles.Find(folder, only) : FilesOf(info, folder), null, default, info,
            vocabulary, only);
    }

    /// <summary>Whether a name or a folder has the text of this content hash, whole.</summary>
    internal static bool Has(string nameOrFolder, string hash, Workspace workspace) =>
        IsNamed(nameOrFolder) ? FactsOf(nameOrFolder, workspace).Hash == hash : HashOf(FolderOf(nameOrFolder), default) == hash;

    /// <summary>
    /// The corpus of a stored run, by its content: where it was, else among the data sets of the workspace, else under its name in the
    /// workspace or the current folder.
    /// </summary>
    /// <param name="name">What it was found by: a known name, or a folder's path.</param>
    /// <param name="hash">Its content hash.</param>
    /// <param name="workspace">The workspace.</param>
    /// <param name="place">Where it lies now, if a person said so; then nowhere else.</param>
    /// <param name="cancellation">Stops between two buffers.</param>
    /// <exception cref="WorkbenchException">It is not there any more, or has changed.</exception>
    internal static Corpus LoadAgain(string name, string hash, Workspace workspace, string? place = null,
        CancellationToken cancellation = default)
    {
        if (place is not null)
            return Load(place, workspace, cancellation: cancellation) is var given && given.Hash == hash ? given
                : throw new WorkbenchException(
                $"'{place}' has another text (hash {given.Hash[..12]}) than the one that is needed, '{name}' with hash {hash[..12]}.");
        if (IsNamed(name))
            return Load(name, workspace, cancellation: cancellation) is var known && known.Hash == hash ? known
                : throw new WorkbenchException(
                $"The data set '{name}' with hash {hash[..12]} is needed, the one found now has {known.Hash[..12]}. Install the same "
                    + "data again.");
        var title = Path.GetFileName(name);
        IEnumerable<string> folders =
            [name, Path.Combine(workspace.Datasets, title), Path.Combine(workspace.Root, title), Path.GetFullPath(title)];
        folders = folders.Concat(new[] { workspace.Datasets, Path.GetDirectoryName(name) }.SelectMany(FoldersIn));
        return folders.FirstOrDefault(f => HashOf(f, cancellation) == hash) is { } found
            ? Load(found, workspace, cancellation: cancellation) : throw new WorkbenchException(
            $"The text '{name}' with hash {hash[..12]} is needed, and "
                + $"{(Directory.Exists(name) ? "it has changed since" : "it is not there any more")}; " +
            $"nor has a folder beside it or in '{workspace.Datasets}' that text. Bring it back, or say in which folder it lies now.");
    }

    private static IEnumerable<string> FoldersIn(string? folder) => !Directory.Exists(folder) ? []
        : Directory.EnumerateDirectories(folder, "*", new EnumerationOptions()).Order(StringComparer.Ordinal);

    /// <summary>Whether a name is no folder's.</summary>
    private static bool IsNamed(string name) => name.Equals(Synthetic, StringComparison.OrdinalIgnoreCase) || Find(name) is not null;

    /// <summary>The content hash of a folder's text, read no further; null where there is none.</summary>
    private static string? HashOf(string folder, CancellationToken cancellation)
    {
        try
        {
            var files = Directory.Exists(folder) ? SplitFiles.Find(folder) : null;
            return files is null ? null
                : HashOfSplits(DataFile.Sha256(files.Train, null, cancellation), DataFile.Sha256(files.Valid, null, cancellation),
                    DataFile.Sha256(files.Test, null, cancellation));
        }
        catch (Exception e) when (e is WorkbenchException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string FolderOf(string given)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(given));
        try
        {
            if (File.GetAttributes(folder).HasFlag(FileAttributes.Directory))
                return folder;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new WorkbenchException($"The folder '{folder}' cannot be read: you may not look into a folder above it.", e);
        }
        catch (IOException)
        {
            // It is not there.
        }
        throw new WorkbenchException(
            $"There is no corpus '{given}': expected {Synthetic}, {string.Join(", ", Known.Select(info => info.Name))}, or a folder with "
                + $"train, valid and test files (.txt or .tokens){(File.Exists(folder) ? "; this is a file" : "")}.");
    }

    /// <summary>What <see cref="Load"/> would load, without its text; a known corpus need not be installed for it.</summary>
    /// <param name="nameOrFolder">As for <see cref="Load"/>.</param>
    /// <param name="workspace">Where installed corpora lie.</param>
    /// <exception cref="WorkbenchException">There is no such corpus, or a folder's files cannot be used.</exception>
    public static CorpusFacts FactsOf(string nameOrFolder, Workspace workspace) =>
        Find(nameOrFolder)?.Facts ?? Load(nameOrFolder, workspace).Facts;

    /// <summary>What is known about a corpus of this name (case does not matter), or null.</summary>
    public static CorpusInfo? Find(string name) => Known.FirstOrDefault(info => info.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static string InstalledFolder(CorpusInfo info, Workspace workspace) =>
        info.Folder(workspace) is var folder && Directory.Exists(folder) ? folder
        : throw new WorkbenchException(
            $"The corpus '{info.Name}' ({info.Title}) is not installed in '{workspace.Datasets}'. Install it.") { Missing = info.Name };

    private static SplitFiles FilesOf(CorpusInfo info, string folder) =>
        info.Files.Select(file => Path.Combine(folder, file.FileName)).ToArray() is var paths ? new(paths[0], paths[1], paths[2]) : null!;

    /// <summary>
    /// Hashing the text first costs little, and shows whether an installed corpus is still what it should be.
    /// </summary>
    private static Corpus Read(
        string name, SplitFiles files, IProgress<Progress>? progress, CancellationToken cancellation, CorpusInfo? info = null,
        Vocabulary? words = null, Split? only = null)
    {
        string[] paths = [files.Train, files.Valid, files.Test];
        bool IsNeeded(int split) => only is null || (int)only == split;
        string[] hashes = [.. paths.Select((path, i) => IsNeeded(i) ? DataFile.Sha256(path, progress, cancellation) : "")];
        for (var i = 0; i < (info?.Files.Count ?? 0); i++)
            if (IsNeeded(i) && hashes[i] != info!.Files[i].Sha256)
                throw new WorkbenchException(
                    $"'{paths[i]}' is not the file that {info.Title} has: its SHA-256 is {hashes[i]}, expected {info.Files[i].Sha256}. "
                        + "Install it again.") { Missing = info.Name };

        var hash = HashOfSplits(hashes[0], hashes[1], hashes[2]);
        var tokenizer = words is null ? new Tokenizer() : new(words);
        SplitReading Reading(Split split) => !IsNeeded((int)split) ? new("")
            : tokenizer.Read(paths[(int)split], grow: words is null && split == Split.Train, progress, cancellation);
        var (train, valid, test) = (Reading(Split.Train), Reading(Split.Valid), Reading(Split.Test));
        if (HashOfSplits(train.Sha256, valid.Sha256, test.Sha256) != hash)
            throw new WorkbenchException(
                $"The text of '{name}' in '{files.Folder}' changed while it was read; run again when nothing "
                    + "writes to it.");
        var vocabulary = words ?? new(tokenizer.Tokens);
        // The same text in other words has other ids, and so another hash.
        var identity = words is null ? hash : Corpus.HashOf($"{hash} in {string.Join('\n', words.Tokens)}");
        return new(name, vocabulary, train.Ids, valid.Ids, test.Ids, identity)
        {
            // An installed corpus is known to be what it should be.
            Notices = info is not null ? []
                : [.. NoticesOn(files, vocabulary), .. new[] { train, valid, test }.SelectMany(s => s.Notices(vocabulary))],
        };
    }

    private static IEnumerable<string> NoticesOn(SplitFiles files, Vocabulary vocabulary)
    {
        if (files.PassedOver.Count > 0)
            yield return $"Not read in '{files.Folder}', as only plain .txt and .tokens files are: "
                + $"{string.Join(", ", files.PassedOver)}.";
        foreach (var mark in new[] { Vocabulary.UnknownToken, Vocabulary.EndOfSentenceToken })
            if (vocabulary.Tokens.Where(t => t != mark
                && t.Trim('<', '>', '[', ']').Equals(mark.Trim('<', '>'), StringComparison.OrdinalIgnoreCase))
                    .ToList() is { Count: > 0 } others)
                yield return $"The text has {string.Join(", ", others.Select(o => $"'{o}'"))}, which is a word like any other here; only "
                    + $"{mark} is more than that.";
    }

    /// <summary>A corpus is its three texts: the hash of their hashes.</summary>
    internal static string HashOfSplits(string train, string valid, string test) =>
        Corpus.HashOf($"train {train} valid {valid} test {test}");
}
