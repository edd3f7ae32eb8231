namespace ArTar.Workbench.Data;

/// <summary>The tokens of a corpus, numbered from 0 in the order in which the training split first shows them.</summary>
public sealed class Vocabulary
{
    /// <summary>Stands after every line, blank lines included.</summary>
    public const string EndOfSentenceToken = "<eos>";

    /// <summary>Stands for every word outside the vocabulary.</summary>
    public const string UnknownToken = "<unk>";

    private readonly string[] tokens;
    private readonly Dictionary<string, int> ids;

    /// <summary>Numbers <paramref name="tokens"/> in the given order; they must be distinct and hold <c>&lt;eos&gt;</c>.</summary>
    /// <exception cref="WorkbenchException">A token comes twice, or <c>&lt;eos&gt;</c> is missing.</exception>
    public Vocabulary(IEnumerable<string> tokens)
    {
        string[] all = [.. tokens];
        this.tokens = all;
        ids = new(all.Length);
        for (var id = 0; id < all.Length; id++)
            if (!ids.TryAdd(all[id], id))
                throw new WorkbenchException(
                    $"The vocabulary lists '{all[id]}' twice, as {ids[all[id]]} and {id}; each token needs one number.");
        EndOfSentence = IdOf(EndOfSentenceToken)
            ?? throw new WorkbenchException(
                $"The vocabulary of {all.Length} tokens lacks {EndOfSentenceToken}, which ends every line.");
        Unknown = IdOf(UnknownToken);
    }

    /// <summary>How many tokens there are; ids run from 0 to <c>Count - 1</c>.</summary>
    public int Count => tokens.Length;

    /// <summary>All tokens; the index is the id.</summary>
    public IReadOnlyList<string> Tokens => tokens;

    /// <summary>The id of <c>&lt;eos&gt;</c>.</summary>
    public int EndOfSentence { get; }

    /// <summary>The id of <c>&lt;unk&gt;</c>, or null when the corpus has no unknown words.</summary>
    public int? Unknown { get; }

    /// <summary>The token with this id.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in 0 .. <c>Count - 1</c>.</exception>
    public string this[int id] =>
        (uint)id < (uint)tokens.Length ? tokens[id]
            : throw new ArgumentOutOfRangeException(nameof(id), id, $"The vocabulary has ids 0 to {Count - 1}.");

    /// <summary>The id of a token, or null when the vocabulary lacks it.</summary>
    public int? IdOf(string token) => ids.TryGetValue(token, out var id) ? id : null;

    /// <summary>The text of a stretch of tokens: words with blanks between them, a line break for each <c>&lt;eos&gt;</c>.</summary>
    public string Decode(ReadOnlySpan<int> ids)
    {
        var text = new System.Text.StringBuilder();
        var lineStart = true;
        foreach (var id in ids)
        {
            if (id == EndOfSentence)
                text.Append('\n');
            else
                text.Append(lineStart ? "" : " ").Append(this[id]);
            lineStart = id == EndOfSentence;
        }
        return text.ToString();
    }
}
