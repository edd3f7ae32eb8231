using System.Diagnostics;

namespace ArTar.Tests.Training;

/// <summary>The Python programs of tests/pytorch, run by the interpreter that Debian's python3-torch belongs to.</summary>
internal static class PyTorch
{
    private const string Python = "/usr/bin/python3";

    private static readonly Lazy<bool> present = new(() =>
        File.Exists(Python) && Start("-c", "from importlib.util import find_spec; exit(not (find_spec('numpy') and find_spec('torch')))").ExitCode == 0);

    /// <summary>Runs one program and returns what it prints. The calling test is skipped where there is no PyTorch.</summary>
    public static string Run(string program, params string[] arguments)
    {
        Requires.That(present.Value, "a PyTorch for /usr/bin/python3", "install it with: sudo apt-get install python3-torch python3-numpy");
        var (exitCode, output, error) = Start([Path.Combine(TestData.Repository, "tests", "pytorch", program), .. arguments]);
        Assert.True(exitCode == 0, $"{program} ended with {exitCode}:\n{error}");
        return output;
    }

    private static (int ExitCode, string Output, string Error) Start(params string[] arguments)
    {
        // -B: no __pycache__ in the repository.
        using var process = Process.Start(new ProcessStartInfo(Python, ["-B", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
