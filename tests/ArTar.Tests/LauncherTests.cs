using System.Diagnostics;

namespace ArTar.Tests;

/// <summary>The script <c>artar</c> in a small repository of its own, with a stand-in for dotnet that notes each build.</summary>
public sealed class LauncherTests : IDisposable
{
    private const string Dotnet = """
        #!/bin/bash
        case $1 in
          --version) exit "${FAKE_SDK_STATUS:-0}" ;;
          --list-runtimes) echo "Microsoft.NETCore.App 10.0.1 [/opt/net/shared/Microsoft.NETCore.App]" ;;
          build)
            echo "$@" >> "$FAKE_REPOSITORY/builds"
            sleep 0.2
            if [[ -e $FAKE_REPOSITORY/broken ]]; then echo "Program.cs(1,1): error CS1002: ; expected"; exit 1; fi
            mkdir -p "$FAKE_REPOSITORY/artifacts/bin/ArTar.Cli/release"
            cp "$FAKE_REPOSITORY/program" "$FAKE_REPOSITORY/artifacts/bin/ArTar.Cli/release/artar" ;;
        esac
        """;

    private const string Program = """
        #!/bin/bash
        if [[ ${1-} == wait ]]; then
          trap 'exit 42' TERM
          echo ready
          while true; do sleep 0.05; done
        fi
        printf '%s|' "$PWD" "$DOTNET_ROOT" "$@"
        exit 7
        """;

    private readonly string repository = Directory.CreateTempSubdirectory("artar launcher ").FullName;

    public LauncherTests()
    {
        Requires.That(OperatingSystem.IsLinux(), "Linux", "the launcher is tested with its tools");
        foreach (var folder in new[] { "src", "build", "tables", "tools" }) Directory.CreateDirectory(Path.Combine(repository, folder));
        foreach (var file in new[] { "ArTar.Workbench.csproj", "Directory.Build.props", "Directory.Build.targets" }) Write(file, "");
        File.Copy(Path.Combine(TestData.Repository, "global.json"), Path.Combine(repository, "global.json"));
        File.Copy(Path.Combine(TestData.Repository, "artar"), Path.Combine(repository, "artar"));
        Write("src/Program.cs", "");
        WriteScript("program", Program);
        WriteScript("tools/dotnet", Dotnet);
        foreach (var tool in new[] { "bash", "cut", "dirname", "find", "flock", "mkdir", "mv", "readlink", "rm", "sed", "tail", "cp", "sleep" })
            File.CreateSymbolicLink(Path.Combine(repository, "tools", tool), FindTool(tool));
    }

    public void Dispose() => Directory.Delete(repository, recursive: true);

    [Fact]
    public void The_first_start_builds_and_the_second_does_not()
    {
        var first = Run(["a b", "", "*", "--x=1"]);
        Assert.Equal($"{Path.GetTempPath().TrimEnd('/')}|/opt/net|a b||*|--x=1|", first.Output);
        Assert.Equal("building… (the first time takes a minute)\n", first.Errors);
        Assert.Equal(7, first.Code);

        var second = Run([]);
        Assert.Equal((7, ""), (second.Code, second.Errors));
        Assert.Equal(1, Builds());
    }

    [Theory]
    [InlineData("src/Program.cs", true)]
    [InlineData("src", true)] // as when a file in it was removed
    [InlineData("Directory.Build.props", true)]
    [InlineData("runs", false)]
    [InlineData(".", false)]
    public void What_is_newer_than_the_last_build_matters_if_it_is_built(string changed, bool builds)
    {
        Directory.CreateDirectory(Path.Combine(repository, "runs"));
        Run([]);
        Later(Path.Combine(repository, changed));
        Run([]);
        Assert.Equal(builds ? 2 : 1, Builds());
    }

    [Fact]
    public void Another_back_end_builds_again()
    {
        Run([]);
        Run([], ("TorchBackend", "cuda"));
        Assert.Contains("-p:TorchBackend=cuda", File.ReadLines(Path.Combine(repository, "builds")).Last(), StringComparison.Ordinal);
        Assert.Equal(2, Builds());
    }

