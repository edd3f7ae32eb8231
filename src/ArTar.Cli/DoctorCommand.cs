using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Spectre.Console;
using TorchSharp;

namespace ArTar.Cli;

/// <summary><c>artar doctor</c>: what this machine has, what is missing, and how to get it.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor",
            "Check this machine: libtorch, devices, memory, data sets; says what is missing and how to get it.");
        command.SetAction(_ => Run());
        return command.WithExamples("artar doctor");
    }

    private static int Run()
    {
        var missing = new List<string>();
        void Say(string name, string text) => Terminal.Paragraph(Terminal.Output, $"{name,-11}", text);

        Say("workbench", RunEnvironment.Version);
        Say("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.RuntimeIdentifier}, .NET {Environment.Version}");
        Say("processor", $"{RunEnvironment.ProcessorName()}, {Environment.ProcessorCount} cores");
        Say("memory", Disk.Size(Disk.Memory));
        var works = LibTorchWorks(out var fault);
        if (works)
        {
            Say("libtorch", $"{LibTorch.Version}, {torch.get_num_threads()} threads");
            Say("devices", Devices());
            Say("kernels", KernelChoice.Fast.For(torch.CPU) == KernelChoice.Plain ? "plain: the fast ones need a processor with AVX2"
                : Vector512.IsHardwareAccelerated ? "fast, AVX-512" : Vector256.IsHardwareAccelerated ? "fast, AVX2"
                : "fast, vectors of 128 bits");
        }
        else
        {
            Say("libtorch", "does not load");
            missing.Add(fault);
        }

        var workspace = Workspace.Find();
        var isNamed = Environment.GetEnvironmentVariable("ARTAR_HOME") is { Length: > 0 };
        Say("workspace", $"{workspace.Root} ({(isNamed ? "ARTAR_HOME" : "found from here; ARTAR_HOME names another")})");
        Say("runs", $"{(Directory.Exists(workspace.Runs) ? Directory.GetDirectories(workspace.Runs).Length : 0)} in {workspace.Runs}");
        if (Disk.FreeSpace(workspace.Root) is { } free)
            Say("disk", $"{Disk.Size(free)} free");
        if (Disk.Fault(workspace.Root) is not null)
            missing.Add($"The workspace '{workspace.Root}' cannot be written to: set ARTAR_HOME to a folder of your own.");
        Say("data sets", $"{Corpora.Synthetic}: built in");
        foreach (var info in Corpora.Known)
        {
            var state = Installer.StateOf(info, workspace) switch
            {
                InstallState.Installed => "installed",
                InstallState.Absent => "not installed",
                _ => "damaged",
            };
            Say("", $"{info.Name}: {state}");
            if (state != "installed")
                missing.Add($"{info.Title} is {state}: artar data install {info.Name}");
        }
        Terminal.Output.WriteLine("");
        if (missing.Count == 0)
            Terminal.Output.WriteLine("All there.");
        foreach (var item in missing)
            Terminal.Paragraph(Terminal.Output, "- ", CommandName.In(item));
        return works ? ExitCodes.Done : ExitCodes.UserError;
    }

    private static bool LibTorchWorks(out string fault)
    {
        try
        {
            LibTorch.Prepare();
            using var two = torch.ones(2).sum();
            fault = "";
            return two.ToSingle() == 2;
        }
        catch (WorkbenchException e)
        {
            fault = e.Message;
            return false;
        }
    }

    private static string Devices()
    {
        if (torch.TryInitializeDeviceType(DeviceType.CUDA) && torch.cuda.is_available())
            return $"cpu, {torch.cuda.device_count()} x cuda";
        return "cpu; no CUDA: this build has none or no NVIDIA driver answers (TorchBackend=cuda ./artar … builds with it, see "
            + "docs/platforms.md)";
    }
}
