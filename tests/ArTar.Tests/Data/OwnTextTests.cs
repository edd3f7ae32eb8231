using System.Text;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using CsCheck;

namespace ArTar.Tests.Data;

public class OwnTextTests
{
    [Fact]
    public void Words_are_numbered_as_the_training_text_shows_them()
    {
        using var temp = new TemporaryFolder();
        var corpus = Load(temp, train: "the cat\n\n the dog\n", valid: "a cat\n", test: "the zebra\n");
        Assert.Equal(["the", "cat", "<eos>", "dog", "<unk>"], corpus.Vocabulary.Tokens);
        Assert.Equal([0, 1, 2, 2, 0, 3, 2], corpus.Train.ToArray());
        Assert.Equal([4, 1, 2], corpus.Valid.ToArray());
        Assert.Equal([0, 4, 2], corpus.Test.ToArray());
        Assert.Equal((2, 4, "text"), (corpus.Vocabulary.EndOfSentence, corpus.Vocabulary.Unknown, corpus.Title));
        Assert.Equal(temp["text"], corpus.Name);
        Assert.Null(corpus.Floor);
    }

    [Fact]
    public void Nothing_joins_the_vocabulary_when_no_word_is_unknown_or_the_text_marks_them_itself()
    {
        using var temp = new TemporaryFolder();
        Assert.Null(Load(temp, "a b\n", "b\n", "a\n").Vocabulary.Unknown);
        var marked = Load(temp, "a <unk> b\n", "c\n", "a\n");
        Assert.Equal(["a", "<unk>", "b", "<eos>"], marked.Vocabulary.Tokens);
        Assert.Equal([1, 3], marked.Valid.ToArray());
    }

    [Theory]
    [InlineData("a b\r\nc\r\n")]      // Windows line ends
    [InlineData("a b\nc")]            // no line break at the end
    [InlineData("\uFEFFa b\nc\n")]    // byte order mark
    [InlineData("\ta  b \n c\v\f\n")] // blanks of all kinds
    public void Other_ways_to_write_the_same_text_give_the_same_ids(string train)
    {
        using var temp = new TemporaryFolder();
        var corpus = Load(temp, train);
        Assert.Equal(["a", "b", "<eos>", "c"], corpus.Vocabulary.Tokens);
        Assert.Equal([0, 1, 2, 3, 2], corpus.Train.ToArray());
    }

    [Fact]
    public void Any_text_reads_as_a_plain_splitting_of_strings_reads_it()
    {
        // Words long enough for some to lie across the reader's buffers, and lines of nothing.
        var word = Gen.String[Gen.Char["abcdéß漢 x"], 1, 9].Select(text => text.Replace(" ", "", StringComparison.Ordinal)).Where(text => text.Length > 0);
        var line = word.Array[0, 12].Select(words => string.Join(' ', words));
        var text = Gen.Select(line.Array[1, 60], Gen.Bool, Gen.Int[1, 500], (lines, closed, repeat) =>
            string.Concat(Enumerable.Repeat(string.Join('\n', lines) + "\n", repeat)) + (closed ? "" : "end")).Where(t => t.Any(char.IsLetter));
        text.Sample(train =>
        {
            using var temp = new TemporaryFolder();
            var corpus = Load(temp, train);
            var lines = train.Split('\n');
            if (train.EndsWith('\n')) lines = lines[..^1];
            var expected = lines.SelectMany(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append("<eos>"));
            Assert.True(expected.SequenceEqual(corpus.Train.ToArray().Select(id => corpus.Vocabulary[id])));
        }, iter: 30);
    }

    [Fact]
    public void A_word_that_lies_across_two_buffers_stays_one()
    {
        using var temp = new TemporaryFolder();
        for (var shift = -3; shift <= 3; shift++)
        {
            var filler = string.Concat(Enumerable.Repeat("x ", (4 * Tokenizer.LongestToken + shift) / 2 - 2));
            var corpus = Load(temp, filler + "brücke tor\n", "x\n", "x\n");
            Assert.Equal(["x", "brücke", "tor", "<eos>"], corpus.Vocabulary.Tokens);
        }
    }

    [Fact]
    public void A_line_of_100_MB_is_read_in_bounded_memory()
    {
        using var temp = new TemporaryFolder();
        Directory.CreateDirectory(temp["text"]);
        temp.WriteCorpus("a\n");
        var piece = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 1_000).Select(i => $"a-rather-long-word-of-forty-seven-bytes-no-{i:0000} ")));
        using (var file = File.Create(temp["text/train.txt"]))
            for (var size = 0L; size < 100_000_000; size += piece.Length) file.Write(piece);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var corpus = temp.Load(temp["text"]);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(1_001 + 1, corpus.Vocabulary.Count); // and "a" in valid is unknown
        // A list that doubles, and the array: at most five times the ids. The text itself is never in memory.
        Assert.InRange(allocated, 0, 5L * corpus.Train.Length * sizeof(int) + 4_000_000);
    }

    [Fact]
    public void Folders_with_the_names_in_use_are_understood()
    {
        using var temp = new TemporaryFolder();
        foreach (var names in (string[][])[["train.txt", "valid.txt", "test.txt"], ["ptb.train.txt", "ptb.valid.txt", "ptb.test.txt"], ["wiki.train.tokens", "wiki.valid.tokens", "wiki.test.tokens"], ["my-TRAIN.txt", "my_dev.txt", "test.a.tokens"], ["train.txt", "validation.txt", "test.tokens"]])
        {
            var folder = string.Join('+', names);
            foreach (var name in names) temp.Write($"{folder}/{name}", "a\n");
            temp.Write($"{folder}/README.md", "train");
            temp.Write($"{folder}/training-notes.txt", "no split");
            Assert.Equal(2, temp.Load(temp[folder]).Train.Length);
        }
    }

    [Fact]
    public void Any_list_of_tokens_comes_back_from_its_vocabulary() =>
        Gen.String[Gen.Char.AlphaNumeric, 1, 8].HashSet[1, 50].Sample(words =>
        {
            var tokens = words.Append("<eos>").ToArray();
            var vocabulary = new Vocabulary(tokens);
            Assert.Equal(tokens.Length, vocabulary.Count);
            for (var id = 0; id < tokens.Length; id++)
            {
                Assert.Equal(tokens[id], vocabulary[id]);
                Assert.Equal(id, vocabulary.IdOf(tokens[id]));
            }
            Assert.Null(vocabulary.IdOf("no such token"));
            Assert.Throws<ArgumentOutOfRangeException>(() => vocabulary[tokens.Length]);
        });

    private static Corpus Load(TemporaryFolder temp, string train, string valid = "a\n", string test = "a\n") =>
        temp.Load(temp.WriteCorpus(train, valid, test));
}
