namespace ArTar.Workbench;

/// <summary>Files that appear whole or not at all, also after a kill or a power cut.</summary>
public static class AtomicFile
{
    /// <summary>What names of files end in that are not whole yet.</summary>
    internal const string TemporarySuffix = ".partial";

    /// <summary>
    /// Writes beside <paramref name="path"/>, flushes to the disk, then renames over it. A reader sees the old file or
    /// the new one. When <paramref name="write"/> throws, the old file stays and the partial one is removed.
    /// </summary>
    public static void Write(string path, Action<FileStream> write)
    {
        var temporary = $"{path}.{Path.GetRandomFileName()}{TemporarySuffix}";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes <paramref name="text"/> as UTF-8 without a byte order mark, whole or not at all.</summary>
    public static void WriteAllText(string path, string text) =>
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Removes what writers that were killed left in a folder that nobody else writes to now.</summary>
    public static void RemoveLeftovers(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*" + TemporarySuffix))
            File.Delete(file);
    }
}
