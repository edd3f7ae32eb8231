using System.Collections.Concurrent;
using ArTar.Tests.CommandLine;
using ArTar.Tests.Training;
using ArTar.Workbench;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;

namespace ArTar.Tests.Runs;

/// <summary>In the collection because libtorch's threads and the console belong to the process.</summary>
[Collection(TorchTests.Name)]
public sealed class RunPoolTests : IDisposable
{
    private static readonly string[] tiny = ["epochs=2", "hidden=8", "trainTokens=3000", "batchSize=10"];
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>One rule for threads and one way to train: figures and weights are the same to the last bit.</summary>
    [Fact]
    public void A_run_has_the_same_bits_whether_a_table_a_single_command_a_sweep_or_a_notebook_trains_it()
    {
        using Artar table = new(), train = new(), sweep = new();
        Assert.Equal(0, table.Run(["table", "1", "--rows", "alpha=0,alpha=2", "--set", .. tiny]).Code);
        Assert.Equal(0, train.Run(["train", "--set", .. tiny, "alpha=2"]).Code);
        Assert.Equal(0, sweep.Run("sweep", "submit", "alpha=0|2, " + string.Join(", ", tiny), "--name", "both").Code);
        Assert.Equal(0, sweep.Run("sweep", "wait", "both").Code);
        var before = Console.Out;
        Console.SetOut(TextWriter.Null);
        try
        {
            new Lab(settings: string.Join(' ', tiny)) { Workspace = new(folder.Path) }.Table(1, "alpha=0", "alpha=2");
        }
        finally
        {
            Console.SetOut(before);
        }
        var expected = table.Folder("alpha2");
        Assert.All([train.Folder("alpha2"), sweep.Folder("alpha2"), Directory.EnumerateDirectories(folder["runs"]).Single(f => f.Contains("alpha2", StringComparison.Ordinal))],
            actual => Artar.AssertSame(expected, actual));
    }

    [Fact]
    public async Task As_many_runs_are_trained_at_a_time_as_were_asked_for_and_those_that_have_ended_are_left_alone()
    {
        var store = new RunStore(folder.Path);
        var planned = Plan(8).ToList();
        FakedRuns.Write(store, planned[2].Configuration, FakedRuns.Finished(150));
        var worker = new Pretender();
        var pool = new RunPool(In(store, planned), worker, new() { Jobs = 3 });
        Assert.Equal(7, pool.Missing);
        await pool.RunAsync(CancellationToken.None);
        Assert.Equal((3, 7), (worker.MostAtOnce, worker.Trained.Count));
        Assert.DoesNotContain(planned[2].Configuration.Id, worker.Trained);
        Assert.All(pool.States, s => Assert.Equal(RunStatus.Finished, s.Status));
        Assert.Equal(1, RunState.Done(pool.States));
    }

    [Fact]
    public async Task A_run_without_a_result_says_why_and_the_others_go_on()
    {
        var worker = new Pretender { Fails = id => id.Contains("seed2", StringComparison.Ordinal) };
        var changes = new ConcurrentBag<RunState>();
        var pool = new RunPool(In(new(folder.Path), Plan(3)), worker, new() { Jobs = 1 }) { Changed = changes.Add };
        await pool.RunAsync(CancellationToken.None);
        Assert.Equal([RunStatus.Finished, RunStatus.Failed, RunStatus.Finished], pool.States.Select(s => s.Status));
        Assert.Equal("the disk is full", pool.States[1].Remark);
        Assert.Equal(3, changes.Count(c => c.IsOver));
    }

    [Fact]
    public async Task Stopped_it_begins_no_further_run()
    {
        using var stop = new CancellationTokenSource();
        var worker = new Pretender { Begins = _ => stop.Cancel() };
        var pool = new RunPool(In(new(folder.Path), Plan(4)), worker, new() { Jobs = 1 });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pool.RunAsync(stop.Token));
        Assert.Single(worker.Trained);
        Assert.Equal([RunStatus.Interrupted, RunStatus.Pending, RunStatus.Pending, RunStatus.Pending], pool.States.Select(s => s.Status));
    }

    [Fact]
    public async Task A_fault_in_this_process_ends_the_pool_and_is_what_the_caller_gets()
    {
        var worker = new Pretender { Begins = id => throw new WorkbenchException($"no data for {id}") };
        var pool = new RunPool(In(new(folder.Path), Plan(4)), worker, new() { Jobs = 2 });
        Assert.StartsWith("no data for ", (await Assert.ThrowsAsync<WorkbenchException>(() => pool.RunAsync(CancellationToken.None))).Message, StringComparison.Ordinal);
        Assert.InRange(worker.Trained.Count, 1, 2);
    }

    private static IEnumerable<(PlannedRun, StoredRun)> In(RunStore store, IEnumerable<PlannedRun> planned) => planned.Select(p => (p, store.GetOrCreate(p.Configuration)));

    private static IEnumerable<PlannedRun> Plan(int seeds) =>
        TablePlan.For(KnownTables.Get(1), Profile.Get("smoke"), Small.Corpus().Facts, ["alpha=0"], [], seeds).Planned;

    /// <summary>Trains nothing, and counts who is trained beside whom.</summary>
    private sealed class Pretender : IRunWorker
    {
        private int atOnce;

        public int MostAtOnce { get; private set; }

        public ConcurrentBag<string> Trained { get; } = [];

        public Func<string, bool> Fails { get; init; } = _ => false;

        public Action<string> Begins { get; init; } = _ => { };

        public async Task<Complaint> TrainAsync(
            IReadOnlyList<StoredRun> runs, string? gpu, Action<int, RunProgress> progress, Action<int, string> notice, CancellationToken cancellation)
        {
            var run = Assert.Single(runs);
            Trained.Add(run.Id);
            Begins(run.Id);
            var now = Interlocked.Increment(ref atOnce);
            lock (Trained)
                MostAtOnce = Math.Max(MostAtOnce, now);
            await Task.Delay(50, CancellationToken.None);
            Interlocked.Decrement(ref atOnce);
            cancellation.ThrowIfCancellationRequested();
            if (Fails(run.Id))
                return new("the disk is full", 1);
            FakedRuns.End(run.Folder, FakedRuns.Finished(150));
            return new();
        }
    }
}
