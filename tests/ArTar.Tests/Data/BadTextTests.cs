using System.Text;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using CsCheck;

namespace ArTar.Tests.Data;

public sealed class BadTextTests : IDisposable
{
    private readonly TemporaryFolder place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public void Invalid_utf8_is_named_by_file_line_and_byte()
    {
        place.WriteCorpus("a\n");
        var path = place.Write("text/train.txt", [.. "good line\nund hier f"u8, 0xFC, .. "r alle\n"u8]);
        Fails($"'{path}', line 2: invalid UTF-8 at byte offset 20 (byte 0xFC); expected UTF-8 text. Convert it, for example with: iconv -f LATIN1 -t UTF-8");
    }

    [Fact]
    public void Invalid_utf8_in_a_later_buffer_and_in_an_unknown_word_of_another_split_is_found_too()
    {
        place.WriteCorpus("a\n");
        var lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a a a\n", 100_000)));
        var path = place.Write("text/valid.txt", [.. lines, (byte)'a', 0xE2, 0x82, (byte)'\n']);
        Fails($"'{path}', line 100,001: invalid UTF-8 at byte offset 600,001 (byte 0xE2); expected UTF-8 text. Convert it, for example with: iconv -f LATIN1 -t UTF-8");
    }

    [Fact]
    public void Nul_bytes_are_refused()
    {
        var path = place.WriteCorpus("a b\nc \0 d\n") + "/train.txt";
        Fails($"'{path}', line 2: a NUL byte at byte offset 6; expected UTF-8 text, and this looks like a binary file. Convert it or choose another file.");
    }

