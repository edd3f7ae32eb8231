using System.Runtime.Versioning;
using ArTar.Cli.Sweeps;

namespace ArTar.Sweeps.Tests;

/// <summary>What is checked before anything is written down, and a dry run that refuses the same.</summary>
public sealed class SubmissionTests : IDisposable
{
    private readonly Artar artar = new();

    public void Dispose() => artar.Dispose();

    [Theory]
    [InlineData("Device 'cuda' is not usable", "--device", "cuda")]
    [InlineData("Unknown device 'gpu'; expected cpu, cuda or cuda:1", "--device", "gpu")]
    [InlineData("Unknown device 'cuda:x'", "--device", "cuda:x", "--engine", "slurm")]
    [InlineData("The sweep has 2 runs, its budget is 1", "--max-runs", "1")]
    [InlineData("There is a sweep 'taken' already", "--name", "taken")]
    [InlineData("too few for 4,000 columns", "--set", "batchSize=4000", "trainTokens=5000")]
    [InlineData("20,000 runs side by side need more memory than the ", "--jobs", "20000", "--seeds", "10000")]
    [InlineData("Unknown profile 'huge'", "--profile", "huge")]
    [InlineData("There is no corpus 'nowhere'", "--data", "nowhere")]
    [InlineData("--set seed=3: the seed has an option of its own, --seeds", "--set", "seed=3")]
    [InlineData("slurm: options: --array=1-5: expected none of --array, ", "--engine", "slurm", "--sbatch=--array=1-5")]
    [InlineData("slurm: options: -Jx: expected none of --array, ", "--engine", "slurm", "--sbatch=-Jx")]
    [InlineData("slurm: options: --wrap: expected none of --array, ", "--engine", "slurm", "--sbatch", "--wrap", "--sbatch", "id")]
    [InlineData("it would never train", "--engine", "slurm", "--time", "1")]
    public void A_dry_run_refuses_what_submission_refuses(string message, params string[] options)
    {
        Requires.That(options[0] != "--device" || options[1] != "cuda" || !TorchSharp.torch.cuda.is_available(), "no GPU", "it is missed here");
        Directory.CreateDirectory(Path.Combine(artar.Home, "sweeps", "taken"));
        foreach (var dry in new[] { Array.Empty<string>(), ["--dry-run"] })
        {
            var said = artar.Run(["sweep", "submit", "alpha=0|1", .. options, .. dry]);
            Assert.Equal((1, ""), (said.Code, said.Output));
            Assert.Contains(message, said.Errors, StringComparison.Ordinal);
        }
        Assert.Equal(["taken"], Directory.EnumerateDirectories(Path.Combine(artar.Home, "sweeps")).Select(Path.GetFileName));
    }

    [Fact]
    public void Scale_data_and_seeds_may_be_options_which_win_over_the_spec()
    {
        var text = Path.Combine(artar.Home, "text");
        OwnText.Write(text);
        string Said(params string[] options) => artar.Run(["sweep", "submit", "{tables: 1, rows: [alpha=0], profile: smoke, seeds: 2, data: synthetic}", "--dry-run", .. options]).Errors;
        Assert.Contains("2 runs: table 1; 2 seeds; profile smoke; data synthetic;", Said(), StringComparison.Ordinal);
        Assert.Contains("3 runs: table 1; 3 seeds; profile quick; data text;", Said("--profile", "quick", "--seeds", "3", "--data", text), StringComparison.Ordinal);
    }

    /// <summary>What a dry run shows is what is submitted, but for the two words that it says are known only then.</summary>
    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void A_dry_run_shows_the_calls_and_the_script_that_submission_comes_to()
    {
        Requires.That(File.Exists("/bin/bash"), "bash", "it plays SLURM's commands");
        void Play(string command, string script)
        {
            File.WriteAllText(Path.Combine(artar.Home, command), $"#!/bin/bash\n{script}\n");
            File.SetUnixFileMode(Path.Combine(artar.Home, command), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        var calls = Path.Combine(artar.Home, "calls");
        Play("sbatch", $"printf '%s\\n' \"$@\" >>'{calls}'; echo 17");
        Play("squeue", "");
        Play("scontrol", "echo 'MaxArraySize = 4'");
        var path = ("PATH", $"{artar.Home}:{Environment.GetEnvironmentVariable("PATH")}");
        string Called(IEnumerable<string> command, string program)
        {
            File.Delete(calls);
            var said = Artar.Finish(artar.Start(command, program, path));
            Assert.True(said.Code == 0, said.Errors);
            return File.ReadAllText(calls);
        }
        Assert.Equal(0, artar.Run("train", "--set", "hidden=8", "epochs=1", "trainTokens=3000", "alpha=0").Code);
        string[] submit = ["sweep", "submit", "alpha=0|1|2|3|4|5|6, hidden=8, epochs=1, trainTokens=3000", "--engine", "slurm", "--stack", "2", "--name", "it",
            "--at-once", "9", "--setup", "export A='$b'", "--partition", "a b"];
        var dry = Artar.Finish(artar.Start([.. submit, "--dry-run"], path)).Errors;
        Assert.Contains("\nTOKEN and DIGEST are known once the sweep is submitted", dry, StringComparison.Ordinal);
        var lines = dry.Split('\n');
        var planned = Called(["-c", string.Join('\n', lines.Where(l => l.StartsWith("sbatch ", StringComparison.Ordinal)))], "/bin/bash");
        var submitted = Called(submit, Artar.Program);

        var sweep = Sweep.Get(new(artar.Home), "it");
        Assert.Equal(submitted, planned.Replace("TOKEN", sweep.Header.Token, StringComparison.Ordinal));
        Assert.Equal(["--array=1,3%3", "--array=2%3", "--array=1%3"], submitted.Split('\n').Where(l => l.StartsWith("--array", StringComparison.Ordinal)));
        Assert.Contains(File.ReadAllText(Path.Combine(sweep.Jobs, "0001.sh")), dry.Replace("DIGEST", sweep.Digest, StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("For SLURM alone, and left aside by the engine local: time, gpus, options.", "--time", "4:00:00", "--gpus", "1", "--sbatch=--qos=long")]
    [InlineData("For the engine local alone, and left aside: jobs.", "--engine", "slurm", "--jobs", "3")]
    [InlineData("2 runs side by side on 1 processors take turns", "--jobs", "1000")]
    public void What_an_engine_leaves_aside_and_what_a_number_comes_to_is_said(string message, params string[] options)
    {
        var said = Artar.Finish(artar.Start(["sweep", "submit", "alpha=0|1", .. options, "--dry-run"], ("DOTNET_PROCESSOR_COUNT", "1")));
        Assert.True(said.Code == 0, said.Errors);
        Assert.Contains(message, said.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("left aside", artar.Run("sweep", "submit", "alpha=0|1", "--dry-run").Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("1000", said.Errors, StringComparison.Ordinal);
    }
}
