using System.Diagnostics;
using ArTar.Workbench.Data;
using ArTar.Workbench.Display;
using ArTar.Workbench.Models;
using ArTar.Workbench.Output;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Tables;

/// <summary>
/// The workbench as a notebook uses it: scale, data set and seeds are chosen once, then tables and trained models come by
/// name. What is missing is trained in this process, as many runs side by side as there are cores, on a GPU together; what is stored is
/// used again, whichever table, notebook or command trained it.
/// </summary>
public sealed class Lab
{
    private const int LineInterval = 200; // milliseconds between two progress lines

    private readonly string data;
    private readonly string[] settings;
    private readonly int seeds;
    private readonly string from;
    private readonly Dictionary<string, Corpus> corpora = [];

    /// <summary>Chooses what all tables of this lab have in common.</summary>
    /// <param name="profile">The scale: smoke, quick, laptop, small, paper or baseline.</param>
    /// <param name="data">Name or folder of the data set; empty takes the profile's, else the table's.</param>
    /// <param name="seeds">Seeds of each row, from 1 on.</param>
    /// <param name="settings">Changes to every row, as <c>key=value</c> separated by blanks.</param>
    /// <param name="device">Where to train: cpu, cuda or cuda:1.</param>
    /// <param name="from">A folder with stored runs to take, such as <c>results</c>; then nothing is trained, and no data is
    /// needed.</param>
    /// <exception cref="WorkbenchException">An unknown profile or device.</exception>
    public Lab(string profile = "quick", string data = "", int seeds = 1, string settings = "", string device = "cpu", string from = "")
    {
        this.from = from;
        (this.data, this.seeds) = (data, seeds);
        this.settings = settings.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        Profile = Profile.Get(profile);
        Device = LibTorch.DeviceNamed(device);
    }

    /// <summary>Where data sets and runs lie.</summary>
    public Workspace Workspace { get; init; } = Workspace.Find();

    /// <summary>Threads of each run in training; 0 takes one, as everywhere, and as many runs side by side as there are cores.</summary>
    public int Threads
    {
        get;
        init => field = value >= 0 && value <= Environment.ProcessorCount ? value : throw new WorkbenchException(
            $"Threads {value}: expected a whole number from 0 to {Environment.ProcessorCount}, the processors of this machine.");
    }

    /// <summary>The scale.</summary>
    public Profile Profile { get; }

    /// <summary>Where models are trained and measured.</summary>
    public TorchSharp.torch.Device Device { get; }

    /// <summary>The runs, shared with the command line.</summary>
    public RunStore Store => from.Length > 0 ? RunStore.In(from, Workspace) : new(Workspace);

    /// <summary>The data set that stands in for one of the paper's, or that one itself.</summary>
    /// <param name="paperData">The paper's data set: <c>ptb</c> or <c>wikitext-2</c>.</param>
    /// <exception cref="WorkbenchException">It is not installed; the message says how to get it.</exception>
    public Corpus Corpus(string paperData = "ptb") => CorpusNamed(Profile.DataFor(paperData, data));

    /// <summary>The values of a row at this lab's scale, seed 1.</summary>
    /// <param name="row">What the row changes, as <c>key=value</c> separated by blanks; <c>size=</c> names one of the profile's
    /// sizes.</param>
    public HyperParameters Values(string row = "size=medium") =>
        Profile.Configure(Corpus().Facts, Setting.ParseAll(row.Split(' ', StringSplitOptions.RemoveEmptyEntries)), settings,
            seed: 1).Values;

    /// <summary>A table by its name or its file; rows that are not stored yet are trained first.</summary>
    /// <param name="name">Its name, <c>surface</c>, or the path of a file of one's own that ends in <c>.yaml</c>.</param>
    /// <param name="rows">Ids of the rows to take; none takes all.</param>
    /// <exception cref="OperationCanceledException">Interrupted; the same call goes on from there.</exception>
    public TableReport Table(string name, params string[] rows) => Table(KnownTables.Named(name), rows);

    /// <summary>A table of the paper; rows that are not stored yet are trained first.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="rows">Ids of the rows to take; none takes all.</param>
    /// <exception cref="OperationCanceledException">Interrupted; the same call goes on from there.</exception>
    public TableReport Table(int number, params string[] rows) => Table(KnownTables.Get(number), rows);

