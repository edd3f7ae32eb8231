namespace ArTar.Workbench.Data;

/// <summary>Files that a user named or that are put in place for one: what the system has against it is turned into words.</summary>
internal static class DataFile
{
    /// <summary>SHA-256 of a file's bytes, in lower-case hex.</summary>
    public static string Sha256(string path, IProgress<Progress>? progress, CancellationToken cancellation) => Read(path, file =>
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 17];
        var activity = $"checking {Path.GetFileName(path)}";
        for (var done = 0L; file.Read(buffer) is > 0 and var read;)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            done += read;
            progress?.Report(new(activity, done, file.Length, "bytes"));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    });

    /// <summary>Opens <paramref name="path"/> for reading in order and hands it to <paramref name="read"/>.</summary>
    public static T Read<T>(string path, Func<FileStream, T> read)
    {
        if (Directory.Exists(path))
            throw new WorkbenchException($"'{path}' is a folder; expected a text file there.");
        try
        {
            PlainFile.Require(path);
            using var stream = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
            return read(stream);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new WorkbenchException(
                $"'{path}' cannot be read: {fault.Message.TrimEnd('.')}. Check that it is there, is a file, and that you "
                    + "may read it.", fault);
        }
    }

    /// <summary>Runs one step of writing <paramref name="path"/>: a full disk or a missing permission is told, never tried again.</summary>
    public static void Store(string path, Action step)
    {
        try
        {
            step();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new WorkbenchException(
                $"'{path}' cannot be written: {fault.Message.TrimEnd('.')}. Check the free space, and that you may write there, "
                    + "then run again.", fault);
        }
    }

    /// <summary>Opens <paramref name="path"/> for writing; with <see cref="FileMode.Append"/> after what is there.</summary>
    public static FileStream OpenForWriting(string path, FileMode mode)
    {
        FileStream? file = null;
        Store(path, () => file = new FileStream(path, mode, FileAccess.Write, FileShare.None, bufferSize: 0));
        return file!;
    }
}
