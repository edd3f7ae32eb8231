using Spectre.Console;
using Progress = ArTar.Workbench.Progress;

namespace ArTar.Cli;

/// <summary><c>artar data</c>: shows, installs and checks corpora.</summary>
internal static class DataCommand
{
    private static string Names => string.Join(" or ", Corpora.Known.Select(info => info.Name));

    public static Command Create() =>
        new Command("data", "List, install and verify corpora.") { List(), Install(), Verify() }
            .WithExamples("artar data list", "artar data install ptb", "artar data verify");

    private static Command List()
    {
        var command = new Command("list", "List the corpora and how they stand.");
        command.SetAction(_ =>
        {
            var workspace = Workspace.Find();
            Terminal.Write(Sheet.Of(
                [
                    new("corpus", Words: true), new("text", Words: true, Priority: 1), new("state", Words: true),
                    new("tokens: train / valid / test"), new("vocabulary"),
                ],
                [
                    [Corpora.Synthetic, "generated language, entropy rate known", "built in",
                        .. Sizes(Corpora.FactsOf(Corpora.Synthetic, workspace))],
                    .. Corpora.Known.Select(info =>
                        (IReadOnlyList<Cell>)[info.Name, info.Title, Describe(info, Installer.StateOf(info, workspace)),
                            .. Sizes(info.Facts)]),
                    ["FOLDER", "your own: train, valid and test (.txt or .tokens)", "given by its path", "", ""],
                ]));
        });
        return command.WithExamples("artar data list");

        static string Describe(CorpusInfo info, InstallState state) => state switch
        {
            InstallState.Installed => "installed",
            InstallState.Absent => CommandName.In($"not installed: artar data install {info.Name}"),
            _ => CommandName.In($"damaged: artar data install {info.Name}"),
        };
    }

    // Each split's tokens, and the vocabulary: what people look for to know that they have the same text as others.
    private static Cell[] Sizes(CorpusFacts facts) =>
    [
        $"{Printed.Count(facts.TrainTokens)} / {Printed.Count(facts.ValidTokens)} / {Printed.Count(facts.TestTokens)}",
        Printed.Count(facts.VocabularySize),
    ];

    private static Command Install()
    {
        var name = new Argument<string>("NAME") { Description = Names };
        var from = Options.Text("--from", "a local copy instead of the public address: a folder, zip or tar.gz", "FILE-OR-FOLDER");
        var command = new Command("install",
            "Install a corpus into datasets/, checked and all at once; a stopped install resumes.") { name, from };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (info, workspace) = (Known(parsed.GetRequiredValue(name)), Workspace.Find());
            var isNew = await ShowProgress(progress =>
                Installer.InstallAsync(info, workspace, parsed.GetValue(from), progress, cancellation));
            Console.WriteLine(isNew ? $"{info.Name} is installed in {info.Folder(workspace)}"
                : $"{info.Name} is already installed in {info.Folder(workspace)}, and sound");
        });
        return command.WithExamples("artar data install ptb", "artar data install wikitext-2 --from wikitext-2-v1.zip");
    }

    private static Command Verify()
    {
        var name = new Argument<string?>("NAME")
        {
            Description = $"{Names}, or a folder with text of your own; all that are installed when left out",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("verify",
            "Compare installed corpora with their known SHA-256, or read a folder of text, and say what is in it; exit code 1 if one is "
                + "damaged.") { name };
        command.SetAction(async (parsed, cancellation) =>
        {
            var workspace = Workspace.Find();
            if (parsed.GetValue(name) is { } own && Corpora.Find(own) is null)
            {
                var corpus = await ShowProgress(progress => Task.FromResult(Corpora.Load(own, workspace, progress, cancellation)));
                Tell(corpus);
                return ExitCodes.Done;
            }
            var asked = parsed.GetValue(name) is { } one ? [Known(one)]
                : Corpora.Known.Where(info => Installer.StateOf(info, workspace) != InstallState.Absent).ToArray();
            if (asked.Length == 0)
                Console.WriteLine(CommandName.In(
                    $"Nothing is installed in {workspace.Datasets}. Install with: artar data install NAME (NAME is {Names})"));
            var sound = true;
            foreach (var info in asked)
            {
                if (Installer.StateOf(info, workspace) == InstallState.Absent)
                    throw new WorkbenchException(
                        $"'{info.Name}' is not installed in '{workspace.Datasets}'. Get it with: artar data install {info.Name}");
                var faults = await ShowProgress(progress => Task.FromResult(Installer.Verify(info, workspace, progress, cancellation)));
                Console.WriteLine(faults.Count == 0 ? $"{info.Name}: sound"
                    : CommandName.In($"{info.Name}: damaged; mend it with: artar data install {info.Name}"));
                foreach (var fault in faults) Console.WriteLine($"  {fault}");
                if (faults.Count == 0)
                    Tell(Corpora.Load(info.Name, workspace, cancellation: cancellation));
                sound &= faults.Count == 0;
            }
            return sound ? ExitCodes.Done : ExitCodes.UserError;
        });
        return command.WithExamples("artar data verify", "artar data verify ptb", "artar data verify my-texts");
    }

    private static void Tell(Corpus corpus)
    {
        foreach (var line in CorpusReading.Lines(corpus))
            Console.WriteLine($"  {line}");
        CommonOptions.Tell(corpus);
    }

    private static CorpusInfo Known(string name) => Corpora.Find(name) ?? throw new WorkbenchException(
        $"There is no corpus '{name}' to install; expected {Names}. Your own text needs no install: give its folder's path.");

    /// <summary>
    /// Runs work under a progress bar, one for each activity; where that cannot be drawn, with one line for each. The work gets a thread
    /// of its own: Ctrl+C is listened to only once the command has let go of the first one.
    /// </summary>
    private static async Task<T> ShowProgress<T>(Func<IProgress<Progress>, Task<T>> work)
    {
        if (!Terminal.CanAnimate)
        {
            var last = "";
            return await Task.Run(() => work(new Report(now =>
            {
                if (now.Activity == last) return;
                Console.Error.WriteLine(last = now.Activity);
            })));
        }

        return await Terminal.Error.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(bars =>
            {
                var tasks = new Dictionary<string, ProgressTask>();
                return Task.Run(() => work(new Report(now =>
                {
                    if (!tasks.TryGetValue(now.Activity, out var task))
                        tasks[now.Activity] = task = bars.AddTask(Terminal.Escaped(now.Activity), maxValue: Math.Max(now.Total, 1));
                    task.Value = now.Total == 0 ? 1 : now.Done;
                })));
            });
    }

    /// <summary>Passes progress on at once; the runtime's own type would post it to another thread, out of order.</summary>
    private sealed class Report(Action<Progress> show) : IProgress<Progress>
    {
        void IProgress<Progress>.Report(Progress value) => show(value);
    }
}
