using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ArTar.Tests.CommandLine;

/// <summary>What a finished command said.</summary>
internal sealed record Said(int Code, string Output, string Errors);

/// <summary>The real program, in a process of its own, with a workspace of its own.</summary>
internal sealed class Artar : IDisposable
{
    /// <summary>A model and a training so small that a run takes a fraction of a second.</summary>
    public static readonly string[] Tiny = ["--threads", "1", "--set", "epochs=2", "hidden=8", "trainTokens=3000", "batchSize=10"];

    /// <summary>A training of some thirty epochs that takes a few seconds, to be disturbed.</summary>
    public static readonly string[] Longer = ["--threads", "1", "--checkpoint-every", "0.05", "--set", "epochs=30", "hidden=12", "trainTokens=4000", "batchSize=10"];

    /// <summary>The same with another value of one of its keys.</summary>
    public static string[] LongerWith(string setting) =>
        [.. Longer.Select(s => s.StartsWith(setting[..(setting.IndexOf('=') + 1)], StringComparison.Ordinal) ? setting : s)];

    private static readonly TimeSpan patience = TimeSpan.FromMinutes(10);
    private readonly TemporaryFolder home = new();

    public string Home => home.Path;

    public string Runs => Path.Combine(Home, "runs");

    public void Dispose() => home.Dispose();

    /// <summary>Runs a command to its end.</summary>
    public Said Run(params IEnumerable<string> arguments) => Finish(Start(arguments));

    /// <summary>Starts a command; its output is redirected.</summary>
    public Process Start(IEnumerable<string> arguments, params (string Name, string Value)[] environment) => Start(arguments, Program, environment);

    /// <summary>The program beside the tests.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "artar.exe" : "artar");

    /// <summary>Starts another program in the same surroundings.</summary>
    public Process Start(IEnumerable<string> arguments, string program, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Home,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ARTAR_HOME"] = Home;
        start.Environment["TERM"] = "xterm-256color";
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        foreach (var name in new[] { "COLUMNS", "NO_COLOR", "ARTAR_DEBUG" })
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public static Said Finish(Process process)
    {
        using (process)
        {
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(patience))
            {
                process.Kill(entireProcessTree: true);
                Assert.Fail($"the program did not end within {patience}");
            }
            return new(process.ExitCode, output.Result, errors.Result);
        }
    }

    /// <summary>Sends a signal, such as INT, as a terminal would.</summary>
    public static void Signal(int process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits until something holds.</summary>
    public static void Until(Func<bool> holds, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(clock.Elapsed < patience, $"waited in vain: {what}");
            Thread.Sleep(10);
        }
    }

    /// <summary>The folder of the only run whose name contains a text.</summary>
    public string Folder(string name) => Directory.EnumerateDirectories(Runs).Single(f => Path.GetFileName(f).Contains(name, StringComparison.Ordinal));

    public static JsonNode Summary(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "summary.json")))!;

    public static double Perplexity(string folder, string split) => Math.Exp(Summary(folder)[$"{split}Loss"]!.GetValue<double>());

    /// <summary>A run's metrics, but for the clock's share in them.</summary>
    public static string Metrics(string folder) => string.Join('\n', File.ReadLines(Path.Combine(folder, "metrics.jsonl")).Select(line =>
    {
        var epoch = JsonNode.Parse(line)!.AsObject();
        Assert.True(epoch.Remove("seconds") && epoch.Remove("tokensPerSecond"));
        return epoch.ToJsonString();
    }));

    /// <summary>The bytes of all tensors in a run's best checkpoint.</summary>
    public static byte[] Weights(string folder)
    {
        var file = File.ReadAllBytes(Path.Combine(folder, "best.safetensors"));
        return file[(8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(file))..];
    }

    public static void AssertSame(string expected, string actual)
    {
        Assert.Equal(Metrics(expected), Metrics(actual));
        Assert.True(Weights(expected).AsSpan().SequenceEqual(Weights(actual)), "the best weights differ");
        foreach (var split in new[] { "valid", "test" })
            Assert.Equal(Perplexity(expected, split), Perplexity(actual, split));
    }
}
