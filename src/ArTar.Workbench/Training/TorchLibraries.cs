using TorchSharp;

namespace ArTar.Workbench.Training;

/// <summary>
/// Loads libtorch and TorchSharp's bridge to it from where the program has them. In this repository a build makes the bridge fit older
/// systems (build/LibstdcxxRemedy.cs); a project elsewhere that refers to the library has it as NuGet brings it, and gets a copy that
/// fits here.
/// </summary>
internal static class TorchLibraries
{
    private static readonly string[] libraries = OperatingSystem.IsWindows() ? ["torch_cpu.dll", "LibTorchSharp.dll"]
        : OperatingSystem.IsMacOS() ? ["libtorch_cpu.dylib", "libLibTorchSharp.dylib"] : ["libtorch_cpu.so", "libLibTorchSharp.so"];

    /// <summary>The folder of the program's assemblies.</summary>
    public static string Folder { get; } = Path.GetDirectoryName(typeof(torch).Assembly.Location) ?? "";

    /// <summary>Loads them; what is loaded already is found by its name from then on.</summary>
    /// <exception cref="DllNotFoundException">One is not there, or does not load.</exception>
    public static void Load()
    {
        foreach (var library in libraries)
            // A notebook host that has it elsewhere has loaded it: then it is found by its name.
            if (PathOf(library) is { } path)
                Load(path);
            else if (!NativeLibrary.TryLoad(library, out _))
                NativeLibrary.Load(Path.Combine(Folder, library));
    }

    // Beside the assemblies, or, of a program that was built for no system in particular, in its folders for each.
    private static string? PathOf(string library) =>
        ((AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string) ?? "").Split(Path.PathSeparator)
        .Prepend(Folder).Where(f => f.Length > 0).Select(f => Path.Combine(f, library)).FirstOrDefault(File.Exists);

    private static void Load(string path)
    {
        try
        {
            NativeLibrary.Load(path);
        }
        catch (DllNotFoundException e) when (OperatingSystem.IsLinux() && e.Message.Contains(LibstdcxxRemedy.Version,
            StringComparison.Ordinal))
        {
            var version = typeof(torch).Assembly.GetName().Version?.ToString() ?? "";
            var copy = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData,
                Environment.SpecialFolderOption.DoNotVerify),
                "artar", "libtorch", $"{version}-{new FileInfo(path).Length}", Path.GetFileName(path));
            try
            {
                if (!File.Exists(copy) && !LibstdcxxRemedy.ApplyToCopy(path, copy))
                    throw;
            }
            catch (Exception other) when (other is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                throw new DllNotFoundException($"{e.Message} (and no copy that fits could be made: {other.Message})", e);
            }
            // What the copy needs lies beside the library, and so has to be there before it.
            NativeLibrary.TryLoad(Path.Combine(Path.GetDirectoryName(path)!, "libtorch.so"), out _);
            NativeLibrary.Load(copy);
        }
    }
}
