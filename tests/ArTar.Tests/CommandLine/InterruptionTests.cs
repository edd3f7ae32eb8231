using System.Diagnostics;
using System.Globalization;

namespace ArTar.Tests.CommandLine;

/// <summary>One run that nobody disturbs, to compare with.</summary>
public sealed class UndisturbedRun : IDisposable
{
    private readonly Artar artar = new();

    public UndisturbedRun() => Assert.Equal(0, artar.Run(InterruptionTests.Train).Code);

    internal string Folder => artar.Folder("alpha2");

    public void Dispose() => artar.Dispose();
}

/// <summary>Runs that are stopped or killed go on, and end with the bits of one that was left alone.</summary>
public sealed class InterruptionTests(UndisturbedRun undisturbed, ITestOutputHelper output) : IClassFixture<UndisturbedRun>, IDisposable
{
    private readonly Artar artar = new();

    public void Dispose() => artar.Dispose();

    internal static string[] Train => ["train", .. Artar.Longer, "alpha=2"];

    private static bool HasEpochs(string runs, string name) => Directory.Exists(runs)
        && Directory.EnumerateFiles(runs, "metrics.jsonl", SearchOption.AllDirectories).Any(f => f.Contains(name, StringComparison.Ordinal) && new FileInfo(f).Length > 0);

