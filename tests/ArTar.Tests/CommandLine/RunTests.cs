using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace ArTar.Tests.CommandLine;

/// <summary>Commands on one run: train, evaluate, sample, runs.</summary>
public sealed class RunTests : IDisposable
{
    private readonly Artar artar = new();

    public void Dispose() => artar.Dispose();

    [Fact]
    public void A_second_train_shows_the_result_of_the_first()
    {
        var first = artar.Run(["train", .. Artar.Tiny]);
        Assert.Equal(0, first.Code);
        Assert.Contains("epoch 2/2", first.Errors, StringComparison.Ordinal);
        var second = artar.Run(["train", .. Artar.Tiny]);
        Assert.Equal((0, first.Output), (second.Code, second.Output));
        Assert.Equal(3, second.Errors.TrimEnd().Split('\n').Length); // what was read, and no epoch
        Assert.Contains("8,298", first.Output, StringComparison.Ordinal);
        // Another seed is another run.
        Assert.Equal(0, artar.Run(["train", "--seed", "2", .. Artar.Tiny]).Code);
        Assert.Equal(2, Directory.GetDirectories(artar.Runs).Length);
    }

    /// <summary>The run that is trained and shown is the one in the folder that was named, whatever the folder is called.</summary>
    [Fact]
    public void A_folder_that_was_renamed_is_gone_on_with_where_it_is()
    {
        Assert.Equal(0, artar.Run(["train", .. Artar.Tiny]).Code);
        var renamed = Path.Combine(artar.Runs, "my-run");
        Directory.Move(artar.Folder("synthetic"), renamed);
        File.Delete(Path.Combine(renamed, "summary.json"));
        var said = artar.Run("resume", renamed, "--threads", "1");
        Assert.Equal(0, said.Code);
        Assert.Contains(renamed, said.Output, StringComparison.Ordinal);
        Assert.Equal(renamed, Assert.Single(Directory.GetDirectories(artar.Runs)));
    }

    [Fact]
    public void Evaluate_repeats_the_stored_figures()
    {
        Assert.Equal(0, artar.Run(["train", .. Artar.Tiny]).Code);
        var folder = artar.Folder("synthetic");
        foreach (var split in new[] { "valid", "test" })
        {
            var expected = Artar.Perplexity(folder, split).ToString("F2", CultureInfo.InvariantCulture);
            foreach (var name in new[] { "synthetic-lstm8", folder, Path.Combine(folder, "best.safetensors") })
                Assert.StartsWith($"{split} perplexity {expected} (", artar.Run("evaluate", name, "--split", split, "--threads", "1").Output, StringComparison.Ordinal);
        }
        // 4,990 = 10 columns of 500 tokens, each predicting 499; alone the column predicts all of 5,000 but one.
        Assert.Contains("over 4,999 predicted tokens, batch 1)", artar.Run("evaluate", folder, "--split", "test", "--batch", "1", "--threads", "1").Output, StringComparison.Ordinal);
    }

