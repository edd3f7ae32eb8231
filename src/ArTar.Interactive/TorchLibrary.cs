using System.Runtime.InteropServices;

namespace ArTar.Workbench.Interactive;

/// <summary>
/// Loads libtorch from NuGet's folder, where a notebook that refers to packages has it: with the remedy for older systems
/// (build/LibstdcxxRemedy.cs), which a build applies to its own output but nobody to that folder.
/// </summary>
internal static class TorchLibrary
{
    /// <summary>Loads it. What lies elsewhere, or is another system's, is left to TorchSharp.</summary>
    public static void Load()
    {
        // …/torchsharp/VERSION/lib/net6.0/TorchSharp.dll, and …/libtorch-cpu-linux-x64/VERSION beside it.
        var package = new FileInfo(typeof(TorchSharp.torch).Assembly.Location).Directory?.Parent?.Parent;
        if (!OperatingSystem.IsLinux() || package?.Parent?.Parent is not { } packages || NativesOf(package) is not { } bridges)
            return;
        var bridge = Path.Combine(bridges, "libLibTorchSharp.so");
        var torch = new DirectoryInfo(Path.Combine(packages.FullName, "libtorch-cpu-linux-x64"));
        if (!torch.Exists || !File.Exists(bridge))
            return;
        var natives = torch.EnumerateDirectories().OrderByDescending(d => Version.TryParse(d.Name, out var version) ? version : new())
            .Select(NativesOf).FirstOrDefault(n => n is not null);
        // What is loaded already is found by its name alone.
        if (natives is null || !NativeLibrary.TryLoad(Path.Combine(natives, "libtorch.so"), out _) || NativeLibrary.TryLoad(bridge, out _))
            return;
        var copy = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "artar", "libtorch",
            package.Name, "libLibTorchSharp.so");
        if (!File.Exists(copy))
            LibstdcxxRemedy.ApplyToCopy(bridge, copy);
        NativeLibrary.TryLoad(copy, out _);
    }

    private static string? NativesOf(DirectoryInfo package) =>
        Path.Combine(package.FullName, "runtimes", "linux-x64", "native") is var folder && Directory.Exists(folder) ? folder : null;
}
