using System.CommandLine;
using System.Globalization;
using ArTar.Workbench.Output;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
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
        var board = new Option<string?>("--tensorboard")
        {
            Description = "write TensorBoard events, into the run's own folder or the one given",
            HelpName = "FOLDER",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("train", "Train one model with a profile's values; the same command goes on with it, or shows it once it is done.")
        {
            data, profile, set, seed, device, threads, kernels, precision, board, every,
        };
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Find();
            var scale = Profile.Get(parsed.GetRequiredValue(profile));
            var corpus = Corpora.Load(scale.DataFor("ptb", parsed.GetValue(data)), workspace);
            CommonOptions.Tell(corpus);
            var settings = CommonOptions.CheckedSettings(parsed.GetRequiredValue(set), "--seed");
            var configuration = scale.Configure(corpus.Facts, [], settings, parsed.GetValue(seed));
            var resources = new RunResources
            {
                Device = parsed.GetRequiredValue(device), Threads = parsed.GetValue(threads), Kernels = parsed.GetValue(kernels), CheckpointEvery = parsed.GetValue(every),
                Precision = parsed.GetValue(precision),
            };
            var store = new RunStore(workspace);
            var prepared = store.Prepare([PlannedRun.Of(configuration, configuration.Id, corpus.Facts)], resources);
            var run = prepared is [var (_, one)] ? one : throw new WorkbenchException(store.Read(configuration.Id).Fault);
            var values = configuration.Values;
            foreach (var line in CorpusReading.Lines(corpus, (values.BatchSize, values.EvaluationBatchSize), values.TrainTokens))
                Console.Error.WriteLine(line);
            var folder = parsed.GetResult(board) is null ? null : parsed.GetValue(board) ?? Path.Combine(run.Folder, "tensorboard");
            return Watch([run], corpus, resources, waits: false, folder);
        });
        return command.WithExamples(
            "artar train", "artar train --profile laptop --data ptb --set alpha=2 beta=1 --tensorboard", "artar train --data my-texts --set cell=gru epochs=5 --seed 2");
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
        var worker = new ThreadWorker(_ => corpus, resources) { WaitsForOthers = waits, OnStep = events is null ? null : events.Step, OnEpoch = events is null ? null : events.Epoch };
        pool = new(runs.Select(r => (PlannedRun.Of(r.Configuration, r.Id, corpus.Facts), r)), worker, resources) { Changed = board.Change, Noticed = board.Notice };
        if (pool.StoredOtherwise is { } otherwise)
            Console.Error.WriteLine(otherwise);
        board.ShowUntil(pool.RunAsync(interrupts.Token));
        foreach (var run in runs)
            Write(Terminal.Output, run, run.ReadSummary()!);
        return runs.Max(r => ResumeCommand.ExitCode(r.ReadSummary()!));
    }

    /// <summary>A run's result for people.</summary>
    public static void Write(IAnsiConsole console, StoredRun run, RunSummary summary)
    {
        static string Perplexity(double? value) => value is null ? "-" : Printed.Perplexity(value);
        var (values, here) = (run.Configuration.Values, summary.Circumstances);
        void Add(string name, string text) => Terminal.Paragraph(console, $"{name,-13}  ", text);
        Add("run", run.Id);
        Add("status", summary.Status.Describe() + (summary.Error is null ? "" : $": {summary.Error}"));
        Add("valid", $"{Perplexity(summary.ValidPerplexity)} (best, epoch {summary.BestEpoch} of {values.Epochs})");
        Add("test", Perplexity(summary.TestPerplexity));
        Add("train", $"{Perplexity(summary.LastEpoch?.TrainPerplexity)} (last epoch)");
        if (summary.BestPossibleValidPerplexity is { } best)
            Add("best possible", $"valid {Perplexity(best)}, test {Perplexity(summary.BestPossibleTestPerplexity)} (ideal model)");
        Add("parameters", summary.Parameters.ToString("N0", CultureInfo.InvariantCulture));
        Add("time", string.Create(CultureInfo.InvariantCulture, $"{Printed.Duration(summary.Seconds)}, {summary.TokensPerSecond:N0} tokens/s"));
        Add("memory", string.Create(CultureInfo.InvariantCulture, $"{here.PeakMemory / 1e6:N0} MB at most"));
        Add("measured on", here.ToString());
        Add("folder", run.Folder);
    }
}
