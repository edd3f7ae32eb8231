using System.Diagnostics;
using ArTar.Cli.Sweeps;

namespace ArTar.Sweeps.Tests.Slurm;

/// <summary>Sweeps on a real SLURM.</summary>
[Collection(SlurmTests.Name)]
public sealed class SlurmSweepTests(SlurmCluster cluster, UndisturbedRows undisturbed, ITestOutputHelper output) : IDisposable
{
    private readonly Artar artar = new();

    public void Dispose()
    {
        // Before the folder goes in which jobs that are left would start, minutes later, beside another test's.
        SlurmCluster.Empty();
        artar.Dispose();
    }

    private Said Run(params IEnumerable<string> arguments) => artar.Run(arguments);

    private Said Submit(string name, params IEnumerable<string> more)
    {
        SlurmCluster.Mend();
        var clock = Stopwatch.StartNew();
        var said = Run(["sweep", "submit", UndisturbedRows.Spec(undisturbed.Data), "--engine", "slurm", "--name", name, "--patience", "8", .. more]);
        Assert.True(said.Code == 0, said.Errors);
        output.WriteLine($"submitted in {clock.ElapsedMilliseconds} ms: {said.Output.Split('\n')[1]}");
        return said;
    }

    private void WaitFor(string name)
    {
        var clock = Stopwatch.StartNew();
        var said = artar.Wait(name);
        output.WriteLine($"waited {clock.Elapsed.TotalSeconds:0.0} s; {string.Join(' ', artar.Attempts(name))}");
        Assert.True(said.Code == 0, $"{said.Errors}\n{Run("sweep", "status", name).Output}\n{Run("sweep", "logs", name).Output}\n{Run("sweep", "logs", name, "1").Output}\n{cluster.Log("slurmctld")}");
        undisturbed.AssertSame(artar.Runs);
    }