    [Fact]
    public void Killed_at_any_moment_a_run_ends_with_the_same_bits()
    {
        var seed = Environment.GetEnvironmentVariable("ARTAR_KILL_SEED") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Environment.TickCount;
        output.WriteLine($"seed {seed} (ARTAR_KILL_SEED repeats it)");
        var random = new Random(seed);
        int kills = 0, later = 0;
        while (true)
        {
            // A random moment after the start, or (every other time) after training went on; later and later, so that it ends.
            using var process = artar.Start(Train);
            var before = kills % 2 == 1 ? Newest() : DateTime.MaxValue;
            Artar.Until(() => process.HasExited || before == DateTime.MaxValue || Newest() > before, "a checkpoint");
            if (process.WaitForExit(random.Next(0, 500) + later))
            {
                Assert.True(process.ExitCode == 0, $"seed {seed}, after {kills} kills: {process.StandardError.ReadToEnd()}");
                break;
            }
            process.Kill();
            process.WaitForExit();
            kills++;
            later += kills > 4 ? 1000 : 0;
        }
        output.WriteLine($"{kills} kills");
        Assert.True(kills > 2, $"seed {seed}: only {kills} kills");
        var actual = artar.Folder("synthetic");
        Artar.AssertSame(undisturbed.Folder, actual);
        Assert.Equal(
            ["best.safetensors", "configuration.json", "lock", "metrics.jsonl", "summary.json", "vocabulary.json"],
            Directory.EnumerateFiles(actual).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void Stopped_by_a_signal_it_says_how_to_go_on(string signal)
    {
        Requires.That(!OperatingSystem.IsWindows(), "kill", "signals are sent with it");
        var process = artar.Start(Train);
        Artar.Until(() => HasEpochs(artar.Runs, "synthetic"), "the first epoch");
        var clock = Stopwatch.StartNew();
        Artar.Signal(process.Id, signal);
        var said = Artar.Finish(process);
        output.WriteLine($"stopped after {clock.ElapsedMilliseconds} ms");
        Assert.Equal((130, ""), (said.Code, said.Output));
        Assert.EndsWith($"Stopped. The same command resumes from here: artar {string.Join(' ', Train)}\n", said.Errors, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(artar.Folder("synthetic"), "lease-1", "last.safetensors")));
        Assert.Contains(",interrupted,", artar.Run("runs", "list", "--format", "csv").Output, StringComparison.Ordinal);

        said = artar.Run(Train);
        Assert.Equal(0, said.Code);
        Assert.DoesNotContain("epoch 1/30", said.Errors, StringComparison.Ordinal);
        Artar.AssertSame(undisturbed.Folder, artar.Folder("synthetic"));
    }

    [Fact]
    public void A_stopped_table_leaves_no_worker_behind_and_goes_on()
    {
        Requires.That(!OperatingSystem.IsWindows(), "kill", "signals are sent with it");
        string[] table = ["table", "1", "--rows", "alpha=1,alpha=2", "--jobs", "2", .. Artar.Longer];
        var process = artar.Start(table);
        Artar.Until(() => HasEpochs(artar.Runs, "seed1"), "the first epoch");
        var workers = Children(process.Id);
        Assert.NotEmpty(workers);
        // As a terminal does on Ctrl+C: the whole group gets the signal, workers too.
        foreach (var id in workers.Prepend(process.Id))
            Artar.Signal(id, "INT");
        var said = Artar.Finish(process);
        Assert.Equal((130, ""), (said.Code, said.Output));
        Assert.Contains("Stopped. The same command resumes from here: artar table 1", said.Errors, StringComparison.Ordinal);
        Assert.All(workers, id => Assert.False(Directory.Exists($"/proc/{id}"), "a worker outlived its parent"));
        Assert.Contains(",interrupted,", artar.Run("runs", "list", "--format", "csv").Output, StringComparison.Ordinal);

        Assert.Equal(0, artar.Run(table).Code);
        Artar.AssertSame(undisturbed.Folder, artar.Folder("alpha2"));
    }

    [Fact]
    public void Workers_stop_when_the_table_is_killed()
    {
        Requires.That(OperatingSystem.IsLinux(), "Linux", "workers are found in /proc");
        string[] table = ["table", "1", "--rows", "alpha=0,alpha=1", "--jobs", "2", .. Artar.Longer];
        using var process = artar.Start(table);
        Artar.Until(() => HasEpochs(artar.Runs, "seed1"), "the first epoch");
        var workers = Children(process.Id);
        Assert.NotEmpty(workers);
        process.Kill();
        // The same command at once: it waits the moment that a worker needs to let go of its run.
        var said = artar.Run(table);
        Assert.Equal(0, said.Code);
        Artar.Until(() => !workers.Any(id => Directory.Exists($"/proc/{id}")), "the end of the workers");
    }

    [Fact]
    public void A_crashed_row_leaves_the_others_alone()
    {
        Requires.That(OperatingSystem.IsLinux(), "Linux", "workers are found in /proc");
        string[] table = ["table", "1", "--rows", "alpha=0,alpha=1", "--jobs", "1", .. Artar.Longer];
        var process = artar.Start(table);
        Artar.Until(() => HasEpochs(artar.Runs, "lstm12-seed1"), "the first epoch");
        Artar.Signal(Assert.Single(Children(process.Id)), "KILL");
        var said = Artar.Finish(process);
        Assert.Equal(3, said.Code);
        Assert.Matches(@"alpha = 0 .*failed\n", said.Output);
        Assert.Matches(@"alpha = 1 +\d+K +\d+\.\d\d ", said.Output);
        Assert.Contains("its process was ended by signal 9", said.Errors, StringComparison.Ordinal);

        said = artar.Run(table);
        Assert.Equal(0, said.Code);
        Assert.DoesNotContain("alpha = 0: epoch 1/30", said.Errors, StringComparison.Ordinal);
    }

    /// <summary>When the run's newest checkpoint was written.</summary>
    private DateTime Newest() => !Directory.Exists(artar.Runs) ? DateTime.MinValue
        : Directory.EnumerateFiles(artar.Runs, "last.safetensors", SearchOption.AllDirectories).Select(File.GetLastWriteTimeUtc).Append(DateTime.MinValue).Max();

    private static List<int> Children(int parent)
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => int.TryParse(Path.GetFileName(f), out _)))
            try
            {
                // "pid (name) state ppid …", and the name may hold anything.
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                if (stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == $"{parent}")
                    found.Add(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        return found;
    }
}
