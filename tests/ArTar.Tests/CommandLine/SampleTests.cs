using System.Text.Json.Nodes;

namespace ArTar.Tests.CommandLine;

/// <summary><c>artar sample</c>: text that a trained model writes.</summary>
public sealed class SampleTests(TrainedRun trained) : IDisposable
{
    private readonly Artar artar = trained.OnOwnText();

    private string At(string name) => Path.Combine(artar.Home, name);

    public void Dispose() => artar.Dispose();

    [Fact]
    public void Samples_follow_the_seed_and_hold_no_banned_token()
    {
        string Sample(params string[] more)
        {
            var said = artar.Run(["sample", "text-lstm", "--threads", "1", .. more]);
            Assert.Equal((0, ""), (said.Code, said.Errors));
            return said.Output;
        }

        var first = Sample();
        Assert.Equal(first, Sample());
        Assert.NotEqual(first, Sample("--seed", "2"));
        // Two of three tokens of the text are <unk>: without the ban 200 words would hold some.
        var words = first.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(200, words.Length);
        Assert.Equal(["one", "three", "two"], words.Distinct().Order());
        Assert.Equal(Sample("--temperature", "0", "--words", "30"), Sample("--temperature", "1e-300", "--words", "30"));
        Assert.Equal(Sample("--temperature", "1e7", "--words", "30"), Sample("--temperature", "1e300", "--words", "30"));
        Assert.Single(Sample("--temperature", "0", "--words", "30").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Distinct());
        Assert.StartsWith("two one ", Sample("--prompt", "two one", "--words", "3"), StringComparison.Ordinal);

        var said = artar.Run("sample", "text-lstm", "--prompt", "thre");
        Assert.Equal(1, said.Code);
        Assert.Contains("lacks 'thre'; did you mean 'three'?", said.Errors, StringComparison.Ordinal);
        Assert.Contains("--temperature -1: expected 0 or a number above 0", artar.Run("sample", "text-lstm", "--temperature", "-1").Errors, StringComparison.Ordinal);
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
    public void A_damaged_checkpoint_is_refused()
    {
        var path = Path.Combine(artar.Folder("text-lstm"), "best.safetensors");
        var bytes = File.ReadAllBytes(path);
        bytes[^100] ^= 1;
        File.WriteAllBytes(path, bytes);
        var said = artar.Run("sample", "text-lstm", "--threads", "1");
        Assert.Equal((1, ""), (said.Code, said.Output));
        Assert.StartsWith("artar: ", said.Errors, StringComparison.Ordinal);

        File.Delete(path);
        said = artar.Run("sample", "text-lstm", "--threads", "1");
        Assert.Equal(1, said.Code);
        Assert.Contains("(finished) has no stored weights: its result was taken from elsewhere.", said.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sample_is_stored_with_what_it_takes_to_draw_it_again_and_shown_where_the_weights_are_not()
    {
        string[] table = ["table", "7", "--data", "synthetic", .. Artar.Tiny];
        var trained = artar.Run(table);
        Assert.Equal(0, trained.Code);
        Assert.Contains("LSTM, medium, AR + TAR, seed 1: 150 words at temperature 1", trained.Output, StringComparison.Ordinal);
        var folder = artar.Folder("synthetic");
        Assert.Equal(0, artar.Run("runs", "export", "out").Code);
        string[] published = ["table", "7", "--from", "out", "--data", "synthetic", .. Artar.Tiny];
        Assert.Contains("No samples: these results came without the trained ones.", artar.Run(published).Errors, StringComparison.Ordinal);

        var said = artar.Run("sample", folder, "--words", "30", "--temperature", "0.5", "--seed", "3", "--threads", "1", "--format", "json");
        Assert.Equal((0, ""), (said.Code, said.Errors));
        var sample = JsonNode.Parse(said.Output)!;
        Assert.Equal((Path.GetFileName(folder), "synthetic", 30, 0.5, 3),
            ((string?)sample["model"], (string?)sample["data"], (int)sample["words"]!, (double)sample["temperature"]!, (int)sample["seed"]!));
        Assert.Equal(64, ((string?)sample["data_hash"])!.Length);
        var again = artar.Run("sample", folder, "--words", "30", "--temperature", "0.5", "--seed", "3", "--threads", "1");
        var words = ((string?)sample["text"])!.Split(' ');
        Assert.Equal(again.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), words);

        Directory.CreateDirectory(Path.Combine(artar.Home, "out", "samples"));
        File.WriteAllText(Path.Combine(artar.Home, "out", "samples", "one.json"), said.Output);
        var shown = artar.Run(published);
        Assert.Equal(0, shown.Code);
        Assert.Contains($"{Path.GetFileName(folder)}, trained on synthetic: 30 words at temperature 0.5, seed 3", shown.Output, StringComparison.Ordinal);
        Assert.Contains(string.Join(' ', words[..5]), shown.Output, StringComparison.Ordinal);
        Assert.Contains("The samples are of other models: these results came without the trained ones.", shown.Errors, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(artar.Home, "out", "samples", "two.json"), "{}");
        shown = artar.Run(published);
        Assert.Equal(1, shown.Code);
        Assert.Contains("two.json holds no sample: ", shown.Errors, StringComparison.Ordinal);
    }
}
