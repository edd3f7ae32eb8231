using ArTar.Workbench;
using ArTar.Workbench.Data;
using CsCheck;

namespace ArTar.Tests.Data;

public sealed class CorpusCacheTests : IDisposable
{
    private static readonly Gen<Corpus> s_corpora =
        from words in Gen.String[Gen.Char["abcéß漢"], 1, 6].HashSet[1, 40]
        let vocabulary = new Vocabulary(words.Append("<eos>"))
        from splits in Gen.Int[0, vocabulary.Count - 1].Array[1, 300].Array[3]
        from hash in Gen.Byte.Array[32]
        select new Corpus("any", vocabulary, splits[0], splits[1], splits[2], Convert.ToHexStringLower(hash));

    private readonly TemporaryFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Any_corpus_comes_back_as_it_was() => s_corpora.Sample(corpus =>
    {
        using var temp = new TemporaryFolder();
        Assert.True(CorpusCache.Write(temp["a/b.tokens"], corpus));
        AssertSame(corpus, CorpusCache.Read(temp["a/b.tokens"], corpus.Name, corpus.Hash));
    });

    [Fact]
    public void A_damaged_file_is_never_taken_for_a_corpus()
    {
        var corpus = s_corpora.Single();
        var path = _temp["x.tokens"];
        Assert.True(CorpusCache.Write(path, corpus));
        var sound = File.ReadAllBytes(path);
        var damage = Gen.OneOf(
            Gen.Int[0, sound.Length - 1].Select(length => sound[..length]),                                    // cut short
            Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Int[0, 7], (at, bit) => Flipped(sound, at, 1 << bit)), // one bit
            Gen.Byte.Array[1, 9].Select(more => sound.Concat(more).ToArray()),                                 // too long
            Gen.Byte.Array[0, 200]);                                                                           // something else
        damage.Sample(bytes =>
        {
            using var temp = new TemporaryFolder();
            Assert.Null(CorpusCache.Read(temp.Write("x.tokens", bytes), corpus.Name, corpus.Hash));
        });
    }

    [Fact]
    public void A_file_of_another_text_is_not_taken()
    {
        var corpus = s_corpora.Single();
        CorpusCache.Write(_temp["x.tokens"], corpus);
        Assert.Null(CorpusCache.Read(_temp["x.tokens"], corpus.Name, new string('0', 64)));
    }

    [Fact]
    public void The_second_time_the_cache_is_read_and_gives_the_same()
    {
        var folder = _temp.WriteCorpus("the cat\nsat\n", "a\n", "the <unk>\n");
        var first = _temp.Load(folder);
        var seen = new List<string>();
        var second = _temp.Load(folder, new Listener(seen));
        AssertSame(first, second);
        Assert.DoesNotContain(seen, activity => activity.Contains("tokenising", StringComparison.Ordinal));
    }

    [Fact]
    public void Changed_text_is_read_anew_even_with_the_same_size_and_time()
    {
        var folder = _temp.WriteCorpus("the cat\n");
        var time = File.GetLastWriteTimeUtc(_temp["text/train.txt"]);
        Assert.Equal("cat", _temp.Load(folder).Vocabulary[1]);
        File.WriteAllText(_temp["text/train.txt"], "the dog\n");
        File.SetLastWriteTimeUtc(_temp["text/train.txt"], time);
        Assert.Equal("dog", _temp.Load(folder).Vocabulary[1]);
    }

    [Fact]
    public void A_damaged_cache_is_made_anew_with_a_notice()
    {
        var folder = _temp.WriteCorpus("the cat\n");
        var first = _temp.Load(folder);
        var path = CorpusCache.PathOf(first.Hash, _temp.Workspace);
        var sound = File.ReadAllBytes(path);
        File.WriteAllBytes(path, Flipped(sound, sound.Length / 2, 4));

        var seen = new List<string>();
        AssertSame(first, _temp.Load(folder, new Listener(seen)));
        Assert.Contains($"the cache of {folder} is damaged or of another version; making it anew", seen);
        Assert.Equal(sound, File.ReadAllBytes(path));
    }

    [Fact]
    public void Without_a_place_for_the_cache_all_works_and_a_notice_says_so()
    {
        var folder = _temp.WriteCorpus("the cat\n");
        _temp.Write("datasets", "a file where the folder would be");
        var seen = new List<string>();
        Assert.Equal(3, _temp.Load(folder, new Listener(seen)).Train.Length);
        Assert.Contains(seen, activity => activity.EndsWith($"cannot be written; {folder} is tokenised anew each time", StringComparison.Ordinal));
    }

    [Fact]
    public void A_read_only_place_does_not_stop_anyone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc, in which nobody can make a folder");
        var folder = _temp.WriteCorpus("the cat\n");
        Assert.Equal(3, CorpusIn("/proc").Train.Length);

        Corpus CorpusIn(string workspace) => Corpora.Load(folder, new(workspace));
    }

    private static byte[] Flipped(byte[] bytes, int at, int bits)
    {
        var flipped = bytes.ToArray();
        flipped[at] ^= (byte)bits;
        return flipped;
    }

    private static void AssertSame(Corpus expected, Corpus? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal((expected.Name, expected.Hash), (actual.Name, actual.Hash));
        Assert.Equal(expected.Vocabulary.Tokens, actual.Vocabulary.Tokens);
        Assert.All(Enum.GetValues<Split>(), split => Assert.Equal(expected[split].ToArray(), actual[split].ToArray()));
    }
}
