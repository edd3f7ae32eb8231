using ArTar.Cli.Sweeps;
using ArTar.Workbench.Runs;

namespace ArTar.Sweeps.Tests;

/// <summary>What a sweep is over is kept when it is submitted: nothing that happens to text and files later changes what it
/// shows.</summary>
public sealed class SubmittedFactsTests : IDisposable
{
    private readonly Artar artar = new();

    public void Dispose() => artar.Dispose();

    [Fact]
    public void A_sweep_is_collected_from_anywhere_also_once_its_text_was_changed_or_is_gone()
    {
        OwnText.Write(Path.Combine(artar.Home, "text"));
        Assert.Equal(0, artar.Run("sweep", "submit", "alpha=0|1.0, data text, epochs=1, hidden=8, batchSize=4, evaluationBatchSize=2",
            "--name", "kept", "--threads", "1").Code);
        Assert.Equal(0, artar.Wait("kept").Code);
        var expected = artar.Run("sweep", "collect", "kept", "--format", "csv");
        Assert.Equal((0, 3), (expected.Code, expected.Output.TrimEnd().Split('\n').Length));
        Assert.DoesNotContain("of 2 cells", expected.Errors, StringComparison.Ordinal);

        File.AppendAllText(Path.Combine(artar.Home, "text", "train.txt"), "four\n");
        Assert.Equal(expected.Output, artar.Run("sweep", "collect", "kept", "--format", "csv").Output);
        Directory.Delete(Path.Combine(artar.Home, "text"), recursive: true);
        var said = Artar.Finish(artar.Start(["-c", "cd / && exec \"$0\" \"$@\"", Artar.Program, "sweep", "collect", "kept", "--format",
            "csv"], "/bin/sh"));
        Assert.Equal((0, expected.Output, ""), (said.Code, said.Output, said.Errors));
        Assert.Contains("2 rows: 2 finished", artar.Run("sweep", "status", "kept").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Status_and_tables_say_the_same_of_rows_whose_text_was_changed_before_their_end()
    {
        var text = Path.Combine(artar.Home, "text");
        OwnText.Write(text);
        Assert.Equal(0, artar.Run("sweep", "submit", "alpha=0|1, data text, epochs=50000, hidden=8, batchSize=4, evaluationBatchSize=2",
            "--name", "edited", "--threads", "1", "--retries", "0").Code);
        Sweeping.Until(() => artar.Status("edited").InEpoch(1) == 2, "both rows in training");
        Assert.Equal(0, artar.Run("sweep", "cancel", "edited").Code);
        File.AppendAllText(Path.Combine(text, "train.txt"), "four\n");
        Assert.Equal(0, artar.Run("sweep", "retry", "edited").Code);
        Assert.Equal(3, artar.Wait("edited").Code);
        Assert.Contains("2 rows: 2 failed", artar.Run("sweep", "status", "edited").Output, StringComparison.Ordinal);
        var said = artar.Run("sweep", "collect", "edited", "--format", "markdown");
        Assert.Equal((0, 2), (said.Code, said.Output.Split("| failed |").Length - 1));
        Assert.True(said.Errors.Split($" has no result: The text '{text}' with hash ").Length == 3, said.Errors);
        Assert.EndsWith("0 of 2 cells have ended; nobody works on the others. 'artar sweep retry edited' resumes it.\n", said.Errors,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("all tables, 2 seeds, profile laptop")]
    [InlineData("tables surface and rivals, profile laptop")]
    [InlineData("learningRate=1.0..30.0:log, layers=1..3, 20 samples, 2 seeds")]
    [InlineData("alpha=0|1, beta=0|2, epochs=3")]
    public void Tables_come_back_from_the_sweeps_folder_as_they_were(string sentence)
    {
        var spec = SpecReader.Read(sentence);
        var corpus = new Workbench.Data.CorpusFacts("ptb", new string('a', 64), 10_000, 929_589, 73_760, 82_430);
        var plans = (spec.OwnTable is { } own ? [own] : spec.Tables.Select(Workbench.Tables.KnownTables.Named))
            .Select(t => Workbench.Tables.TablePlan.For(t, Workbench.Tables.Profile.Get(spec.Profile), corpus, [], spec.Set,
                spec.Seeds)).ToList();
        var json = System.Text.Json.JsonSerializer.Serialize(plans.Select(StoredTable.Of), StoredTable.Format);
        var read = System.Text.Json.JsonSerializer.Deserialize<StoredTable[]>(json, StoredTable.Format)!.Select(t => t.ToPlan()).ToList();
        Assert.Equal(plans.SelectMany(p => p.Runs).Select(r => r.Id), read.SelectMany(p => p.Runs).Select(r => r.Id));
        Assert.Equal(json, System.Text.Json.JsonSerializer.Serialize(read.Select(StoredTable.Of), StoredTable.Format));
        Assert.Equal(plans.SelectMany(p => p.Rows).Select(r => r.Baseline?.Id), read.SelectMany(p => p.Rows).Select(r => r.Baseline?.Id));
    }

    [Theory]
    [InlineData("--dry-run")]
    [InlineData("--retries")]
    public void What_was_read_of_a_text_of_ones_own_is_told_before_it_is_trained_on(string option)
    {
        OwnText.Write(Path.Combine(artar.Home, "text"));
        File.AppendAllText(Path.Combine(artar.Home, "text", "train.txt"), "one <UNK> two\n");
        var said = artar.Run(["sweep", "submit", "alpha=0|1, data text, epochs=1, hidden=8, batchSize=4, evaluationBatchSize=2", "--name",
            "told", "--threads", "1", .. option == "--retries" ? new[] { option, "0" } : [option]]);
        Assert.Equal(0, said.Code);
        Assert.Contains("train  784 tokens, vocabulary 6, ", said.Errors, StringComparison.Ordinal);
        Assert.Contains("<UNK>", said.Errors, StringComparison.Ordinal);
        if (option != "--dry-run")
            Assert.Equal(0, artar.Wait("told").Code);
    }

    [Fact]
    public void Stored_tables_with_more_seeds_than_the_sweep_has_rows_are_damaged()
    {
        var sweep = Sweep.Create(new(artar.Home), new() { Name = "long", Tables = ["1"], Rows = ["alpha=0"], Data = "synthetic" }, "local");
        var path = Path.Combine(sweep.Folder, "tables.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"seeds\":1", "\"seeds\":2", StringComparison.Ordinal));
        var said = artar.Run("sweep", "collect", "long");
        Assert.Equal(1, said.Code);
        Assert.Contains($"{path} is damaged (seeds: expected at most 1, the rows of the sweep)", said.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_that_came_twice_are_told()
    {
        var said = artar.Run("sweep", "submit", "layers=1..2, 20 samples", "--dry-run");
        Assert.Equal((0, 2), (said.Code, said.Output.TrimEnd().Split('\n').Length));
        Assert.StartsWith("20 samples made 2 different rows; ", said.Errors, StringComparison.Ordinal);
        Assert.Contains("alpha: 1 is given twice", artar.Run("sweep", "submit", "alpha=1|1.0|2").Errors, StringComparison.Ordinal);
    }
}
