using System.Text.Json.Nodes;

namespace ArTar.Sweeps.Tests;

/// <summary>Sweeps that train several rows as one job; on a processor, where it brings nothing but is the same.</summary>
public sealed class StackedSweepTests : IDisposable
{
    private readonly Artar artar = new(), alone = new();

    public void Dispose()
    {
        artar.Dispose();
        alone.Dispose();
    }

    private IEnumerable<bool> Stacked => Directory.EnumerateDirectories(artar.Runs).Select(f => Artar.Summary(f)["circumstances"]!["isStacked"]!.GetValue<bool>());

    [Fact]
    public void Rows_of_a_stack_have_attempts_logs_and_figures_of_their_own()
    {
        // At a small rate the rounding of sums in another order does not grow; the row of another size cannot be with the others.
        string[] sweep = ["{tables: 1, set: {epochs: 2, hidden: 8, trainTokens: 3000, batchSize: 10, learningRate: 2}}", "--threads", "1"];
        Assert.Equal(0, artar.Run(["sweep", "submit", .. sweep, "--name", "together", "--stack", "4", "--jobs", "1"]).Code);
        Assert.Equal(0, artar.Wait("together").Code);
        Assert.Equal(6, artar.Attempts("together").Count);
        Assert.All(artar.Attempts("together"), a => Assert.Matches(@"^\d{5}-1-ended-\d+$", a));
        Assert.Matches(@"attempt 1 on .*\n.*in a stack of 3 runs\n(.*\n)*.*epoch 1/2, .*\n.*epoch 2/2, .*\n.*finished\n$", artar.Run("sweep", "logs", "together", "5").Output);
        Assert.All(Stacked, Assert.True);

        Assert.Equal(0, alone.Run(["sweep", "submit", .. sweep, "--name", "alone", "--kernels", "plain"]).Code);
        Assert.Equal(0, alone.Wait("alone").Code);
        static IEnumerable<(string Row, double Valid)> Rows(Said collected) =>
            JsonNode.Parse(collected.Output)!["rows"]!.AsArray().Select(r => (r!["row"]!.GetValue<string>(), Math.Round(r["valid_perplexity"]!.GetValue<double>(), 2)));
        Assert.Equal(Rows(alone.Run("sweep", "collect", "alone", "--format", "json")), Rows(artar.Run("sweep", "collect", "together", "--format", "json")));
    }

    [Fact]
    public void A_stack_whose_process_is_killed_goes_on_with_all_its_rows()
    {
        Assert.Equal(0, artar.Run(["sweep", "submit", "table 1", "--name", "killed", "--stack", "6", .. Artar.Longer]).Code);
        Sweeping.Until(() => artar.Status("killed").InEpoch(3) == 6, "six rows in their third epoch");
        Sweeping.Kill(Assert.Single(artar.Workers()));
        var said = artar.Wait("killed");
        Assert.Equal(0, said.Code);
        Assert.EndsWith("6 rows: 6 finished\n", said.Errors, StringComparison.Ordinal);
        Assert.Equal(12, artar.Attempts("killed").Count);
        Assert.Equal(6, artar.Attempts("killed").Count(a => a.Contains("-1-failed-", StringComparison.Ordinal)));
        Assert.Equal(6, artar.Attempts("killed").Count(a => a.Contains("-2-ended-", StringComparison.Ordinal)));
    }

    [Fact]
    public void Rows_of_different_shapes_are_not_put_together()
    {
        Assert.Equal(0, artar.Run(["sweep", "submit", "hidden=8|12, 2 seeds", "--name", "shapes", "--stack", "4", "--threads", "1", "--set", "epochs=1", "trainTokens=3000", "batchSize=10"]).Code);
        Assert.Equal(0, artar.Wait("shapes").Code);
        Assert.All(new[] { "1", "2", "3", "4" }, row => Assert.Contains("in a stack of 2 runs", artar.Run("sweep", "logs", "shapes", row).Output, StringComparison.Ordinal));
    }
}
