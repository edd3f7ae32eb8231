using System.Text.Json.Nodes;

namespace ArTar.Tests.CommandLine;

/// <summary>What the program says without training anything.</summary>
public sealed class UsageTests : IDisposable
{
    private readonly Artar artar = new();

    public void Dispose() => artar.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("table")]
    [InlineData("tables")]
    [InlineData("train")]
    [InlineData("resume")]
    [InlineData("evaluate")]
    [InlineData("sample")]
    [InlineData("runs")]
    [InlineData("runs list")]
    [InlineData("runs show")]
    [InlineData("runs remove")]
    [InlineData("doctor")]
    [InlineData("data")]
    [InlineData("data install")]
    public void Help_has_an_example(string command)
    {
        var said = artar.Run([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal((0, ""), (said.Code, said.Errors));
        Assert.Contains("Example", said.Output, StringComparison.Ordinal);
        Assert.Contains($"artar {command}".TrimEnd(), said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_are_listed_as_verified()
    {
        var said = Artar.Finish(artar.Start(["tables"], ("COLUMNS", "100")));
        Assert.Equal((0, ""), (said.Code, said.Errors));
        var verified = Path.Combine(TestData.Repository, "tests", "ArTar.Tests", "CommandLine", "tables.verified.txt");
        Assert.Equal(File.ReadAllText(verified), said.Output);
        Assert.All(said.Output.Split('\n'), line => Assert.True(line.Length <= 100, line));
    }

    [Fact]
    public void Tables_as_json_name_every_row()
    {
        var tables = JsonNode.Parse(artar.Run("tables", "--format", "json").Output)!["tables"]!.AsArray();
        Assert.Equal(Enumerable.Range(1, 7), tables.Select(t => t!["number"]!.GetValue<int>()));
        Assert.Equal(["alpha=0", "alpha=1", "alpha=2", "alpha=4", "alpha=6", "alpha=8"], tables[0]!["rows"]!.AsArray().Select(r => r!.GetValue<string>()));
        Assert.Equal(15, tables[4]!["cited"]!.AsArray().Count);
    }

    [Theory]
    [InlineData(2, "'tabel' was not matched", "tabel")]
    [InlineData(2, "Required argument missing", "table")]
    [InlineData(2, "Argument 'xml' not recognized", "tables", "--format", "xml")]
    [InlineData(2, "Cannot parse argument 'one'", "table", "one")]
    [InlineData(1, "There is no table 9; the paper's are 1 to 7.", "table", "9")]
    [InlineData(1, "Unknown profile 'quik'; did you mean 'quick'?", "table", "1", "--profile", "quik")]
    [InlineData(1, "Unknown hyper-parameter 'hiden'; did you mean 'hidden'?", "table", "1", "--set", "hiden=3")]
    [InlineData(1, "epochs=few: expected a value like 80", "train", "--set", "epochs=few")]
    [InlineData(1, "cell=lstn: expected a value like lstm, one of lstm, gru, tanh", "train", "--set", "cell=lstn")]
    [InlineData(1, "'3' is not a setting; expected key=value", "table", "1", "--set", "3")]
    [InlineData(1, "hidden=0: expected a whole number from 1", "table", "1", "--set", "hidden=0", "clip=-1")]
    [InlineData(1, "clip=-1: expected a number above 0", "table", "1", "--set", "hidden=0", "clip=-1")]
    [InlineData(1, "--set seed=3: the seed has an option of its own, --seeds", "table", "1", "--set", "seed=3")]
    [InlineData(1, "--seeds 0: expected a whole number of at least 1", "table", "1", "--seeds", "0")]
    [InlineData(1, "--jobs -1: expected a whole number of at least 0", "table", "1", "--jobs", "-1")]
    [InlineData(1, "Table 1 has no row 'alpha=3'; did you mean 'alpha=", "table", "1", "--rows", "alpha=0,alpha=3")]
    [InlineData(1, "artar data install wikitext-2", "table", "4", "--profile", "laptop")]
    [InlineData(1, "There is no corpus 'nowhere'", "train", "--data", "nowhere")]
    [InlineData(1, "Unknown device 'gpu'; expected cpu, cuda or cuda:1", "table", "1", "--device", "gpu")]
    [InlineData(1, "has 'nothing' in its name", "evaluate", "nothing")]
    [InlineData(1, "There is no checkpoint '", "sample", "gone.safetensors")]
    [InlineData(1, "has 'nothing' in its name", "runs", "remove", "nothing")]
    [InlineData(1, "has 'nothing' in its name", "resume", "nothing")]
    public void Errors_say_what_to_mend(int code, string message, params string[] arguments)
    {
        var said = artar.Run(arguments);
        Assert.Contains(message, said.Errors, StringComparison.Ordinal);
        Assert.Equal((code, ""), (said.Code, said.Output));
        Assert.DoesNotContain("   at ", said.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(artar.Runs), "a command that is wrong must store nothing");
    }

    [Fact]
    public void A_dry_run_lists_and_stores_nothing()
    {
        var said = artar.Run("table", "2", "--dry-run", "--seeds", "2");
        Assert.Equal(0, said.Code);
        Assert.Equal(12, said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(l => l.StartsWith("not run  ", StringComparison.Ordinal)));
        Assert.False(Directory.Exists(artar.Runs));
    }

    [Fact]
    public void The_doctor_names_what_is_missing()
    {
        var said = artar.Run("doctor");
        Assert.Equal((0, ""), (said.Code, said.Errors));
        Assert.Matches(@"libtorch +2\.\d+\.\d+", said.Output);
        Assert.Contains(artar.Home, said.Output, StringComparison.Ordinal);
        Assert.Contains("artar data install ptb", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_doctor_explains_why_libtorch_does_not_load()
    {
        Requires.That(OperatingSystem.IsLinux(), "Linux", "the program is copied without its native libraries there");
        using var copy = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
            if (Path.GetFileName(file) is var name && (name is "artar" or "artar.runtimeconfig.json" || name.EndsWith(".dll", StringComparison.Ordinal)))
                File.Copy(file, copy[name]);
        var start = new System.Diagnostics.ProcessStartInfo(copy["artar"], ["doctor"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        start.Environment["ARTAR_HOME"] = artar.Home;
        start.Environment["NUGET_PACKAGES"] = copy["packages"];
        start.Environment["HOME"] = copy.Path;
        var said = Artar.Finish(System.Diagnostics.Process.Start(start)!);
        Assert.Equal((1, ""), (said.Code, said.Errors));
        Assert.Contains("libtorch does not load: ", said.Output, StringComparison.Ordinal);
        Assert.Contains("docs/platforms.md", said.Output, StringComparison.Ordinal);
    }
}
