using ArTar.Workbench.Data;

namespace ArTar.Tests.Data;

public class SyntheticLanguageTests
{
    private static readonly SyntheticLanguage language = new();
    private static readonly Corpus corpus = language.Generate();

    [Fact]
    public void The_text_is_the_same_on_every_platform() =>
        Assert.Equal("2844727d003eb13ff3c3da3b7289e2acddc146a0adc9a53b4ee320df53df5d57", corpus.Hash);

    [Fact]
    public void The_corpus_has_the_documented_sizes()
    {
        Assert.Equal((25_005, 5_002, 5_000, 794), (corpus.Train.Length, corpus.Valid.Length, corpus.Test.Length, corpus.Vocabulary.Count));
        Assert.Null(corpus.Vocabulary.Unknown);
        Assert.All(Enum.GetValues<Split>(), split => Assert.Equal(corpus.Vocabulary.EndOfSentence, corpus[split].Span[^1]));
    }

    [Fact]
    public void All_words_are_distinct_and_told_apart_by_their_endings()
    {
        Assert.Equal(language.Words.Count, language.Words.Select(entry => entry.Text).Distinct().Count());
        Assert.All(language.Words.Where(entry => entry.Kind == WordKind.Noun), entry => Assert.Equal(entry.Number == Number.Plural, entry.Text.EndsWith('s')));
        Assert.All(language.Words.Where(entry => entry.Kind == WordKind.Verb), entry => Assert.Equal(entry.Number == Number.Plural, entry.Text.EndsWith("en", StringComparison.Ordinal)));
    }

    /// <summary>The grammar written down a second time, as expected counts of choices, with real-valued Zipf frequencies.</summary>
    [Fact]
    public void The_entropy_rate_agrees_with_a_count_of_choices_by_hand()
    {
        const double Opened = 72 / 256.0, Phrase = 88 / 256.0, Object = 144 / 256.0, Quarter = 0.25;
        const double Phrases = Phrase + Phrase * Phrase + Phrase * Phrase * Phrase;
        var determiner = H(2, 1, 1) + 0.5 * Zipf(3) + 0.5 * Zipf(2);

        var start = H(24, 24, 24, 184) + determiner; // the determiner comes at once or after the opener
        double[] others = [.. Enumerable.Repeat(1.0, 14)], marked = [.. Enumerable.Repeat(2.0, 7)];
        var subject = 0.5 * H([64, 89, 89, .. others]) + 0.5 * H([64, 178, .. marked])
            + Quarter * (Zipf(48) + 0.5 * H([121, 121, .. others]) + 0.5 * H([242, .. marked])) + Zipf(28);
        var phrases = (1 + Phrase + Phrase * Phrase) * H(Phrase, 1 - Phrase)
            + Phrases * (Zipf(4) + determiner + 0.5 * H(3, 1) + Zipf(28));
        var verb = Zipf(16);
        var ending = H(144, 64, 48) + Quarter * Zipf(24);
        var objectPhrase = determiner + 0.5 * H(64, 96, 96) + 0.5 * H(64, 192) + Quarter * (Zipf(48) + 0.5 * H(1, 1)) + Zipf(28)
            + H(64, 192) + Quarter * Zipf(24);

        var nats = start + subject + phrases + verb + ending + Object * objectPhrase;
        var length = 2 * Opened + 1 + Quarter + 1 + 3 * Phrases + 1 + Quarter + Object * (1 + Quarter + 1 + Quarter) + 1;
        Assert.Equal(nats / length, language.EntropyRate, 1e-3); // the language rounds to 65,536ths

        static double H(params double[] weights) => -weights.Sum(w => w / weights.Sum() * Math.Log(w / weights.Sum()));
        static double Zipf(int words) => H([.. Enumerable.Range(1, words).Select(rank => 1.0 / rank)]);
    }

    [Fact]
    public void The_entropy_rate_is_the_mean_surprise_of_a_long_text()
    {
        var mean = language.Speak(seed: 20).Take(1_000_000).Average(spoken => spoken.Nats);
        Assert.Equal(language.EntropyRate, mean, 0.01); // standard error about 0.002
    }

