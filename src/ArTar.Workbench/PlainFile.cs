using System.Buffers;

namespace ArTar.Workbench;

/// <summary>
/// Opens files that somebody else may have put where they lie: only plain files, as opening a pipe waits for its other end and a device may
/// have no end; and those that are read whole only up to a size, as nothing that the workbench writes is larger.
/// </summary>
internal static partial class PlainFile
{
    /// <summary>Bytes of a text that is read whole, where nothing else is said.</summary>
    public const long MostBytes = 16 << 20;

    /// <summary>Opens a file for reading, also while others write to it or delete it.</summary>
    /// <exception cref="IOException">It is not there, is a folder, a pipe, a socket or a device, or cannot be read.</exception>
    public static FileStream Open(string path)
    {
        Require(path);
        return new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <summary>Reads a file whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">Bytes that it may have.</param>
    /// <exception cref="IOException">As for <see cref="Open"/>, or it is larger.</exception>
    public static byte[] ReadAllBytes(string path, long most = MostBytes)
    {
        using var stream = Open(path);
        // What grows meanwhile, or does not tell its length, is cut off at the same place.
        var content = new ArrayBufferWriter<byte>((int)Math.Clamp(stream.Length, 256, most));
        while (stream.Read(content.GetSpan(1 << 12)) is > 0 and var read)
        {
            content.Advance(read);
            if (content.WrittenCount > most)
                throw new IOException(string.Create(CultureInfo.InvariantCulture,
                    $"'{path}' is larger than what is read there: expected at most {most:N0} bytes."));
        }
        return content.WrittenSpan.ToArray();
    }

    /// <summary>Reads a text whole; a byte order mark is left out.</summary>
    /// <inheritdoc cref="ReadAllBytes"/>
    public static string ReadAllText(string path, long most = MostBytes)
    {
        using var reader = new StreamReader(new MemoryStream(ReadAllBytes(path, most)), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>The lines of a text that is read whole.</summary>
    /// <inheritdoc cref="ReadAllBytes"/>
    public static IEnumerable<string> ReadLines(string path, long most = MostBytes)
    {
        using var reader = new StreamReader(new MemoryStream(ReadAllBytes(path, most)), Encoding.UTF8);
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    /// <summary>Sees to it that a path, if anything is there, is a plain file.</summary>
    /// <exception cref="IOException">It is something else.</exception>
    public static void Require(string path)
    {
        var kind = KindOf(path);
        if (kind.Length > 0)
            throw new IOException($"'{path}' is {kind}; expected a plain file.");
    }

    /// <summary>Whether a path is a pipe, a socket or a device.</summary>
    internal static bool WaitsOrEnds(string path) => !Directory.Exists(path) && KindOf(path).Length > 0;

    private static string KindOf(string path)
    {
        if (Directory.Exists(path))
            return "a folder";
        if (OperatingSystem.IsWindows())
            // Names such as CON and \\.\pipe\x; .NET opens no others that wait.
            return Path.GetFullPath(path).StartsWith(@"\\.\", StringComparison.Ordinal) ? "a device" : "";
        const int kindBits = 0xF000, plain = 0x8000, pipe = 0x1000, socket = 0xC000, words = 64, modeAt = 1;
        var status = new int[words];
        return path.Contains('\0', StringComparison.Ordinal) || Stat(path, status) != 0 ? "" // opening it says why
            : (status[modeAt] & kindBits) switch { plain => "", pipe => "a pipe", socket => "a socket", _ => "a device" };
    }

    // .NET's own way to ask, the same on every Unix; its classes keep the answer to themselves. Flags and mode come first.
    [LibraryImport("libSystem.Native", EntryPoint = "SystemNative_Stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, [Out] int[] status);
}
