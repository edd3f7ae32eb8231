using System.Diagnostics;

namespace ArTar.Sweeps.Tests.Faults;

/// <summary>What breaks, and that every row ends once all the same, with the bits of an undisturbed one, or with a clear error and nothing lost.</summary>
public sealed class FaultTests(UndisturbedRows undisturbed, ITestOutputHelper output) : IDisposable
{
    private readonly Artar artar = new();

    public void Dispose() => artar.Dispose();

    private void Submit(string name, params IEnumerable<string> more) => Check(artar.Run(["sweep", "submit", UndisturbedRows.Spec(undisturbed.Data), "--name", name, .. more]));

    private static void Check(Said said) => Assert.True(said.Code == 0, said.Errors);

    private void UntilTraining(string name, int epoch = 5) => Sweeping.Until(() => artar.Status(name).InEpoch(epoch) > 0, $"a row in epoch {epoch}");

    private void Finish(string name)
    {
        var said = artar.Wait(name);
        output.WriteLine(string.Join(' ', artar.Attempts(name)));
        Assert.True(said.Code == 0, $"{said.Errors}\n{artar.Run("sweep", "logs", name).Output}\n{artar.Run("sweep", "logs", name, "1").Output}\n{artar.Run("sweep", "logs", name, "2").Output}");
        undisturbed.AssertSame(artar.Runs);
    }

    [Fact]
    public void A_killed_supervisor_is_told_of_and_replaced()
    {
        Submit("supervisor");
        UntilTraining("supervisor");
        Sweeping.Kill(Assert.Single(Sweeping.Supervisors("supervisor")));
        // Its workers see the end of their input, save a checkpoint and go.
        Sweeping.Until(() => artar.Workers().Count == 0, "the end of the workers");
        var said = artar.Run("sweep", "status", "supervisor").Output;
        Assert.Contains("is gone; 'artar sweep retry supervisor' resumes from the checkpoints", said, StringComparison.Ordinal);
        said = artar.Wait("supervisor").Errors;
        Assert.Contains("Nobody works on the rows that are left: ", said, StringComparison.Ordinal);
        Check(artar.Run("sweep", "retry", "supervisor"));
        Finish("supervisor");
    }

    [Fact]
    public void The_submitting_tool_may_be_killed_at_any_moment()
    {
        var whole = 0;
        for (var i = 0; i < 8; i++)
        {
            var name = $"cut{i}";
            using var process = artar.Start(["sweep", "submit", UndisturbedRows.Spec(undisturbed.Data), "--name", name]);
            Thread.Sleep(i * 120);
            process.Kill();
            process.WaitForExit();
            // Either there is no such sweep at all, or all of it, and retry starts it where that had not come about yet.
            var said = artar.Run("sweep", "status", name);
            if (said.Code != 0)
                continue;
            whole++;
            Assert.Contains("2 rows: ", said.Output, StringComparison.Ordinal);
            Check(artar.Run("sweep", "retry", name));
            Check(artar.Wait(name));
        }
        output.WriteLine($"{whole} of 8 had been written down");
        Check(artar.Run("sweep", "submit", UndisturbedRows.Spec(undisturbed.Data), "--name", "last"));
        Finish("last");
        Assert.DoesNotContain(Directory.EnumerateDirectories(Path.Combine(artar.Home, "sweeps")).Select(Path.GetFileName), n => !n!.EndsWith(".partial", StringComparison.Ordinal) && !File.Exists(Path.Combine(artar.Home, "sweeps", n, "rows.jsonl")));
    }

    [Fact]
    public void Two_sweeps_on_the_same_rows_train_each_once()
    {
        Submit("one", "--jobs", "2");
        Submit("two", "--jobs", "2");
        Finish("one");
        Finish("two");
        // Whoever came second waited, and trained nothing.
        var logs = new[] { "one", "two" }.SelectMany(n => Directory.EnumerateFiles(Path.Combine(artar.Home, "sweeps", n, "logs"), "0*.log")).Select(File.ReadAllText).ToList();
        Assert.Equal(2, logs.Count(l => l.Contains($"epoch {UndisturbedRows.Epochs}/{UndisturbedRows.Epochs}", StringComparison.Ordinal)));
        Assert.Equal(2, logs.Sum(l => l.Split($"epoch 1/{UndisturbedRows.Epochs}").Length - 1));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("USR2")]
    public void Signals_in_the_middle_of_checkpoints_lose_nothing(string signal)
    {
        Requires.That(OperatingSystem.IsLinux(), "Linux", "signals are sent");
        var (inTheMiddle, sent) = (0, 0);
        Submit("signals", "--retries", "1000");
        while (sent < 6 && artar.Status("signals") is { IsOver: false })
        {
            // The moment that a checkpoint's unfinished file is there.
            var clock = Stopwatch.StartNew();
            var seen = false;
            while (!seen && clock.ElapsedMilliseconds < 20_000)
                seen = Directory.Exists(artar.Runs) && Directory.EnumerateFiles(artar.Runs, "*.safetensors.*.partial", SearchOption.AllDirectories).Any();
            foreach (var worker in artar.Workers())
                Artar.Signal(worker, signal);
            inTheMiddle += seen ? 1 : 0;
            sent++;
            Thread.Sleep(100);
        }
        output.WriteLine($"{sent} times {signal}, {inTheMiddle} of them while a checkpoint was being written");
        Assert.True(inTheMiddle > 2);
        Finish("signals");
    }

