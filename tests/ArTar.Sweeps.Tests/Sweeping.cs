using System.Diagnostics;
using System.Text.Json;
using ArTar.Workbench;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Cli.Sweeps;

namespace ArTar.Sweeps.Tests;

/// <summary>What tests of sweeps do again and again.</summary>
internal static class Sweeping
{
    /// <summary>The state of a sweep, read in this process: cheaper than asking the program again and again.</summary>
    public static SweepState Status(this Artar artar, string name)
    {
        var sweep = Sweep.Get(new(artar.Home), name);
        var self = new SelfCommand(Artar.Program, []);
        return SweepState.Read(sweep, sweep.Header.Engine == "slurm" ? new SlurmEngine(self) : new LocalEngine(self));
    }

    public static IEnumerable<string> Statuses(this SweepState state) => state.Rows.Select(r => r.Status.Describe());

    /// <summary>Rows that have come to an epoch; one may be at its end before another begins.</summary>
    public static int InEpoch(this SweepState state, int epoch) => state.Rows.Count(r => (r.Progress?.Epoch ?? r.Summary?.LastEpoch?.Epoch) >= epoch);

    /// <summary>Names of the files that tell of the attempts at a sweep's rows.</summary>
    public static List<string> Attempts(this Artar artar, string name) =>
        [.. Directory.EnumerateFiles(Path.Combine(artar.Home, "sweeps", name, "attempts")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    /// <summary>Waits until something holds that takes a moment to look at; if it never does, the failure tells how things stand.</summary>
    public static void Until(Func<bool> holds, string what, Func<string>? state = null)
    {
        var clock = Stopwatch.StartNew();
        while (!holds())
        {
            if (clock.Elapsed.TotalSeconds > 240)
                Assert.Fail($"waited in vain: {what}\n{state?.Invoke()}");
            Thread.Sleep(200);
        }
    }

    /// <summary>Waits for the end of a sweep.</summary>
    public static Said Wait(this Artar artar, string name) => artar.Run("sweep", "wait", name, "--timeout", "400");

    /// <summary>Processes of which this holds for the words of their command line.</summary>
    public static List<int> Processes(Func<string[], bool> are)
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => int.TryParse(Path.GetFileName(f), out _)))
            try
            {
                if (are(File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0')))
                    found.Add(int.Parse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended.
            }
        return found;
    }

    /// <summary>The workers that train runs of a folder now.</summary>
    public static List<int> WorkersIn(string runs) => Processes(words => words.Contains("resume") && words.Any(w => w.StartsWith(runs, StringComparison.Ordinal)));

    /// <summary>The workers that train in this workspace now.</summary>
    public static List<int> Workers(this Artar artar) => WorkersIn(artar.Runs);

    /// <summary>The supervisor of a sweep; in SLURM one a row.</summary>
    public static List<int> Supervisors(string sweep) => Processes(words => words.Contains("supervise") && words.Contains(sweep));

    /// <summary>Leaves behind what a worker would that has trained a row to this validation loss; without flushing each file to the disk.</summary>
    public static void EndWithoutTraining(this Sweep sweep, int row, string configuration, double loss, bool diverged = false)
    {
        var attempt = sweep.Attempts.Begin(row, job: null);
        var summary = FakedRuns.Finished(Math.Exp(loss)) with { Seconds = 1, TokensPerSecond = 1000 };
        FakedRuns.Write(sweep.Store, JsonSerializer.Deserialize<RunConfiguration>(configuration, Json.Compact)!,
            diverged ? summary with { Status = RunStatus.Diverged, TestLoss = null } : summary);
        sweep.Attempts.End(attempt, AttemptOutcome.Ended, TimeSpan.FromSeconds(1));
    }

    public static void Kill(int process)
    {
        try
        {
            Process.GetProcessById(process).Kill();
        }
        catch (ArgumentException)
        {
            // It has ended.
        }
    }
}
