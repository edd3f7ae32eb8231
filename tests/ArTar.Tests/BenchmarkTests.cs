using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ArTar.Tests;

/// <summary>The benchmark on models so small that its figures mean nothing: whether it measures, agrees with itself and tells.</summary>
public sealed class BenchmarkTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_smoke_run_prints_its_tables_and_stores_finite_figures()
    {
        Requires.That(OperatingSystem.IsLinux(), "Linux", "the benchmark's script is tested with its tools");
        var file = Path.Combine(folder.Path, "results.json");
        var (code, output, errors) = Run("--smoke", "--out", file);
        Assert.True(code == 0, errors);

        var results = JsonNode.Parse(File.ReadAllText(file))!;
        var steps = results["steps"]!.AsArray();
        Assert.Equal(["train", "evaluate"], steps.Select(s => (string)s!["configuration"]!["mode"]!));
        foreach (var step in steps)
        {
            Assert.InRange(Number(step!["limitFlops"]!["median"]), 1e8, 1e15);
            var sides = step["sides"]!.AsArray();
            Assert.Equal(["ours", "eager", "eager-tuned"], sides.Select(s => (string)s!["side"]!).Where(id => id is "ours" or "eager" or "eager-tuned"));
            foreach (var side in sides)
            {
                var seconds = side!["seconds"]!;
                Assert.InRange(Number(seconds["lower"]), 1e-7, Number(seconds["median"]));
                Assert.InRange(Number(seconds["upper"]), Number(seconds["median"]), 1e3);
                Assert.InRange(Number(side["peakMemory"]), 1e7, 1e11);
                Assert.InRange(Number(side["pageFaults"]), 0, 1e6);
                Assert.InRange(Number(side["boundShare"]!["median"]), 0, 1);
                if ((string)side["side"]! != "ours")
                    Assert.InRange(Number(side["ratio"]!["median"]), Number(side["ratio"]!["low"]), Number(side["ratio"]!["high"]));
            }
        }
        // The same work on every side, or the benchmark would have ended with an error.
        Assert.All(results["agreements"]!.AsArray(), a => Assert.InRange(Number(a!["difference"]), 0, 1e-4));
        foreach (var part in new[] { "agreements", "penaltyCosts", "denormals", "scaling", "tables", "others" })
            Assert.NotEmpty(results[part]!.AsArray());

        var lines = output.Split('\n');
        foreach (var heading in new[] { "eager tuned / ours", "of the limit" })
            Assert.Contains(lines, l => l.Contains(heading, StringComparison.Ordinal));
        foreach (var row in new[] { "LSTM H=8 V=50 AR+TAR", "GRU H=8 V=50 evaluated", "ours, LSTM H=8 V=50", "H = 1", "artar --help" })
            Assert.Contains(lines, l => l.StartsWith(row, StringComparison.Ordinal));
        Assert.DoesNotContain("NaN", output, StringComparison.Ordinal);

        var again = Run("--from", file);
        Assert.Equal((0, output), (again.Code, again.Output));
    }

    /// <summary>As on a GPU, with whichever of PyTorch and JAX is here.</summary>
    [Fact]
    public void Stacks_are_rehearsed_on_a_processor()
    {
        Requires.That(OperatingSystem.IsLinux(), "Linux", "the benchmark's script is tested with its tools");
        var file = Path.Combine(folder.Path, "stacks.json");
        var (code, output, errors) = Run("--device", "cpu", "--smoke", "--python", "/usr/bin/python3", "--out", file);
        Assert.True(code == 0, errors);

        // The same work on every side, or the benchmark would have ended with an error.
        var results = JsonNode.Parse(File.ReadAllText(file))!;
        Assert.InRange(Number(results["disagreement"]), 0, 1e-4);
        var measured = results["measurements"]!.AsArray();
        foreach (var engine in new[] { "plain", "stack" })
            Assert.Equal(engine == "stack" ? 8 : 4, measured.Count(m => (string)m!["case"]!["engine"]! == engine));
        foreach (var one in measured)
            Assert.InRange(Number(one!["seconds"]!["median"]), 1e-7, 1e3);
        Assert.Contains("A rehearsal: the figures mean nothing.", output, StringComparison.Ordinal);
        Assert.Contains("| LSTM H=65 V=100 AR+TAR | 3 |", File.ReadAllText(Path.ChangeExtension(file, ".md")), StringComparison.Ordinal);
        var again = Run("--device", "cpu", "--from", file);
        Assert.Equal((0, output), (again.Code, again.Output));
    }

    [Fact]
    public void What_it_cannot_do_it_says()
    {
        Requires.That(OperatingSystem.IsLinux(), "Linux", "the benchmark's script is tested with its tools");
        var damaged = Path.Combine(folder.Path, "damaged.json");
        File.WriteAllText(damaged, "{\"steps\": 3}");
        foreach (var (arguments, said) in new (string[], string)[]
        {
            (["--smoke", "--sides", "ours,theirs"], "Unknown side 'theirs'; known are ours, plain, eager, eager-tuned, inference, pytorch, pytorch-tuned"),
            (["--smoke", "--only", "nothing of this name"], "--only 'nothing of this name' fits nothing"),
            (["--device", "cpu"], "Stacks are for GPUs; --device cpu is a rehearsal, with --smoke."),
            (["--device", "cpu", "--smoke", "--sides", "eager"], "Unknown side 'eager'; with --device known are ours, pytorch, jax."),
            (["--from", damaged], $"{damaged} holds no results of this benchmark"),
        })
        {
            var (code, output, errors) = Run(arguments);
            Assert.Equal((1, ""), (code, output));
            Assert.Contains(said, errors, StringComparison.Ordinal);
        }
    }

    private static double Number(JsonNode? node) => node!.GetValue<double>();

    private static (int Code, string Output, string Errors) Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(TestData.Repository, "bench", "run"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
