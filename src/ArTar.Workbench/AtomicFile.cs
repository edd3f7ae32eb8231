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
    public static void Write(string path, Action<Stream> write) => Write(path, write, null);

    private static void Write(string path, Action<Stream> write, UnixFileMode? mode)
    {
        var temporary = $"{path}.{Path.GetRandomFileName()}{TemporarySuffix}";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            if (mode is { } rights && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(temporary, rights);
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

    /// <summary>
    /// Writes a file that a person named, which may be more than a plain one: through a link to what it points to, into a pipe or a device
    /// as it is. A file that is there keeps who may read it.
    /// </summary>
    internal static void WriteNamed(string path, Action<Stream> write)
    {
        if (PlainFile.WaitsOrEnds(path))
        {
            using var whole = new MemoryStream();
            write(whole);
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            whole.WriteTo(stream);
            return;
        }
        var target = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        Write(target, write, File.Exists(target) && !OperatingSystem.IsWindows() ? File.GetUnixFileMode(target) : null);
    }

    /// <summary>As <see cref="WriteNamed(string, Action{Stream})"/>, a text.</summary>
    internal static void WriteNamed(string path, string text) =>
        WriteNamed(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Removes the files and folders that writers who were killed left in a folder that nobody else writes to now.</summary>
    public static void RemoveLeftovers(string folder)
    {
        foreach (var file in Directory.GetFiles(folder, "*" + TemporarySuffix))
            File.Delete(file);
        foreach (var unfinished in Directory.GetDirectories(folder, "*" + TemporarySuffix))
            Directory.Delete(unfinished, recursive: true);
    }
}
