using System.Globalization;
using System.Runtime.Versioning;

namespace ArTar.Tests.CommandLine;

/// <summary>Text of one's own, and what was trained on it, when folders move.</summary>
public sealed class TravelTests(TrainedRun trained) : IDisposable
{
    private readonly Artar artar = trained.OnOwnText();

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
    public void A_sample_that_is_stored_names_the_text_and_not_where_it_lay()
    {
        var said = artar.Run("sample", Checkpoint, "--words", "3", "--threads", "1", "--format", "json");
        Assert.Equal(0, said.Code);
        Assert.Contains("\"data\": \"text\"", said.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(artar.Home, said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_another_run_are_not_measured_as_this_one()
    {
        var copy = Checkpoint;
        Assert.Equal(0, artar.Run(["train", "--data", "text", .. OwnText.Tiny, "alpha=2"]).Code);
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
    [UnsupportedOSPlatform("windows")]
    public void Published_runs_are_shown_at_the_scale_and_with_the_seeds_that_are_there()
    {
        var results = Path.Combine(TestData.Repository, "results");
        var said = artar.Run("table", "1", "--from", results, "--format", "csv");
        Assert.Equal(0, said.Code);
        Assert.StartsWith($"'{results}' has laptop 6 of 6 rows (3 to 4 seeds); --profile shows what else it has: small ", said.Errors, StringComparison.Ordinal);
        Assert.Equal(1 + 18, said.Output.TrimEnd().Split('\n').Length); // three: what most rows have
        said = artar.Run("figures", "1", "--from", results, "--format", "json", "--output", At("figures"));
        Assert.Equal(0, said.Code);
        Assert.Contains("table-1-laptop.json", said.Output, StringComparison.Ordinal);
        // More seeds than an interval is made of: no verdict stands below the figure.
        said = artar.Run("figures", "1", "--from", results, "--profile", "laptop", "--seeds", "32", "--format", "json", "--output", At("more"));
        Assert.Equal((0, ""), (said.Code, said.Errors));
        Assert.DoesNotContain("Claim 1", File.ReadAllText(Path.Combine(At("more"), "table-1-laptop.json")), StringComparison.Ordinal);
        said = artar.Run("figures", "1", "--from", results, "--profile", "paper", "--format", "json");
        Assert.Equal(1, said.Code);
        Assert.DoesNotContain("trains", said.Errors, StringComparison.Ordinal);
        // A workspace that has them says so, where it has nothing else.
        Directory.CreateSymbolicLink(At("results"), results);
        Assert.Contains("laptop 6 of 6 rows (3 to 4 seeds): 'artar table 1 --from results' shows them.",
            artar.Run("table", "1", "--stored").Errors, StringComparison.Ordinal);
        Assert.Contains("'artar claims --from results' judges by them.", artar.Run("claims").Errors, StringComparison.Ordinal);
        Assert.Contains("and this draws them: artar figures 1 --from results", artar.Run("figures", "1").Errors, StringComparison.Ordinal);
    }
}
