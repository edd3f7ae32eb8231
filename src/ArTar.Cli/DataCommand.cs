using System.CommandLine;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using Spectre.Console;
using Progress = ArTar.Workbench.Progress;

namespace ArTar.Cli;

/// <summary><c>artar data</c>: shows, installs and checks corpora.</summary>
internal static class DataCommand
{
    public static Command Create() => new("data", "List, install and verify the corpora. Example: artar data install ptb")
    {
        List(),
        Install(),
        Verify(),
    };

    private static Command List()
    {
        var command = new Command("list", "List the corpora and how they stand. Example: artar data list");
        command.SetAction(_ =>
        {
            var workspace = Workspace.Find();
            Print(Corpora.Synthetic, "built in", "a generated language with a known entropy rate");
            foreach (var info in Corpora.Known)
                Print(info.Name, Describe(Installer.StateOf(info, workspace), info), info.Title);
            Print("FOLDER", "", "any folder with train, valid and test files (.txt or .tokens), by its path");
        });
        return command;

        static void Print(string name, string state, string title) => Console.WriteLine($"{name,-12}{state,-48}{title}".TrimEnd());

        static string Describe(InstallState state, CorpusInfo info) => state switch
        {
            InstallState.Installed => "installed",
            InstallState.Absent => $"not installed: artar data install {info.Name}",
            _ => $"damaged: artar data install {info.Name}",
        };
    }

    private static Command Install()
    {
        var name = NameArgument();
        var from = new Option<string?>("--from") { Description = "A local copy: a folder, zip or tar.gz that holds the files.", HelpName = "FILE-OR-FOLDER" };
        var command = new Command("install", "Install a corpus into datasets/. Example: artar data install wikitext-2 --from wikitext-2-v1.zip") { name, from };
        command.SetAction(async (parsed, cancellation) =>
        {
            var workspace = Workspace.Find();
            var info = Known(parsed.GetRequiredValue(name));
            var isNew = await ShowProgress(progress => Installer.InstallAsync(info, workspace, parsed.GetValue(from), progress, cancellation));
            Console.WriteLine(isNew ? $"{info.Name} is installed in {info.Folder(workspace)}" : $"{info.Name} is already installed in {info.Folder(workspace)}, and sound");
        });
        return command;
    }

    private static Command Verify()
    {
        var name = NameArgument();
        name.Arity = ArgumentArity.ZeroOrOne;
        var command = new Command("verify", "Compare installed corpora with their SHA-256; all of them, or one. Example: artar data verify ptb") { name };
        command.SetAction(async (parsed, cancellation) =>
        {
            var workspace = Workspace.Find();
            var asked = parsed.GetValue(name) is { } one ? [Known(one)] : Corpora.Known.Where(info => Installer.StateOf(info, workspace) != InstallState.Absent).ToArray();
            if (asked.Length == 0) Console.WriteLine($"Nothing is installed in {workspace.Datasets}.");
            var faulty = false;
            foreach (var info in asked)
            {
                var faults = await ShowProgress(progress => Task.Run(() => Installer.Verify(info, workspace, progress, cancellation), cancellation));
                Console.WriteLine(faults.Count == 0 ? $"{info.Name}: sound" : $"{info.Name}: damaged; mend it with: artar data install {info.Name}");
                foreach (var fault in faults) Console.WriteLine($"  {fault}");
                faulty |= faults.Count > 0;
            }
            return faulty ? 1 : 0;
        });
        return command;
    }

    private static Argument<string> NameArgument() =>
        new("NAME") { Description = $"The corpus: {string.Join(" or ", Corpora.Known.Select(info => info.Name))}." };

    private static CorpusInfo Known(string name) => Corpora.Find(name) ?? throw new WorkbenchException(
        $"There is no corpus '{name}' to install; expected {string.Join(" or ", Corpora.Known.Select(info => info.Name))}. Your own text needs no install: give its folder's path.");

    /// <summary>Runs work under a progress bar, one for each activity; where errors are not shown on a terminal, one line for each.</summary>
    private static async Task<T> ShowProgress<T>(Func<IProgress<Progress>, Task<T>> work)
    {
        if (Console.IsErrorRedirected)
        {
            var last = "";
            return await work(new Report(now =>
            {
                if (now.Activity == last) return;
                Console.Error.WriteLine(last = now.Activity);
            }));
        }

        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await terminal.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(bars =>
            {
                var tasks = new Dictionary<string, ProgressTask>();
                return work(new Report(now =>
                {
                    if (!tasks.TryGetValue(now.Activity, out var task))
                        tasks[now.Activity] = task = bars.AddTask(Markup.Escape(now.Activity), maxValue: Math.Max(now.Total, 1));
                    task.Value = now.Total == 0 ? 1 : now.Done;
                }));
            });
    }

    /// <summary>Passes progress on at once; the runtime's own type would post it to another thread, out of order.</summary>
    private sealed class Report(Action<Progress> show) : IProgress<Progress>
    {
        void IProgress<Progress>.Report(Progress value) => show(value);
    }
}