    private string Job(string name) => System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Path.Combine(artar.Home, "sweeps", name, "jobs", "0001.json")))!["id"]!.GetValue<string>();

    // What SLURM sends before a time limit. While a task is just beginning or ending it says "try later".
    private void SignalTheLimit(string name) =>
        Sweeping.Until(() => SlurmCluster.Run("scancel", "--signal=USR2", "--batch", Job(name)).Code == 0, "a job that takes signals");

    private void UntilTraining(string name, int rows = 1) =>
        Sweeping.Until(() => artar.Status(name).InEpoch(5) >= rows, "rows in their fifth epoch", State);

    private string State() => $"{SlurmCluster.State()}\n{cluster.Log("slurmctld")}";

    [Fact]
    public void An_array_trains_the_rows_and_keeps_its_script()
    {
        Submit("array", "--time", "01:00:00", "--mem", "100", "--sbatch=--nice=7");
        // Found again by its name, as from another login node: nothing but the files and SLURM knows of it.
        Sweeping.Until(() => artar.Status("array").Statuses().Contains("running"), "a row that runs");
        Assert.Contains("SLURM: ", Run("sweep", "status", "array").Output, StringComparison.Ordinal);
        var job = SlurmCluster.Run("scontrol", "show", "job", Job("array")).Output;
        Assert.Contains("TimeLimit=01:00:00", job, StringComparison.Ordinal);
        Assert.Contains("Nice=7", job, StringComparison.Ordinal);
        WaitFor("array");
        var script = File.ReadAllText(Path.Combine(artar.Home, "sweeps", "array", "jobs", "0001.sh"));
        Assert.StartsWith("#!/bin/bash\n# Sweep array: ", script, StringComparison.Ordinal);
        Assert.All(artar.Attempts("array"), a => Assert.Matches(@"^\d{5}-1-ended-\d+$", a));
    }

    [Fact]
    public void Rows_of_a_stack_share_a_task_that_is_queued_again_for_all_of_them()
    {
        var said = Run(["sweep", "submit", "table 1", "--engine", "slurm", "--name", "stack", "--patience", "8", "--stack", "3", .. Artar.Longer]);
        Assert.True(said.Code == 0, said.Errors);
        Assert.Contains("Submitted 6 rows in 2 stacks as job ", said.Output, StringComparison.Ordinal);
        UntilTraining("stack", 3);
        Assert.Equal(2, SlurmCluster.Run("squeue", "--noheader", "--array", $"--job={Job("stack")}").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        SignalTheLimit("stack");
        Sweeping.Until(() => artar.Attempts("stack").Count(a => a.Contains("-stopped", StringComparison.Ordinal)) >= 3, "three rows that stopped");
        Assert.Equal(0, artar.Wait("stack").Code);
        Assert.All(artar.Status("stack").Statuses(), s => Assert.Equal("finished", s));
        Assert.All(new[] { "1", "6" }, row => Assert.Contains("in a stack of 3 runs", Run("sweep", "logs", "stack", row).Output, StringComparison.Ordinal));
    }

    [Fact]
    public void The_signal_before_the_time_limit_becomes_a_checkpoint_and_a_requeue()
    {
        Submit("limit");
        UntilTraining("limit", 2);
        SignalTheLimit("limit");
        Sweeping.Until(() => artar.Attempts("limit").Count(a => a.Contains("-stopped", StringComparison.Ordinal)) >= 2, "two rows that stopped");
        WaitFor("limit");
        Assert.Contains("is queued again.", string.Concat(Directory.EnumerateFiles(Path.Combine(artar.Home, "sweeps", "limit", "logs"), "slurm-*").Select(File.ReadAllText)), StringComparison.Ordinal);
    }

    [Fact]
    public void Functions_of_the_shell_such_as_module_reach_the_setup_lines()
    {
        // As Lmod and Environment Modules leave a login shell.
        var said = Artar.Finish(artar.Start(
            ["sweep", "submit", "{tables: [1], rows: [alpha=0], data: synthetic}", "--engine", "slurm", "--name", "module", .. Artar.Tiny, "--setup", "module load cuda", "--setup", "test \"$LOADED\" = cuda:/opt/lmod"],
            ("BASH_FUNC_module%%", "() {  export LOADED=\"$2:$LMOD_CMD\"\n}"), ("LMOD_CMD", "/opt/lmod")));
        Assert.True(said.Code == 0, said.Errors);
        Assert.Equal(0, artar.Wait("module").Code);
        Assert.All(artar.Status("module").Statuses(), s => Assert.Equal("finished", s));
    }

    [Fact]
    public void A_setup_line_that_fails_is_shown_with_the_rows_log()
    {
        Submit("setup", "--setup", "echo looking for it >&2", "--setup", "no-such-command cuda");
        Sweeping.Until(() => artar.Status("setup").Engine.IsAtWork == false, "tasks that failed");
        foreach (var row in new[] { "1", "2" })
        {
            var log = Run("sweep", "logs", "setup", row).Output;
            Assert.Contains("looking for it", log, StringComparison.Ordinal);
            Assert.Contains("artar: the setup line 'no-such-command cuda' failed with exit code 127, so nothing is trained.", log, StringComparison.Ordinal);
        }
        Assert.Equal(0, Run("sweep", "cancel", "setup").Code);
    }

    [Fact]
    public void Rows_that_get_on_between_losses_are_not_given_up()
    {
        Submit("moving", "--retries", "1");
        // More often than a row may fail, each time after new checkpoints.
        var before = new Dictionary<int, int>();
        for (var loss = 1; loss <= 3; loss++)
        {
            bool GotOn(SweepState state) => state.Rows.All(r => r.IsOver || r.Progress?.Epoch > before.GetValueOrDefault(r.Number) + 3);
            Sweeping.Until(() => GotOn(artar.Status("moving")), "rows that get on", () => string.Join(' ', artar.Attempts("moving")));
            foreach (var row in artar.Status("moving").Rows)
                before[row.Number] = row.Progress?.Epoch ?? 0;
            foreach (var process in Sweeping.Supervisors("moving").Concat(artar.Workers()))
                Sweeping.Kill(process);
            Sweeping.Until(() => artar.Status("moving").Engine.IsAtWork == false, "tasks that SLURM calls failed");
            artar.Run("sweep", "wait", "moving", "--timeout", "15"); // has them queued again
        }
        WaitFor("moving");
        Assert.Contains(artar.Attempts("moving"), a => System.Text.RegularExpressions.Regex.IsMatch(a, "-lost-[1-9]"));
    }

    [Fact]
    public void A_cancelled_sweep_leaves_the_queue_and_retry_goes_on()
    {
        Submit("cancelled", "--at-once", "2");
        UntilTraining("cancelled");
        Assert.Equal(0, Run("sweep", "cancel", "cancelled").Code);
        Sweeping.Until(() => artar.Status("cancelled").Engine.IsAtWork == false, "an empty queue");
        Assert.DoesNotContain("running", artar.Status("cancelled").Statuses());
        Assert.Equal(0, Run("sweep", "retry", "cancelled").Code);
        WaitFor("cancelled");
    }

    [Fact]
    public void A_preempted_row_goes_on_from_its_checkpoint()
    {
        Submit("preempted");
        UntilTraining("preempted", 2);
        // A job of a partition with priority takes both nodes: SLURM ends the rows and queues them again.
        var urgent = SlurmCluster.Run("sbatch", "--parsable", "-p", "urgent", "-N", "2", "--ntasks-per-node=2", "-o", "/dev/null", "--wrap", "sleep 3");
        Assert.True(urgent.Code == 0, urgent.Errors);
        bool IsAgain(string attempt) => attempt.Contains("-2-", StringComparison.Ordinal) || attempt.Contains("-stopped", StringComparison.Ordinal);
        Sweeping.Until(() => artar.Attempts("preempted").Any(IsAgain), "a row that was stopped", () => $"{string.Join(' ', artar.Attempts("preempted"))}\n{State()}");
        WaitFor("preempted");
    }

    [Fact]
    public void Killed_workers_and_supervisors_are_replaced()
    {
        Submit("killed");
        UntilTraining("killed", 2);
        // A worker: its supervisor starts another in the same task.
        Sweeping.Kill(artar.Workers()[0]);
        Sweeping.Until(() => artar.Attempts("killed").Any(a => a.Contains("-failed", StringComparison.Ordinal)), "a failed attempt");
        // A supervisor, which is the task: SLURM calls it failed, and whoever waits has it queued again.
        foreach (var supervisor in Sweeping.Supervisors("killed"))
            Sweeping.Kill(supervisor);
        WaitFor("killed");
        Assert.Contains(artar.Attempts("killed"), a => a.Contains("-lost", StringComparison.Ordinal));
        Assert.Contains("ended by signal 9", string.Concat(Enumerable.Range(1, 2).Select(r => Run("sweep", "logs", "killed", $"{r}").Output)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_lost_node_costs_no_row(bool processesLiveOn)
    {
        var name = processesLiveOn ? "partition" : "node";
        Submit(name);
        UntilTraining(name, 2);
        // slurmd of both nodes and their steps' managers go. The rows' processes go with them, or live on unknown to SLURM.
        cluster.Kill("n1");
        cluster.Kill("n2");
        SlurmCluster.KillSteps();
        if (!processesLiveOn)
            foreach (var process in Sweeping.Supervisors(name).Concat(artar.Workers()))
                Sweeping.Kill(process);
        try
        {
            Sweeping.Until(() => SlurmCluster.Run("sinfo", "-h", "-N", "-p", "main", "-o", "%T").Output.Contains("down", StringComparison.Ordinal), "nodes that are down");
        }
        finally
        {
            output.WriteLine(SlurmCluster.State());
            cluster.StartNode("n1");
            cluster.StartNode("n2");
        }
        SlurmCluster.Mend();
        WaitFor(name);
        if (!processesLiveOn)
            Assert.Contains(artar.Attempts(name), a => a.Contains("-lost", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_its_controller_rows_go_on_and_the_state_says_that_it_is_unknown()
    {
        Submit("controller");
        UntilTraining("controller", 2);
        cluster.KillController(Job("controller"));
        try
        {
            var state = artar.Status("controller");
            Assert.Null(state.Engine.IsAtWork);
            Assert.StartsWith("SLURM does not answer", state.Engine.Text, StringComparison.Ordinal);
            Assert.True(state.GoesOn || state.IsOver);
        }
        finally
        {
            cluster.StartController();
        }
        WaitFor("controller");
    }

    [Fact]
    public void A_submitting_process_that_dies_after_sbatch_is_mended_by_the_jobs_name()
    {
        Submit("half");
        var id = Job("half");
        Forget("half");
        var said = Run("sweep", "retry", "half");
        Assert.Equal("All of its rows are in SLURM's queue already.\n", said.Output);
        Assert.Equal(id, Job("half"));
        WaitFor("half");
        Assert.All(artar.Attempts("half"), a => Assert.Matches(@"^\d{5}-1-ended-\d+$", a));
    }

    [Theory]
    [InlineData("exec sleep 300")]
    [InlineData("echo 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation' >&2; exit 1")]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void A_job_of_whose_submission_nobody_was_told_is_found_by_its_name(string silence)
    {
        SlurmCluster.Mend();
        // An sbatch that submits, but never says so.
        var slow = Path.Combine(artar.Home, "slow", "sbatch");
        Directory.CreateDirectory(Path.GetDirectoryName(slow)!);
        File.WriteAllText(slow, $"#!/bin/sh\n/usr/bin/sbatch \"$@\" >/dev/null || exit\n{silence}\n");
        File.SetUnixFileMode(slow, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var said = Artar.Finish(artar.Start(["sweep", "submit", UndisturbedRows.Spec(undisturbed.Data), "--engine", "slurm", "--name", "silent", "--patience", "8"],
            ("PATH", $"{Path.GetDirectoryName(slow)}:{Environment.GetEnvironmentVariable("PATH")}")));
        Assert.Equal(1, said.Code);
        Assert.Contains("no answer", said.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("refused", said.Errors, StringComparison.Ordinal);
        Assert.Equal(0, Run("sweep", "retry", "silent").Code);
        WaitFor("silent");
        Assert.Single(Directory.EnumerateFiles(Path.Combine(artar.Home, "sweeps", "silent", "jobs"), "*.sh"));
        Assert.All(artar.Attempts("silent"), a => Assert.Matches(@"^\d{5}-1-ended-\d+$", a));
    }

    [Fact]
    public void A_job_whose_id_was_never_written_down_is_cancelled_too()
    {
        Submit("nameless");
        UntilTraining("nameless");
        Forget("nameless");
        Assert.Equal(0, Run("sweep", "cancel", "nameless").Code);
        Sweeping.Until(() => artar.Status("nameless").Engine.IsAtWork == false, "an empty queue");
        Assert.Contains(artar.Attempts("nameless"), a => a.Contains("-stopped", StringComparison.Ordinal));
    }

    // As it would stand had the submitting process died before it wrote down the id.
    private void Forget(string name)
    {
        var path = Path.Combine(artar.Home, "sweeps", name, "jobs", "0001.json");
        var job = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        job.Remove("id");
        File.WriteAllText(path, job.ToJsonString());
    }

    [Fact]
    public void What_sbatch_refuses_is_told_and_the_sweep_stays()
    {
        var said = Run("sweep", "submit", UndisturbedRows.Spec(undisturbed.Data), "--engine", "slurm", "--name", "refused", "--partition", "nowhere");
        Assert.Equal(1, said.Code);
        Assert.Contains("sbatch refused the job: ", said.Errors, StringComparison.Ordinal);
        Assert.Contains("partition", said.Errors, StringComparison.Ordinal);
        Assert.Contains("not submitted; 'artar sweep retry refused' submits it", Run("sweep", "status", "refused").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_task_that_cannot_even_start_is_not_queued_for_ever()
    {
        Submit("stillborn", "--setup", "echo no such module; exit 3", "--retries", "1");
        var waited = Run("sweep", "wait", "stillborn", "--timeout", "200");
        Assert.Equal(1, waited.Code);
        Assert.Contains("Nobody works on the rows that are left", waited.Errors, StringComparison.Ordinal);
        Assert.Equal(2, Directory.EnumerateFiles(Path.Combine(artar.Home, "sweeps", "stillborn", "jobs"), "*.sh").Count());
        Assert.Empty(artar.Attempts("stillborn"));
        Assert.Contains("no such module", Run("sweep", "logs", "stillborn").Output, StringComparison.Ordinal);
        // A person's retry counts anew.
        Assert.StartsWith("Submitted 2 rows", Run("sweep", "retry", "stillborn").Output, StringComparison.Ordinal);
        Run("sweep", "cancel", "stillborn");
        Sweeping.Until(() => artar.Status("stillborn").Engine.IsAtWork == false, "an empty queue");
    }

    [Fact]
    public void A_workspace_of_any_name_works()
    {
        var odd = Path.Combine(artar.Home, "my $(touch pwned) 'sweeps' %A \"x\"; a&b");
        Directory.CreateDirectory(odd);
        Said There(params string[] arguments) => Artar.Finish(artar.Start(arguments, ("ARTAR_HOME", odd)));
        Assert.Equal(0, There(["sweep", "submit", "{tables: 1, rows: [alpha=0]}", "--engine", "slurm", "--name", "odd", .. Artar.Tiny]).Code);
        var waited = There("sweep", "wait", "odd");
        Assert.True(waited.Code == 0, $"{waited.Errors}\n{There("sweep", "logs", "odd").Output}\n{cluster.Log("slurmd-n1")}");
        Assert.Single(Directory.EnumerateDirectories(Path.Combine(odd, "runs")));
        Assert.False(File.Exists(Path.Combine(odd, "sweeps", "odd", "pwned")) || File.Exists(Path.Combine(odd, "pwned")) || File.Exists(Path.Combine(artar.Home, "pwned")));
    }
}
