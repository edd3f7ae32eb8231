namespace ArTar.Workbench.Data;

/// <summary>
/// Numbers words that are given as UTF-8 bytes. A small open-addressing table of our own: a dictionary would need a string
/// or a comparer's virtual calls for each word, and is slow until the runtime has compiled it a second time.
/// </summary>
internal sealed class WordTable
{
    private readonly List<byte[]> words = [];
    private int[] slots = new int[1 << 12]; // id + 1, or 0 for an empty slot

    /// <summary>The words in order of their ids.</summary>
    public IEnumerable<string> Words => words.Select(Encoding.UTF8.GetString);

    /// <summary>FNV-1a, fed byte by byte; start with <see cref="EmptyHash"/>.</summary>
    public static uint Hash(uint hash, byte next) => (hash ^ next) * 16777619;
    public const uint EmptyHash = 2166136261;

    /// <summary>The id of a word, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Find(ReadOnlySpan<byte> word, uint hash)
    {
        for (var slot = hash & (slots.Length - 1); ; slot = (slot + 1) & (slots.Length - 1))
        {
            var id = slots[slot] - 1;
            if (id < 0 || word.SequenceEqual(words[id])) return id;
        }
    }

    /// <summary>Gives a word that the table lacks the next id.</summary>
    public int Add(ReadOnlySpan<byte> word)
    {
        words.Add(word.ToArray());
        if (words.Count * 2 > slots.Length)
        {
            slots = new int[slots.Length * 2];
            for (var id = 0; id < words.Count; id++) Place(id);
        }
        else
        {
            Place(words.Count - 1);
        }
        return words.Count - 1;
    }

    /// <summary>The hash of a whole word.</summary>
    public static uint HashOf(ReadOnlySpan<byte> word)
    {
        var hash = EmptyHash;
        foreach (var next in word) hash = Hash(hash, next);
        return hash;
    }

    private void Place(int id)
    {
        var slot = HashOf(words[id]) & (slots.Length - 1);
        while (slots[slot] != 0) slot = (slot + 1) & (slots.Length - 1);
        slots[slot] = id + 1;
    }
}
