using System.Text.Json.Nodes;
using ArTar.Workbench.Runs;

namespace ArTar.Tests.CommandLine;

/// <summary><c>artar runs</c>: stored runs are listed, shown, exported and removed.</summary>
public sealed class RunsTests : IDisposable
{
    private readonly Artar artar = new();

    public void Dispose() => artar.Dispose();

    [Fact]
    public void Runs_are_listed_shown_and_removed()
    {
        FakedRuns.Write(new(artar.Runs), FakedRuns.Plan(1, Training.Small.Corpus(), rows: ["alpha=0", "alpha=1", "alpha=2"]), (_, _) => 234.56);
        var listed = artar.Run("runs", "list", "alpha").Output;
        Assert.Equal(4, listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length); // header, rule, two runs
        Assert.Equal(3, JsonNode.Parse(artar.Run("runs", "list", "--status", "finished", "--format", "json").Output)!.AsArray().Count);

        var shown = artar.Run("runs", "show", "alpha2").Output;
        Assert.Contains("hidden=96", shown, StringComparison.Ordinal);
        Assert.Contains("alpha=2", shown, StringComparison.Ordinal);
        Assert.Contains("● valid", shown, StringComparison.Ordinal);
        Assert.Contains("234.56", shown, StringComparison.Ordinal);
        Assert.Matches("(?m)^command        .*artar train --profile quick --data .* --seed 1 .*--set alpha=2$", shown);

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
        FakedRuns.Damage(artar.Folder("alpha1"));
        listed = artar.Run("runs", "list").Output;
        Assert.Matches("alpha1.* damaged", listed);
        Assert.Contains("finished", listed, StringComparison.Ordinal);
        Assert.Contains("summary.json is damaged", artar.Run("runs", "show", "alpha1").Errors, StringComparison.Ordinal);
        Assert.Equal(0, artar.Run("runs", "remove", "alpha1", "--yes").Code);
        Assert.Single(Directory.GetDirectories(artar.Runs));
    }

    [Fact]
    public void What_has_ended_is_exported_without_weights_and_shown_from_there()
    {
        var plan = FakedRuns.Plan(1, Training.Small.Corpus(), rows: ["alpha=0", "alpha=2", "alpha=4"]);
        var store = new RunStore(artar.Runs);
        FakedRuns.Write(store, plan, (_, _) => 200);
        FakedRuns.End(artar.Folder("alpha2"), FakedRuns.Ended(RunStatus.Diverged));
        File.WriteAllText(Path.Combine(artar.Folder("alpha4"), "best.safetensors"), "weights");
        File.Delete(Path.Combine(artar.Folder("lstm96-seed1"), "summary.json")); // not ended
        var said = artar.Run("runs", "export", "out");
        Assert.Equal(0, said.Code);
        Assert.Equal([Path.GetFileName(artar.Folder("alpha2")), Path.GetFileName(artar.Folder("alpha4"))],
            Directory.EnumerateDirectories(Path.Combine(artar.Home, "out", "runs")).Select(f => Path.GetFileName(f)).Order());
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(artar.Home, "out"), "*.safetensors", SearchOption.AllDirectories));
        Assert.Equal(2, new RunStore(Path.Combine(artar.Home, "out", "runs")).All().Count());
    }
}
