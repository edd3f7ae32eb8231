using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace ArTar.Workbench.Data;

/// <summary>
/// Turns text files into token ids in one streamed pass: words are what stands between ASCII blanks (space, tab, carriage return, form
/// feed, vertical tab), and <c>&lt;eos&gt;</c> follows every line, blank lines included. Words are looked up as UTF-8 bytes, so
/// a known word costs no allocation, and only a word seen for the first time has to be checked for valid UTF-8.
/// </summary>
internal sealed class Tokenizer
{
    /// <summary>The longest word that is taken for one, in bytes.</summary>
    public const int LongestToken = 1 << 16;

    private const int BufferSize = 4 * LongestToken;
    private static readonly SearchValues<byte> s_blanks = SearchValues.Create(" \n\t\r\f\v"u8);

    private readonly Dictionary<byte[], int> _ids = new(Utf8WordComparer.Instance);
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private readonly List<string> _tokens = [];

    public Tokenizer() => _lookup = _ids.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>All tokens met so far, in order of first appearance.</summary>
    public IReadOnlyList<string> Tokens => _tokens;

    /// <summary>Reads one file.</summary>
    /// <param name="path">The file; it is named in errors.</param>
    /// <param name="grow">True: new words join the vocabulary (training split). False: they become <c>&lt;unk&gt;</c>.</param>
    /// <param name="progress">Told the bytes read.</param>
    /// <param name="cancellation">Checked once per buffer.</param>
    /// <returns>The ids, [N], and the SHA-256 of the bytes that were read.</returns>
    /// <exception cref="WorkbenchException">The file cannot be read, holds no words, or is not UTF-8 text.</exception>
    public (int[] Ids, string Sha256) Read(string path, bool grow, IProgress<Progress>? progress, CancellationToken cancellation) =>
        TextFile.Read(path, stream => Read(stream, path, grow, progress, cancellation));

