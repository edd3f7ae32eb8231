namespace ArTar.Workbench;

/// <summary>What this machine has room for.</summary>
internal static class Disk
{
    /// <summary>Memory that processes here may use, in bytes.</summary>
    public static long Memory => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>A number of bytes as people say it: <c>980 bytes</c>, <c>35 MB</c>, <c>2.1 GB</c>.</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 1000 => $"{bytes} bytes",
        < 1_000_000 => FormattableString.Invariant($"{bytes / 1e3:0.#} kB"),
        < 1_000_000_000 => FormattableString.Invariant($"{bytes / 1e6:0.#} MB"),
        _ => FormattableString.Invariant($"{bytes / 1e9:F1} GB"),
    };

    /// <summary>Free bytes where a folder is, or will be; null where the system does not tell.</summary>
    public static long? FreeSpace(string folder)
    {
        try
        {
            return new DriveInfo(Standing(folder)).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Why nothing can be written into a folder, which need not be there yet; null where it can.</summary>
    public static string? Fault(string folder)
    {
        var standing = Standing(folder);
        var probe = Path.Combine(standing, $".artar-{Environment.ProcessId}-{Path.GetRandomFileName()}");
        try
        {
            File.WriteAllText(probe, "1");
            File.Delete(probe);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"'{folder}' cannot be written to: {e.Message.TrimEnd('.')}. Make room there or ask for the right to write, or " +
                $"choose another folder.";
        }
    }

    /// <summary>The folder, or the nearest above it that is there.</summary>
    private static string Standing(string folder)
    {
        var at = Path.GetFullPath(folder);
        while (!Path.Exists(at) && Path.GetDirectoryName(at) is { } above)
            at = above;
        return at;
    }
}
