using System.Globalization;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Cli.Sweeps;

namespace ArTar.Sweeps.Tests;

/// <summary>Sweeps on this machine, from the command line.</summary>
public sealed class LocalSweepTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>More rows than are trained at a time.</summary>
    private const string Three = "{tables: 1, rows: [alpha=0, alpha=1, alpha=2]}";
    private const string Two = "{tables: 1, rows: [alpha=0, alpha=2]}";

    private readonly Artar artar = new();

    public void Dispose() => artar.Dispose();

    [Fact]
    public void A_sweep_returns_at_once_fills_the_table_and_shares_its_runs()
    {
        // A row that another command has trained before is taken over.
        Assert.Equal(0, artar.Run(["table", "1", "--rows", "alpha=2", .. Artar.Tiny]).Code);
        const string two = "{tables: 1, rows: [alpha=0, alpha=2, alpha=8], seeds: 2}";
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var said = artar.Run(["sweep", "submit", two, "--name", "first", "--jobs", "2", .. Artar.Tiny]);
        output.WriteLine($"submitted in {clock.ElapsedMilliseconds} ms");
        Assert.Equal((0, ""), (said.Code, said.Errors));
        Assert.Contains("Sweep first: 6 runs, 1 of them stored already.\n", said.Output, StringComparison.Ordinal);
        // The table fills as the sweep runs, and shows what there is.
        Sweeping.Until(() => artar.Status("first").Statuses().Count(s => s == "finished") >= 2, "two rows");
        var part = artar.Run(["table", "1", "--stored", "--rows", "alpha=0,alpha=2,alpha=8", "--seeds", "2", .. Artar.Tiny[2..]]);
        Assert.Contains("not run", part.Output, StringComparison.Ordinal);

        said = artar.Wait("first");
        Assert.Equal((0, ""), (said.Code, said.Output));
        Assert.EndsWith("6 rows: 6 finished\n", said.Errors, StringComparison.Ordinal);
        Assert.Equal(5, artar.Attempts("first").Count); // each row once, and the stored one not at all
        Assert.All(artar.Attempts("first"), a => Assert.Matches(@"^\d{5}-1-ended-\d+$", a));
        Sweeping.Until(() => Sweeping.Supervisors("first").Count == 0, "the end of the supervisor");

        // The same runs as the table's: nothing is left to train, and the figures are those of the table.
        var table = artar.Run(["table", "1", "--stored", "--rows", "alpha=0,alpha=2,alpha=8", "--seeds", "2", "--format", "csv", .. Artar.Tiny[2..]]);
        var collected = artar.Run("sweep", "collect", "first", "--format", "csv");
        Assert.Equal((0, table.Output), (collected.Code, collected.Output));
        Assert.Equal(1 + 6, collected.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        var status = JsonNode.Parse(artar.Run("sweep", "status", "first", "--format", "json").Output)!;
        Assert.Equal((true, 6), (status["over"]!.GetValue<bool>(), status["rows"]!.AsArray().Count(r => r!["status"]!.GetValue<string>() == "finished")));
        said = artar.Run("sweep", "retry", "first");
        Assert.Equal((0, "Every row has ended; there is nothing to do.\n"), (said.Code, said.Output));
        said = artar.Run(["sweep", "submit", two, "--name", "first", .. Artar.Tiny]);
        Assert.Equal((1, ""), (said.Code, said.Output));
        Assert.StartsWith("artar: There is a sweep 'first' already", said.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_grid_is_a_table_with_the_best_row_first_and_its_logs_tell_the_course()
    {
        Assert.Equal(0, artar.Run(["sweep", "submit", "alpha=0|1, beta=0|2", "--name", "grid", .. Artar.Tiny]).Code);
        Assert.Equal(0, artar.Wait("grid").Code);
        var table = JsonNode.Parse(artar.Run("sweep", "collect", "grid", "--format", "json").Output)!;
        var rows = table["rows"]!.AsArray().Select(r => (Row: r!["row"]!.GetValue<string>(), Valid: r["valid_perplexity"]!.GetValue<double>())).ToList();
        Assert.Equal(rows.Select(r => r.Valid).Order(), rows.Select(r => r.Valid));
        Assert.Equal(["alpha=0+beta=0", "alpha=0+beta=2", "alpha=1+beta=0", "alpha=1+beta=2"], rows.Select(r => r.Row).Order(StringComparer.Ordinal));
        Assert.Contains("Grid over alpha, beta (profile quick, on synthetic)", artar.Run("sweep", "collect", "grid").Output, StringComparison.Ordinal);

        var log = artar.Run("sweep", "logs", "grid", "alpha = 1, beta = 2").Output;
        Assert.Matches(@"attempt 1 on .*\n.*epoch 1/2, .*\n.*epoch 2/2, .*\n.*finished\n$", log);
        var unknown = artar.Run("sweep", "logs", "grid", "alpha = 1");
        Assert.Equal(1, unknown.Code);
        Assert.Contains("'alpha = 1' fits 2 rows", unknown.Errors, StringComparison.Ordinal);
        Assert.Contains("grid", artar.Run("sweep", "list").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancel_saves_checkpoints_and_retry_goes_on_from_them()
    {
        Assert.Equal(0, artar.Run(["sweep", "submit", Three, "--name", "stopped", "--jobs", "2", .. Artar.Longer]).Code);
        Sweeping.Until(() => artar.Status("stopped").InEpoch(3) > 0, "the third epoch");
        Assert.Equal(0, artar.Run("sweep", "cancel", "stopped").Code);
        Sweeping.Until(() => Sweeping.Supervisors("stopped").Count == 0, "the end of the supervisor");
        Assert.Empty(artar.Workers());
        var state = artar.Status("stopped");
        Assert.True(state.Sweep.IsCancelled);
        Assert.DoesNotContain("running", state.Statuses());
        Assert.Contains("interrupted", state.Statuses());
        Assert.Contains(artar.Attempts("stopped"), a => a.Contains("-stopped", StringComparison.Ordinal));
        var waited = artar.Wait("stopped");
        Assert.Equal(1, waited.Code);
        Assert.Contains("'artar sweep retry stopped' resumes it.", waited.Errors, StringComparison.Ordinal);

        Assert.Equal(0, artar.Run("sweep", "retry", "stopped").Code);
        Assert.Equal(0, artar.Wait("stopped").Code);
        // The second attempt did not begin anew.
        var log = artar.Run("sweep", "logs", "stopped", "1").Output;
        Assert.Single(log.Split('\n'), l => l.Contains("epoch 1/30", StringComparison.Ordinal));
        Assert.Contains("attempt 2", log, StringComparison.Ordinal);
    }

    [Fact]
    public void Retry_right_after_cancel_waits_for_the_supervisor_that_stops_and_starts_another()
    {
        Requires.That(OperatingSystem.IsLinux(), "Linux", "processes are stopped with signals");
        Assert.Equal(0, artar.Run(["sweep", "submit", Two, "--name", "soon", "--jobs", "2", .. Artar.Longer]).Code);
        Sweeping.Until(() => artar.Status("soon").InEpoch(2) == 2, "two rows in training");
        // A worker that cannot hear keeps the supervisor from its end, long after the other row has stopped.
        var deaf = artar.Workers()[0];
        Artar.Signal(deaf, "STOP");
        Assert.Equal(0, artar.Run("sweep", "cancel", "soon").Code);
        Sweeping.Until(() => artar.Attempts("soon").Any(a => a.Contains("-stopped", StringComparison.Ordinal)), "a row that has stopped");
        var retry = artar.Start(["sweep", "retry", "soon"]);
        retry.WaitForExit(2000); // it has looked by now
        Artar.Signal(deaf, "CONT");
        var said = Artar.Finish(retry);
        Assert.Equal((0, ""), (said.Code, said.Errors));
        Assert.StartsWith("Its supervisor is at work in the background ", said.Output, StringComparison.Ordinal);
        Assert.Equal(0, artar.Wait("soon").Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_supervisor_that_went_with_its_machine_is_replaced(bool restarted)
    {
        var sweep = Sweep.Create(new(artar.Home), SpecReader.Read("{grid: {alpha: [0, 1]}, set: {epochs: 2, hidden: 8, trainTokens: 3000, batchSize: 10}, resources: {jobs: 1, threads: 1}, name: lost}"), "local");
        new Supervision { Machine = restarted ? $"{LeaseHolder.Here.Split(' ')[0]} an-earlier-boot" : "elsewhere a-boot", Process = 1, Started = DateTime.UtcNow.AddHours(-1) }.Write(sweep);
        if (!restarted)
            File.SetLastWriteTimeUtc(Path.Combine(sweep.Folder, "supervisor.json"), DateTime.UtcNow.AddHours(-1));
        // Of this machine one knows that nothing outlived its restart; of another one nothing.
        Assert.Equal(restarted ? false : null, artar.Status("lost").Engine.IsAtWork);
        var said = artar.Run("sweep", "retry", "lost");
        Assert.Equal((0, ""), (said.Code, said.Errors));
        Assert.StartsWith("Its supervisor is at work in the background ", said.Output, StringComparison.Ordinal);
        Assert.Equal(0, artar.Wait("lost").Code);
    }

    [Fact]
    public void A_damaged_sweep_or_run_hides_no_other_sweep()
    {
        Sweep New(string name, int alpha) => Sweep.Create(new(artar.Home), SpecReader.Read($"{{grid: {{alpha: [{alpha}, {alpha + 10}]}}, name: {name}}}"), "local");
        var (_, header, rows, run, lost) = (New("whole", 1), New("header", 2), New("rows", 3), New("run", 4), New("lost", 5));
        File.WriteAllText(Path.Combine(New("empty", 6).Folder, "rows.jsonl"), "");
        File.Delete(Path.Combine(lost.Folder, "sweep.json"));
        File.WriteAllText(Path.Combine(header.Folder, "sweep.json"), "{");
        File.Delete(Path.Combine(rows.Folder, "rows.jsonl"));
        var result = Path.Combine(artar.Runs, run.Rows[0].Run, "summary.json");
        Directory.CreateDirectory(Path.GetDirectoryName(result)!);
        File.WriteAllText(result, "{");
        var said = artar.Run("sweep", "list");
        Assert.Equal(0, said.Code);
        Assert.Matches(@"(?m)^whole +local +2 +0 ", said.Output);
        Assert.Matches(@"(?m)^run +local +2 +0 ", said.Output); // a run without a result, which the sweep's status names
        Assert.Contains($"'{Path.GetDirectoryName(result)}' has summary.json, but no file configuration.json", artar.Run("sweep", "status", "run", "--format", "csv").Output, StringComparison.Ordinal);
        Assert.All(["header", "rows", "lost", "empty"], name => Assert.Matches($"(?m)^{name} +damaged", said.Output));
        Assert.Contains($"header: {Path.Combine(header.Folder, "sweep.json")} is damaged", said.Errors, StringComparison.Ordinal);
        Assert.Contains("submit the same spec under another name", said.Errors, StringComparison.Ordinal);
        Assert.Contains($"lost: {Path.Combine(lost.Folder, "sweep.json")} is damaged (it is not there)", said.Errors, StringComparison.Ordinal);
        Assert.Contains("rows.jsonl is damaged (there is no row in it)", artar.Run("sweep", "status", "empty") is { Code: 1 } told ? told.Errors : "",
            StringComparison.Ordinal);
        Assert.Contains($"rows: {Path.Combine(rows.Folder, "rows.jsonl")} is damaged", said.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_that_fails_is_tried_again_up_to_the_cap_and_leaves_the_others_alone()
    {
        // The data of this row vanish: each attempt fails.
        OwnText.Write(Path.Combine(artar.Home, "text"));
        Assert.Equal(0, artar.Run("sweep", "submit", "{tables: 1, rows: [alpha=0], data: text, set: {epochs: 2, hidden: 8}}", "--name", "bad", "--retries", "2", "--dry-run").Code);
        Assert.Equal(0, artar.Run("sweep", "submit", "{tables: 1, rows: [alpha=0, alpha=1], data: text, set: {epochs: 2000, hidden: 8}}", "--name", "bad", "--jobs", "1", "--retries", "2", "--threads", "1").Code);
        Sweeping.Until(() => artar.Workers().Count == 1, "a worker");
        // Not beside its old place, where it would be found by its content.
        var away = Path.Combine(Directory.CreateDirectory(Path.Combine(artar.Home, "far")).FullName, "away");
        Directory.Move(Path.Combine(artar.Home, "text"), away);
        foreach (var worker in artar.Workers())
            Sweeping.Kill(worker);
        var said = artar.Wait("bad");
        Assert.Equal(3, said.Code);
        Assert.EndsWith("2 rows: 2 failed\n", said.Errors, StringComparison.Ordinal);
        Assert.Contains("is not there any more", said.Errors, StringComparison.Ordinal);
        Assert.Equal([3, 3], artar.Status("bad").Rows.Select(r => r.Failures));

        // Once it is mended, retry gives the rows their attempts back.
        Directory.Move(away, Path.Combine(artar.Home, "text"));
        Assert.Equal(0, artar.Run("sweep", "retry", "bad").Code);
        Sweeping.Until(() => artar.Status("bad").Statuses().Contains("running"), "a row that runs");
        Assert.Equal(0, artar.Run("sweep", "cancel", "bad").Code);
        Sweeping.Until(() => Sweeping.Supervisors("bad").Count == 0, "the end of the supervisor");
    }

    [Fact]
    public void Retry_reaches_a_supervisor_that_is_at_work()
    {
        var sweep = Sweep.Create(new(artar.Home), SpecReader.Read("{tables: 1, rows: [alpha=0, alpha=1], name: again, "
            + "set: {epochs: 200, hidden: 12, trainTokens: 4000, batchSize: 10}, resources: {jobs: 1, threads: 1, retries: 0}}"), "local");
        // Nothing can be trained in a folder that holds a result of nobody knows what.
        var spoilt = Directory.CreateDirectory(Path.Combine(artar.Runs, sweep.Rows[0].Run));
        File.WriteAllText(Path.Combine(spoilt.FullName, "summary.json"), "{");
        Assert.Equal(0, artar.Run("sweep", "retry", "again").Code);
        Sweeping.Until(() => artar.Status("again").Statuses().SequenceEqual(["failed", "running"]), "a row given up beside one that runs");
        spoilt.Delete(recursive: true);
        Assert.Contains("is at work already", artar.Run("sweep", "retry", "again").Output, StringComparison.Ordinal);
        var said = artar.Wait("again");
        Assert.Equal((0, 2), (said.Code, artar.Status("again").Statuses().Count(s => s == "finished")));
    }

    [Fact]
    public void A_sweep_whose_folder_is_deleted_ends()
    {
        Assert.Equal(0, artar.Run(["sweep", "submit", "table 1", "--name", "deleted", "--jobs", "1", .. Artar.LongerWith("epochs=100000")]).Code);
        Sweeping.Until(() => artar.Workers().Count == 1, "a worker");
        Directory.Delete(Path.Combine(artar.Home, "sweeps", "deleted"), recursive: true);
        Sweeping.Until(() => Sweeping.Supervisors("deleted").Count == 0 && artar.Workers().Count == 0, "the end of all processes");
    }

    [Fact]
    public void Budgets_are_kept()
    {
        var said = artar.Run("sweep", "submit", "all tables, 5 seeds", "--max-runs", "20", "--name", "large");
        Assert.Equal(1, said.Code);
        Assert.Matches(@"^artar: The sweep has \d+ runs, its budget is 20\.", said.Errors);
        Assert.False(Directory.Exists(Path.Combine(artar.Home, "sweeps", "large")));

        // No time at all: the first row is not begun.
        Assert.Equal(0, artar.Run(["sweep", "submit", "table 1", "--max-hours", "0.0003", "--jobs", "1", "--name", "hours", .. Artar.Tiny]).Code);
        said = artar.Wait("hours");
        Assert.Equal(1, said.Code);
        Assert.Contains("The budget is used up: ", said.Errors, StringComparison.Ordinal);
        var statuses = artar.Status("hours").Statuses().ToList();
        Assert.Equal("finished", statuses[0]);
        Assert.Equal("not run", statuses[^1]);
        Assert.Contains("0 hours used; no further row is begun", artar.Run("sweep", "status", "hours").Output.Replace("0.00 of 0.00", "0", StringComparison.Ordinal).Replace("0 of 0", "0", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Files_have_the_users_umask_and_hold_no_secret()
    {
        Requires.That(!OperatingSystem.IsWindows(), "umask", "it is a matter of Unix");
        var start = artar.Start(["-c", "umask 027; exec \"$0\" \"$@\"", Artar.Program, "sweep", "submit", Two, "--name", "private", .. Artar.Tiny], "/bin/sh", ("API_TOKEN", "s3cr3t-v4lue"));
        Assert.Equal(0, Artar.Finish(start).Code);
        Assert.Equal(0, artar.Wait("private").Code);
        var files = Directory.EnumerateFileSystemEntries(artar.Home, "*", SearchOption.AllDirectories).ToList();
        Assert.True(files.Count > 20);
        Assert.All(files, f => Assert.True((File.GetUnixFileMode(f) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.GroupWrite)) == 0, f));
        Assert.All(files.Where(File.Exists), f => Assert.DoesNotContain("s3cr3t-v4lue", File.ReadAllText(f), StringComparison.Ordinal));
    }
}
