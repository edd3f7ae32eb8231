using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ArTar.Sweeps.Tests.Faults;

/// <summary>Two attempts at one run alive at once: whichever the workers' fate, the run ends once and with the bits of an undisturbed one.</summary>
public sealed class LeaseTests : IDisposable
{
    private readonly Artar artar = new(), undisturbed = new();

    public void Dispose()
    {
        artar.Dispose();
        undisturbed.Dispose();
    }

    private static readonly string[] train = ["train", .. Artar.Longer, "alpha=2"];

    private Process Worker(string node, int patience = 3) => artar.Start(
        ["resume", Directory.EnumerateDirectories(artar.Runs).Single(), "--threads", "1", "--checkpoint-every", "0.05", "--wait", "--patience", $"{patience}", "--progress", "json"], ("SLURMD_NODENAME", node));

    private string? Lease => Directory.EnumerateDirectories(Directory.EnumerateDirectories(artar.Runs).Single(), "lease-*").Select(f => Path.GetFileName(f)).FirstOrDefault();

    /// <summary>The epoch that the holder of a lease says it is in, if it has said one yet and holds it still.</summary>
    private int? Epoch(string lease)
    {
        try
        {
            var holder = JsonNode.Parse(File.ReadAllText(Path.Combine(Directory.EnumerateDirectories(artar.Runs).Single(), lease, "progress.json")));
            return holder?["progress"]?["epoch"]?.GetValue<int>();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    [Fact]
    public void A_worker_that_was_stopped_and_taken_over_wakes_up_and_spoils_nothing()
    {
        Requires.That(OperatingSystem.IsLinux(), "Linux", "processes are stopped with signals");
        string[] train = ["train", .. Artar.LongerWith("epochs=60"), "alpha=2"]; // so long that a busy machine finds the worker at work
        Assert.Equal(0, undisturbed.Run(train).Code);
        var begun = artar.Start(train);
        Artar.Until(() => Directory.Exists(artar.Runs) && Directory.EnumerateFiles(artar.Runs, "last.safetensors", SearchOption.AllDirectories).Any(), "a checkpoint");
        Artar.Signal(begun.Id, "TERM");
        Artar.Finish(begun);

        // The first node's worker is stopped dead, as in a virtual machine that is paused; the second node's finds no sign of life.
        var first = Worker("n1");
        Artar.Until(() => Epoch("lease-2") > 0 || first.HasExited, "the first worker in training");
        Artar.Signal(first.Id, "STOP");
        Assert.False(first.HasExited);
        var second = Worker("n2");
        Artar.Until(() => Lease == "lease-3" || second.HasExited, "the second lease");
        Artar.Signal(first.Id, "CONT");
        var (one, two) = (Artar.Finish(first), Artar.Finish(second));
        Assert.Equal(5, one.Code);
        Assert.Contains("was taken over by another process", one.Errors, StringComparison.Ordinal);
        Assert.True(two.Code == 0, two.Errors);
        Assert.Contains("Taking the run over from process ", two.Output, StringComparison.Ordinal);
        Artar.AssertSame(undisturbed.Folder("synthetic"), artar.Folder("synthetic"));
        Assert.Null(Lease);
    }

    [Fact]
    public void A_worker_of_another_node_waits_for_one_that_lives()
    {
        Requires.That(OperatingSystem.IsLinux(), "Linux", "nodes are told apart by the system's boot");
        Assert.Equal(0, undisturbed.Run(train).Code);
        var begun = artar.Start(train);
        Artar.Until(() => Directory.Exists(artar.Runs) && Directory.EnumerateFiles(artar.Runs, "last.safetensors", SearchOption.AllDirectories).Any(), "a checkpoint");
        var second = Worker("n2", patience: 30);
        var (one, two) = (Artar.Finish(begun), Artar.Finish(second));
        Assert.Equal((0, 0), (one.Code, two.Code));
        Assert.DoesNotContain("epoch", two.Output, StringComparison.Ordinal); // it trained nothing
        Artar.AssertSame(undisturbed.Folder("synthetic"), artar.Folder("synthetic"));
    }

    [Fact]
    public void Of_many_that_begin_at_once_one_trains_and_all_are_content()
    {
        Assert.Equal(0, undisturbed.Run(train).Code);
        var begun = artar.Start(train);
        Artar.Until(() => Directory.Exists(artar.Runs) && Directory.EnumerateFiles(artar.Runs, "configuration.json", SearchOption.AllDirectories).Any(), "the run");
        begun.Kill();
        Artar.Finish(begun);
        var workers = Enumerable.Range(0, 4).Select(i => Worker("same", patience: 60)).ToList();
        Assert.All(workers.Select(Artar.Finish), said => Assert.True(said.Code == 0, said.Errors));
        Artar.AssertSame(undisturbed.Folder("synthetic"), artar.Folder("synthetic"));
        Assert.Null(Lease);
    }
}
