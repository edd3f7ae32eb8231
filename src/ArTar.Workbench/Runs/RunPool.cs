using System.Collections.Concurrent;
using ArTar.Workbench.Stack;

namespace ArTar.Workbench.Runs;

/// <summary>
/// Trains what is missing of some runs, several side by side, for as long as its process lives. A sweep's supervisor, which
/// outlives the command, and SLURM start the runs of a sweep by themselves.
/// </summary>
internal sealed class RunPool
{
    private readonly Lock gate = new();
    private readonly PlannedRun[] planned;
    private readonly StoredRun[] runs;
    private readonly RunState[] states;
    private readonly IRunWorker worker;
    private readonly RunResources resources;

    /// <summary>Puts a pool together.</summary>
    /// <param name="all">The runs, and what is planned of each; those that have ended are left as they are.</param>
    /// <param name="worker">Who trains them.</param>
    /// <param name="resources">How many at a time, and where.</param>
    /// <param name="retry">Whether runs that failed or ran out of memory are trained again.</param>
    public RunPool(IEnumerable<(PlannedRun Plan, StoredRun Run)> all, IRunWorker worker, RunResources resources, bool retry = false)
    {
        (this.worker, this.resources) = (worker, resources);
        var given = all.ToList();
        (planned, runs) = ([.. given.Select(g => g.Plan)], [.. given.Select(g => g.Run)]);
        foreach (var run in retry ? runs : [])
            RunStore.Retry(run);
        states = [.. planned.Select((p, i) => Standing(i + 1, p, runs[i]))];
        StoredOtherwise = RunEnvironment.Difference(
            states.Zip(planned).Where(s => s.First.Summary is not null)
                .Select(s => (s.First.Summary!.Circumstances, s.Second.Configuration.Values)), resources);
    }

    /// <summary>
    /// What a person should know of results that were there before: that they were trained otherwise than is asked now; null for nothing.
    /// </summary>
    public string? StoredOtherwise { get; }

    /// <summary>How the runs stand now, in their order.</summary>
    public IReadOnlyList<RunState> States
    {
        get
        {
            lock (gate)
                return [.. states];
        }
    }

    /// <summary>How many have no result.</summary>
    public int Missing => States.Count(s => s.Summary is null);

    /// <summary>Told when an epoch of a run or the run itself has ended, from any thread.</summary>
    public Action<RunState>? Changed { get; init; }

    /// <summary>Told what a person should know of a run, from any thread.</summary>
    public Action<RunState, string>? Noticed { get; init; }

    /// <summary>Trains all that is missing, then returns; what became of each stands in <see cref="States"/> and in its folder.</summary>
    /// <exception cref="OperationCanceledException">Stopped; every run that was trained has saved a checkpoint.</exception>
    /// <exception cref="WorkbenchException">A run in this process cannot be trained; the others have stopped.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var missing = Enumerable.Range(0, runs.Length).Where(i => States[i].Summary is null);
        var limits = new Dictionary<StackShape, int>();
        StackShape ShapeOf(int i) => StackShape.Of(planned[i].Configuration.DataHash, planned[i].Configuration.Values);
        var jobs = StackShape.Group(missing, ShapeOf, shape => limits.TryGetValue(shape, out var known) ? known
            : limits[shape] = resources.StackOf(shape,
                planned.First(p => StackShape.Of(p.Configuration.DataHash, p.Configuration.Values) == shape).Corpus.VocabularySize));
        await ForEachAsync(jobs, resources, async (job, gpu) =>
        {
            if (all.IsCancellationRequested)
                return;
            try
            {
                foreach (var i in job)
                    Set(i, s => s with { Status = RunStatus.Running });
                var complaint = await worker.TrainAsync(
                    [.. job.Select(i => runs[i])], gpu, (at, p) => Progress(job[at], p),
                    (at, text) => Noticed?.Invoke(States[job[at]], text), all.Token);
                foreach (var i in job)
                    End(i, all.IsCancellationRequested ? RunStatus.Interrupted : RunStatus.Failed, complaint.Text);
            }
            catch (Exception e) when (e is not OperationCanceledException || !all.IsCancellationRequested)
            {
                await all.CancelAsync();
                throw;
            }
            catch (OperationCanceledException)
            {
                foreach (var i in job)
                    End(i, RunStatus.Interrupted, "");
            }
        });
        stop.ThrowIfCancellationRequested();
    }

    private void End(int index, RunStatus otherwise, string complaint)
    {
        var summary = runs[index].ReadSummary();
        var ended = Set(index, s =>
            s with { Status = summary?.Status ?? otherwise, Summary = summary,
                Remark = summary is null ? complaint : summary.Error ?? "" });
        Changed?.Invoke(ended);
    }

    /// <summary>Does something for each item, as many side by side as there are places; each is given its place's GPU, or none.</summary>
    public static async Task ForEachAsync<T>(IEnumerable<T> items, RunResources resources, Func<T, string?, Task> work)
    {
        var all = items.ToList();
        var places = new ConcurrentBag<string?>(resources.Places(all.Count));
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = places.Count }, async (item, _) =>
        {
            places.TryTake(out var gpu);
            try
            {
                await work(item, gpu);
            }
            finally
            {
                places.Add(gpu);
            }
        });
    }

    private static RunState Standing(int number, PlannedRun planned, StoredRun run)
    {
        var summary = run.ReadSummary();
        return new() { Number = number, Run = run.Id, Label = planned.Label, Work = planned.Work,
            Status = summary?.Status ?? RunStatus.Pending, Summary = summary };
    }

    private void Progress(int index, RunProgress progress)
    {
        var state = Set(index, s => s with { Progress = progress });
        if (progress.IsEpochEnd)
            Changed?.Invoke(state);
    }

    private RunState Set(int index, Func<RunState, RunState> change)
    {
        lock (gate)
            return states[index] = change(states[index]);
    }
}
