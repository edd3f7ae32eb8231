using ArTar.Workbench.Analysis;

namespace ArTar.Cli;

/// <summary><c>artar sample</c>: text from a trained model.</summary>
internal static class SampleCommand
{
    public static Command Create()
    {
        var (name, device, threads) = (CommonOptions.Trained(), CommonOptions.Device(), CommonOptions.Threads());
        var data = CommonOptions.TextOfRun();
        var words = Options.Whole("--words", "words to draw", 200, 1, 1_000_000);
        var temperature = Options.Number("--temperature",
            "1 draws as the model thinks, less is safer, 0 takes the likeliest word; default 1", "T",
            t => t >= 0, "0 or a number above 0, such as 0.8");
        var seed = Options.Whole("--seed", "seed of the draws", 1, int.MinValue);
        var prompt = new Option<string>("--prompt") { Description = "words that the model reads first", HelpName = "TEXT",
            DefaultValueFactory = _ => "" };
        var format = Options.Word("--format", "how to print: text, json", "FORMAT", "text", ("text", "text"), ("json", "json"));
        var command = new Command("sample", "Draw text from a trained model, never <eos> or <unk>.") { name, words, temperature, seed,
            prompt, data, format, device, threads };
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Find();
            var path = CommonOptions.CheckpointOf(parsed.GetRequiredValue(name), workspace);
            LibTorch.Prepare(parsed.GetValue(threads));
            var sampler = new TextSampler
            {
                Words = parsed.GetValue(words),
                Temperature = parsed.GetValue(temperature) ?? 1,
                Seed = parsed.GetValue(seed),
                Prompt = parsed.GetRequiredValue(prompt),
            };
            var text = Draw(path, sampler, parsed.GetRequiredValue(device), workspace, parsed.GetValue(data));
            if (parsed.GetRequiredValue(format) == "json")
                Console.Out.Write(Stored(path, sampler, text).ToJson());
            else
                Terminal.Paragraph(Terminal.Output, "", text);
            return ExitCodes.Done;
        });
        return command.WithExamples(
            "artar sample wikitext-2-lstm650-alpha2",
            "artar sample runs/synthetic-lstm96-seed1-0123abcd/best.safetensors --words 50 --temperature 0.8 --prompt \"la\"");
    }

    private static StoredSample Stored(string path, TextSampler sampler, string text)
    {
        using var trained = StoredRun.LoadCheckpoint(path);
        return new(ProbeCommand.NameOf(path), trained.Position.Epoch, PublicText.NameOf(trained.CorpusName), trained.CorpusHash,
            sampler.Words, sampler.Temperature, sampler.Seed, sampler.Prompt, text);
    }

    /// <summary>The prompt and what a checkpoint's model writes after it.</summary>
    public static string Draw(string checkpoint, TextSampler sampler, string device, Workspace workspace, string? data = null)
    {
        using var trained = StoredRun.LoadCheckpoint(checkpoint);
        var vocabulary = trained.LoadVocabulary(workspace, data);
        using var model = trained.BuildModel(LibTorch.DeviceNamed(device));
        var drawn = sampler.Draw(model, vocabulary);
        return string.Join(' ', sampler.Prompt.Length > 0 ? drawn.Prepend(sampler.Prompt) : drawn);
    }
}
