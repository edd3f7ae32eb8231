using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace ArTar.Workbench.Data;

/// <summary>
/// Tokenised corpora as compact files, named by the hash of the text that they were made from. The layout, little-endian:
/// magic (8 bytes), format version, bytes of vocabulary, number of ids in train, valid and test (4 bytes each), the text's hash (32 bytes);
/// the vocabulary, one word a line; the ids, 4 bytes each; SHA-256 of all that (32 bytes).
/// </summary>
internal static class CorpusCache
{
    /// <summary>Raise it whenever the layout or the tokeniser's rules change: older files are then made anew.</summary>
    private const int Version = 1;
    private const int HashSize = SHA256.HashSizeInBytes;
    private const int HeaderSize = 8 + 5 * sizeof(int) + HashSize;

    private static ReadOnlySpan<byte> Magic => "ARTARTOK"u8;

    /// <summary>Where the tokenised form of a text lies.</summary>
    public static string PathOf(string hash, Workspace workspace) => Path.Combine(workspace.Datasets, ".cache", hash + ".tokens");

    /// <summary>Reads a file that <see cref="Write(string, Corpus)"/> made; null if there is none, or not a sound one of this version.</summary>
    public static Corpus? Read(string path, string name, string hash)
    {
        try
        {
            using var file = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
            return Read(file, name, hash);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or WorkbenchException)
        {
            return null;
        }
    }

    private static Corpus? Read(FileStream file, string name, string hash)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> header = stackalloc byte[HeaderSize];
        Fill(header);
        var sizes = MemoryMarshal.Cast<byte, int>(header.Slice(8, 5 * sizeof(int))).ToArray();
        var sound = header.StartsWith(Magic) && sizes[0] == Version && sizes.All(size => size >= 0)
            && header[^HashSize..].SequenceEqual(Convert.FromHexString(hash))
            && file.Length == HeaderSize + sizes[1] + sizes[2..].Sum(count => (long)count * sizeof(int)) + HashSize;
        if (!sound) return null; // before anything is allocated by sizes that may be damaged

        var words = new byte[sizes[1]];
        Fill(words);
        var (train, valid, test) = (Ids(sizes[2]), Ids(sizes[3]), Ids(sizes[4]));
        Span<byte> expected = stackalloc byte[HashSize];
        file.ReadExactly(expected);
        if (!expected.SequenceEqual(sum.GetHashAndReset())) return null;
        return new(name, new(Encoding.UTF8.GetString(words).Split('\n')), train, valid, test, hash);

        void Fill(Span<byte> bytes)
        {
            file.ReadExactly(bytes);
            sum.AppendData(bytes);
        }

        int[] Ids(int count)
        {
            var ids = GC.AllocateUninitializedArray<int>(count);
            Fill(MemoryMarshal.AsBytes(ids.AsSpan()));
            return ids;
        }
    }

    /// <summary>Writes a corpus, whole or not at all.</summary>
    /// <returns>False when the folder does not take it (read-only, disk full): the corpus works without.</returns>
    public static bool Write(string path, Corpus corpus)
    {
        try
        {
            if (!BitConverter.IsLittleEndian) return false;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, file => Write(file, corpus));
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Write(FileStream file, Corpus corpus)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var words = Encoding.UTF8.GetBytes(string.Join('\n', corpus.Vocabulary.Tokens));
        Append(Magic);
        int[] sizes = [Version, words.Length, corpus.Train.Length, corpus.Valid.Length, corpus.Test.Length];
        Append(MemoryMarshal.AsBytes(sizes.AsSpan()));
        Append(Convert.FromHexString(corpus.Hash));
        Append(words);
        foreach (var split in Enum.GetValues<Split>()) Append(MemoryMarshal.AsBytes(corpus[split].Span));
        file.Write(sum.GetHashAndReset());

        void Append(ReadOnlySpan<byte> bytes)
        {
            file.Write(bytes);
            sum.AppendData(bytes);
        }
    }
}
