using ArTar.Workbench.Tables;
using Spectre.Console;
using Profile = ArTar.Workbench.Tables.Profile;

namespace ArTar.Cli;

/// <summary><c>artar train</c>: one run with a profile's values.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var (data, profile, set) = (CommonOptions.Data(), CommonOptions.Profile(), CommonOptions.Set());
        var (device, threads, every) = (CommonOptions.Device(), CommonOptions.TrainingThreads(), CommonOptions.CheckpointEvery());
        var (kernels, precision) = (CommonOptions.Kernels(), CommonOptions.Precision());
        var seed = Options.Whole("--seed", "seed of initial weights and dropout", 1, int.MinValue);
        var seeds = Options.WholeIfGiven("--seeds", "train so many seeds, from 1 on; on a GPU together, as one job", 1,
            Sweeps.SweepSpec.MostSeeds);
        var stack = CommonOptions.Stack();
        var board = new Option<string?>("--tensorboard")
        {
            Description = "write TensorBoard events, into the run's own folder or the one given",
            HelpName = "FOLDER",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("train",
            "Train one model with a profile's values; the same command resumes it, or shows it once it is done.")
        {
            data, profile, set, seed, seeds, stack, device, threads, kernels, precision, board, every,
        };
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Find();
            var scale = Profile.Get(parsed.GetRequiredValue(profile));
            var corpus = Corpora.Load(scale.DataFor("ptb", parsed.GetValue(data)), workspace);
            CommonOptions.Tell(corpus);
            var settings = CommonOptions.CheckedSettings(parsed.GetRequiredValue(set), "--seed");
            if (parsed.GetValue(seeds) is not null && parsed.GetResult(seed) is { Implicit: false })
                throw new WorkbenchException("--seed and --seeds are both given; --seed N trains one, --seeds K those from 1 to K.");
            int[] asked = parsed.GetValue(seeds) is { } count ? [.. Enumerable.Range(1, count)] : [parsed.GetValue(seed)];
            if (asked.Length > 1 && parsed.GetResult(board) is not null)
                throw new WorkbenchException("--tensorboard goes with one run, not with --seeds.");
            List<RunConfiguration> configurations = [.. asked.Select(s => scale.Configure(corpus.Facts, [], settings, s))];
            CommonOptions.CheckKernels(parsed.AsksForFast(kernels), configurations[0].Values);
            var resources = new RunResources
            {
                Device = parsed.GetRequiredValue(device), Threads = parsed.GetValue(threads), Kernels = parsed.GetValue(kernels),
                CheckpointEvery = parsed.GetValue(every),
                Precision = parsed.GetValue(precision), Stack = parsed.GetValue(stack),
            }.Resolved();
            if (parsed.GetValue(board) is { } events)
                CommonOptions.CheckedFolder(events);
            var store = new RunStore(workspace);
            List<StoredRun> runs = [.. store.Prepare(configurations.Select(c => new PlannedRun(c, c.Id, corpus.Facts)), resources)
                .Select(p => p.Run)];
            if (configurations.FirstOrDefault(c => runs.TrueForAll(r => r.Id != c.Id)) is { } damaged)
                throw new WorkbenchException(store.Read(damaged.Id).Fault);
            var values = configurations[0].Values;
            foreach (var line in CorpusReading.Lines(corpus, (values.BatchSize, values.EvaluationBatchSize), values.TrainTokens))
                Console.Error.WriteLine(line);
            var folder = parsed.GetResult(board) is null ? null : parsed.GetValue(board) ?? Path.Combine(runs[0].Folder, "tensorboard");
            return Watch(runs, corpus, resources, waits: false, folder);
        });
        return command.WithExamples(
            "artar train", "artar train --profile laptop --data ptb --set alpha=2 beta=1 --tensorboard",
            "artar train --data my-texts --set cell=gru epochs=5 --seed 2",
            "artar train --profile baseline --data ptb --seeds 3 --device cuda");
    }

    /// <summary>Trains runs in this process with live progress, several as one stack, and shows what came of them.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="corpus">Their data set.</param>
    /// <param name="resources">How they are trained.</param>
    /// <param name="waits">Whether to wait while another process trains them.</param>
    /// <param name="tensorBoard">Where to write TensorBoard's events, or null.</param>
    public static int Watch(IReadOnlyList<StoredRun> runs, Corpus corpus, RunResources resources, bool waits, string? tensorBoard = null)
    {
        using var interrupts = new Interrupts();
        var events = tensorBoard is null ? null : new TensorBoardLog(tensorBoard, runs[0].ReadMetrics());
        RunPool pool = null!;
        var board = new RunBoard("training", () => pool.States);
        var worker = new ThreadWorker(_ => corpus, resources) { WaitsForOthers = waits, OnStep = events is null ? null : events.Step,
            OnEpoch = events is null ? null : events.Epoch };
        pool = new(runs.Select(r => (new PlannedRun(r.Configuration, r.Id, corpus.Facts), r)), worker, resources) { Changed = board.Change,
            Noticed = board.Notice };
        if (pool.StoredOtherwise is { } otherwise)
            Console.Error.WriteLine(otherwise);
        board.ShowUntil(pool.RunAsync(interrupts.Token));
        foreach (var (index, run) in runs.Index())
        {
            if (index > 0)
                Terminal.Output.WriteLine();
            Write(Terminal.Output, run, run.ReadSummary()!);
        }
        if (runs.Count > 1)
            WriteMeans(Terminal.Output, [.. runs.Select(r => r.ReadSummary()!)]);
        return runs.Max(r => ResumeCommand.ExitCode(r.ReadSummary()!));
    }

    /// <summary>
    /// The command that trains a run anew, on its device, with its kernels and threads where they are known; null for one whose profile or
    /// regularizer the command line does not know.
    /// </summary>
    internal static string? Typed(StoredRun run)
    {
        var (configuration, values, here) = (run.Configuration, run.Configuration.Values, run.ReadSummary()?.Circumstances);
        if (Profile.All.FirstOrDefault(p => p.Name == configuration.Profile) is not { } profile
            || values.Regularization.Keys.Any(key => HyperParameter.Find(key) is null))
            return null;
        string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
        List<string> words = ["train", "--profile", profile.Name, "--data", configuration.Data, "--seed", Number(values.Seed)];
        if (here is { Device: "cpu" })
            words.AddRange(["--threads", Number(here.Threads), "--kernels", RunEnvironment.Name(here.Kernels)]);
        else if (here is not null)
            words.AddRange(["--device", here.Device,
                .. here.Precision is { } precision ? new[] { "--precision", RunEnvironment.Name(precision) } : []]);
        var changes = HyperParameter.All.Where(p => p.Key != "seed" && p.Text(values) != p.Text(profile.Values))
            .Select(p => $"{p.Key}={p.Text(values)}").ToList();
        return Terminal.CommandLine(changes.Count == 0 ? words : [.. words, "--set", .. changes]);
    }

    private static void WriteMeans(IAnsiConsole console, IReadOnlyList<RunSummary> summaries)
    {
        var finished = summaries.Where(s => s.Status == RunStatus.Finished).ToList();
        console.WriteLine();
        var (valid, test) = (MeanDeviation.Of(finished.Select(s => s.ValidPerplexity!.Value)),
            MeanDeviation.Of(finished.Select(s => s.TestPerplexity!.Value)));
        Terminal.Paragraph(console, "seeds          ", $"{finished.Count} of {summaries.Count} finished"
            + (valid is null ? "" : $": valid {valid}, test {test}"));
    }

    /// <summary>A run's result for people.</summary>
    public static void Write(IAnsiConsole console, StoredRun run, RunSummary summary)
    {
        var (values, here) = (run.Configuration.Values, summary.Circumstances);
        void Add(string name, string text) => Terminal.Paragraph(console, $"{name,-13}  ", text);
        Add("run", run.Id);
        Add("status", summary.Status.Describe() + (summary.Error is null ? "" : $": {summary.Error}"));
        Add("valid", $"{Printed.PerplexityOrDash(summary.ValidPerplexity)} (best, epoch {summary.BestEpoch} of {values.Epochs})");
        Add("test", Printed.PerplexityOrDash(summary.TestPerplexity));
        Add("train", $"{Printed.PerplexityOrDash(summary.LastEpoch?.TrainPerplexity)} (last epoch)");
        if (summary.BestPossibleValidPerplexity is { } best)
            Add("best possible",
                $"valid {Printed.Perplexity(best)}, test {Printed.Perplexity(summary.BestPossibleTestPerplexity)} (ideal model)");
        Add("parameters", summary.Parameters.ToString("N0", CultureInfo.InvariantCulture));
        Add("time", string.Create(CultureInfo.InvariantCulture,
            $"{Printed.Duration(summary.Seconds)}, {summary.TokensPerSecond:N0} tokens/s"));
        Add("memory", string.Create(CultureInfo.InvariantCulture, $"{here.PeakMemory / 1e6:N0} MB at most"));
        Add("measured on", here.ToString());
        Add("folder", run.Folder);
    }
}
