using ArTar.Workbench;
using ArTar.Workbench.Data;

namespace ArTar.Tests.Data;

/// <summary>What is said of a text that is probably not what its owner thinks.</summary>
public sealed class NoticeTests : IDisposable
{
    private readonly TemporaryFolder temp = new();

    public void Dispose() => temp.Dispose();

    private IReadOnlyList<string> Notices(string train, string valid = "a\n", string test = "a\n") =>
        temp.Load(temp.WriteCorpus(train, valid, test)).Notices;

    [Fact]
    public void A_plain_text_has_none()
    {
        Assert.Empty(Notices("a b\nc <unk>\r\n\r\na b c\n", "a x\r\n"));
        Assert.Empty(temp.Load("synthetic").Notices);
    }

    [Theory]
    [InlineData("a <eos>\nb <eos>\nc\n", "train.txt: 2 lines end in <eos> already")]
    [InlineData("a <eos>\r\nb\n", "train.txt: 1 lines end in <eos> already")]
    [InlineData("a <UNK> b <unk>\n", "The text has '<UNK>', which is a word like any other here; only <unk>")]
    [InlineData("a <unk> b UNK [unk]\n", "The text has 'UNK', '[unk]', which is")]
    [InlineData("a b <EOS>\n", "The text has '<EOS>'")]
    [InlineData("a b\rc d\re f\r", "train.txt: 2 carriage returns are read as blanks")]
    [InlineData("a b\u3000c\n", "train.txt: 1 words have blanks in them that are not ASCII (U+3000 in line 1 first)")]
    [InlineData("a\nb\u00A0c\nd\u00A0e\n", "train.txt: 2 words have blanks in them that are not ASCII (U+00A0 in line 2 first)")]
    [InlineData("a \u200Bb\n", "U+200B in line 1")]
    [InlineData("a\u2028b a\n", "U+2028 in line 1")]
    public void What_is_odd_in_it_is_told(string train, string expected) => Assert.Contains(expected, Assert.Single(Notices(train)),
        StringComparison.Ordinal);

    [Fact]
    public void Letters_that_are_not_ASCII_are_no_blanks() =>
        Assert.Empty(Notices("été 漢字 \u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645 a\n"));

    [Fact]
    public void A_split_without_a_known_word_is_told() => Assert.Equal(["test.txt: none of its words is in the training text."],
        Notices("a b\n", "a x\n", "x y\n"));

    [Fact]
    public void A_split_of_unknown_words_alone_is_told() => Assert.Equal(["valid.txt: each of its words is <unk>."],
        Notices("a <unk> b\n", "<unk> <unk>\n\n<unk>\n"));

    [Fact]
    public void Files_that_are_passed_over_are_named_and_hidden_ones_are_no_splits()
    {
        temp.WriteCorpus("a b\n");
        foreach (var name in new[] { "._train.txt", ".DS_Store", "train.TXT", "wiki.train.raw", "test.txt.gz", "README.md" })
            temp.Write("text/" + name, "x");
        Assert.Equal($"Not read in '{temp["text"]}', as only plain .txt and .tokens files are: .DS_Store, ._train.txt, test.txt.gz, " +
            $"train.TXT, wiki.train.raw.",
            Assert.Single(temp.Load(temp["text"]).Notices));
        File.Delete(temp["text/train.txt"]);
        Assert.Contains("(found: test.txt, valid.txt; not read: .DS_Store, ._train.txt, test.txt.gz, train.TXT, wiki.train.raw)",
            Assert.Throws<WorkbenchException>(() => temp.Load(temp["text"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_split_is_summed_up_in_a_line()
    {
        var corpus = temp.Load(temp.WriteCorpus(string.Concat(Enumerable.Repeat("a b c\n", 25)), "a x\nb x\n", "a\n"));
        Assert.Equal(
        [
            "train  100 tokens, vocabulary 5, 0 % <unk>, the first 50 are trained on, 8 tokens not predicted",
            "valid  6 tokens, 4 words of the vocabulary, 33.33 % <unk>, 2 tokens not predicted",
            "test   2 tokens, 2 words of the vocabulary, 0 % <unk>",
        ], CorpusReading.Lines(corpus, (6, 2), 50).Select(l => l.Replace(", 1 tokens not predicted", "",
            StringComparison.Ordinal)).Select((l, i) => i == 2 ? l.Split(", 2 tokens not")[0] : l));
    }

    [Fact]
    public void The_sizes_that_people_compare_are_those_of_the_Penn_Treebank()
    {
        Assert.Equal(["train  929,589 tokens, vocabulary 10,000, 4.84 % <unk>",
            "valid  73,760 tokens, 6,022 words of the vocabulary, 4.72 % <unk>",
            "test   82,430 tokens, 6,049 words of the vocabulary, 5.82 % <unk>"],
            CorpusReading.Lines(temp.Load(TestData.Corpus("ptb"))));
    }

    [Fact]
    public void Another_text_is_read_in_the_words_of_a_vocabulary()
    {
        var first = temp.Load(temp.WriteCorpus("a b <unk>\n"));
        temp.Write("other/train.txt", "b z\n");
        temp.Write("other/valid.txt", "z a\n");
        temp.Write("other/test.txt", "b\n");
        var other = Corpora.LoadInWordsOf(temp["other"], temp.Workspace, first.Vocabulary);
        Assert.Equal((first.Vocabulary, 4), (other.Vocabulary, other.Vocabulary.Count));
        Assert.Equal([1, 2, 3], other.Train.ToArray());
        Assert.Equal([2, 0, 3], other.Valid.ToArray());
        Assert.NotEqual(temp.Load(temp["other"]).Hash, other.Hash);
        var closed = temp.Load(temp.WriteCorpus("a b\n")).Vocabulary;
        Assert.Contains("the vocabulary lacks 'z', and has no <unk>",
            Assert.Throws<WorkbenchException>(() => Corpora.LoadInWordsOf(temp["other"], temp.Workspace, closed)).Message,
            StringComparison.Ordinal);
    }
}
