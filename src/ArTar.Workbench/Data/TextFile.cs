namespace ArTar.Workbench.Data;

/// <summary>Opens files that a user named, and turns what the system says against it into words.</summary>
internal static class TextFile
{
    /// <summary>Opens <paramref name="path"/> for reading in order and hands it to <paramref name="read"/>.</summary>
    public static T Read<T>(string path, Func<FileStream, T> read)
    {
        if (Directory.Exists(path))
            throw new WorkbenchException($"'{path}' is a folder; expected a text file there.");
        try
        {
            using var stream = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
            return read(stream);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new WorkbenchException($"'{path}' cannot be read: {fault.Message} Check that it is there, is a file, and that you may read it.", fault);
        }
    }
}