    /// <summary>A table of one's own; rows that are not stored yet are trained first.</summary>
    /// <param name="table">The table.</param>
    /// <param name="rows">Ids of the rows to take; none takes all.</param>
    /// <exception cref="OperationCanceledException">Interrupted; the same call goes on from there.</exception>
    public TableReport Table(Table table, params string[] rows)
    {
        if (from.Length > 0)
            return TableReport.Build(
                TablePlan.For(table, Profile, Corpora.FactsOf(table.DataFor(Profile, data), Workspace), rows, settings, seeds), Store)
                    with { Paper = PaperCells.Of(table, Workspace) };
        var corpus = CorpusNamed(table.DataFor(Profile, data));
        var plan = TablePlan.For(table, Profile, corpus.Facts, rows, settings, seeds);
        if (plan.Levelled is { } levelled)
            Console.WriteLine(levelled);
        var resources = new RunResources { Device = Device.ToString(), Threads = Threads,
            Jobs = Device.type == TorchSharp.DeviceType.CPU && KernelChoice.Fast.For(Device) == KernelChoice.Fast ? 0 : 1 };
        var pool = new RunPool(Store.Prepare(plan.Planned, resources), new ThreadWorker(_ => corpus, resources), resources);
        var (all, missing) = (pool.States.Count, pool.Missing);
        var started = Stopwatch.GetTimestamp();
        var work = pool.RunAsync(Interrupt.Token);
        while (!((IAsyncResult)work).AsyncWaitHandle.WaitOne(LineInterval))
            ProgressLine.Write(Progress(pool.States));
        work.GetAwaiter().GetResult();
        ProgressLine.Finish(
            string.Create(CultureInfo.InvariantCulture, $"{all} {(all == 1 ? "run" : "runs")}: {all - missing} stored before")
            + (missing > 0 ? $", {missing} trained now in {Printed.Duration(Stopwatch.GetElapsedTime(started).TotalSeconds)}" : ""));
        if (pool.StoredOtherwise is { } otherwise)
            Console.WriteLine(otherwise);
        var report = TableReport.Build(plan, Store) with { Paper = PaperCells.Of(table, Workspace) };
        foreach (var fault in report.Faults)
            Console.WriteLine(fault);
        return report;
    }

    /// <summary>The stored run of a row.</summary>
    /// <exception cref="WorkbenchException">The report has no such row or seed.</exception>
    public StoredRun Run(TableReport report, string row, int seed = 1)
    {
        var found = report.Rows.FirstOrDefault(r => r.Row.Id == row) ?? throw report.Plan.Table.Lacks(row, report.Rows.Select(r => r.Row));
        return seed >= 1 && seed <= found.Runs.Count
            ? Store.Get(found.Runs[seed - 1].Run)
            : throw new WorkbenchException($"Seed {seed} was asked for; the table has seeds 1 to {found.Runs.Count}.");
    }

    /// <summary>A row's model with the weights of its best epoch, in evaluation mode. The caller owns it.</summary>
    /// <exception cref="WorkbenchException">The report has no such row or seed, or its run never finished an epoch.</exception>
    public LanguageModel Model(TableReport report, string row, int seed = 1)
    {
        var run = Run(report, row, seed);
        if (!File.Exists(run.BestCheckpoint))
            throw new WorkbenchException($"Run {run.Id} kept no weights: it is {run.Status.Describe()}.");
        using var checkpoint = StoredRun.LoadCheckpoint(run.BestCheckpoint);
        return checkpoint.BuildModel(Device);
    }

    /// <summary>The course of each row's training, seed by seed, as charts of learning curves take it.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<IReadOnlyList<EpochMetrics>> Seeds)> Courses(TableReport report) =>
        report.Courses(Store);

    private Corpus CorpusNamed(string name)
    {
        if (corpora.TryGetValue(name, out var known))
            return known;
        var corpus = corpora[name] = Corpora.Load(name, Workspace, cancellation: Interrupt.Token);
        foreach (var notice in corpus.Notices)
            Console.WriteLine(notice);
        return corpus;
    }

    /// <summary>A line on those that run now: how many are done, how long it takes, how the first of them stands.</summary>
    private static string Progress(IReadOnlyList<RunState> states)
    {
        var left = RunState.SecondsLeft(states) is { } seconds ? $", {Printed.Duration(seconds)} left" : "";
        var first = states.FirstOrDefault(s => s is { Status: RunStatus.Running, Progress: not null });
        var epoch = first?.Progress is { } p
            ? $"; {first.Label}: epoch "
                + $"{p.Epoch}/{p.Epochs}{(p.ValidPerplexity is { } valid ? $", validation {Printed.Perplexity(valid)}" : "")}" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{states.Count(s => s.IsOver)} of {states.Count} runs done, {RunState.Done(states):P0}{left}{epoch}");
    }
}
