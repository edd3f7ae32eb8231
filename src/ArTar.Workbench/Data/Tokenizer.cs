using System.Buffers;
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

    private readonly WordTable table = new();
    private readonly bool isClosed;

    /// <summary>A reader that numbers the words as it meets them.</summary>
    public Tokenizer() { }

    /// <summary>A reader with the words of a vocabulary, and no others.</summary>
    public Tokenizer(Vocabulary vocabulary)
    {
        foreach (var token in vocabulary.Tokens)
            table.Add(Encoding.UTF8.GetBytes(token));
        isClosed = true;
    }

    /// <summary>All tokens met so far, in order of first appearance.</summary>
    public IEnumerable<string> Tokens => table.Words;

    /// <summary>Reads one file.</summary>
    /// <param name="path">The file; it is named in errors.</param>
    /// <param name="grow">True: new words join the vocabulary (training split). False: they become <c>&lt;unk&gt;</c>.</param>
    /// <param name="progress">Told the bytes read.</param>
    /// <param name="cancellation">Checked once per buffer.</param>
    /// <exception cref="WorkbenchException">The file cannot be read, holds no words, or is not UTF-8 text.</exception>
    public SplitReading Read(string path, bool grow, IProgress<Progress>? progress, CancellationToken cancellation) =>
        DataFile.Read(path, stream => Read(stream, path, grow, progress, cancellation));

    private SplitReading Read(Stream stream, string path, bool grow, IProgress<Progress>? progress, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var activity = $"tokenising {Path.GetFileName(path)}";
        var buffer = new byte[BufferSize];
        var ids = new List<int>();
        var place = new SplitReading(path);
        var kept = 0; // bytes of an unfinished word, at the start of the buffer

        for (var atEnd = false; !atEnd;)
        {
            cancellation.ThrowIfCancellationRequested();
            var read = stream.ReadAtLeast(buffer.AsSpan(kept), buffer.Length - kept, throwOnEndOfStream: false);
            atEnd = read < buffer.Length - kept;
            hash.AppendData(buffer, kept, read);
            var filled = buffer.AsSpan(0, kept + read);
            var start = place.Offset == 0 ? LengthOfByteOrderMark(filled, path) : 0;
            var used = Scan(filled, start, atEnd, grow, ids, place);
            kept = filled.Length - used;
            filled[used..].CopyTo(buffer);
            place.Offset += used;
            progress?.Report(new(activity, place.Offset, stream.Length, "bytes"));
        }

        if (place.Words == 0)
            throw new WorkbenchException(
                $"'{path}' has no words in it ({place.Offset:N0} bytes); expected text, words separated by blanks, one sentence a line.");
        (place.Ids, place.Sha256) = ([.. ids], Convert.ToHexStringLower(hash.GetHashAndReset()));
        return place;
    }

    /// <summary>
    /// Takes all finished words out of a buffer, and at the file's end the last one too; returns how many bytes are done with.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Scan(ReadOnlySpan<byte> buffer, int position, bool atEnd, bool grow, List<int> ids, SplitReading place)
    {
        while (position < buffer.Length)
        {
            var (end, hash) = (position, WordTable.EmptyHash);
            for (; end < buffer.Length && !IsBlank(buffer[end]); end++) hash = WordTable.Hash(hash, buffer[end]);
            if (end - position > LongestToken) throw TooLong(place, position);
            if (end == buffer.Length && !atEnd) break;
            if (end > position)
            {
                var word = buffer[position..end];
                var id = table.Find(word, hash);
                ids.Add(id >= 0 ? id : NewWord(word, grow, place, position));
                place.Words++;
                place.EndsInMark = word.Length == 5 && word.SequenceEqual("<eos>"u8);
            }
            place.InLine = end == buffer.Length || buffer[end] != '\n';
            if (!place.InLine)
            {
                ids.Add(EndOfSentence());
                place.Line++;
                if (place.EndsInMark)
                    place.MarkedLines++;
                place.EndsInMark = false;
            }
            else if (end < buffer.Length && buffer[end] == '\r' && end + 1 < buffer.Length && buffer[end + 1] != '\n')
                place.LoneReturns++;
            position = Math.Min(end + 1, buffer.Length);
        }
        if (atEnd && place.InLine) ids.Add(EndOfSentence()); // the last line has no line break
        return position;
    }

    private static bool IsBlank(byte b) => b is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r');

    private int EndOfSentence() => FindOrAdd("<eos>"u8);

    private int NewWord(ReadOnlySpan<byte> word, bool grow, SplitReading place, int position)
    {
        CheckText(word, place, place.Offset + position);
        place.LookAt(word);
        if (grow)
            return table.Add(word);
        place.UnknownWords++;
        if (isClosed && table.Find("<unk>"u8, WordTable.HashOf("<unk>"u8)) < 0)
            throw new WorkbenchException(
                $"'{place.Path}', line {place.Line:N0}: the vocabulary lacks '{Encoding.UTF8.GetString(word)}', and has no <unk> for "
                    + "words that it lacks.");
        return FindOrAdd("<unk>"u8);
    }

    private int FindOrAdd(ReadOnlySpan<byte> word) => table.Find(word, WordTable.HashOf(word)) is >= 0 and var id ? id : table.Add(word);

    private static void CheckText(ReadOnlySpan<byte> word, SplitReading place, long offset)
    {
        if (word.IndexOf((byte)0) is >= 0 and var nul)
            throw new WorkbenchException(
                $"'{place.Path}', line {place.Line:N0}: a NUL byte at byte offset {offset + nul:N0}; expected UTF-8 text, and this looks "
                    + "like a binary file. Convert it or choose another file.");
        if (Utf8.IsValid(word)) return;
        var at = 0;
        while (Rune.DecodeFromUtf8(word[at..], out _, out var length) == OperationStatus.Done) at += length;
        throw new WorkbenchException(
            $"'{place.Path}', line {place.Line:N0}: invalid UTF-8 at byte offset {offset + at:N0} (byte 0x{word[at]:X2}); expected UTF-8 "
                + "text. Convert it, for example with: iconv -f LATIN1 -t UTF-8");
    }

    private static WorkbenchException TooLong(SplitReading place, int position) => new(
        $"'{place.Path}', line {place.Line:N0}: a single word of more than {LongestToken:N0} bytes starts at byte offset "
            + $"{place.Offset + position:N0}; expected words separated by blanks. Is this text?");

    private static int LengthOfByteOrderMark(ReadOnlySpan<byte> start, string path)
    {
        if (start is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw new WorkbenchException(
                $"'{path}', line 1: starts with the byte order mark of UTF-16; expected UTF-8. Convert it, for example with: iconv -f "
                    + "UTF-16 -t UTF-8");
        return start.StartsWith("\uFEFF"u8) ? 3 : 0;
    }
}
