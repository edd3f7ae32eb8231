using ArTar.Workbench;
using ArTar.Workbench.Experiments;
using ArTar.Workbench.Training;

namespace ArTar.Tests.Experiments;

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
    public void None_and_several_are_errors_that_help()
    {
        var (one, two) = (Create(1), Create(2));
        Assert.Equal($"No run in {store.Folder} has 'gru' in its name. 'artar runs list' shows them all.", Assert.Throws<WorkbenchException>(() => store.Get("gru")).Message);
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
        using (new FileStream(Path.Combine(run.Folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
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
        File.WriteAllText(path, File.ReadAllText(path)[..50]);
        var fault = Assert.Throws<WorkbenchException>(() => store.All().ToList());
        Assert.StartsWith($"{path} is damaged (", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith($" Delete the folder {run.Folder}; the run is then trained anew.", fault.Message, StringComparison.Ordinal);
    }
}