    [Fact]
    public void It_finds_its_repository_through_links()
    {
        var elsewhere = Directory.CreateTempSubdirectory("elsewhere ").FullName;
        File.CreateSymbolicLink(Path.Combine(elsewhere, "absolute"), Path.Combine(repository, "artar"));
        File.CreateSymbolicLink(Path.Combine(elsewhere, "relative"), "absolute");
        var run = Finish(Start(Path.Combine(elsewhere, "relative"), ["x"]));
        Assert.EndsWith("|/opt/net|x|", run.Output, StringComparison.Ordinal);
        Directory.Delete(elsewhere, recursive: true);
    }

    [Fact]
    public void Starts_at_the_same_time_build_once()
    {
        var starts = Enumerable.Range(0, 6).Select(i => Start(Path.Combine(repository, "artar"), [$"{i}"])).ToArray();
        for (var i = 0; i < starts.Length; i++)
            Assert.EndsWith($"|{i}|", Finish(starts[i]).Output, StringComparison.Ordinal);
        Assert.Equal(1, Builds());
    }

    [Fact]
    public void A_failed_build_shows_its_errors_and_is_tried_again()
    {
        Write("broken", "");
        var run = Run([]);
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains("error CS1002: ; expected\nartar: the build failed", run.Errors, StringComparison.Ordinal);

        File.Delete(Path.Combine(repository, "broken"));
        Assert.Equal(7, Run([]).Code);
        Assert.Equal(2, Builds());
        Assert.Equal(["artar.stamp", "artar.stamp.lock"],
            Directory.GetFiles(Path.Combine(repository, "artifacts", "obj")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Without_dotnet_it_says_what_to_install()
    {
        File.Delete(Path.Combine(repository, "tools", "dotnet"));
        var run = Run([]);
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.StartsWith("artar: dotnet was not found; install the .NET SDK 10.0.100 or a later 10.0 one: https://", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void With_another_SDK_it_says_which_one_fits()
    {
        var run = Run([], ("FAKE_SDK_STATUS", "145"));
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains("has no SDK that fits global.json; install the .NET SDK 10.0.100", run.Errors, StringComparison.Ordinal);
        Assert.Equal(0, Builds());
    }

    [Fact]
    public void Signals_and_exit_codes_are_the_programs_own()
    {
        using var running = Start(Path.Combine(repository, "artar"), ["wait"]);
        Assert.Equal("ready", running.StandardOutput.ReadLine());
        Process.Start("kill", ["-TERM", $"{running.Id}"]).WaitForExit();
        Assert.True(running.WaitForExit(TimeSpan.FromSeconds(20)));
        Assert.Equal(42, running.ExitCode);
    }

    private int Builds() => File.Exists(Path.Combine(repository, "builds")) ? File.ReadLines(Path.Combine(repository, "builds")).Count() : 0;

    private static void Later(string path) => File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddSeconds(2));

    private void Write(string path, string text) => File.WriteAllText(Path.Combine(repository, path), text);

    private void WriteScript(string path, string text)
    {
        Write(path, text + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.Combine(repository, path), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string FindTool(string name)
    {
        string[] folders = ["/usr/bin", "/bin"];
        var found = folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Requires.That(found is not null, name, "install it");
        return found!;
    }

    private (int Code, string Output, string Errors) Run(string[] arguments, params (string Name, string Value)[] environment) =>
        Finish(Start(Path.Combine(repository, "artar"), arguments, environment));

    private Process Start(string script, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(script, arguments)
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = Path.Combine(repository, "tools");
        start.Environment["FAKE_REPOSITORY"] = repository;
        start.Environment.Remove("DOTNET_ROOT");
        start.Environment.Remove("TorchBackend");
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static (int Code, string Output, string Errors) Finish(Process process)
    {
        using (process)
        {
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, errors.Result);
        }
    }
}
