using System.Diagnostics;
using System.Runtime.Versioning;
using ArTar.Workbench;
using ArTar.Cli.Sweeps;
using CsCheck;

namespace ArTar.Sweeps.Tests;

/// <summary>What is handed to SLURM, with the names and paths of malice.</summary>
public sealed class JobScriptTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static readonly string[] tricks =
        ["$(touch pwned)", "`touch pwned`", "'; touch pwned; '", "a\ntouch pwned\n", "-rf", "%A%a", "\\", "$HOME", "a'b\nc", "x\r\ntouch pwned", "\u0085touch pwned"];

    // Without NUL, which no path can hold, and without lone surrogates, which no program can be handed.
    private static readonly Gen<string> nasty = Gen.OneOf(
        Gen.Char["abz09 /.-_$`\"'\\;&|<>(){}[]*?!#~%=^\n\r\té漢\u200b\u0007\u001b"].Array[1, 24].Select(c => new string(c)),
        Gen.Int[0, tricks.Length - 1].Select(i => tricks[i]));

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void The_script_calls_exactly_the_program_it_should_whatever_paths_are_called()
    {
        Requires.That(File.Exists("/bin/bash"), "bash", "it runs the scripts");
        // A stand-in for the program that tells what it was called as.
        var program = folder["tell"];
        File.WriteAllText(program, "#!/bin/bash\nprintf '%s\\0' \"$ARTAR_HOME\" \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var number = 0;
        Gen.Select(nasty, nasty).Sample((root, argument) =>
        {
            var sweep = NewSweep("/" + root, $"s{Interlocked.Increment(ref number)}");
            var script = JobScript.Text(sweep, new(program, [argument]), 1000);
            var path = folder[$"{Interlocked.Increment(ref number)}.sh"];
            File.WriteAllText(path, script);
            var start = new ProcessStartInfo("/bin/bash", [path]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.Path };
            start.Environment["SLURM_ARRAY_TASK_ID"] = "7";
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var said = process.StandardOutput.ReadToEnd().Split('\0');
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, errors.Result);
            Assert.Equal([sweep.Workspace.Root, argument, "sweep", "supervise", sweep.Name, "--row", "1007", "--unchanged", sweep.Digest, ""], said);
            Assert.False(File.Exists(folder["pwned"]));
        }, iter: 150, threads: 1);
    }

    /// <summary>Runs a job script with these setup lines; what it said, and whether it came to the program.</summary>
    [UnsupportedOSPlatform("windows")]
    private (string Errors, int Code, string Output) RunWith(IReadOnlyList<string> setup)
    {
        Requires.That(File.Exists("/bin/bash"), "bash", "it runs the scripts");
        File.WriteAllText(folder["program"], "#!/bin/bash\necho \"trained $VALUE\"\n");
        File.SetUnixFileMode(folder["program"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var sweep = Sweep.Described(new(folder.Path), "set-up", new() { Tables = ["1"], Slurm = new() { Setup = setup } }, "slurm");
        File.WriteAllText(folder["job.sh"], JobScript.Text(sweep, new(folder["program"], []), 0));
        var start = new ProcessStartInfo("/bin/bash", [folder["job.sh"]]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.Path };
        start.Environment["SLURM_ARRAY_TASK_ID"] = "1";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (errors.Result, process.ExitCode, output);
    }

    [Theory]
    [UnsupportedOSPlatform("windows")]
    [InlineData("echo $NOT_SET_ANYWHERE", "export VALUE=5")] // conda's and modules' scripts do that
    [InlineData("[ -f /no/such ] && source /no/such", "export VALUE=5")]
    [InlineData("false | true", "export VALUE=5")]
    [InlineData("source ./fails-inside.sh", "export VALUE=5")]
    [InlineData("inner() { false; return 0; }", "inner", "export VALUE=5")]
    [InlineData("if true; then", "  export VALUE=5", "fi")]
    [InlineData("cat <<EOF", "text", "EOF", "VALUE=5; export VALUE")]
    [InlineData("export VALUE=5 # with a remark")]
    public void Setup_lines_run_as_in_a_shell(params string[] setup)
    {
        File.WriteAllText(folder["fails-inside.sh"], "false\nls /no/such/folder 2>/dev/null\ntrue\n");
        var (errors, code, output) = RunWith(setup);
        Assert.Equal((0, "trained 5"), (code, output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]));
        Assert.Equal("", errors);
    }

    [Theory]
    [UnsupportedOSPlatform("windows")]
    [InlineData(1, "the setup line 'false' failed with exit code 1", "true", "false")]
    [InlineData(127, "the setup line 'no-such-command cuda' failed with exit code 127", "no-such-command cuda")]
    [InlineData(3, "failed with exit code 3", "load() { return 3; }", "load cuda")]
    [InlineData(4, "the setup lines ended the task with exit code 4", "exit 4")]
    [InlineData(1, "failed with exit code 1", "source /no/such/conda.sh")]
    public void A_setup_line_that_fails_is_said_and_nothing_is_trained(int expected, string message, params string[] setup)
    {
        var (errors, code, output) = RunWith(setup);
        Assert.Equal((expected, ""), (code, output));
        Assert.Contains(message, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_is_given_what_module_needs_and_no_secrets()
    {
        Environment.SetEnvironmentVariable("BASH_FUNC_module%%", "() { :; }");
        Environment.SetEnvironmentVariable("LMOD_CMD", "/opt/lmod");
        Environment.SetEnvironmentVariable("SECRET_TOKEN", "x");
        try
        {
            var export = JobScript.Options(NewSweep("/a", "b"), "b", [1], 0).Single(o => o.StartsWith("--export=", StringComparison.Ordinal))["--export=".Length..].Split(',');
            Assert.Superset(new HashSet<string> { "BASH_FUNC_module%%", "LMOD_CMD", "BASH_ENV", "PATH" }, export.ToHashSet());
            Assert.DoesNotContain("SECRET_TOKEN", export);
        }
        finally
        {
            foreach (var name in new[] { "BASH_FUNC_module%%", "LMOD_CMD", "SECRET_TOKEN" })
                Environment.SetEnvironmentVariable(name, null);
        }
    }

    [Theory]
    [InlineData("2", 120.0)]
    [InlineData("2:30", 150.0)]
    [InlineData("00:02:00", 120.0)]
    [InlineData("1-0", 86400.0)]
    [InlineData("1-01:30", 91800.0)]
    [InlineData("1-00:00:01", 86401.0)]
    [InlineData("UNLIMITED", null)]
    [InlineData("1-", null)]
    [InlineData("", null)]
    [InlineData("-1", null)]
    [InlineData("1:2:3:4", null)]
    [InlineData("99999999999", null)]
    public void Time_limits_are_read_as_SLURM_reads_them(string limit, double? seconds) => Assert.Equal(seconds, SlurmTime.Seconds(limit));

    [Theory]
    [InlineData("00:02:00", "")]
    [InlineData("1", "")]
    [InlineData("0:30", "")]
    [InlineData("08:00:00", "--time=00:01:00")]
    [InlineData(null, "-t2")]
    [InlineData(null, "--time 1:00")]
    public void A_time_limit_that_leaves_no_time_is_refused(string? time, string options)
    {
        var spec = new SweepSpec { Tables = ["1"], Data = "synthetic", Slurm = new() { Time = time, Options = options.Split(' ', StringSplitOptions.RemoveEmptyEntries) } };
        var fault = Assert.Throws<WorkbenchException>(() => Sweep.Create(new(folder.Path), spec, "slurm"));
        Assert.Contains("it would never train", fault.Message, StringComparison.Ordinal);
        Assert.Throws<WorkbenchException>(() => SweepPlan.Of(new(folder.Path), spec, "slurm"));
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "sweeps")));
        Sweep.Create(new(folder.Path), spec with { Slurm = spec.Slurm with { SignalBefore = 10, Time = "2", Options = [] } }, "slurm");
    }

    [Theory]
    [InlineData("x.partial")]
    [InlineData("x.PARTIAL")]
    [InlineData("x.")]
    [InlineData("nul")]
    [InlineData("com1.grid")]
    public void Reserved_names_are_refused(string name)
    {
        Assert.StartsWith($"'{name}' is no name for a sweep", Assert.Throws<WorkbenchException>(() => SweepName.Checked(name)).Message, StringComparison.Ordinal);
        Assert.NotEqual(name, SweepName.From(name));
        SweepName.Checked(SweepName.From(name));
    }

    [Fact]
    public void An_attempt_that_was_lost_after_a_checkpoint_is_no_failure()
    {
        var log = new AttemptLog(Directory.CreateDirectory(folder["attempts"]).FullName);
        log.Begin(1, null);
        log.Begin(1, null, DateTime.UtcNow.AddSeconds(90));
        log.Begin(1, null);
        log.Begin(1, null, DateTime.UtcNow.AddDays(-1));
        Assert.Equal([true, false, false, false], log.Of(1).Select(a => a.HasMoved));
        Assert.InRange(log.Seconds(), 85, 95);
        Assert.Equal(2, AttemptLog.Failures(log.Of(1)));
    }

    private static Sweep NewSweep(string root, string name) => Sweep.Described(new(root), name, new() { Name = name, Tables = ["1"], Resources = new() { Threads = 1 } }, "slurm");

    [Fact]
    public void Only_names_are_names() => Gen.OneOf(nasty, Gen.String).Sample(name =>
    {
        if (name.Length is > 0 and <= 60 && char.IsAsciiLetterOrDigit(name[0]) && !name.EndsWith('.') && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            Assert.Equal(name, SweepName.Checked(name));
        else
            Assert.StartsWith("'", Assert.Throws<WorkbenchException>(() => SweepName.Checked(name)).Message, StringComparison.Ordinal);
        Assert.Equal(SweepName.From(name), SweepName.Checked(SweepName.From(name)));
    }, iter: 2000);

    [Fact]
    public void Lists_of_tasks_are_written_and_read_alike() => Gen.Int[1, 300].HashSet[0, 80].Sample(numbers =>
    {
        Assert.Equal(numbers.Order(), JobScript.Numbers(JobScript.Ranges(numbers)));
        Assert.Equal(numbers.Order(), JobScript.Numbers(JobScript.Ranges(numbers) + "%5"));
    });

    [Fact]
    public void What_SLURM_writes_of_arrays_is_understood()
    {
        Assert.Equal([5, 6, 7, 9], JobScript.Numbers("5-7,9%2"));
        Assert.Equal([1, 4, 7], JobScript.Numbers("1-7:3"));
        Assert.Empty(JobScript.Numbers("N/A"));
        Assert.Equal("1-3,7", JobScript.Ranges([7, 1, 3, 2]));
    }

    [Fact]
    public void What_the_accounting_says_is_understood()
    {
        var told = SlurmEngine.Accounted("s.1|17_3|OUT_OF_MEMORY|n1\ns.1|17_[4-6,9%2]|CANCELLED by 0|None assigned\ns.2|18_1|TIMEOUT|n2\nother|19_1|FAILED|n2\ns.1|17|FAILED|n1\nnonsense\n",
            new Dictionary<string, int> { ["s.1"] = 0, ["s.2"] = 1000 });
        Assert.Equal([3, 4, 5, 6, 9, 1001], told.Keys.Order());
        Assert.Equal(("OUT_OF_MEMORY", "n1"), (told[3].State, told[3].Node));
        Assert.Equal(("CANCELLED", ""), (told[5].State, told[5].Node));
        Assert.Equal("TIMEOUT", told[1001].State);
    }

    [Fact]
    public void Options_pass_through_and_the_environment_stays_behind()
    {
        var spec = new SweepSpec
        {
            Name = "s", Tables = ["1"], Resources = new() { Threads = 3 },
            Slurm = new() { Partition = "gpu", Time = "1-00:00:00", Gpus = "a100:1", Memory = "8G", Account = "ai", SignalBefore = 90, Options = ["--qos=long", "--constraint=a&b"], Setup = ["module load cuda"] },
        };
        var sweep = Sweep.Described(new(folder.Path), "s", spec, "slurm");
        var options = JobScript.Options(sweep, "s.1", [1, 2, 3], 2);
        foreach (var option in new[] { "--array=1-3%2", "--partition=gpu", "--time=1-00:00:00", "--gpus=a100:1", "--mem=8G", "--account=ai", "--qos=long", "--constraint=a&b", "--signal=B:USR2@90", "--requeue", "--cpus-per-task=3" })
            Assert.Contains(option, options);
        Assert.DoesNotContain("TOKEN", string.Join(' ', options), StringComparison.Ordinal);
        Assert.Contains("\nmodule load cuda\ntrap - ERR EXIT\nexec ", JobScript.Text(sweep, new("/opt/artar", []), 0), StringComparison.Ordinal);
    }
}
