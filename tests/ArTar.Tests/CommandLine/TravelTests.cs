using System.Globalization;
using System.Runtime.Versioning;

namespace ArTar.Tests.CommandLine;

/// <summary>Text of one's own, and what was trained on it, when folders move.</summary>
public sealed class TravelTests : IDisposable
{
    private static readonly string[] tiny = ["--threads", "1", "--set", "epochs=2", "hidden=8", "batchSize=4", "evaluationBatchSize=2"];
    private readonly Artar artar = new();

    public TravelTests()
    {
        OwnText.Write(At("text"));
        Assert.Equal(0, artar.Run(["train", "--data", "text", .. tiny]).Code);
    }

    public void Dispose() => artar.Dispose();

    private string At(string name) => Path.Combine(artar.Home, name);

    private string Checkpoint => Path.Combine(artar.Folder("text"), "best.safetensors");

    private string Expected => $"valid perplexity {Artar.Perplexity(artar.Folder("text"), "valid").ToString("F2", CultureInfo.InvariantCulture)} (";

    private void Evaluates(params string[] more)
    {
        var said = artar.Run(["evaluate", "text-lstm", "--threads", "1", .. more]);
        Assert.Equal((0, ""), (said.Code, said.Errors));
        Assert.StartsWith(Expected, said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_was_moved_or_renamed_is_found_by_its_content()
    {
        Evaluates();
        Directory.Move(At("text"), At("renamed"));
        Evaluates();
        Directory.CreateDirectory(At("datasets"));
        Directory.Move(At("renamed"), At("datasets/another-name"));
        Evaluates();
        Assert.Contains("valid split of another-name", artar.Run("probe", "text-lstm", "--threads", "1").Output, StringComparison.Ordinal);
        // Elsewhere it is not looked for, but may be named.
        Directory.CreateDirectory(At("away"));
        Directory.Move(At("datasets/another-name"), At("away/far"));
        var said = artar.Run("evaluate", "text-lstm", "--threads", "1");
        Assert.Equal(1, said.Code);
        Assert.Contains($"The text '{At("text")}' with hash ", said.Errors, StringComparison.Ordinal);
        Assert.Contains("say in which folder it lies now", said.Errors, StringComparison.Ordinal);
        Evaluates("--data", "away/far");
        // A run that was stopped goes on with it to the same end.
        var (folder, before) = (artar.Folder("text"), Artar.Weights(artar.Folder("text")));
        File.Delete(Path.Combine(folder, "summary.json"));
        File.Delete(Path.Combine(folder, "best.safetensors"));
        said = artar.Run("resume", "text-lstm", "--threads", "1", "--data", "away/far");
        Assert.Equal(0, said.Code);
        Assert.True(before.AsSpan().SequenceEqual(Artar.Weights(folder)), "the best weights differ");
    }

    [Fact]
    public void A_checkpoint_that_is_given_away_does_not_tell_where_its_text_lay()
    {
        var bytes = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(Checkpoint));
        Assert.DoesNotContain(artar.Home, bytes, StringComparison.Ordinal);
        Assert.Contains(@"\""corpus\"":\""text\""", bytes, StringComparison.Ordinal);
        // In the run's folder it is known; elsewhere the text is found where data sets lie, by its content.
        Directory.Move(At("text"), At("deep"));
        Directory.CreateDirectory(At("datasets"));
        File.Copy(Checkpoint, At("given.safetensors"));
        Assert.Equal(1, artar.Run("evaluate", At("given.safetensors"), "--threads", "1").Code);
        Directory.Move(At("deep"), At("datasets/other"));
        Assert.StartsWith(Expected, artar.Run("evaluate", At("given.safetensors"), "--threads", "1").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_lie_beside_somebody_elses_configuration_are_evaluated()
    {
        Directory.CreateDirectory(At("models"));
        File.Copy(Checkpoint, At("models/best.safetensors"));
        File.WriteAllText(At("models/configuration.json"), "{\"of\": \"another program\"}");
        Assert.StartsWith(Expected, artar.Run("evaluate", At("models/best.safetensors"), "--threads", "1").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_another_run_are_not_measured_as_this_one()
    {
        var copy = Checkpoint;
        Assert.Equal(0, artar.Run(["train", "--data", "text", .. tiny, "alpha=2"]).Code);
        var other = artar.Folder("alpha2");
        File.Copy(copy, Path.Combine(other, "best.safetensors"), overwrite: true);
        foreach (var command in new[] { "evaluate", "probe", "sample" })
        {
            var said = artar.Run(command, Path.GetFileName(other), "--threads", "1");
            Assert.Equal((1, ""), (said.Code, said.Output));
            Assert.Contains("is a checkpoint of another run", said.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Another_text_is_no_text_to_go_on_with()
    {
        File.WriteAllText(At("text/test.txt"), "one two three\n");
        File.Delete(Path.Combine(artar.Folder("text"), "summary.json"));
        var said = artar.Run("resume", "text-lstm", "--threads", "1");
        Assert.Equal(1, said.Code);
        Assert.Contains("it has changed since", said.Errors, StringComparison.Ordinal);
        Assert.Contains("has another text (hash ", artar.Run("resume", "text-lstm", "--threads", "1", "--data", "text").Errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_that_travels_with_its_vocabulary_writes_text()
    {
        var expected = artar.Run("sample", "text-lstm", "--threads", "1", "--words", "20").Output;
        Directory.CreateDirectory(At("far"));
        foreach (var name in new[] { "best.safetensors", "vocabulary.json" })
            File.Copy(Path.Combine(artar.Folder("text"), name), At($"far/{name}"));
        Directory.Move(At("text"), At("gone"));
        var said = artar.Run("sample", At("far/best.safetensors"), "--threads", "1", "--words", "20");
        Assert.Equal((0, expected, ""), (said.Code, said.Output, said.Errors));
        // Without it the text itself has the words.
        File.Delete(At("far/vocabulary.json"));
        Assert.Equal(1, artar.Run("sample", At("far/best.safetensors"), "--threads", "1").Code);
        Assert.Equal(expected, artar.Run("sample", At("far/best.safetensors"), "--threads", "1", "--words", "20", "--data", "gone").Output);
        // A vocabulary of another text is not believed.
        File.WriteAllText(At("far/vocabulary.json"), "{\"dataHash\":\"other\",\"tokens\":[\"x\",\"<eos>\"]}");
        Assert.Equal(1, artar.Run("sample", At("far/best.safetensors"), "--threads", "1").Code);
    }

    [Fact]
    public void A_model_is_measured_on_another_text_in_the_words_that_it_knows()
    {
        Directory.CreateDirectory(At("other"));
        foreach (var split in new[] { "train", "valid", "test" })
            File.WriteAllText(At($"other/{split}.txt"), string.Concat(Enumerable.Repeat("one seven two\n", 20)));
        var said = artar.Run("evaluate", "text-lstm", "--threads", "1", "--data", "other", "--split", "Test");
        Assert.Equal(0, said.Code);
        Assert.Matches(@"^test perplexity [0-9.]+ \([0-9.]+ nats a token over 78 predicted tokens, batch 2\)", said.Output);
        Assert.Contains("Another text than the model was trained on (text)", said.Errors, StringComparison.Ordinal);
        Assert.Contains("test   80 tokens, 4 words of the vocabulary, 25 % <unk>", said.Errors, StringComparison.Ordinal);
        // The text need not be there any more that it was trained on.
        Directory.Move(At("text"), At("gone"));
        Assert.Equal(said.Output.Split('\n')[0], artar.Run("evaluate", "text-lstm", "--threads", "1", "--data", "other", "--split",
            "test").Output.Split('\n')[0]);
    }

    [Theory]
    [InlineData("valid.txt")]
    [InlineData("ours.test.tokens")]
    [InlineData("train.txt")]
    public void A_text_to_measure_on_needs_the_split_that_is_measured_and_no_other(string file)
    {
        Directory.CreateDirectory(At("other"));
        File.WriteAllText(At($"other/{file}"), string.Concat(Enumerable.Repeat("one seven two\n", 20)));
        var split = file.Contains("test", StringComparison.Ordinal) ? "test" : file[..^".txt".Length];
        foreach (var command in new[] { "evaluate", "probe" })
        {
            var said = artar.Run(command, "text-lstm", "--threads", "1", "--data", "other", "--split", split);
            Assert.True(said.Code == 0, said.Errors);
            Assert.Contains(command == "probe" ? $"{split} split of other" : $"{split} perplexity ", said.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(command == "probe" ? "x" : "NaN", said.Errors, StringComparison.Ordinal);
        }
        var missing = split == "valid" ? "test" : "valid";
        var refused = artar.Run("evaluate", "text-lstm", "--threads", "1", "--data", "other", "--split", missing);
        Assert.Equal(1, refused.Code);
        Assert.Contains($"has no {missing} split; expected {missing}.txt", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_short_split_is_told_before_anything_is_trained()
    {
        Directory.CreateDirectory(At("short"));
        foreach (var split in new[] { "train", "valid", "test" })
            File.WriteAllText(At($"short/{split}.txt"), split == "test" ? "one two\n"
                : string.Concat(Enumerable.Repeat("one two three\n", 50)));
        foreach (var command in new string[][] { ["train"], ["table", "1"],
            ["sweep", "submit", "table 1, data short, epochs=1, hidden=8, batchSize=4"] })
        {
            var said = artar.Run(command[0] == "sweep" ? command : [.. command, "--data", "short", "--threads", "1", "--set", "epochs=1",
                "hidden=8", "batchSize=4"]);
            Assert.Equal((1, ""), (said.Code, said.Output));
            Assert.Contains("The test split of 'short' has 3 tokens, too few for 10 columns", said.Errors, StringComparison.Ordinal);
            Assert.Single(Directory.GetDirectories(artar.Runs));
        }
        Assert.False(Directory.Exists(At("sweeps")) && Directory.GetDirectories(At("sweeps")).Length > 0);
    }

    [Fact]
    public void Training_says_what_it_reads_and_verifying_too()
    {
        File.WriteAllText(At("text/._train.txt"), "x");
        var said = artar.Run(["train", "--data", "text", .. tiny]);
        Assert.Contains("train  780 tokens, vocabulary 5, 61.54 % <unk>, 4 tokens not predicted\n", said.Errors, StringComparison.Ordinal);
        Assert.Contains("are: ._train.txt.\n", said.Errors, StringComparison.Ordinal);
        said = artar.Run("data", "verify", "text");
        Assert.Equal(0, said.Code);
        Assert.Equal("  train  780 tokens, vocabulary 5, 61.54 % <unk>\n", said.Output.Split('\n')[0] + "\n");
        Assert.Matches("wikitext-2 .* 2,088,628 / 217,646 / 245,569 +33,278", artar.Run("data", "list").Output);
        Assert.Matches("ptb .* 929,589 / 73,760 / 82,430 +10,000", artar.Run("data", "list").Output);
    }

    [Fact]
    public void A_stored_result_that_was_trained_otherwise_is_told()
    {
        var said = artar.Run(["train", "--data", "text", .. tiny, "--kernels", "plain"]);
        Assert.Equal(0, said.Code);
        Assert.Contains("The stored result was trained otherwise (cpu, 1 thread, ", said.Errors, StringComparison.Ordinal);
        Assert.Contains(") than is asked now (cpu, 1 thread, plain kernels); what is stored is taken.", said.Errors,
            StringComparison.Ordinal);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Published_runs_are_shown_at_the_scale_and_with_the_seeds_that_are_there()
    {
        var results = Path.Combine(TestData.Repository, "results");
        var said = artar.Run("table", "1", "--from", results, "--format", "csv");
        Assert.Equal((0, $"'{results}' has laptop 6 of 6 rows (3 seeds).\n"), (said.Code, said.Errors));
        Assert.Equal(1 + 18, said.Output.TrimEnd().Split('\n').Length);
        said = artar.Run("figures", "1", "--from", results, "--format", "json", "--output", At("figures"));
        Assert.Equal(0, said.Code);
        Assert.Contains("table-1-laptop.json", said.Output, StringComparison.Ordinal);
        said = artar.Run("figures", "1", "--from", results, "--profile", "paper", "--format", "json");
        Assert.Equal(1, said.Code);
        Assert.DoesNotContain("trains", said.Errors, StringComparison.Ordinal);
        // A workspace that has them says so, where it has nothing else.
        Directory.CreateSymbolicLink(At("results"), results);
        Assert.Contains("laptop 6 of 6 rows (3 seeds): 'artar table 1 --from results' shows them.",
            artar.Run("table", "1", "--stored").Errors, StringComparison.Ordinal);
        Assert.Contains("'artar claims --from results' judges by them.", artar.Run("claims").Errors, StringComparison.Ordinal);
        Assert.Contains("and this draws them: artar figures 1 --from results", artar.Run("figures", "1").Errors, StringComparison.Ordinal);
    }

    /// <summary>The picture that nobody asked for may fail: another user's workspace cannot be written to.</summary>
    [Fact]
    public void A_table_is_shown_where_no_figure_can_be_drawn()
    {
        File.WriteAllText(At("figures"), "a file where the figures should lie");
        var said = artar.Run(["table", "1", "--stored", "--rows", "alpha=0", "--data", "text", .. tiny]);
        Assert.Equal(0, said.Code);
        Assert.Contains("alpha = 0", said.Output, StringComparison.Ordinal);
        Assert.StartsWith("No figure: ", said.Errors, StringComparison.Ordinal);
    }
}
