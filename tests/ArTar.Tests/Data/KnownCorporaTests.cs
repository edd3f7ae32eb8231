using ArTar.Workbench.Data;

namespace ArTar.Tests.Data;

public class KnownCorporaTests
{
    [Theory]
    [InlineData("ptb", 929_589, 73_760, 82_430, 10_000)]
    [InlineData("wikitext-2", 2_088_628, 217_646, 245_569, 33_278)]
    public void Token_counts_are_the_published_ones(string name, int train, int valid, int test, int vocabulary)
    {
        var corpus = Load(name);
        Assert.Equal((train, valid, test, vocabulary), (corpus.Train.Length, corpus.Valid.Length, corpus.Test.Length, corpus.Vocabulary.Count));
        Assert.NotNull(corpus.Vocabulary.Unknown);
        Assert.Equal(corpus.Facts with { Name = name }, Corpora.Find(name)!.Facts);
    }

    [Theory]
    [InlineData("ptb", 20, 9, 929_560)]
    [InlineData("wikitext-2", 20, 8, 2_088_600)]
    public void Only_the_tail_that_fills_no_column_is_dropped(string name, int batchSize, int dropped, long predicted)
    {
        var windows = new Windows(Load(name).Train, batchSize, 35);
        Assert.Equal(dropped, windows.TokensDropped);
        Assert.Equal(predicted, windows.PredictedTokens);
    }

    [Theory]
    [InlineData("ptb")]
    [InlineData("wikitext-2")]
    public void Ids_are_those_of_a_plain_reading_with_strings(string name)
    {
        var corpus = Load(name);
        var ids = new Dictionary<string, int>();
        foreach (var split in Enum.GetValues<Split>())
        {
            var file = Directory.EnumerateFiles(TestData.Corpus(name)).Single(path => path.Contains(split.ToString().ToLowerInvariant(), StringComparison.Ordinal));
            var expected = File.ReadLines(file)
                .SelectMany(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Append("<eos>"))
                .Select(word => ids.TryGetValue(word, out var id) ? id : ids[word] = ids.Count);
            Assert.True(expected.SequenceEqual(corpus[split].ToArray()), $"the {split} split differs");
        }
        Assert.Equal(ids.Keys, corpus.Vocabulary.Tokens);
    }

    private static Corpus Load(string name)
    {
        using var temp = new TemporaryFolder();
        return temp.Load(TestData.Corpus(name));
    }
}
