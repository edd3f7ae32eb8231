using ArTar.Workbench;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;

namespace ArTar.Tests.Tables;

/// <summary>In the collection because libtorch's threads and the console belong to the process.</summary>
[Collection(TorchTests.Name)]
public sealed class LabTests : IDisposable
{
    private const string Tiny = "epochs=2 hidden=8 trainTokens=1500 batchSize=5";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private Lab Open(string settings = Tiny, int seeds = 1, string data = "") => new("quick", data, seeds, settings) { Workspace = new(folder.Path), Threads = 1 };

    [Fact]
    public void A_table_trains_what_is_missing_once_and_models_come_by_their_row()
    {
        var lab = Open();
        var first = Quietly(() => lab.Table(1, "alpha=0", "alpha=2"), out var said);
        Assert.All(first.Rows, row => Assert.Equal(RunStatus.Finished, Assert.Single(row.Runs).Status));
        Assert.Contains("2 runs: 0 stored before, 2 trained now", said, StringComparison.Ordinal);
        Assert.Contains("AR alone", first.ToHtml(), StringComparison.Ordinal);
        Assert.DoesNotContain("remarks", first.ToHtml(), StringComparison.Ordinal); // no row has any

        // Another table of another lab takes the plain run from the store.
        var own = Table.Parse("{title: own, set: {size: medium}, axes: {penalty: {plain: {}, tar: {label: TAR, beta: 1}}}, baseline: {penalty: plain}}");
        var second = Quietly(() => Open().Table(own), out said);
        Assert.Contains("2 runs: 1 stored before, 1 trained now", said, StringComparison.Ordinal);
        Assert.Equal(first.Rows[0].Runs[0].Run, second.Rows[0].Runs[0].Run);
        Assert.Equal(2, lab.Courses(second)[1].Seeds[0].Count);
        Assert.Equal("synthetic, profile quick with " + Tiny + "; one seed", second.Plan.Circumstances);
        // The paper has no figures, lost ones or others, for a table of one's own.
        Assert.DoesNotContain("lost<", second.ToHtml(), StringComparison.Ordinal);
        Assert.DoesNotContain(TableFrame.Paper, TableFrame.Of(second)["source"].Cast<string>());

        using var model = lab.Model(second, "tar");
        Assert.Equal((8, false), (model.Hidden, model.training));
        Assert.Contains("did you mean 'tar'?", Assert.Throws<WorkbenchException>(() => lab.Model(second, "tra")).Message, StringComparison.Ordinal);
        Assert.Equal("Seed 2 was asked for; the table has seeds 1 to 1.", Assert.Throws<WorkbenchException>(() => lab.Run(second, "tar", 2)).Message);
    }

    [Fact]
    public void Published_results_are_shown_without_training_and_without_their_data()
    {
        var facts = Workbench.Data.CorpusInfo.PennTreebank.Facts;
        var plan = TablePlan.For(KnownTables.Named("rivals"), Profile.Get("laptop"), facts, ["plain", "ar+tar"], [], 3);
        FakedRuns.Write(new RunStore(folder["results/runs"]), plan, (row, seed) => 200 + seed - (row.Id == "plain" ? 0 : 5));
        var lab = new Lab("laptop", seeds: 3, from: "results") { Workspace = new(folder.Path) };
        var report = lab.Table("rivals", "plain", "ar+tar", "dropout=0.5");
        Assert.Equal((202, 5), (Math.Round(report.Rows[0].Valid!.Value.Mean, 9), Math.Round(report.Rows[1].Gain!.Value.Mean, 9)));
        Assert.Equal("not run", report.Rows[2].Remark);
        Assert.Equal(6, lab.Courses(report)[1].Seeds[2].Count);
        Assert.Contains("kept no weights", Assert.Throws<WorkbenchException>(() => lab.Model(report, "plain")).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["runs"]));
    }

    [Fact]
    public void Settings_change_every_row_and_seeds_are_paired()
    {
        var lab = Open(Tiny.Replace("epochs=2", "epochs=1", StringComparison.Ordinal), seeds: 2);
        Assert.Equal((1, 8), (lab.Values().Epochs, lab.Values("size=large").Hidden));
        var report = Quietly(() => lab.Table(2, "beta=0", "beta=4"), out _);
        Assert.All(report.Rows, row => Assert.Equal(2, row.Runs.Count));
        Assert.Equal(2, report.Rows[1].Gain!.Value.Count);
        Assert.EndsWith("mean ± standard deviation over 2 seeds", report.Plan.Circumstances, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_is_said_before_anything_is_trained()
    {
        Assert.Throws<WorkbenchException>(() => new Lab("quik"));
        foreach (var lab in new Action[] { () => Open(Tiny + " epochs=7").Values(), () => Open(Tiny).Values("epochs=2 epochs=7") })
            Assert.Equal("epochs=2 and epochs=7: epochs can have one value; take one of the two out.", Assert.Throws<WorkbenchException>(lab).Message);
        Assert.Throws<WorkbenchException>(() => new Lab(device: "tpu"));
        Assert.Throws<WorkbenchException>(() => Open("hiden=8").Table(1));
        Assert.Throws<WorkbenchException>(() => Open(data: "wikitext-2").Table(1)); // not installed here
        Assert.False(Directory.Exists(new Workspace(folder.Path).Runs));
    }

    private static T Quietly<T>(Func<T> work, out string said)
    {
        var before = Console.Out;
        using var text = new StringWriter();
        Console.SetOut(text);
        try
        {
            return work();
        }
        finally
        {
            Console.SetOut(before);
            said = text.ToString();
        }
    }
}
