namespace ArTar.Cli;

/// <summary>The part of a page that a program writes, between two marks; the rest of the page is people's.</summary>
internal static class MarkedBlock
{
    /// <summary>Where a block ends.</summary>
    public const string End = "<!-- to here -->";

    /// <summary>Puts a block in the place of the one that is there, whole or not at all.</summary>
    /// <param name="path">The page.</param>
    /// <param name="begin">The mark that it begins after.</param>
    /// <param name="block">The block, in Markdown.</param>
    /// <exception cref="WorkbenchException">There is no such page, or it lacks the marks.</exception>
    public static void Write(string path, string begin, string block)
    {
        if (!File.Exists(path))
            throw new WorkbenchException($"There is no {path} to write into; run this in a clone of the repository.");
        var text = PlainFile.ReadAllText(path);
        var from = text.IndexOf(begin, StringComparison.Ordinal);
        var to = from < 0 ? -1 : text.IndexOf(End, from, StringComparison.Ordinal);
        if (to < 0)
            throw new WorkbenchException($"{path} lacks the marks '{begin}' and '{End}', between which the figures go.");
        AtomicFile.WriteAllText(path, $"{text[..(from + begin.Length)]}\n\n{block.TrimEnd('\n')}\n\n{text[to..]}");
    }
}
