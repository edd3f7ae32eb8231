using System.Diagnostics;
using System.Text.Json;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;

namespace ArTar.Bench;

/// <summary>A measurement that is no training step.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Target">What it should keep to; null where nothing was set.</param>
internal sealed record Other(string Name, Spread Value, string Unit, double? Target = null);

/// <summary>The command line as its users meet it: starts, tokenising, a table over a thousand runs.</summary>
internal static class Commands
{
    /// <summary>The program beside the benchmark.</summary>
    public static string Artar { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "artar.exe" : "artar");

    /// <summary>Runs the program to its end in a workspace.</summary>
    /// <returns>Seconds.</returns>
    public static double Time(string home, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Artar, arguments) { WorkingDirectory = home, RedirectStandardOutput = true,
            RedirectStandardError = true };
        start.Environment["ARTAR_HOME"] = home;
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? clock.Elapsed.TotalSeconds
            : throw new WorkbenchException($"artar {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors.Result.Trim()}");
    }

    /// <summary>Starting the program, in turns.</summary>
    public static IEnumerable<Other> Starts(string home, int times)
    {
        (string[] Arguments, double Target)[] commands = [(["--help"], 0.3), (["tables"], 0.5)];
        var seconds = commands.Select(_ => new List<double>()).ToArray();
        for (var i = 0; i <= times; i++)
            foreach (var (at, (arguments, _)) in commands.Index())
                if (Time(home, arguments) is var time && i > 0) // the first finds cold files
                    seconds[at].Add(time);
        return commands.Select((c, i) => new Other($"artar {string.Join(' ', c.Arguments)}", Spread.Of(seconds[i]), "s", c.Target));
    }

    /// <summary>Reading a text of one's own.</summary>
    public static IEnumerable<Other> Tokenising(string home, int tokens, int times)
    {
        var folder = WriteText(Path.Combine(home, "text"), 10_000, tokens, tokens / 10, tokens / 10);
        var megabytes = Directory.EnumerateFiles(folder).Sum(f => new FileInfo(f).Length) / 1e6;
        var speeds = new List<double>();
        for (var i = 0; i <= times; i++)
        {
            var clock = Stopwatch.StartNew();
            Corpora.Load(folder, new Workspace(home));
            if (i > 0)
                speeds.Add(megabytes / clock.Elapsed.TotalSeconds);
        }
        yield return new("tokenising a text", Spread.Of(speeds), "MB/s");
    }

    /// <summary>A table over so many stored runs, as a call and as a command.</summary>
    public static IEnumerable<Other> Reports(string home, int runs, int times)
    {
        var (plan, store) = StoreRuns(home, runs);
        var seconds = new List<double>();
        for (var i = 0; i <= times; i++)
        {
            var clock = Stopwatch.StartNew();
            TableReport.Build(plan, store);
            if (i > 0)
                seconds.Add(clock.Elapsed.TotalSeconds);
        }
        yield return new($"report over {plan.Runs.Count():N0} runs", Spread.Of(seconds), "s");
        string[] command = ["table", "1", "--stored", "--seeds", $"{plan.Seeds.Count}", "--format", "csv"];
        yield return new($"artar table 1 --stored, {plan.Runs.Count():N0} runs",
            Spread.Of(Enumerable.Range(0, times).Select(_ => Time(home, command)).ToList()), "s");
    }

    /// <summary>Invented results for every row and seed of table 1.</summary>
    internal static (TablePlan Plan, RunStore Store) StoreRuns(string home, int runs)
    {
        var (workspace, table) = (new Workspace(home), KnownTables.Get(1));
        var plan = TablePlan.For(table, Profile.Get("quick"), Corpora.Load(Corpora.Synthetic, workspace).Facts, [], [],
            Math.Max(1, runs / table.Rows.Count));
        var (store, random) = (new RunStore(workspace), new Random(1));
        foreach (var configuration in plan.Runs)
        {
            var loss = 4 + random.NextDouble();
            var summary = new RunSummary
            {
                Status = RunStatus.Finished,
                BestEpoch = 1,
                ValidLoss = loss,
                TestLoss = loss,
                LastEpoch = new()
                {
                    Epoch = 1, LearningRate = 10, TrainLoss = 4, ValidLoss = loss, Penalties = new Dictionary<string, double>(),
                    GradientNorm = 1, Seconds = 1, TokensPerSecond = 1000,
                },
                Seconds = 1,
                TokensPerSecond = 1000,
                Circumstances = RunEnvironment.Here("cpu", KernelChoice.Fast, DateTime.UnixEpoch),
            };
            var folder = Directory.CreateDirectory(Path.Combine(store.Folder, configuration.Id)).FullName;
            File.WriteAllText(Path.Combine(folder, "configuration.json"), JsonSerializer.Serialize(configuration, Json.Indented));
            File.WriteAllText(Path.Combine(folder, "summary.json"), JsonSerializer.Serialize(summary, Json.Indented));
        }
        return (plan, store);
    }

    /// <summary>
    /// Writes a text of generated words in three splits. Behind its <paramref name="train"/> tokens the training split shows every word
    /// once, so that the vocabulary is as large as it is said to be, however short the text.
    /// </summary>
    /// <returns>The folder.</returns>
    public static string WriteText(string folder, int vocabulary, int train, int valid, int test)
    {
        Directory.CreateDirectory(folder);
        foreach (var (seed, (split, count)) in new[] { ("train", train), ("valid", valid), ("test", test) }.Index())
        {
            // The last word is <eos>, which ends the lines.
            var ids = Text.Generate(count, vocabulary - 1, seed).Concat(split == "train" ? Enumerable.Range(0, vocabulary - 1) : []);
            File.WriteAllLines(Path.Combine(folder, $"{split}.txt"),
                ids.Select(id => $"w{id}").Chunk(20).Select(line => string.Join(' ', line)));
        }
        return folder;
    }
}
