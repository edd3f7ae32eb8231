namespace ArTar.Workbench.Data;

/// <summary>The three text files of a corpus; the path of one that nobody needs may be empty.</summary>
/// <param name="Train">Path of the training text.</param>
/// <param name="Valid">Path of the validation text.</param>
/// <param name="Test">Path of the test text.</param>
internal sealed record SplitFiles(string Train, string Valid, string Test)
{
    /// <summary>Names of files that look like splits, or are hidden, and are not read.</summary>
    public IReadOnlyList<string> PassedOver { get; init; } = [];

    /// <summary>Where they lie.</summary>
    public string? Folder => Path.GetDirectoryName(new[] { Train, Valid, Test }.First(path => path.Length > 0));

    private static readonly string[] extensions = [".txt", ".tokens"];
    private static readonly char[] separators = ['.', '-', '_'];
    private static readonly string[] words = ["train", "valid", "validation", "val", "dev", "test"];

    /// <summary>
    /// Finds the files in a folder by name: one part of the name is train, valid (or validation, val, dev) or test, and it
    /// ends in .txt or .tokens: train.txt, ptb.valid.txt, wiki.test.tokens.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="only">The one split that is needed; null for all three.</param>
    /// <exception cref="WorkbenchException">The folder cannot be read, or a split has no file or more than one.</exception>
    public static SplitFiles Find(string folder, Split? only = null)
    {
        string[] files, passedOver;
        try
        {
            // Folders that are named like a split count too: reading one then says that it is a folder.
            string[] all = [.. Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal)];
            bool IsHidden(string file) => Path.GetFileName(file).StartsWith('.');
            files = [.. all.Where(file => extensions.Contains(Path.GetExtension(file)) && !IsHidden(file))];
            passedOver = [.. all.Except(files).Where(file => IsHidden(file) || WordsOf(file).Intersect(words).Any())
                .Select(file => Path.GetFileName(file))];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new WorkbenchException($"The folder '{folder}' cannot be read: {fault.Message}", fault);
        }
        return new(Only(Split.Train, "train"), Only(Split.Valid, "valid", "validation", "val", "dev"),
            Only(Split.Test, "test")) { PassedOver = passedOver };

        string Only(Split part, params string[] words)
        {
            if (only is { } needed && part != needed)
                return "";
            var split = words[0];
            var matches = files.Where(file => WordsOf(file).Intersect(words).Any()).ToArray();
            return matches switch
            {
                [var file] => file,
                [] => throw new WorkbenchException(
                    $"The folder '{folder}' has no {split} split; expected {split}.txt or {split}.tokens (found: "
                        + $"{Names(files)}{(passedOver.Length > 0 ? $"; not read: {string.Join(", ", passedOver)}" : "")})."
                            + (only is null ? " A corpus needs train, valid and test." : "")),
                _ => throw new WorkbenchException(
                    $"The folder '{folder}' has {matches.Length} files for the {split} split: {Names(matches)}; expected one. Move the "
                        + "others away."),
            };
        }

        static string[] WordsOf(string file) => Path.GetFileNameWithoutExtension(file).ToLowerInvariant().Split(separators);

        static string Names(string[] files) =>
            files.Length == 0 ? "no .txt or .tokens file" : string.Join(", ", files.Select(Path.GetFileName));
    }
}
