using System.Runtime.InteropServices;
using ArTar.Notebooks.Formatting;
using ArTar.Notebooks.Jupyter;
using ArTar.Notebooks.Processes;

namespace ArTar.Cli;

/// <summary><c>artar kernel</c>: the Jupyter kernel "C# (ArTar)".</summary>
internal static class KernelCommand
{
    private const double PictureDensity = 144, FallbackDensity = 96; // pixels to the inch

    public static Command Create()
    {
        var command = new Command("kernel", "The kernel \"C# (ArTar)\" for VS Code, JupyterLab and Jupyter Notebook.")
        {
            Install(), Uninstall(), List(), Run(), Cells(),
        };
        return command.WithExamples("artar kernel install", "artar kernel list", "artar kernel uninstall");
    }

    private static Option<string?> Prefix() => Options.Text("--prefix",
        "install below PREFIX/share/jupyter, as of a Python environment, instead of for the user", "PREFIX");

    private static Command Install()
    {
        var prefix = Prefix();
        var plain = Options.Flag("--no-precompile",
            "leave the compiler of cells as it is; the first cell then takes a second longer");
        var command = new Command("install", "Tell Jupyter's front ends how to start the kernel.") { prefix, plain };
        command.SetAction(parsed =>
        {
            var folder = KernelSpecs.Install(KernelSpecs.FolderFor(parsed.GetValue(prefix)),
                [Precompilation.DotNet, Path.Combine(AppContext.BaseDirectory, "artar.dll"), "kernel", "run"]);
            Console.WriteLine($"\"{KernelSpecs.DisplayName}\" is installed in {folder}");
            if (!parsed.GetValue(plain))
                Precompilation.Ensure();
            return ExitCodes.Done;
        });
        return command.WithExamples("artar kernel install", "artar kernel install --prefix ~/venv");
    }

    private static Command Uninstall()
    {
        var prefix = Prefix();
        var command = new Command("uninstall", "Take the kernel away again.") { prefix };
        command.SetAction(parsed =>
        {
            var kernels = KernelSpecs.FolderFor(parsed.GetValue(prefix));
            Console.WriteLine(KernelSpecs.Uninstall(kernels) is { } folder ? $"removed {folder}"
                : $"\"{KernelSpecs.DisplayName}\" is not installed in {kernels}");
            return ExitCodes.Done;
        });
        return command.WithExamples("artar kernel uninstall");
    }

    private static Command List()
    {
        var prefix = Prefix();
        var command = new Command("list", "List the kernels that are installed where this one would be.") { prefix };
        command.SetAction(parsed =>
        {
            var kernels = KernelSpecs.FolderFor(parsed.GetValue(prefix));
            var found = KernelSpecs.List(kernels);
            foreach (var kernel in found)
                Console.WriteLine($"{kernel.Name}  {kernel.DisplayName}  {kernel.Folder}");
            if (!found.Any(k => k.Name == KernelSpecs.Name))
                Console.Error.WriteLine($"\"{KernelSpecs.DisplayName}\" is not installed in {kernels}. " +
                    "To install it: artar kernel install");
            return ExitCodes.Done;
        });
        return command.WithExamples("artar kernel list");
    }

    private static Command Run()
    {
        var file = new Argument<string>("CONNECTION-FILE") { Description = "the file that the front end wrote" };
        var command = new Command("run", "Serve a front end; front ends call this themselves.") { file };
        command.SetAction(parsed =>
        {
            using var stop = new CancellationTokenSource();
            Action interrupt = () => { };
            void Interrupt(PosixSignalContext signal)
            {
                signal.Cancel = true;
                interrupt();
            }
            void Stop(PosixSignalContext signal)
            {
                signal.Cancel = true;
                stop.Cancel();
            }
            using var interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
            using var terminations = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            using var hangups = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
            Kernel.RunAsync(parsed.GetRequiredValue(file), CellsCommand(), action => interrupt = action, stop.Token)
                .GetAwaiter().GetResult();
            return ExitCodes.Done;
        });
        return command.WithExamples("artar kernel run kernel-1234.json");
    }

    /// <summary>What starts a process for cells.</summary>
    /// <param name="pictures">Whether charts become pictures instead of scripts.</param>
    public static IReadOnlyList<string> CellsCommand(bool pictures = false) =>
        [ProcessWorker.Self.Program, .. ProcessWorker.Self.First, "kernel", "cells", .. pictures ? new[] { "--pictures" } : []];

    private static Command Cells()
    {
        var address = new Argument<string>("SOCKET");
        var pictures = new Option<bool>("--pictures");
        var command = new Command("cells", "The process of the cells; kernels and runs call this themselves.") { address, pictures };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var isStored = parsed.GetValue(pictures);
            using var charts = isStored ? new ChartPictures(PictureDensity, TimeSpan.FromMinutes(1))
                : new ChartPictures(FallbackDensity, TimeSpan.FromSeconds(10));
            CellServer.Serve(parsed.GetRequiredValue(address),
                isStored ? WorkbenchFormatters.Create(charts.Draw) : WorkbenchFormatters.Create(fallback: charts.TryDraw), charts.Dispose);
        });
        return command;
    }
}
