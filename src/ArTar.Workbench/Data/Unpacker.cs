using System.Formats.Tar;
using System.IO.Compression;

namespace ArTar.Workbench.Data;

/// <summary>
/// Takes a corpus's files out of a folder, a zip, a tar or a tar.gz. Only the expected files are taken, by their base name, and
/// each must have the right size and SHA-256, so nothing else in an archive can do harm.
/// </summary>
internal sealed class Unpacker(CorpusInfo info, string from, string folder, IProgress<Progress>? progress, CancellationToken cancellation)
{
    /// <summary>Copies what <c>from</c> holds of the corpus into <c>folder</c>.</summary>
    /// <exception cref="WorkbenchException">Something is unreadable, damaged, unsafe, or not the expected file.</exception>
    public void Run()
    {
        if (Directory.Exists(from))
            TakeFromFolder();
        else
            DataFile.Read(from, file =>
            {
                try
                {
                    TakeFromFile(file);
                    return true;
                }
                // What .NET's readers of archives say of a damaged one.
                catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException or InvalidOperationException
                    or ArgumentException or NotSupportedException or FormatException or OverflowException)
                {
                    throw new WorkbenchException(
                        $"The archive '{from}' is damaged or cut short: {fault.Message.TrimEnd('.')}. Get it again.", fault);
                }
            });
    }

    private void TakeFromFolder()
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4, IgnoreInaccessible = true,
            AttributesToSkip = FileAttributes.None };
        foreach (var path in Directory.EnumerateFiles(from, "*", options).Order(StringComparer.Ordinal).ToArray())
            if (Wanted(Path.GetFileName(path)) is { } expected)
                DataFile.Read(path, file => Copy(file, expected, path));
    }

    private void TakeFromFile(FileStream file)
    {
        var start = new byte[262];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        switch (start.AsSpan(0, read))
        {
            case [(byte)'P', (byte)'K', ..]:
                TakeFromZip(file);
                break;
            case [0x1F, 0x8B, ..]:
                using (var unzipped = new GZipStream(file, CompressionMode.Decompress))
                    TakeFromTar(unzipped);
                break;
            case [.., (byte)'u', (byte)'s', (byte)'t', (byte)'a', (byte)'r']:
                TakeFromTar(file);
                break;
            default:
                if (Wanted(Path.GetFileName(from)) is { } expected) Copy(file, expected, from);
                break;
        }
    }

    private void TakeFromZip(FileStream file)
    {
        const int KindMask = 0xF000, RegularKind = 0x8000, FolderKind = 0x4000;
        using var zip = new ZipArchive(file, ZipArchiveMode.Read);
        foreach (var entry in zip.Entries)
        {
            var kind = (entry.ExternalAttributes >> 16) & KindMask; // 0 where the archive was made without Unix modes
            if (Member(entry.FullName, isFile: kind is 0 or RegularKind, isFolder: kind == FolderKind) is not { } expected) continue;
            using var content = entry.Open();
            Copy(content, expected, $"{from}: {entry.FullName}");
        }
    }

    private void TakeFromTar(Stream file)
    {
        using var tar = new TarReader(new TarGuard(file));
        while (tar.GetNextEntry() is { } entry)
        {
            var isFile = entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile;
            var isFolder = entry.EntryType is TarEntryType.Directory or TarEntryType.GlobalExtendedAttributes;
            if (Member(entry.Name, isFile, isFolder) is { } expected)
                Copy(entry.DataStream ?? Stream.Null, expected, $"{from}: {entry.Name}");
        }
    }

    /// <summary>
    /// What an archive's member should be, or null if it is not wanted. Archives that try to reach outside are refused whole.
    /// </summary>
    private CorpusFile? Member(string member, bool isFile, bool isFolder)
    {
        var name = member.Replace('\\', '/');
        if (name.StartsWith('/') || name is [_, ':', ..] || name.Split('/').Contains(".."))
            throw Refused("points outside of it");
        if (!isFile && !isFolder)
            throw Refused("is a link or a device");
        return isFile ? Wanted(name[(name.LastIndexOf('/') + 1)..]) : null;

        WorkbenchException Refused(string why) =>
            new($"The archive '{from}' has a member '{member}' that {why}; nothing was installed. Get the archive from its "
                + "public address.");
    }

    private CorpusFile? Wanted(string name) => info.Files.FirstOrDefault(file => file.FileName == name);

    /// <summary>Copies to disk, hardly more than the expected size, and checks size and hash.</summary>
    private bool Copy(Stream content, CorpusFile expected, string origin)
    {
        var path = Path.Combine(folder, expected.FileName);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = DataFile.OpenForWriting(path, FileMode.Create);
        var buffer = new byte[1 << 16];
        var size = 0L;
        for (int read; size <= expected.Bytes && (read = content.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            DataFile.Store(path, () => file.Write(buffer, 0, read));
            size += read;
            progress?.Report(new($"unpacking {expected.FileName}", size, expected.Bytes, "bytes"));
        }
        if (size != expected.Bytes)
            throw new WorkbenchException(
                $"'{origin}' has {(size > expected.Bytes ? "more" : $"{size:N0}")} bytes; expected {expected.Bytes:N0}. It is cut short "
                    + "or another version of the text.");
        var found = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (found != expected.Sha256)
            throw new WorkbenchException(
                $"'{origin}' has the SHA-256 {found}; expected {expected.Sha256}. It is damaged or another version of the text.");
        DataFile.Store(path, () => file.Flush(flushToDisk: true));
        return true;
    }
}
