using System.Collections.Concurrent;

namespace ArTar.Workbench.Data;

/// <summary>
/// A made-up language with the traits that a recurrent model profits from, and a known entropy rate. A sentence is
/// <code>[opener] determiner [adjective] SUBJECT (preposition determiner NOUN)* VERB [determiner [adjective] NOUN] [adverb] [closer]</code>
/// The verb agrees in number with the subject over up to three phrases whose nouns mostly have the other number; an
/// opener is answered by its closer at the end; nouns and verbs belong to a topic, which lasts over many sentences and
/// changes only at a subject; words of one kind have Zipf-like frequencies.
/// <para>
/// Each word shows which choice was made, so the grammar's state is a function of the words so far (the source is
/// unifilar). That is why the entropy rate is exactly the mean entropy of the next word given the state, and why a model
/// that knows the grammar can give every word its true probability. Only integers decide a word: every platform
/// generates the same text.
/// </para>
/// </summary>
public sealed class SyntheticLanguage
{
    // All that can be tuned. Branches are in 256ths.
    private const ulong LanguageSeed = 1708, TextSeed = 1009;
    private const int TrainTokens = 25_000, ValidTokens = 5_000, TestTokens = 5_000;
    private const int Topics = 8, NounsPerTopic = 28, VerbsPerTopic = 16, AdjectiveCount = 48, AdverbCount = 24;
    private const int MostPhrases = 3;         // between subject and verb
    private const int OpenerBranch = 24;       // each opener
    private const int AdjectiveBranch = 64;
    private const int OtherTopicBranch = 2;    // each topic but the current one
    private const int PhraseBranch = 88;
    private const int ObjectBranch = 144, AdverbBranch = 64;

    private const int BranchBits = 8;
    private const int All = 1 << BranchBits;

    private readonly Lexicon lexicon = new(LanguageSeed, Topics, NounsPerTopic, VerbsPerTopic, AdjectiveCount, AdverbCount);
    private readonly WordList endOfSentence = new(Vocabulary.EndOfSentenceToken);
    private readonly ConcurrentDictionary<State, Branch[]> branches = [];

    /// <summary>Every word but <c>&lt;eos&gt;</c>, with its kind, number and topic.</summary>
    public IReadOnlyList<LexiconEntry> Words => lexicon.Entries;

    /// <summary>
    /// The entropy rate, in nats a token. All topics are alike but for their words, so one sentence is enough: its expected
    /// entropy over its expected length.
    /// </summary>
    public double EntropyRate { get; }

    /// <summary>Builds words and grammar.</summary>
    public SyntheticLanguage()
    {
        var toEnd = new Dictionary<State, (double Nats, double Tokens)>();
        var sentence = ToEnd(new(Slot.Start, Topic: 0));
        EntropyRate = sentence.Nats / sentence.Tokens;

        // Expected entropy and length of what is left of a sentence. Sentences are finite, so this ends.
        (double Nats, double Tokens) ToEnd(State state)
        {
            if (toEnd.TryGetValue(state, out var known)) return known;
            var (nats, tokens) = (0.0, 1.0);
            foreach (var (weight, words, next) in BranchesOf(state))
            {
                var p = (double)weight / All;
                var rest = next.At == Slot.Start ? default : ToEnd(next);
                nats += p * (words.Entropy - Math.Log(p) + rest.Nats);
                tokens += p * rest.Tokens;
            }
            return toEnd[state] = (nats, tokens);
        }
    }