    /// <summary>Fast is the default and no wish: what the fast kernels do not know is trained by the plain ones, by workers of a table, too.</summary>
    [Theory]
    [InlineData("zoneoutHidden=0.2", true)]
    [InlineData("layerNorm=true", true)]
    [InlineData("weightDropout=0.5", false)]
    public void A_technique_of_others_takes_the_plain_kernels_unasked(string setting, bool actsInEvaluation)
    {
        var said = artar.Run(["table", "1", "--rows", "alpha=2", .. Artar.Tiny, setting]);
        Assert.Equal((0, true), (said.Code, said.Output.Contains("plain kernels", StringComparison.Ordinal)));
        var folder = artar.Folder("synthetic");
        Assert.Contains($"-alpha2-{setting.Replace("=true", "", StringComparison.Ordinal).Replace("=", "", StringComparison.Ordinal)}-", folder, StringComparison.Ordinal);
        Assert.Equal("plain", Artar.Summary(folder)["circumstances"]!["kernels"]!.GetValue<string>());
        var valid = $"valid perplexity {Artar.Perplexity(folder, "valid").ToString("F2", CultureInfo.InvariantCulture)} (";
        Assert.StartsWith(valid, artar.Run("evaluate", folder, "--threads", "1").Output, StringComparison.Ordinal);
        var fast = artar.Run("evaluate", folder, "--threads", "1", "--kernels", "fast");
        Assert.Equal(actsInEvaluation ? 1 : 0, fast.Code);
        Assert.Contains(actsInEvaluation ? "--kernels fast: the fast kernels do not know " : valid, fast.Errors + fast.Output, StringComparison.Ordinal);
        // The same request again finds what it would train.
        Assert.DoesNotContain("trained otherwise", artar.Run(["table", "1", "--rows", "alpha=2", .. Artar.Tiny, setting]).Errors, StringComparison.Ordinal);
        Assert.Equal(0, artar.Run("sample", folder, "--words", "5", "--threads", "1").Code);
        Assert.Equal(0, artar.Run("probe", folder, "--windows", "2").Code);
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused()
    {
        Assert.Equal(0, artar.Run(["train", .. Artar.Tiny]).Code);
        var path = Path.Combine(artar.Folder("synthetic"), "best.safetensors");
        var bytes = File.ReadAllBytes(path);
        bytes[^100] ^= 1;
        File.WriteAllBytes(path, bytes);
        var said = artar.Run("sample", "synthetic", "--threads", "1");
        Assert.Equal((1, ""), (said.Code, said.Output));
        Assert.StartsWith("artar: ", said.Errors, StringComparison.Ordinal);

        File.Delete(path);
        said = artar.Run("sample", "synthetic", "--threads", "1");
        Assert.Equal(1, said.Code);
        Assert.Contains("(finished) has no stored weights: its result was taken from elsewhere.", said.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_follow_the_seed_and_hold_no_banned_token()
    {
        OwnText.Write(Path.Combine(artar.Home, "mostly-unknown"));
        Assert.Equal(0, artar.Run("train", "--data", "mostly-unknown", "--threads", "1", "--set", "epochs=2", "hidden=8", "batchSize=4", "evaluationBatchSize=2").Code);
        string Sample(params string[] more)
        {
            var said = artar.Run(["sample", "mostly-unknown", "--threads", "1", .. more]);
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

        var said = artar.Run("sample", "mostly-unknown", "--prompt", "thre");
        Assert.Equal(1, said.Code);
        Assert.Contains("lacks 'thre'; did you mean 'three'?", said.Errors, StringComparison.Ordinal);
        Assert.Contains("--temperature -1: expected 0 or a number above 0", artar.Run("sample", "mostly-unknown", "--temperature", "-1").Errors, StringComparison.Ordinal);
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

    [Fact]
    public void Runs_are_listed_shown_and_removed()
    {
        Assert.Equal(0, artar.Run(["table", "1", "--rows", "alpha=0,alpha=1,alpha=2", .. Artar.Tiny]).Code);
        var listed = artar.Run("runs", "list", "alpha").Output;
        Assert.Equal(4, listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length); // header, rule, two runs
        Assert.Equal(3, JsonNode.Parse(artar.Run("runs", "list", "--status", "finished", "--format", "json").Output)!.AsArray().Count);

        var shown = artar.Run("runs", "show", "alpha2").Output;
        Assert.Contains("hidden=8", shown, StringComparison.Ordinal);
        Assert.Contains("alpha=2", shown, StringComparison.Ordinal);
        Assert.Contains("● valid", shown, StringComparison.Ordinal);
        Assert.Contains(Artar.Perplexity(artar.Folder("alpha2"), "valid").ToString("F2", CultureInfo.InvariantCulture), shown, StringComparison.Ordinal);

        var said = artar.Run("runs", "remove", "alpha2");
        Assert.Equal(1, said.Code);
        Assert.Contains("add --yes", said.Errors, StringComparison.Ordinal);
        Assert.Equal(0, artar.Run("runs", "remove", "alpha2", "--yes").Code);
        Assert.DoesNotContain("alpha2", artar.Run("runs", "list").Output, StringComparison.Ordinal);

        // What fits several is not removed without a word more.
        var several = artar.Run("runs", "remove", "seed1", "--yes");
        Assert.Equal(1, several.Code);
        Assert.Matches("'seed1' fits [0-9]+ runs, such as ", several.Errors);
        Assert.Equal(2, Directory.GetDirectories(artar.Runs).Length);

        // A damaged run hides no other, is named, and can be taken away.
        File.WriteAllText(Path.Combine(artar.Folder("alpha1"), "summary.json"), "{");
        listed = artar.Run("runs", "list").Output;
        Assert.Matches("alpha1.* damaged", listed);
        Assert.Contains("finished", listed, StringComparison.Ordinal);
        Assert.Contains("summary.json is damaged", artar.Run("runs", "show", "alpha1").Errors, StringComparison.Ordinal);
        Assert.Equal(0, artar.Run("runs", "remove", "alpha1", "--yes").Code);
        Assert.Single(Directory.GetDirectories(artar.Runs));
    }

    [Fact]
    public void TensorBoard_gets_what_the_run_measured()
    {
        Assert.Equal(0, artar.Run(["train", "--tensorboard", "events", .. Artar.Tiny, "window=5", "alpha=2"]).Code);
        var events = EventFile.Read(Directory.GetFiles(Path.Combine(artar.Home, "events"), "events.out.tfevents.*").Single());
        var metrics = File.ReadLines(Path.Combine(artar.Folder("synthetic"), "metrics.jsonl")).Select(l => JsonNode.Parse(l)!).ToList();
        void Same(string tag, Func<JsonNode, double> expected) => Assert.Equal(
            metrics.Select((m, i) => (Step: i + 1L, Value: (float)expected(m))), events.Where(e => e.Tag == tag).Select(e => (e.Step, e.Value)));
        Same("loss/train", m => m["trainLoss"]!.GetValue<double>());
        Same("loss/valid", m => m["validLoss"]!.GetValue<double>());
        Same("perplexity/valid", m => Math.Exp(m["validLoss"]!.GetValue<double>()));
        Same("penalty/AR", m => m["penalties"]!["AR"]!.GetValue<double>());
        Same("optimizer/learning rate", m => m["learningRate"]!.GetValue<double>());
        Same("optimizer/gradient norm", m => m["gradientNorm"]!.GetValue<double>());
        // 299 predicted tokens a column in windows of 5: 60 steps an epoch, 120 in all, and one mean over a hundred.
        var step = Assert.Single(events, e => e.Tag == "steps/train loss");
        Assert.Equal(100, step.Step);
        Assert.All(events, e => Assert.InRange(DateTime.UnixEpoch.AddSeconds(e.Time), DateTime.UtcNow.AddHours(-1), DateTime.UtcNow.AddHours(1)));

        // A run that was trained without gets its epochs when they are asked for.
        Assert.Equal(0, artar.Run(["train", "--tensorboard", "again", .. Artar.Tiny, "window=5", "alpha=2"]).Code);
        var again = EventFile.Read(Directory.GetFiles(Path.Combine(artar.Home, "again"), "events.out.tfevents.*").Single());
        Assert.Equal(events.Where(e => e.Tag.StartsWith("loss/", StringComparison.Ordinal)).Select(e => (e.Tag, e.Step, e.Value)),
            again.Where(e => e.Tag.StartsWith("loss/", StringComparison.Ordinal)).Select(e => (e.Tag, e.Step, e.Value)));
    }
}
