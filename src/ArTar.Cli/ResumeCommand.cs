namespace ArTar.Cli;

/// <summary><c>artar resume</c>: resumes a stored run; tables train their rows through it.</summary>
internal static class ResumeCommand
{
    public const string StopAtEndOfInput = "--stop-at-end-of-input";

    public static Command Create()
    {
        var names = new Argument<string[]>("RUN")
        {
            Description = "part of the run's name, or its folder; several are trained together, as one stack",
            Arity = ArgumentArity.OneOrMore,
        };
        var (device, threads, every) = (CommonOptions.Device(), CommonOptions.TrainingThreads(anyNumber: true),
            CommonOptions.CheckpointEvery());
        var (kernels, precision) = (CommonOptions.Kernels(), CommonOptions.Precision());
        var data = CommonOptions.TextOfRun();
        var progress = Options.Word("--progress", "text, or json: one object a line on standard output", "FORMAT", "text",
            ("text", "text"), ("json", "json"));
        var stop = new Option<bool>(StopAtEndOfInput) { Description = "stop with a checkpoint when standard input ends", Hidden = true };
        var wait = Options.Flag("--wait",
            "while another process trains the run, wait; once that one shows no sign of life, take the run over");
        var patience = Options.Seconds("--patience", "seconds without a sign of life after which another process is taken for dead", 60);
        var command = new Command("resume", "Go on with a stored run until its end.") { names, data, precision, device, threads, kernels,
            progress, every, wait, patience, stop };
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Find();
            var store = new RunStore(workspace);
            StoredRun[] runs = [.. parsed.GetRequiredValue(names).Select(store.Get)];
            CommonOptions.CheckKernels(parsed.AsksForFast(kernels), runs.Select(r => r.Configuration.Values));
            var resources = new RunResources
            {
                Device = parsed.GetRequiredValue(device), Threads = parsed.GetValue(threads), Kernels = parsed.GetValue(kernels),
                CheckpointEvery = parsed.GetValue(every), Patience = parsed.GetValue(patience), Precision = parsed.GetValue(precision),
                Stack = runs.Length,
            };
            var (waits, text) = (parsed.GetValue(wait), parsed.GetValue(data));
            Corpus CorpusOf(RunConfiguration run) => Corpora.LoadAgain(run.Data, run.DataHash, workspace, text);
            return parsed.GetValue(progress) == "json" ? AsWorker(runs, resources, waits, CorpusOf, parsed.GetValue(stop))
                : TrainCommand.Watch(runs, CorpusOf(runs[0].Configuration), resources, waits);
        });
        return command.WithExamples("artar resume ptb-lstm200-alpha2", "artar resume runs/ptb-lstm200-alpha2-seed1-0123abcd --threads 2");
    }

    private static int AsWorker(StoredRun[] runs, RunResources resources, bool waits, Func<RunConfiguration, Corpus> corpusOf,
        bool stopAtEndOfInput)
    {
        using var interrupts = new Interrupts(onlyAsk: true);
        if (stopAtEndOfInput)
            new Thread(() =>
            {
                while (Console.In.Read() >= 0) { }
                interrupts.Stop();
            }) { IsBackground = true }.Start();
        var output = TextWriter.Synchronized(Console.Out);
        var worker = new ThreadWorker(corpusOf, resources) { WaitsForOthers = waits,
            Ended = (at, summary) => output.WriteLine(RunMessages.Of(at, summary)) };
        worker.TrainAsync(runs, gpu: null, (at, p) => output.WriteLine(RunMessages.Of(at, p)),
            (at, text) => output.WriteLine(RunMessages.Notice(at, text)), interrupts.Token)
            .GetAwaiter().GetResult();
        return runs.Max(r => ExitCode(r.ReadSummary()!));
    }

    /// <summary>What a single run's end means to scripts.</summary>
    public static int ExitCode(RunSummary summary) => summary.Status == RunStatus.Finished ? ExitCodes.Done : ExitCodes.RunFailed;
}
