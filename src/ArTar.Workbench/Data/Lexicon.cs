namespace ArTar.Workbench.Data;

/// <summary>The kinds of word in the generated language.</summary>
public enum WordKind
{
    /// <summary>Opens some sentences, and decides the word that closes them.</summary>
    Opener,

    /// <summary>Closes the sentences that its opener opened.</summary>
    Closer,

    /// <summary>Stands before a noun; some fix the noun's number.</summary>
    Determiner,

    /// <summary>May stand between determiner and noun.</summary>
    Adjective,

    /// <summary>Belongs to one topic and has a number.</summary>
    Noun,

    /// <summary>Belongs to one topic and agrees in number with the subject.</summary>
    Verb,

    /// <summary>Starts a phrase between subject and verb.</summary>
    Preposition,

    /// <summary>May stand after verb and object.</summary>
    Adverb,
}

/// <summary>Grammatical number.</summary>
public enum Number
{
    /// <summary>The word goes with both numbers.</summary>
    Any,

    /// <summary>One.</summary>
    Singular,

    /// <summary>Several.</summary>
    Plural,
}

/// <summary>What there is to know about one word of the generated language; notebooks probe hidden states for it.</summary>
/// <param name="Text">The word.</param>
/// <param name="Kind">Its part of speech.</param>
/// <param name="Number">The number that it has or asks for.</param>
/// <param name="Topic">The topic that it belongs to, from 0; null when it fits all.</param>
public sealed record LexiconEntry(string Text, WordKind Kind, Number Number = Number.Any, int? Topic = null);

/// <summary>
/// The words of the generated language, made up of syllables. Endings tell the kind: nouns -o or -a (plural -s), verbs -et
/// (plural -en), adjectives -i, adverbs -ul; function words are short.
/// </summary>
internal sealed class Lexicon
{
    private const string Consonants = "bdfgklmnprstvz";
    private const string Vowels = "aeiou";

    private readonly HashSet<string> stems = [];
    private readonly List<LexiconEntry> entries = [];
    private readonly WordList[,] nounLists, verbLists; // [topic, number - 1]
    private SplitMix64 random;

    public Lexicon(ulong seed, int topics, int nouns, int verbs, int adjectives, int adverbs)
    {
        random = new(seed);
        Openers = [.. List(WordKind.Opener, "se", "nu", "vo").Words.Select(word => new WordList(word))];
        Closers = [.. List(WordKind.Closer, "tan", "rel", "dop").Words.Select(word => new WordList(word))];
        Determiners =
        [
            List(WordKind.Determiner, "la", "mi", "su"),
            List(WordKind.Determiner, Number.Singular, null, "un", "kel"),
            List(WordKind.Determiner, Number.Plural, null, "duo", "mul"),
        ];
        Prepositions = List(WordKind.Preposition, "de", "in", "por", "kon");
        Adjectives = List(WordKind.Adjective, Stems(adjectives, "i"));
        Adverbs = List(WordKind.Adverb, Stems(adverbs, "ul"));
        nounLists = new WordList[topics, 2];
        verbLists = new WordList[topics, 2];
        for (var topic = 0; topic < topics; topic++)
        {
            var stems = Stems(nouns, "");
            stems = [.. stems.Select((stem, i) => stem + (i % 2 == 0 ? "o" : "a"))];
            nounLists[topic, 0] = List(WordKind.Noun, Number.Singular, topic, stems);
            nounLists[topic, 1] = List(WordKind.Noun, Number.Plural, topic, [.. stems.Select(stem => stem + "s")]);
            stems = Stems(verbs, "");
            verbLists[topic, 0] = List(WordKind.Verb, Number.Singular, topic, [.. stems.Select(stem => stem + "et")]);
            verbLists[topic, 1] = List(WordKind.Verb, Number.Plural, topic, [.. stems.Select(stem => stem + "en")]);
        }
    }

    public IReadOnlyList<LexiconEntry> Entries => entries;

    /// <summary>One list of one word for each sentence frame; <see cref="Closers"/> has its partner at the same place.</summary>
    public WordList[] Openers { get; }
    public WordList[] Closers { get; }

    /// <summary>By <see cref="Number"/>.</summary>
    public WordList[] Determiners { get; }
    public WordList Prepositions { get; }
    public WordList Adjectives { get; }
    public WordList Adverbs { get; }

    public WordList Nouns(int topic, Number number) => nounLists[topic, (int)number - 1];
    public WordList Verbs(int topic, Number number) => verbLists[topic, (int)number - 1];

    private WordList List(WordKind kind, params string[] words) => List(kind, Number.Any, null, words);

    private WordList List(WordKind kind, Number number, int? topic, params string[] words)
    {
        entries.AddRange(words.Select(word => new LexiconEntry(word, kind, number, topic)));
        return new(words);
    }

    /// <summary>New stems, the frequent first half short (bil), the others longer (tamir).</summary>
    private string[] Stems(int count, string ending)
    {
        var words = new string[count];
        for (var i = 0; i < count; i++)
        {
            string stem;
            do
            {
                stem = Syllable() + (i < count / 2 ? "" : Syllable()) + Consonants[random.Below(Consonants.Length)];
            }
            while (!stems.Add(stem));
            words[i] = stem + ending;
        }
        return words;
    }

    private string Syllable() => $"{Consonants[random.Below(Consonants.Length)]}{Vowels[random.Below(Vowels.Length)]}";
}
