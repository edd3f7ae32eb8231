using System.Text.Json.Nodes;

namespace ArTar.Tests.CommandLine;

/// <summary><c>artar train</c>: one model.</summary>
public sealed class TrainTests : IDisposable
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

    [Fact]
    public void What_is_read_is_said()
    {
        OwnText.Write(Path.Combine(artar.Home, "text"));
        File.WriteAllText(Path.Combine(artar.Home, "text", "._train.txt"), "x");
        var said = artar.Run(["train", "--data", "text", .. OwnText.Tiny]);
        Assert.Contains("train  780 tokens, vocabulary 5, 61.54 % <unk>, 4 tokens not predicted\n", said.Errors, StringComparison.Ordinal);
        Assert.Contains("are: ._train.txt.\n", said.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stored_result_that_was_trained_otherwise_is_told()
    {
        Assert.Equal(0, artar.Run(["train", .. Artar.Tiny]).Code);
        var said = artar.Run(["train", .. Artar.Tiny, "--kernels", "plain"]);
        Assert.Equal(0, said.Code);
        Assert.Contains("The stored result was trained otherwise (cpu, 1 thread, ", said.Errors, StringComparison.Ordinal);
        Assert.Contains(") than is asked now (cpu, 1 thread, plain kernels); what is stored is taken.", said.Errors,
            StringComparison.Ordinal);
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
