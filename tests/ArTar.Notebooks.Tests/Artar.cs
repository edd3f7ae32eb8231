using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ArTar.Notebooks.Tests;

/// <summary>The command line as users start it, and Debian's Python.</summary>
internal static class Artar
{
    public const string Python = "/usr/bin/python3";

    public static string DotNet { get; } = Path.GetFullPath(Path.Combine(
        RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "artar.dll");

    public static string Data(string name) => Path.Combine(AppContext.BaseDirectory, "Data", name);

    public static (int Code, string Output, string Errors) Run(string folder, params string[] arguments) =>
        Finish(Start(DotNet, [Program, .. arguments], folder));

    public static Process Start(string program, IEnumerable<string> arguments, string? folder = null, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder ?? Path.GetTempPath(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public static (int Code, string Output, string Errors) Finish(Process process)
    {
        using (process)
        {
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(Cells.Engine.Patience))
            {
                process.Kill(entireProcessTree: true);
                Assert.Fail($"{process.StartInfo.FileName} has not ended");
            }
            return (process.ExitCode, output.Result, errors.Result);
        }
    }
}
