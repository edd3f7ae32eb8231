using System.Runtime.Versioning;
using ArTar.Workbench;
using ArTar.Cli.Sweeps;

namespace ArTar.Sweeps.Tests;

/// <summary>A sweep's folder that comes from somebody else: whoever looks at it runs nothing of it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ForeignSweepTests : IDisposable
{
    private readonly Artar artar = new();
    private readonly TemporaryFolder folder = new();

    public ForeignSweepTests()
    {
        Requires.That(File.Exists("/bin/sh"), "sh", "it plays SLURM's commands");
        // SLURM's commands as far as these tests go: they write down that they were called.
        foreach (var command in new[] { "sbatch", "squeue", "scontrol", "scancel", "sacct" })
        {
            File.WriteAllText(folder[command], $"#!/bin/sh\necho {command} \"$@\" >>'{folder["calls"]}'\n{(command == "sbatch" ? "echo 17\n" : "")}");
            File.SetUnixFileMode(folder[command], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public void Dispose()
    {
        artar.Dispose();
        folder.Dispose();
    }

    private Said Run(params string[] arguments) => Artar.Finish(artar.Start(arguments, ("PATH", $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}")));

    private bool WasCalled(string command) => File.Exists(folder["calls"]) && File.ReadLines(folder["calls"]).Any(l => l.StartsWith(command + " ", StringComparison.Ordinal));

    private string Planned(string engine = "slurm") => Sweep.Create(new(artar.Home), new()
    {
        Name = "theirs", Tables = ["1"], Rows = ["alpha=0"], Data = "synthetic", Resources = new() { Threads = 1, Jobs = 1 }, Slurm = new() { Setup = ["id > PWNED"] },
    }, engine).Folder;

    public static TheoryData<string> Changes => ["unsigned", "other key", "setup", "rows", "tables", "no tables", "name", "signature of another sweep", "pipe"];

    private string Changed(string change, string engine = "slurm")
    {
        var sweep = Planned(engine);
        string At(string file) => Path.Combine(sweep, file);
        void Replace(string file, string from, string to)
        {
            var text = File.ReadAllText(At(file));
            Assert.Contains(from, text, StringComparison.Ordinal);
            File.WriteAllText(At(file), text.Replace(from, to, StringComparison.Ordinal));
        }
        switch (change)
        {
            case "unsigned": File.Delete(At("signature")); break;
            case "other key": File.WriteAllText(At("signature"), new string('0', 64) + "\n"); break;
            case "setup": Replace("sweep.json", "id > PWNED", "id > PWNED2"); break;
            case "rows": Replace("rows.jsonl", "\"seed\":1", "\"seed\":2"); break;
            case "tables": Replace("tables.json", "alpha=0", "alpha=1"); break;
            case "no tables": File.Delete(At("tables.json")); break;
            case "name": Directory.Move(sweep, sweep + "-copy"); return "theirs-copy";
            case "signature of another sweep":
                var other = Sweep.Create(new(artar.Home), new() { Name = "another", Tables = ["1"], Data = "synthetic" }, "local").Folder;
                File.Copy(Path.Combine(other, "signature"), At("signature"), overwrite: true);
                Directory.Delete(other, recursive: true);
                break;
            case "pipe":
                File.Delete(At("signature"));
                System.Diagnostics.Process.Start("mkfifo", At("signature")).WaitForExit();
                break;
        }
        return "theirs";
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void What_would_run_something_of_it_refuses_and_says_how_to_take_it_over(string change)
    {
        var name = Changed(change);
        foreach (var command in new[] { "wait", "retry", "cancel" })
        {
            var said = Run("sweep", command, name);
            Assert.Equal(1, said.Code);
            Assert.DoesNotContain("unexpected", said.Errors, StringComparison.Ordinal);
            if (change != "pipe")
                Assert.Contains($"'artar sweep retry {name} --adopt' then takes it over", said.Errors, StringComparison.Ordinal);
        }
        Assert.False(WasCalled("sbatch") || WasCalled("scancel") || WasCalled("scontrol"));
        Assert.False(File.Exists(Path.Combine(artar.Home, "sweeps", name, "cancelled")));
    }

    /// <summary>The job's script is SLURM's own copy since it was submitted; a node has no key, and needs none.</summary>
    [Theory]
    [MemberData(nameof(Changes))]
    public void A_task_trains_nothing_of_what_was_changed_since_its_job_was_submitted(string change)
    {
        if (change is "unsigned" or "other key" or "signature of another sweep" or "pipe")
            return; // the key's business: what runs is still what was submitted
        var digest = Sweep.Get(new(artar.Home), Path.GetFileName(Planned())).Digest;
        Directory.Delete(Path.Combine(artar.Home, "sweeps"), recursive: true);
        var name = Changed(change);
        Assert.NotEqual(digest, Sweep.Get(new(artar.Home), name).Digest);
        var said = Run("sweep", "supervise", name, "--row", "1", "--unchanged", digest);
        Assert.Equal(1, said.Code);
        Assert.Contains($"The files of sweep {name} were changed since this job was submitted, so nothing of it is run. Read ", said.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(artar.Runs));
    }

    [Fact]
    public void What_only_looks_still_looks()
    {
        var name = Changed("unsigned");
        foreach (var command in new[] { "status", "logs", "collect", "report" })
            Assert.Equal((command, 0), (command, Run("sweep", command, name).Code));
        Assert.Equal(0, Run("sweep", "list").Code);
        Assert.False(WasCalled("sbatch"));
    }

    [Fact]
    public void A_sweep_on_this_machine_is_not_begun_either()
    {
        var name = Changed("setup", "local");
        Assert.Equal(1, Run("sweep", "retry", name).Code);
        Assert.Contains("not signed as yours", Run("sweep", "supervise", name).Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(artar.Home, "sweeps", name, "supervisor.json")));
        Assert.False(Directory.Exists(artar.Runs));
    }

    [Fact]
    public void One_that_was_taken_over_knowingly_is_submitted()
    {
        var name = Changed("setup");
        var said = Run("sweep", "retry", name, "--adopt");
        Assert.True(said.Code == 0, said.Errors);
        Assert.True(WasCalled("sbatch"));
        Assert.Equal(0, Run("sweep", "cancel", name).Code);
    }

    [Fact]
    public void The_key_is_the_users_alone_and_one_that_others_can_read_is_refused()
    {
        Planned();
        var key = Path.Combine(OwnSettings.Folder, "artar", "sweeps.key");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(key)!));
        Assert.Equal(32, new FileInfo(key).Length);
        var settings = Directory.CreateDirectory(folder["settings/artar"]).FullName;
        File.WriteAllBytes(Path.Combine(settings, "sweeps.key"), new byte[32]);
        File.SetUnixFileMode(Path.Combine(settings, "sweeps.key"), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var said = Artar.Finish(artar.Start(["sweep", "retry", "theirs"], ("XDG_CONFIG_HOME", folder["settings"])));
        Assert.Equal(1, said.Code);
        Assert.Contains("Others can read or write", said.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"name\":\"a\",\"id\":\"--me\",\"offset\":0,\"tasks\":\"1\",\"options\":[]}")]
    [InlineData("{\"name\":\"a,b\",\"id\":\"1\",\"offset\":0,\"tasks\":\"1\",\"options\":[]}")]
    [InlineData("{\"name\":\"a\",\"id\":\"1\",\"offset\":0,\"tasks\":\"1-2000000000\",\"options\":[]}")]
    [InlineData("[")]
    [InlineData("null")]
    public void A_job_that_cannot_be_is_damage_and_names_no_jobs_of_others(string job)
    {
        File.WriteAllText(Path.Combine(Planned(), "jobs", "0001.json"), job);
        var said = Run("sweep", "cancel", "theirs");
        Assert.Equal(1, said.Code);
        Assert.Contains("0001.json is damaged", said.Errors, StringComparison.Ordinal);
        Assert.False(WasCalled("scancel"));
    }
}
