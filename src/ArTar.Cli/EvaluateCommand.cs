namespace ArTar.Cli;

/// <summary><c>artar evaluate</c>: a trained model's perplexity on a split.</summary>
internal static class EvaluateCommand
{
    private const int MostColumns = 4096; // as in training

    public static Command Create()
    {
        var (name, device, threads) = (CommonOptions.Trained(), CommonOptions.Device(), CommonOptions.Threads());
        var kernels = CommonOptions.Kernels();
        var data = CommonOptions.TextOfRun(
            "the text to measure it on, also another one than it was trained on, in the words that it knows, of which only the split is "
                + "needed; default: the one it was trained on");
        var split = CommonOptions.Split("valid, test or train");
        var batch = Options.Whole("--batch", "sequences side by side; 0 takes the run's, 1 gives slightly better figures", 0,
            most: MostColumns);
        var command = new Command("evaluate", "Measure a trained model's perplexity on a split.") { name, split, batch, data, device,
            threads, kernels };
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Find();
            var path = CommonOptions.CheckpointOf(parsed.GetRequiredValue(name), workspace);
            LibTorch.Prepare(parsed.GetValue(threads));
            using var interrupts = new Interrupts();
            Evaluate(path, parsed.GetValue(split), parsed.GetValue(batch), parsed.GetRequiredValue(device), parsed.GetValue(kernels),
                parsed.AsksForFast(kernels), workspace, parsed.GetValue(data), interrupts.Token);
            return ExitCodes.Done;
        });
        return command.WithExamples("artar evaluate ptb-lstm200-alpha2 --split test",
            "artar evaluate best.safetensors --split valid --batch 1");
    }

    private static void Evaluate(string path, Split split, int batch, string device, KernelChoice kernels, bool asksForFast,
        Workspace workspace, string? data, CancellationToken cancellation)
    {
        using var trained = StoredRun.LoadCheckpoint(path);
        CommonOptions.CheckKernels(asksForFast, trained.Values);
        var (values, corpus, place) = (trained.Values, trained.LoadCorpus(workspace, data, split), LibTorch.DeviceNamed(device));
        var tokens = corpus[split];
        var isOther = corpus.Hash != trained.CorpusHash;
        if (isOther)
        {
            CommonOptions.Tell(corpus);
            Console.Error.WriteLine($"Another text than the model was trained on ({Path.GetFileName(trained.CorpusName)}), in the words "
                + "that it knows:");
            foreach (var line in CorpusReading.Lines(corpus))
                Console.Error.WriteLine(line);
        }
        if (split == Split.Train && !isOther)
            tokens = corpus.Trained(values.TrainTokens);
        batch = batch > 0 ? batch : values.EvaluationBatchSize;
        var windows = new Windows(tokens, batch, values.Window);
        using var model = trained.BuildModel(place);
        var started = Stopwatch.GetTimestamp();
        var loss = Evaluation.Loss(model, tokens, batch, values.Window, place, kernels, cancellation: cancellation);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var name = split.ToString().ToLowerInvariant();
        Console.Out.Write(string.Create(CultureInfo.InvariantCulture,
            $"{name} perplexity {Printed.Perplexity(Math.Exp(loss))} ({loss:F5} nats a token over "
                + $"{windows.PredictedTokens:N0} predicted tokens, batch {batch})\n"));
        if (corpus.Floor is { } floor && tokens.Length == corpus[split].Length)
            Console.Out.Write($"best possible {Printed.Perplexity(floor.BestPerplexity(split))} (ideal model)\n");
        Console.Out.Write(string.Create(CultureInfo.InvariantCulture,
            $"{corpus.Title}, hash {corpus.Hash[..12]}; {path}, epoch {trained.Position.Epoch}; {windows.PredictedTokens / seconds:N0} "
                + $"tokens/s on {device}; libtorch {LibTorch.Version}; workbench {RunEnvironment.Version}\n"));
    }
}