    [Fact]
    public void Utf16_is_recognised()
    {
        place.WriteCorpus("a\n");
        var path = place.Write("text/test.txt", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("a b\n")]);
        Fails($"'{path}', line 1: starts with the byte order mark of UTF-16; expected UTF-8. Convert it, for example with: iconv -f UTF-16 -t UTF-8");
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("\n \n\r\n", 5)]
    [InlineData("\uFEFF", 3)]
    public void A_split_without_words_is_refused(string valid, int bytes)
    {
        var path = place.WriteCorpus("a\n", valid) + "/valid.txt";
        Fails($"'{path}' has no words in it ({bytes} bytes); expected text, words separated by blanks, one sentence a line.");
    }

    [Fact]
    public void A_missing_split_is_named_with_what_was_found()
    {
        place.WriteCorpus("a\n");
        File.Delete(place["text/valid.txt"]);
        Fails($"The folder '{place["text"]}' has no valid split; expected valid.txt or valid.tokens (found: test.txt, train.txt). A corpus needs train, valid and test.");
        File.Delete(place["text/train.txt"]);
        File.Delete(place["text/test.txt"]);
        Fails($"The folder '{place["text"]}' has no train split; expected train.txt or train.tokens (found: no .txt or .tokens file). A corpus needs train, valid and test.");
    }

    [Fact]
    public void Two_files_for_one_split_are_named()
    {
        place.WriteCorpus("a\n");
        place.Write("text/wiki.train.tokens", "a\n");
        Fails($"The folder '{place["text"]}' has 2 files for the train split: train.txt, wiki.train.tokens; expected one. Move the others away.");
    }

    [Fact]
    public void A_folder_in_the_place_of_a_file_is_refused()
    {
        place.WriteCorpus("a\n");
        File.Delete(place["text/train.txt"]);
        Directory.CreateDirectory(place["text/train.txt"]);
        Fails($"'{place["text/train.txt"]}' is a folder; expected a text file there.");
    }

    [Fact]
    public void A_link_that_leads_to_itself_is_refused()
    {
        place.WriteCorpus("a\n");
        File.Delete(place["text/train.txt"]);
        File.CreateSymbolicLink(place["text/train.txt"], "train.txt");
        var message = Message();
        Assert.StartsWith($"'{place["text/train.txt"]}' cannot be read: ", message, StringComparison.Ordinal);
        Assert.EndsWith("Check that it is there, is a file, and that you may read it.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_without_end_is_refused_long_before_it_is_in_memory()
    {
        place.WriteCorpus("a\n");
        using (var file = File.Create(place["text/train.txt"]))
        {
            file.Write("one two\n"u8);
            var piece = Enumerable.Repeat((byte)'x', 1_000_000).ToArray();
            for (var i = 0; i < 100; i++) file.Write(piece);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        Fails($"'{place["text/train.txt"]}', line 2: a single word of more than 65,536 bytes starts at byte offset 8; expected words separated by blanks. Is this text?");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3_000_000);
    }

    [Fact]
    public void The_longest_word_is_still_a_word()
    {
        var longest = new string('x', Tokenizer.LongestToken);
        Assert.Equal(longest, place.Load(place.WriteCorpus($"a {longest} b")).Vocabulary[1]);
        place.WriteCorpus($"a x{longest} b");
        Assert.Contains("line 1: a single word of more than 65,536 bytes starts at byte offset 2;", Message(), StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_give_a_corpus_or_a_clear_error_never_a_crash() =>
        Gen.Byte.Array[0, 400].Sample(bytes =>
        {
            using var temp = new TemporaryFolder();
            temp.WriteCorpus("a\n");
            temp.Write("text/train.txt", bytes);
            try
            {
                var corpus = temp.Load(temp["text"]);
                // It was text after all: then all its words must be in the vocabulary.
                var words = Encoding.UTF8.GetString(bytes).Split([' ', '\t', '\n', '\r', '\v', '\f'], StringSplitOptions.RemoveEmptyEntries);
                Assert.All(words, word => Assert.NotNull(corpus.Vocabulary.IdOf(word.TrimStart('\uFEFF'))));
            }
            catch (WorkbenchException fault)
            {
                Assert.Contains("train.txt", fault.Message, StringComparison.Ordinal);
            }
        });

    [Fact]
    public void An_unknown_name_is_answered_with_what_there_is() => Assert.Equal(
        "There is no corpus 'nowhere': expected synthetic, ptb, wikitext-2, or a folder with train, valid and test files (.txt or .tokens).",
        Assert.Throws<WorkbenchException>(() => place.Load("nowhere")).Message);

    [Fact]
    public void A_file_is_no_corpus()
    {
        var path = place.WriteCorpus("a\n") + "/train.txt";
        Assert.Equal(
            $"There is no corpus '{path}': expected synthetic, ptb, wikitext-2, or a folder with train, valid and test files (.txt or .tokens); this is a file.",
            Assert.Throws<WorkbenchException>(() => place.Load(path)).Message);
    }

    [Fact]
    public void A_corpus_that_is_not_installed_says_how_to_get_it() => Assert.Equal(
        $"The corpus 'ptb' (Penn Treebank, Mikolov's preprocessing) is not installed in '{place.Workspace.Datasets}'. Install it.",
        Assert.Throws<WorkbenchException>(() => place.Load("PTB")) is { Missing: "ptb" } fault ? fault.Message : "");

    [Fact]
    public void An_installed_corpus_that_was_changed_is_refused()
    {
        place.Write("datasets/ptb/ptb.train.txt", "not the treebank\n");
        place.Write("datasets/ptb/ptb.valid.txt", "a\n");
        place.Write("datasets/ptb/ptb.test.txt", "a\n");
        var message = Assert.Throws<WorkbenchException>(() => place.Load("ptb")).Message;
        Assert.StartsWith($"'{place["datasets/ptb/ptb.train.txt"]}' is not the file that Penn Treebank, Mikolov's preprocessing has: its SHA-256 is ", message, StringComparison.Ordinal);
        Assert.EndsWith("Install it again.", message, StringComparison.Ordinal);
    }

    private void Fails(string message) => Assert.Equal(message, Message());

    private string Message() => Assert.Throws<WorkbenchException>(() => place.Load(place["text"])).Message;
}