    /// <summary>Generates the corpus <c>synthetic</c>: three stretches of one text, each ending with a sentence.</summary>
    public Corpus Generate()
    {
        using var text = Speak(TextSeed).GetEnumerator();
        var (train, valid, test) = (Take(TrainTokens), Take(ValidTokens), Take(TestTokens));

        // A word that the training split happens to lack is numbered after the others: the language has no unknown words.
        var vocabulary = new Vocabulary(train.Select(spoken => spoken.Word).Union(Words.Select(entry => entry.Text)));
        var hash = Corpus.HashOf($"{Corpora.Synthetic} {Sha256(train)} {Sha256(valid)} {Sha256(test)}");
        return new(Corpora.Synthetic, vocabulary, Ids(train), Ids(valid), Ids(test), hash,
            new(EntropyRate, Perplexity(train), Perplexity(valid), Perplexity(test)));

        List<SpokenWord> Take(int tokens)
        {
            var taken = new List<SpokenWord>();
            while (taken.Count < tokens || taken[^1].Word != Vocabulary.EndOfSentenceToken)
            {
                text.MoveNext();
                taken.Add(text.Current);
            }
            return taken;
        }

        int[] Ids(List<SpokenWord> split) => [.. split.Select(spoken => vocabulary.IdOf(spoken.Word)!.Value)];
        string Sha256(List<SpokenWord> split) =>
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(vocabulary.Decode(Ids(split)))));
        double Perplexity(List<SpokenWord> split) => Math.Exp(split.Skip(1).Average(spoken => spoken.Nats));
    }

    /// <summary>Speaks without end, <c>&lt;eos&gt;</c> after each sentence. One seed gives one text.</summary>
    public IEnumerable<SpokenWord> Speak(ulong seed)
    {
        var random = new SplitMix64(seed);
        var state = new State(Slot.Start, Topic: 0);
        while (true)
        {
            var branches = BranchesOf(state);
            var (chosen, at) = (0, random.NextBits(BranchBits));
            while (at >= branches[chosen].Weight) at -= branches[chosen++].Weight;
            var (weight, words, next) = branches[chosen];
            var word = words.Pick(random.NextBits(WordList.WeightBits));
            yield return new(words.Words[word], -Math.Log((double)weight * words.Weights[word] / ((long)All << WordList.WeightBits)));
            state = next;
        }
    }

    private Branch[] BranchesOf(State state) => branches.GetOrAdd(state, s => [.. Grammar(s).Where(branch => branch.Weight > 0)]);

    /// <summary>The grammar: what can follow in a state. Weights add up to <see cref="All"/>, and no word is in two branches.</summary>
    private IEnumerable<Branch> Grammar(State s)
    {
        switch (s.At)
        {
            case Slot.Start:
                var openers = lexicon.Openers.Select((opener, i) =>
                    new Branch(OpenerBranch, opener, s with { At = Slot.SubjectDeterminer, Frame = i + 1 }));
                return [.. openers, .. Determiners(All - OpenerBranch * lexicon.Openers.Length, s with { At = Slot.Subject })];
            case Slot.SubjectDeterminer:
                return Determiners(All, s with { At = Slot.Subject });
            case Slot.Subject:
                return [new(AdjectiveBranch, lexicon.Adjectives, s with { At = Slot.SubjectNoun }), .. Subjects(All - AdjectiveBranch, s)];
            case Slot.SubjectNoun:
                return Subjects(All, s);
            case Slot.AfterSubject when s.Phrases == MostPhrases:
                return [Verb(All)];
            case Slot.AfterSubject:
                return [new(PhraseBranch, lexicon.Prepositions, s with { At = Slot.PhraseDeterminer, Phrases = s.Phrases + 1 }),
                    Verb(All - PhraseBranch)];
            case Slot.PhraseDeterminer:
                return Determiners(All, s with { At = Slot.PhraseNoun });
            case Slot.PhraseNoun:
                // Three in four nouns between subject and verb have the number that the verb must not take.
                return Nouns(All, s.Topic, s.Noun, s.Subject == Number.Singular ? All / 4 : All * 3 / 4,
                    _ => s with { At = Slot.AfterSubject, Noun = Number.Any });
            case Slot.AfterVerb:
                return [.. Determiners(ObjectBranch, s with { At = Slot.Object, Subject = Number.Any }), .. Ends(All - ObjectBranch, s)];
            case Slot.Object:
                return [new(AdjectiveBranch, lexicon.Adjectives, s with { At = Slot.ObjectNoun }), .. Objects(All - AdjectiveBranch, s)];
            case Slot.ObjectNoun:
                return Objects(All, s);
            case Slot.AfterObject:
                return Ends(All, s);
            case Slot.Close when s.Frame > 0:
                return [new(All, lexicon.Closers[s.Frame - 1], s with { At = Slot.Close, Frame = 0 })];
            default:
                return [new(All, endOfSentence, new(Slot.Start, s.Topic))];
        }

        Branch Verb(int weight) => new(weight, lexicon.Verbs(s.Topic, s.Subject), s with { At = Slot.AfterVerb, Phrases = 0 });
    }

    private IEnumerable<Branch> Determiners(int total, State next) => Enum.GetValues<Number>().Select(number =>
        new Branch(number == Number.Any ? total / 2 : total / 4, lexicon.Determiners[(int)number], next with { Noun = number }));

    /// <summary>A subject of the current topic or, rarely, of another, which becomes the current one.</summary>
    private IEnumerable<Branch> Subjects(int total, State s) => Enumerable.Range(0, Topics).SelectMany(topic =>
        Nouns(topic == s.Topic ? total - OtherTopicBranch * (Topics - 1) : OtherTopicBranch, topic, s.Noun, All / 2,
            number => s with { At = Slot.AfterSubject, Topic = topic, Subject = number, Noun = Number.Any }));

    private IEnumerable<Branch> Objects(int total, State s) =>
        Nouns(total, s.Topic, s.Noun, All / 2, _ => s with { At = Slot.AfterObject, Noun = Number.Any });

    /// <summary>Nouns of a topic. Where the determiner leaves the number open, <paramref name="singular"/> of 256 are singular.</summary>
    private IEnumerable<Branch> Nouns(int total, int topic, Number number, int singular, Func<Number, State> next)
    {
        singular = number switch { Number.Any => total * singular / All, Number.Singular => total, _ => 0 };
        return
        [
            new(singular, lexicon.Nouns(topic, Number.Singular), next(Number.Singular)),
            new(total - singular, lexicon.Nouns(topic, Number.Plural), next(Number.Plural)),
        ];
    }

    /// <summary>An adverb, or the sentence's end: the opener's closer if there was an opener, else <c>&lt;eos&gt;</c>.</summary>
    private IEnumerable<Branch> Ends(int total, State s)
    {
        var close = Grammar(s with { At = Slot.Close }).Single();
        return
        [
            new(AdverbBranch, lexicon.Adverbs, s with { At = Slot.Close, Subject = Number.Any }),
            close with { Weight = total - AdverbBranch },
        ];
    }

    private enum Slot { Start, SubjectDeterminer, Subject, SubjectNoun, AfterSubject, PhraseDeterminer, PhraseNoun, AfterVerb, Object,
        ObjectNoun, AfterObject, Close }

    /// <summary>What the words so far leave to remember.</summary>
    /// <param name="At">The place in the sentence: the kinds of word that may come next.</param>
    /// <param name="Topic">The topic of the last subject.</param>
    /// <param name="Frame">The opener, from 1, that still waits for its closer; 0 for none.</param>
    /// <param name="Subject">The number that the verb must take.</param>
    /// <param name="Noun">The number that the determiner asks of its noun.</param>
    /// <param name="Phrases">Phrases between subject and verb so far.</param>
    private readonly record struct State(Slot At, int Topic, int Frame = 0, Number Subject = Number.Any, Number Noun = Number.Any,
        int Phrases = 0);

    private readonly record struct Branch(int Weight, WordList Words, State Next);
}

/// <summary>A word of the generated language.</summary>
/// <param name="Word">The word, or <c>&lt;eos&gt;</c>.</param>
/// <param name="Nats">How much it surprises someone who knows the language and has heard everything before it: -ln p.</param>
public readonly record struct SpokenWord(string Word, double Nats);