    private (int[] Ids, string Sha256) Read(Stream stream, string path, bool grow, IProgress<Progress>? progress, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var total = stream.CanSeek ? stream.Length : 0;
        var activity = $"tokenising {Path.GetFileName(path)}";
        var buffer = new byte[BufferSize];
        var ids = new ChunkedList();
        var place = new Place(path);
        int? endOfSentence = null; // numbered when the first line ends, as any other token
        var kept = 0;           // bytes of an unfinished word, at the start of the buffer
        var offset = 0L;        // where the buffer starts in the file
        var words = 0L;
        var lineHasBytes = false;

        for (var atEnd = false; !atEnd;)
        {
            cancellation.ThrowIfCancellationRequested();
            var read = stream.ReadAtLeast(buffer.AsSpan(kept), buffer.Length - kept, throwOnEndOfStream: false);
            atEnd = read < buffer.Length - kept;
            hash.AppendData(buffer, kept, read);
            var filled = buffer.AsSpan(0, kept + read);
            var position = offset == 0 && kept == 0 ? LengthOfByteOrderMark(filled, path) : 0;

            while (position < filled.Length)
            {
                var length = filled[position..].IndexOfAny(s_blanks);
                if (length < 0 && !atEnd) break;
                if (length < 0) length = filled.Length - position;
                if (length > 0)
                {
                    ids.Add(IdOf(filled.Slice(position, length), grow, place, offset + position));
                    words++;
                }
                position += length;
                if (position == filled.Length)
                {
                    lineHasBytes = true;
                    break;
                }
                lineHasBytes = filled[position] != '\n';
                if (!lineHasBytes)
                {
                    ids.Add(endOfSentence ??= IdOf("<eos>"u8, grow: true, place, 0));
                    place.Line++;
                }
                position++;
            }

            kept = filled.Length - position;
            if (kept > LongestToken) throw TooLong(place, offset + position);
            filled[position..].CopyTo(buffer);
            offset += position;
            progress?.Report(new(activity, offset, total, "bytes"));
        }

        if (lineHasBytes) ids.Add(endOfSentence ?? IdOf("<eos>"u8, grow: true, place, 0)); // the last line has no line break
        if (words == 0)
            throw new WorkbenchException($"'{path}' has no words in it ({offset:N0} bytes); expected text, words separated by blanks, one sentence a line.");
        return (ids.ToArray(), Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private int IdOf(ReadOnlySpan<byte> word, bool grow, Place place, long offset)
    {
        if (_lookup.TryGetValue(word, out var id)) return id;
        if (word.Length > LongestToken) throw TooLong(place, offset);
        CheckText(word, place, offset);
        if (!grow)
        {
            word = "<unk>"u8;
            if (_lookup.TryGetValue(word, out id)) return id;
        }
        id = _tokens.Count;
        _lookup[word] = id;
        _tokens.Add(Encoding.UTF8.GetString(word));
        return id;
    }

    private static void CheckText(ReadOnlySpan<byte> word, Place place, long offset)
    {
        if (word.IndexOf((byte)0) is >= 0 and var nul)
            throw new WorkbenchException(
                $"'{place.Path}', line {place.Line:N0}: a NUL byte at byte offset {offset + nul:N0}; expected UTF-8 text, and this looks like a binary file. Convert it or choose another file.");
        if (Utf8.IsValid(word)) return;
        var at = 0;
        while (Rune.DecodeFromUtf8(word[at..], out _, out var length) == OperationStatus.Done) at += length;
        throw new WorkbenchException(
            $"'{place.Path}', line {place.Line:N0}: invalid UTF-8 at byte offset {offset + at:N0} (byte 0x{word[at]:X2}); expected UTF-8 text. Convert it, for example with: iconv -f LATIN1 -t UTF-8");
    }

    private static WorkbenchException TooLong(Place place, long offset) => new(
        $"'{place.Path}', line {place.Line:N0}: a single word of more than {LongestToken:N0} bytes starts at byte offset {offset:N0}; expected words separated by blanks. Is this text?");

    private static int LengthOfByteOrderMark(ReadOnlySpan<byte> start, string path)
    {
        if (start is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw new WorkbenchException($"'{path}', line 1: starts with the byte order mark of UTF-16; expected UTF-8. Convert it, for example with: iconv -f UTF-16 -t UTF-8");
        return start.StartsWith("\uFEFF"u8) ? 3 : 0;
    }

    /// <summary>Where the reader stands, for errors.</summary>
    private sealed class Place(string path)
    {
        public string Path { get; } = path;
        public long Line { get; set; } = 1;
    }

    /// <summary>Grows without copying, so that peak memory is the ids once in chunks and once in the final array.</summary>
    private sealed class ChunkedList
    {
        private const int ChunkSize = 1 << 16;
        private readonly List<int[]> _full = [];
        private int[] _chunk = new int[ChunkSize];
        private int _count;

        public void Add(int id)
        {
            if (_count == ChunkSize)
            {
                _full.Add(_chunk);
                _chunk = new int[ChunkSize];
                _count = 0;
            }
            _chunk[_count++] = id;
        }

        public int[] ToArray()
        {
            var all = GC.AllocateUninitializedArray<int>(checked(_full.Count * ChunkSize + _count));
            for (var i = 0; i < _full.Count; i++) _full[i].CopyTo(all, i * ChunkSize);
            _chunk.AsSpan(0, _count).CopyTo(all.AsSpan(_full.Count * ChunkSize));
            return all;
        }
    }

    /// <summary>Lets the dictionary be asked with a slice of the read buffer.</summary>
    private sealed class Utf8WordComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Utf8WordComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);
        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);
        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
        public int GetHashCode(byte[] word) => GetHashCode(word.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> word)
        {
            var hash = 2166136261u; // FNV-1a
            foreach (var b in word) hash = (hash ^ b) * 16777619u;
            return (int)hash;
        }
    }
}