    /// <summary>
    /// A decoder that knows the words, but not the generator, follows the text. Whatever it is in, each word must always have the
    /// same probability, and the probabilities of all words must add up to 1: so the state is a function of the words so far.
    /// </summary>
    [Fact]
    public void What_was_said_fixes_the_distribution_of_the_next_word()
    {
        var lexicon = language.Words.ToDictionary(entry => entry.Text);
        var seen = new Dictionary<string, Dictionary<string, double>>();
        var visits = new Dictionary<string, int>();
        var (topic, frame, subject, asked, phrases, kinds) = (-1, "", Number.Any, Number.Any, 0, "");
        foreach (var (word, nats) in language.Speak(seed: 21).Take(400_000))
        {
            if (topic >= 0) // known from the first noun on
            {
                var state = $"{topic} {frame} {subject} {asked} {phrases} {kinds}";
                if (!seen.TryGetValue(state, out var words)) seen[state] = words = [];
                visits[state] = visits.GetValueOrDefault(state) + 1;
                if (words.TryGetValue(word, out var known)) Assert.Equal(known, nats, 1e-12);
                words[word] = nats;
            }

            if (word == "<eos>")
            {
                Assert.Equal("", frame);
                (subject, asked, phrases, kinds) = (Number.Any, Number.Any, 0, "");
                continue;
            }
            var entry = lexicon[word];
            switch (entry.Kind)
            {
                case WordKind.Opener:
                    frame = word;
                    break;
                case WordKind.Closer:
                    frame = "";
                    break;
                case WordKind.Determiner:
                    asked = entry.Number;
                    break;
                case WordKind.Noun:
                    Assert.True(asked == Number.Any || asked == entry.Number, "a noun has the number that its determiner asks for");
                    if (!kinds.Contains(nameof(WordKind.Noun), StringComparison.Ordinal)) (topic, subject) = (entry.Topic!.Value, entry.Number);
                    Assert.Equal(topic, entry.Topic);
                    asked = Number.Any;
                    break;
                case WordKind.Verb:
                    Assert.Equal((subject, (int?)topic), (entry.Number, entry.Topic));
                    subject = Number.Any;
                    break;
                case WordKind.Preposition:
                    phrases++;
                    break;
            }
            kinds = $"{kinds} {entry.Kind}";
        }

        Assert.All(seen.Values, words => Assert.InRange(words.Values.Sum(nats => Math.Exp(-nats)), 0, 1 + 1e-9));
        var common = seen.Where(pair => visits[pair.Key] > 1_500).ToArray();
        Assert.True(common.Length > 20, "enough states are visited often enough to have shown nearly all their words");
        Assert.All(common, pair => Assert.True(pair.Value.Values.Sum(nats => Math.Exp(-nats)) > 0.94, pair.Key));
    }

    [Fact]
    public void Agreement_reaches_over_nouns_of_the_other_number()
    {
        var lexicon = language.Words.ToDictionary(entry => entry.Text);
        var sentences = corpus.Vocabulary.Decode(corpus.Train.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var misleading = sentences.Count(sentence =>
        {
            var words = sentence.Split(' ').Select(word => lexicon[word]).ToArray();
            var verb = Array.FindIndex(words, entry => entry.Kind == WordKind.Verb);
            return Array.FindLast(words[..verb], entry => entry.Kind == WordKind.Noun)!.Number != words[verb].Number;
        });
        Assert.InRange(misleading, sentences.Length / 6, sentences.Length / 2);
    }

    [Fact]
    public void The_splits_are_about_as_hard_as_the_language()
    {
        var floor = corpus.Floor!;
        Assert.All(Enum.GetValues<Split>(), split => Assert.Equal(floor.Perplexity, floor.BestPerplexity(split), 0.8));
        Assert.Equal(Math.Exp(language.EntropyRate), floor.Perplexity, 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Counting_word_sequences_does_not_reach_the_floor(int order)
    {
        var perplexity = InterpolatedPerplexity(corpus.Train.ToArray(), corpus.Valid.ToArray(), order, corpus.Vocabulary.Count);
        Assert.InRange(perplexity, 3 * corpus.Floor!.Valid, corpus.Vocabulary.Count);
    }

    /// <summary>An n-gram model with Witten-Bell smoothing.</summary>
    private static double InterpolatedPerplexity(int[] train, int[] valid, int order, int vocabulary)
    {
        var follow = new Dictionary<string, Dictionary<int, int>>();
        for (var i = 0; i < train.Length; i++)
            for (var n = 0; n < order && n <= i; n++)
            {
                var context = string.Join(' ', train[(i - n)..i]);
                if (!follow.TryGetValue(context, out var next)) follow[context] = next = [];
                next[train[i]] = next.GetValueOrDefault(train[i]) + 1;
            }

        var nats = 0.0;
        for (var i = order; i < valid.Length; i++)
        {
            var p = 1.0 / vocabulary;
            for (var n = 0; n < order; n++)
                if (follow.TryGetValue(string.Join(' ', valid[(i - n)..i]), out var next))
                    p = (next.GetValueOrDefault(valid[i]) + next.Count * p) / (next.Values.Sum() + next.Count);
            nats -= Math.Log(p);
        }
        return Math.Exp(nats / (valid.Length - order));
    }
}