    [Fact]
    public void A_damaged_checkpoint_gives_way_to_the_one_before()
    {
        Submit("damaged", "--jobs", "1");
        // Stopped dead, its checkpoint damaged, then killed: the next attempt finds it.
        Sweeping.Until(() =>
        {
            if (artar.Workers() is not [var worker])
                return false;
            Artar.Signal(worker, "STOP");
            var last = Directory.EnumerateFiles(artar.Runs, "last.safetensors", SearchOption.AllDirectories).FirstOrDefault();
            var isWhole = last is not null && File.Exists(Path.Combine(Path.GetDirectoryName(last)!, "previous.safetensors"));
            if (isWhole)
            {
                var bytes = File.ReadAllBytes(last!);
                bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(last!, bytes);
                Sweeping.Kill(worker);
            }
            else
                Artar.Signal(worker, "CONT");
            return isWhole;
        }, "two checkpoints");
        Finish("damaged");
        var logs = artar.Run("sweep", "logs", "damaged", "1").Output + artar.Run("sweep", "logs", "damaged", "2").Output;
        Assert.Contains("Going on from the one before it.", logs, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clock_that_jumps_back_changes_nothing()
    {
        const string library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
        Requires.That(File.Exists(library), "faketime", "sudo apt-get install faketime");
        var clock = Path.Combine(artar.Home, "clock");
        File.WriteAllText(clock, "+0");
        Check(Artar.Finish(artar.Start(["sweep", "submit", UndisturbedRows.Spec(undisturbed.Data), "--name", "clock", "--patience", "5"],
            ("LD_PRELOAD", library), ("FAKETIME_TIMESTAMP_FILE", clock), ("FAKETIME_NO_CACHE", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"))));
        var jumps = 0;
        foreach (var jump in new[] { "-3d", "+20d", "-400d", "+0" })
        {
            Sweeping.Until(() => artar.Status("clock") is var s && (s.IsOver || s.Rows.Any(r => r.Progress is { Epoch: > 3 })), "training");
            File.WriteAllText(clock, jump);
            jumps++;
            Thread.Sleep(1000);
        }
        output.WriteLine($"{jumps} jumps");
        Finish("clock");
        Assert.All(artar.Attempts("clock"), a => Assert.Matches(@"^\d{5}-1-ended-\d+$", a));
    }

    [Fact]
    public void A_full_disk_ends_in_a_clear_error_and_retry_goes_on()
    {
        using var disk = new Disk(8);
        Said There(params IEnumerable<string> arguments) => Artar.Finish(artar.Start(arguments, ("ARTAR_HOME", disk.Path)));
        Check(There("sweep", "submit", UndisturbedRows.Spec(undisturbed.Data), "--name", "full", "--retries", "2"));
        var runs = Path.Combine(disk.Path, "runs");
        Sweeping.Until(() => Directory.Exists(runs) && Directory.EnumerateFiles(runs, "last.safetensors", SearchOption.AllDirectories).Count() == 2, "checkpoints");
        disk.Fill();
        Sweeping.Until(() => Sweeping.Supervisors("full").Count == 0 && Sweeping.WorkersIn(runs).Count == 0, "the end of all processes");
        var said = There("sweep", "status", "full");
        output.WriteLine(said.Output);
        disk.MakeRoom();
        Check(There("sweep", "retry", "full"));
        var waited = There("sweep", "wait", "full", "--timeout", "300");
        Assert.True(waited.Code == 0, waited.Errors + There("sweep", "logs", "full", "1").Output);
        undisturbed.AssertSame(runs);
        Assert.Contains("No space left on device", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_read_only_results_folder_is_a_clear_error_and_retry_goes_on()
    {
        using var disk = new Disk(8);
        Directory.CreateSymbolicLink(artar.Runs, disk.Path);
        Submit("readonly", "--retries", "1");
        UntilTraining("readonly");
        Check(artar.Run("sweep", "cancel", "readonly"));
        Sweeping.Until(() => Sweeping.Supervisors("readonly").Count == 0 && artar.Workers().Count == 0, "the end of all processes");
        disk.ReadOnly(true);
        Check(artar.Run("sweep", "retry", "readonly"));
        var waited = artar.Wait("readonly");
        Assert.Equal(3, waited.Code);
        Assert.Contains("Read-only file system", waited.Errors, StringComparison.Ordinal);
        disk.ReadOnly(false);
        Check(artar.Run("sweep", "retry", "readonly"));
        Finish("readonly");
    }

    [Fact]
    public void A_results_folder_that_vanishes_is_a_clear_error_and_nothing_is_lost()
    {
        Submit("vanished", "--retries", "1");
        UntilTraining("vanished");
        // As when a file server goes away: the whole folder is not there any more.
        Directory.Move(artar.Runs, artar.Runs + ".elsewhere");
        File.WriteAllText(artar.Runs, "no folder");
        var waited = artar.Wait("vanished");
        Assert.Equal(3, waited.Code);
        File.Delete(artar.Runs);
        Directory.Move(artar.Runs + ".elsewhere", artar.Runs);
        Assert.Contains("has vanished while the run was trained. Bring it back", string.Concat(Directory.EnumerateFiles(Path.Combine(artar.Home, "sweeps", "vanished", "attempts")).Select(File.ReadAllText)), StringComparison.Ordinal);
        Check(artar.Run("sweep", "retry", "vanished"));
        Finish("vanished");
    }
}
