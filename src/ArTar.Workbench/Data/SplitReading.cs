using System.Buffers;

namespace ArTar.Workbench.Data;

/// <summary>What was read of one split, and what in it is probably not what its owner thinks.</summary>
/// <param name="path">The file.</param>
internal sealed class SplitReading(string path)
{
    private int oddWords;
    private string firstOdd = "";

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Token ids, [N].</summary>
    public int[] Ids { get; set; } = [];

    /// <summary>SHA-256 of the bytes.</summary>
    public string Sha256 { get; set; } = "";

    /// <summary>Where the buffer starts in the file.</summary>
    public long Offset { get; set; }

    /// <summary>Words so far, without the ends of sentences.</summary>
    public long Words { get; set; }

    /// <summary>Words that the vocabulary lacks.</summary>
    public long UnknownWords { get; set; }

    /// <summary>Number of the line, from 1.</summary>
    public long Line { get; set; } = 1;

    /// <summary>Whether the line has begun: some byte came after the last line break.</summary>
    public bool InLine { get; set; }

    /// <summary>Whether the last word of the line so far is <c>&lt;eos&gt;</c>.</summary>
    public bool EndsInMark { get; set; }

    /// <summary>Lines that end in <c>&lt;eos&gt;</c> by themselves.</summary>
    public long MarkedLines { get; set; }

    /// <summary>Carriage returns without a line feed.</summary>
    public long LoneReturns { get; set; }

    /// <summary>Looks for blanks that separate no words here.</summary>
    public void LookAt(ReadOnlySpan<byte> word)
    {
        while (Rune.DecodeFromUtf8(word, out var rune, out var length) == OperationStatus.Done)
        {
            word = word[length..];
            if (rune.IsAscii || !IsBlank(rune))
                continue;
            if (oddWords++ == 0)
                firstOdd = string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4} in line {Line:N0}");
            return;
        }
    }

    /// <summary>What a person should know, a sentence each.</summary>
    /// <param name="words">The vocabulary.</param>
    public IEnumerable<string> Notices(Vocabulary words)
    {
        var name = System.IO.Path.GetFileName(path);
        if (MarkedLines > 0)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{name}: {MarkedLines:N0} lines end in <eos> already, and get a second one, as every line does; take them out.");
        if (LoneReturns > Line)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{name}: {LoneReturns:N0} carriage returns are read as blanks, not as line ends; convert them, for example with: " +
                $"tr '\\r' '\\n'");
        if (oddWords > 0)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{name}: {oddWords:N0} words have blanks in them that are not ASCII ({firstOdd} first), which separate no words here; " +
                    $"write plain blanks.");
        if (UnknownWords > 0 && UnknownWords == Words)
            yield return $"{name}: none of its words is in the training text.";
        else if (Words > 0 && Ids.All(id => id == words.Unknown || id == words.EndOfSentence))
            yield return $"{name}: each of its words is {Vocabulary.UnknownToken}.";
    }

    private static bool IsBlank(Rune rune) => rune.Value is 0x85 or 0x180E or 0x200B or 0x2060 or 0xFEFF
        || Rune.GetUnicodeCategory(
            rune) is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
