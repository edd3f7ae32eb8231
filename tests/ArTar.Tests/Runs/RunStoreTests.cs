using ArTar.Workbench;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;

namespace ArTar.Tests.Runs;

/// <summary>In the collection because the known regularizers, which other tests add to, belong to the process.</summary>
[Collection(TorchTests.Name)]
public sealed class RunStoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RunStore store;

    public RunStoreTests() => store = new(folder["runs"]);

    public void Dispose() => folder.Dispose();

    private StoredRun Create(int seed) => store.GetOrCreate(
        new() { Data = "small", DataHash = new string('a', 64), Profile = "test", Values = new HyperParameters { Seed = seed }.With("alpha", "2") });

    [Fact]
    public void A_run_is_found_again_by_configuration_by_part_of_its_name_and_by_its_folder()
    {
        Assert.Empty(store.All());
        var (one, two) = (Create(1), Create(2));
        Assert.Equal(one.Folder, Create(1).Folder);
        Assert.Equal([one.Id, two.Id], store.All().Select(r => r.Id));
        Assert.Equal(two.Id, store.Get("seed2").Id);
        Assert.Equal(two.Id, store.Get(two.Folder).Id);
        Assert.Equal(one.Configuration.Values.Changes(), store.Get(one.Id).Configuration.Values.Changes());
        Assert.Equal(one.Id, store.Find(one.Configuration)!.Id);
        Assert.Null(store.Find(one.Configuration with { DataHash = new string('b', 64) }));
    }

    [Fact]
    public void Ended_runs_are_exported_without_their_weights_and_read_where_they_lie()
    {
        var plan = FakedRuns.Plan(1, Training.Small.Corpus(), seeds: 2, rows: ["alpha=0", "alpha=2"]);
        FakedRuns.Write(store, plan, (row, seed) => 200 + seed - (row.Id == "alpha=2" ? 5 : 0));
        Assert.All(store.All(), run =>
        {
            File.WriteAllText(Path.Combine(run.Folder, "best.safetensors"), "weights");
            run.Export(folder["results/runs"]);
        });
        Workspace workspace = new(folder.Path);
        Assert.All(["results", "results/runs"], named =>
        {
            var read = RunStore.In(named, workspace);
            Assert.Equal(folder["results/runs"], read.Folder);
            Assert.Equal(TableDocument.Report(TableReport.Build(plan, store)).Csv, TableDocument.Report(TableReport.Build(plan, read)).Csv);
            Assert.All(plan.Runs, run => Assert.Equal(store.Find(run)!.ReadMetrics().Count, read.Find(run)!.ReadMetrics().Count));
        });
        Assert.Empty(Directory.EnumerateFiles(folder["results"], "*.safetensors", SearchOption.AllDirectories));
        Assert.Contains("expected a folder that holds one folder for each run", Assert.Throws<WorkbenchException>(() => RunStore.In("nowhere", workspace)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_whose_metrics_are_gone_is_exported_with_its_result()
    {
        FakedRuns.Write(store, Create(1).Configuration, FakedRuns.Finished(200));
        var run = store.All().Single();
        File.Delete(Path.Combine(run.Folder, "metrics.jsonl"));
        run.Export(folder["results"]);
        Assert.Equal(run.ReadSummary()!.ValidLoss, new RunStore(folder["results"]).Get(run.Id).ReadSummary()!.ValidLoss);
    }

    [Fact]
    public void An_exported_run_of_ones_own_text_tells_its_name_and_hash_and_not_where_it_lay()
    {
        const string place = "/home/somebody/secret project/my text";
        RunConfiguration configuration = new() { Data = place, DataHash = new string('a', 64), Profile = "test", Values = new() { Seed = 1 } };
        FakedRuns.Write(store, configuration, FakedRuns.Finished(200) with
        {
            Status = RunStatus.Failed, Error = $"'{place}/train.txt' cannot be read, nor can /home/somebody/x.txt: see C:\\Users\\somebody\\y.",
        });
        var run = store.Find(configuration)!;
        run.Export(folder["results"]);
        var exported = new RunStore(folder["results"]).Get(run.Id);
        Assert.Equal(("my text", new string('a', 64), run.Id), (exported.Configuration.Data, exported.Configuration.DataHash, exported.Configuration.Id));
        Assert.Equal("'train.txt' cannot be read, nor can x.txt: see y.", exported.ReadSummary()!.Error);
        Assert.All(Directory.EnumerateFiles(exported.Folder), f => Assert.DoesNotContain("somebody", File.ReadAllText(f), StringComparison.Ordinal));
        Assert.Contains("lies in", Assert.Throws<WorkbenchException>(() => run.Export(store.Folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alpha/beta 1/2 and 3 / 4", "alpha/beta 1/2 and 3 / 4")]
    [InlineData("https://example.org/a/b", "https://example.org/a/b")]
    [InlineData("/proc/1/x:5 in /a/b", "x:5 in b")]
    [InlineData("\"/a b/c d\" is a pipe", "\"c d\" is a pipe")]
    [InlineData(@"\\server\share\me\x", "x")]
    public void Of_a_path_only_its_name_is_public(string text, string expected) => Assert.Equal(expected, PublicText.Of(text));

    [Fact]
    public void A_listing_counts_rows_and_seeds_that_have_results_wherever_they_lie()
    {
        var corpus = Training.Small.Corpus() with { Name = "ptb" };
        var (table, other) = (KnownTables.Get(1), new RunStore(folder["other"]));
        IEnumerable<string> Listed() => TableCoverage.Of([table], _ => corpus.Facts, null, store, other)[table].Select(c => c.ToString());
        Assert.Empty(Listed());
        FakedRuns.Write(store, FakedRuns.Plan(1, corpus, 2, "laptop", "alpha=0", "alpha=2"), (_, _) => 200);
        Assert.Equal(["laptop 2 of 6 rows (2 seeds)"], Listed());
        FakedRuns.Write(other, FakedRuns.Plan(1, corpus, 3, "laptop", "alpha=2", "alpha=4"), (_, _) => 200);
        FakedRuns.Write(other, FakedRuns.Plan(1, corpus, 1, "paper", "alpha=8"), (_, _) => 200);
        Assert.Equal(["laptop 3 of 6 rows (2 to 3 seeds)", "paper 1 of 6 rows (1 seed)"], Listed());
        // A run that failed is no result.
        var zero = store.Find(FakedRuns.Plan(1, corpus, 1, "laptop", "alpha=0").Runs.Single())!;
        FakedRuns.Change(zero.Folder, "summary.json", "status", "\"failed\"");
        Assert.Equal("laptop 2 of 6 rows (3 seeds)", Listed().First());
        FakedRuns.Damage(zero.Folder); // damaged: neither, and it hides no other
        Assert.Equal("laptop 2 of 6 rows (3 seeds)", Listed().First());
    }

    [Fact]
    public void None_and_several_are_errors_that_help()
    {
        var (one, two) = (Create(1), Create(2));
        Assert.Equal($"No run in {store.Folder} has 'gru' in its name; the first one there is {new[] { one.Id, two.Id }.Order(StringComparer.Ordinal).First()}.", Assert.Throws<WorkbenchException>(() => store.Get("gru")).Message);
        Assert.Equal($"'alpha2' fits 2 runs; name one of them in full:\n  {one.Id}\n  {two.Id}", Assert.Throws<WorkbenchException>(() => store.Get("alpha2")).Message);
    }

    [Fact]
    public void A_removed_run_is_gone_and_what_a_kill_left_of_one_is_no_run()
    {
        var (one, two) = (Create(1), Create(2));
        Directory.Move(one.Folder, one.Folder + ".removed"); // as a kill in the middle of its removal leaves it
        Assert.Equal([two.Id], store.All().Select(r => r.Id));
        RunStore.Remove(Create(1));
        RunStore.Remove(two);
        Assert.Empty(Directory.GetFileSystemEntries(store.Folder));
    }

    [Fact]
    public void A_run_that_another_process_trains_is_not_removed()
    {
        var run = Create(1);
        using (FakedRuns.Running(run))
        {
            Assert.Equal(RunStatus.Running, run.Status);
            var fault = Assert.Throws<WorkbenchException>(() => RunStore.Remove(run));
            Assert.Equal($"Run {run.Id} is being trained by another process. Wait for it, or stop that one first.", fault.Message);
        }
        Assert.Equal(RunStatus.Pending, run.Status);
        RunStore.Remove(run);
    }

    [Fact]
    public void A_damaged_configuration_is_an_error_that_says_what_to_do()
    {
        var run = Create(1);
        var path = Path.Combine(run.Folder, "configuration.json");
        FakedRuns.Damage(run.Folder, "configuration.json");
        var fault = Assert.Throws<WorkbenchException>(() => store.Get(run.Id));
        Assert.StartsWith($"{path} is damaged (", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith($" Move the folder {run.Folder} elsewhere; the run is then trained anew, and nothing is lost.", fault.Message, StringComparison.Ordinal);
        var other = Create(2); // and it hides no other
        Assert.Equal(other.Id, Assert.Single(store.All()).Id);
    }
}
