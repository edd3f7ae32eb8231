using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace ArTar.Cli;

/// <summary>
/// The compiler of cells as machine code, which takes a second off a kernel's first cell; build/Precompile.targets makes it.
/// </summary>
internal static class Precompilation
{
    private static readonly string project = Path.Combine("src", "ArTar.Cli", "ArTar.Cli.csproj");

    /// <summary>The program that runs .NET programs, from where this one runs.</summary>
    public static string DotNet
    {
        get
        {
            var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
            var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
            return File.Exists(beside) ? beside : name;
        }
    }

    /// <summary>Whether the compiler beside this program is machine code already.</summary>
    public static bool IsDone
    {
        get
        {
            using var compiler = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Microsoft.CodeAnalysis.CSharp.dll")));
            return compiler.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
        }
    }

    /// <summary>Makes it, where this program lies in a checkout. Where that fails everything works as before, and it is said.</summary>
    public static void Ensure()
    {
        if (IsDone || Root(AppContext.BaseDirectory) is not { } root)
            return;
        const string what = "Compiling the compiler of cells to machine code, once, for a quick first cell";
        string? fault = null;
        if (Terminal.CanAnimate)
            Terminal.Error.Status().Start($"{what} (half a minute)", _ => fault = Build(root));
        else
        {
            Console.Error.WriteLine(what);
            fault = Build(root);
        }
        if (fault is not null)
            Console.Error.WriteLine($"It could not be compiled, so the first cell takes a second longer; all else works. {fault}");
    }

    private static string? Build(string root)
    {
        try
        {
            var start = new ProcessStartInfo(DotNet,
                ["build", Path.Combine(root, project), "-c", "Release", "-p:Precompile=true", "-v:quiet", "-tl:off", "-clp:ErrorsOnly",
                    "-nologo"])
            {
                RedirectStandardOutput = true,
            };
            using var build = Process.Start(start)!;
            var output = build.StandardOutput.ReadToEnd();
            build.WaitForExit();
            return build.ExitCode == 0 ? null : $"The build said: {output.Trim().Split('\n')[0]}";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return $"{DotNet}: {e.Message}";
        }
    }

    private static string? Root(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, project)))
                return at.FullName;
        return null;
    }
}
