using System.Diagnostics;
using System.Runtime.Versioning;
using ArTar.Workbench;
using ArTar.Workbench.Sweeps;
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
            Assert.Equal([sweep.Workspace.Root, argument, "sweep", "supervise", sweep.Name, "--row", "1007", ""], said);
            Assert.False(File.Exists(folder["pwned"]));
        }, iter: 150, threads: 1);
    }

    private static Sweep NewSweep(string root, string name) => Sweep.Described(new(root), name, new() { Name = name, Tables = ["1"], Resources = new() { Threads = 1 } }, "slurm");

    [Fact]
    public void Only_names_are_names() => Gen.OneOf(nasty, Gen.String).Sample(name =>
    {
        if (name.Length is > 0 and <= 60 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
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
        Assert.Contains("\nmodule load cuda\nexec ", JobScript.Text(sweep, new("/opt/artar", []), 0), StringComparison.Ordinal);
    }
}
