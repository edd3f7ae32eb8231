using System.Text.Json.Nodes;

namespace ArTar.Tests.CommandLine;

/// <summary>Runs trained as a stack, by the real program; on a processor, where it brings nothing but is the same.</summary>
public sealed class StackTests : IDisposable
{
    private const string Rows = "alpha=0,alpha=2,alpha=8";

    // Sums in another order differ in their last bits. At a learning rate of 10 a run without AR makes per cents of it within an epoch, as of
    // any other small change; at 2 nothing grows, and another mask or a step too many shows at once.
    private const double Rounding = 1e-5;
    private const string Calm = "learningRate=2";
    private readonly Artar stacked = new(), alone = new();

    public void Dispose()
    {
        stacked.Dispose();
        alone.Dispose();
    }

    [Fact]
    public void A_table_trained_as_stacks_leaves_the_runs_that_it_leaves_one_by_one()
    {
        string[] table = ["table", "1", "--rows", Rows, "--seeds", "2", .. Artar.Tiny, Calm];
        Assert.Equal(0, stacked.Run([.. table, "--stack", "4"]).Code);
        Assert.Equal(0, alone.Run([.. table, "--kernels", "plain"]).Code);
        AssertSame(alone, stacked);
        Assert.All(Folders(stacked), f => Assert.True(Artar.Summary(f)["circumstances"]!["isStacked"]!.GetValue<bool>()));
        Assert.All(Folders(stacked), f => Assert.Equal(
            ["best.safetensors", "configuration.json", "lock", "metrics.jsonl", "summary.json", "vocabulary.json"], Directory.EnumerateFileSystemEntries(f).Select(Path.GetFileName).Order()));
        // What a stack has trained is nobody's business afterwards.
        Assert.Contains(" perplexity ", stacked.Run("evaluate", "alpha8-seed2", "--threads", "1").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("4", "1")]
    [InlineData("1", "4")]
    [InlineData("4", "4")]
    public void Killed_at_any_moment_the_runs_go_on_together_or_alone(string before, string after)
    {
        string[] Table(string stack) => ["table", "1", "--rows", Rows, "--kernels", "plain", "--stack", stack, .. Artar.LongerWith("epochs=6"), Calm];
        Assert.Equal(0, alone.Run(Table("1")).Code);
        var process = stacked.Start(Table(before));
        Artar.Until(() => process.HasExited || Directory.Exists(stacked.Runs)
            && Directory.EnumerateFiles(stacked.Runs, "last.safetensors", SearchOption.AllDirectories).Any(), "a checkpoint");
        Thread.Sleep(Random.Shared.Next(500));
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        Assert.Equal(0, stacked.Run(Table(after)).Code);
        AssertSame(alone, stacked);
    }

    [Fact]
    public void Seeds_of_one_model_are_trained_together_and_summed_up()
    {
        string[] train = ["train", "--data", "synthetic", .. Artar.Tiny, Calm];
        var said = stacked.Run([.. train, "--seeds", "3", "--stack", "3"]);
        Assert.True(said.Code == 0, said.Errors);
        Assert.Matches(@"\nseeds +3 of 3 finished: valid [\d.]+ ± [\d.]+, test [\d.]+ ± [\d.]+\n$", said.Output);
        foreach (var seed in new[] { "1", "2", "3" })
            Assert.Equal(0, alone.Run([.. train, "--seed", seed, "--kernels", "plain"]).Code);
        AssertSame(alone, stacked);
        Assert.Equal(1, alone.Run([.. train, "--seeds", "3", "--seed", "2"]).Code);
    }

    private static string[] Folders(Artar artar) => [.. Directory.EnumerateDirectories(artar.Runs).Order(StringComparer.Ordinal)];

    /// <summary>The same runs with the same figures, to the rounding of sums in another order over a short training.</summary>
    private static void AssertSame(Artar expected, Artar actual)
    {
        Assert.Equal(Folders(expected).Select(Path.GetFileName), Folders(actual).Select(Path.GetFileName));
        foreach (var (ours, theirs) in Folders(expected).Zip(Folders(actual)))
        {
            var (a, b) = (Epochs(ours), Epochs(theirs));
            Assert.Equal(a.Count, b.Count);
            foreach (var (one, other) in a.Zip(b))
                foreach (var key in new[] { "trainLoss", "validLoss" })
                    Assert.Equal(one[key]!.GetValue<double>(), other[key]!.GetValue<double>(), Rounding * one[key]!.GetValue<double>());
            Assert.Equal(Artar.Perplexity(ours, "test"), Artar.Perplexity(theirs, "test"), 10 * Rounding * Artar.Perplexity(ours, "test"));
            Assert.Equal("finished", Artar.Summary(theirs)["status"]!.GetValue<string>());
        }
    }

    private static List<JsonNode> Epochs(string folder) => [.. File.ReadLines(Path.Combine(folder, "metrics.jsonl")).Select(l => JsonNode.Parse(l)!)];
}
