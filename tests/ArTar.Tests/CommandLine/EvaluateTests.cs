using System.Globalization;

namespace ArTar.Tests.CommandLine;

/// <summary><c>artar evaluate</c>: a trained model's perplexity.</summary>
public sealed class EvaluateTests(TrainedRun trained) : IDisposable
{
    private readonly Artar artar = trained.OnOwnText();

    private string At(string name) => Path.Combine(artar.Home, name);

    public void Dispose() => artar.Dispose();

    [Fact]
    public void Evaluate_repeats_the_stored_figures()
    {
        var folder = artar.Folder("text");
        foreach (var split in new[] { "valid", "test" })
        {
            var expected = Artar.Perplexity(folder, split).ToString("F2", CultureInfo.InvariantCulture);
            foreach (var name in new[] { "text-lstm8", folder, Path.Combine(folder, "best.safetensors") })
                Assert.StartsWith($"{split} perplexity {expected} (", artar.Run("evaluate", name, "--split", split, "--threads", "1").Output, StringComparison.Ordinal);
        }
        // Alone the column predicts all of 780 tokens but one.
        Assert.Contains("over 779 predicted tokens, batch 1)", artar.Run("evaluate", folder, "--split", "test", "--batch", "1", "--threads", "1").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_lie_beside_somebody_elses_configuration_are_evaluated()
    {
        Directory.CreateDirectory(At("models"));
        File.Copy(Path.Combine(artar.Folder("text"), "best.safetensors"), At("models/best.safetensors"));
        File.WriteAllText(At("models/configuration.json"), "{\"of\": \"another program\"}");
        var expected = Artar.Perplexity(artar.Folder("text"), "valid").ToString("F2", CultureInfo.InvariantCulture);
        Assert.StartsWith($"valid perplexity {expected} (", artar.Run("evaluate", At("models/best.safetensors"), "--threads", "1").Output, StringComparison.Ordinal);
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
}
