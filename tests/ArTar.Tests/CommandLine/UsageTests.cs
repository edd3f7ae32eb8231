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
    [InlineData("probe")]
    [InlineData("figures")]
    [InlineData("runs")]
    [InlineData("runs list")]
    [InlineData("runs show")]
    [InlineData("runs export")]
    [InlineData("runs remove")]
    [InlineData("doctor")]
    [InlineData("data")]
    [InlineData("data install")]
    [InlineData("claims")]
    [InlineData("sweep submit")]
    [InlineData("notebook run")]
    [InlineData("kernel install")]
    public void Help_has_an_example(string command)
    {
        var said = artar.Run([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal((0, ""), (said.Code, said.Errors));
        Assert.Contains("Example", said.Output, StringComparison.Ordinal);
        Assert.Contains($"artar {command}".TrimEnd(), said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_shows_a_word_as_it_is_typed()
    {
        foreach (var (command, word) in new[] { ("train", "fast"), ("train", "tf32"), ("evaluate", "valid") })
            Assert.Contains($"[default: {word}]", artar.Run(command, "--help").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quoted_word_shows_what_it_holds() => Assert.Equal(@"$'a\xe2\x80\xaeb\x0a'", Cli.Shell.Quoted("a\u202Eb\n"));

    [Theory]
    [InlineData(2, "'tabel' was not matched", "tabel")]
    [InlineData(2, "Required argument missing", "table")]
    [InlineData(2, "--format xml: expected one of table, markdown, ", "tables", "--format", "xml")]
    [InlineData(1, "There is no table 'one'; the paper's are 1 to 6, and 7, its appendix; others are surface, ", "table", "one")]
    [InlineData(1, "There is no table '9'; the paper's are 1 to 6, and 7, its appendix; others", "table", "9")]
    [InlineData(1, "Unknown profile 'quik'; did you mean 'quick'?", "table", "1", "--profile", "quik")]
    [InlineData(1, "Unknown hyper-parameter 'hiden'; did you mean 'hidden'?", "table", "1", "--set", "hiden=3")]
    [InlineData(1, "epochs=few: expected a whole number from 1 to 100000", "train", "--set", "epochs=few")]
    [InlineData(1, "cell=lstn: expected one of lstm, gru, tanh", "train", "--set", "cell=lstn")]
    [InlineData(1, "--kernels fast: the fast kernels do not know layerNorm.", "train", "--kernels", "fast", "--set", "zoneoutHidden=0.1", "layerNorm=true")]
    [InlineData(1, "--kernels fast: the fast kernels do not know layerNorm.", "table", "1", "--kernels", "fast", "--set", "layerNorm=true")]
    [InlineData(1, "--kernels fast: the fast kernels do not know layerNorm.", "sweep", "submit", "layerNorm=false|true", "--kernels", "fast", "--dry-run")]
    [InlineData(1, "candidateDropout=0.5: expected cell=lstm or cell=gru with it", "train", "--set", "cell=tanh", "candidateDropout=0.5")]
    [InlineData(1, "'3' is not a setting; expected key=value", "table", "1", "--set", "3")]
    [InlineData(1, "hidden=0: expected a whole number from 1", "table", "1", "--set", "hidden=0", "clip=-1")]
    [InlineData(1, "clip=-1: expected a number above 0", "table", "1", "--set", "hidden=0", "clip=-1")]
    [InlineData(1, "--set seed=3: the seed has an option of its own, --seeds", "table", "1", "--set", "seed=3")]
    [InlineData(1, "--set se_ed=3: the seed has an option of its own, --seeds", "table", "1", "--set", "se_ed=3")]
    [InlineData(2, "--seeds 0: expected a whole number from 1 to 100000", "table", "1", "--seeds", "0")]
    [InlineData(2, "--jobs -1: expected a whole number from 0 to 100000", "table", "1", "--jobs", "-1")]
    [InlineData(2, "--checkpoint-every 1e15: expected a number of seconds from 0 to 1,000,000", "train", "--checkpoint-every", "1e15")]
    [InlineData(2, "--checkpoint-every -1: expected a number of seconds from 0", "table", "1", "--checkpoint-every", "-1")]
    [InlineData(1, "There is no column 'tset'; expected some of row, params, valid, test,", "table", "1", "--columns", "row,tset")]
    [InlineData(1, "x.partial", "sweep", "submit", "table 1", "--name", "x.partial", "--dry-run")]
    [InlineData(2, "--checkpoint-every 1e15: expected a number of seconds from 0", "sweep", "submit", "table 1", "--checkpoint-every", "1e15")]
    [InlineData(1, "patience: 1e15; expected a number from 0 to 1000000", "sweep", "submit", "{tables: 1, resources: {patience: 1e15}}")]
    [InlineData(2, "--patience NaN: expected a number of seconds from 0", "resume", "nothing", "--patience", "NaN")]
    [InlineData(2, "--watch -5: expected a number of seconds from 1", "sweep", "report", "nothing", "--watch", "-5")]
    [InlineData(2, "--timeout NaN: expected a number of seconds above 0", "notebook", "run", "--timeout", "NaN")]
    [InlineData(2, "--threads 1000: expected a whole number from 0 to ", "train", "--threads", "1000")]
    [InlineData(1, "resources: threads: 1000; expected a whole number from 0 to ", "sweep", "submit", "{tables: 1, resources: {threads: 1000}}")]
    [InlineData(2, "--windows 0: expected a whole number from 1 to 1000000", "probe", "nothing", "--windows", "0")]
    [InlineData(2, "TEXT: nothing is given ('')", "runs", "remove", "", "--yes")]
    [InlineData(1, "--rows ,: expected names with a comma between them", "table", "1", "--rows", ",")]
    [InlineData(1, "--columns ,: expected names with a comma between them", "tables", "--columns", ",")]
    [InlineData(1, "--rows alpha=0,,alpha=2: expected names with a comma", "table", "1", "--rows", "alpha=0,,alpha=2")]
    [InlineData(1, "alpha=0||2: a value between two | is empty", "sweep", "submit", "alpha=0||2")]
    [InlineData(2, "Option '--seeds' expects a single argument but 2 were provided", "table", "1", "--seeds", "1", "--seeds", "2")]
    [InlineData(2, "--seeds 2000000000: expected a whole number from 1 to 100000", "train", "--seeds", "2000000000")]
    [InlineData(1, "20,000 runs side by side need more memory than the ", "table", "1", "--jobs", "20000", "--seeds", "20000", "--rows", "alpha=0,alpha=1", "--dry-run")]
    [InlineData(1, "The training split of 'synthetic' has 30 tokens (trainTokens), too few", "table", "1", "--set", "trainTokens=30", "--dry-run")]
    [InlineData(1, "This trains some: artar table 3 --profile smoke --data synthetic", "figures", "3", "--profile", "smoke", "--data", "synthetic")]
    [InlineData(1, "--set alpha=1 and --set Al_pha=2: alpha can have one value; take one of the two out.", "table", "2", "--set", "alpha=1", "--set", "Al_pha=2")]
    [InlineData(1, "--set epochs=2 and --set epochs=3: epochs can have one value", "train", "--set", "epochs=2", "epochs=3")]
    [InlineData(1, "--set alpha=1 and --set alpha=2: alpha can have one value", "figures", "1", "--set", "alpha=1", "--set", "alpha=2")]
    [InlineData(1, "--set epochs=1 and --set epochs=2: epochs can have one value", "sweep", "submit", "table 2", "--set", "epochs=1", "--set", "epochs=2")]
    [InlineData(2, "--retries 2000000000: expected a whole number from 0 to 1000.", "sweep", "submit", "table 1", "--retries", "2000000000")]
    [InlineData(1, "retries: 2e9; expected a whole number from 0 to 1000", "sweep", "submit", "{tables: 1, resources: {retries: 2e9}}")]
    [InlineData(1, "samples: 3000000000; expected a whole number from 1 to 1000000.", "sweep", "submit", "{random: {alpha: [0, 1]}, samples: 3000000000}")]
    [InlineData(1, "--output and --in-place exclude each other", "notebook", "run", "x.ipynb", "--output", "a.ipynb", "--in-place")]
    [InlineData(1, "--retry is for training, and --stored trains nothing; leave one of them out.", "table", "1", "--stored", "--retry")]
    [InlineData(1, "--jobs is for training, and --from trains nothing; leave one of them out.", "table", "1", "--from", "nowhere", "--jobs", "2")]
    [InlineData(1, "--stack is for training", "table", "1", "--stored", "--stack", "2")]
    [InlineData(1, "--checkpoint-every is for training", "table", "1", "--stored", "--checkpoint-every", "5")]
    [InlineData(1, "--kernels is for training", "table", "1", "--stored", "--kernels", "plain")]
    [InlineData(1, "--precision is for training", "table", "1", "--stored", "--precision", "tf32")]
    [InlineData(1, "--dry-run is for training", "table", "1", "--from", "nowhere", "--dry-run")]
    [InlineData(1, "--output and --figure are the same file", "table", "1", "--output", "same.json", "--figure", "same.json")]
    [InlineData(1, "the caption of --output and the caption of --figure are the same file", "table", "1", "--output", "t.tex", "--figure", "t.svg", "--width", "84mm")]
    [InlineData(1, "has 'nothing' in its name", "sample", "nothing", "--prompt", "@-@ year")]
    [InlineData(1, "--output -: a report goes to standard output", "tables", "--output", "-")]
    [InlineData(1, "its ending says no format", "tables", "--output", "tables.yaml")]
    [InlineData(1, "'/dev/null' is a file; expected a folder to write into.", "figures", "--output", "/dev/null")]
    [InlineData(1, "'/dev/null' is a file; expected a folder to write into.", "runs", "export", "/dev/null")]
    [InlineData(1, "'/dev/null' is a file; expected a folder to write into.", "train", "--tensorboard", "/dev/null")]
    [InlineData(1, "There is no run to export in ", "runs", "export", "out", "nothing")]
    [InlineData(1, "Unknown hyper-parameter 'zzz'. Known are", "train", "--set", "zzz=3")]
    [InlineData(1, "there is no folder '", "table", "1", "--output", "nowhere/table.md")]
    [InlineData(1, "has 8,597,488,410 parameters", "train", "--set", "hidden=8192", "layers=16")]
    [InlineData(1, "The validation split of 'synthetic' has 5,002 tokens, too few for 4,000 columns", "train", "--set", "evaluationBatchSize=4000")]
    [InlineData(1, "The training split of 'synthetic' has 30 tokens (trainTokens), too few for 20 columns", "table", "1", "--set", "trainTokens=30")]
    [InlineData(1, "The test split of 'synthetic' has 5,000 tokens, too few", "sweep", "submit", "table 1, evaluationBatchSize=2501")]
    [InlineData(1, "Table 1 has no row 'alpha=3'; did you mean 'alpha=", "table", "1", "--rows", "alpha=0,alpha=3")]
    [InlineData(1, "artar data install wikitext-2", "table", "4", "--profile", "laptop")]
    [InlineData(1, "There is no corpus 'nowhere'", "train", "--data", "nowhere")]
    [InlineData(1, "Unknown device 'gpu'; expected cpu, cuda or cuda:1", "table", "1", "--device", "gpu")]
    [InlineData(1, "has 'nothing' in its name", "evaluate", "nothing")]
    [InlineData(1, "There are no runs in '", "table", "1", "--from", "nowhere")]
    [InlineData(1, "There is no checkpoint '", "sample", "gone.safetensors")]
    [InlineData(1, "has 'nothing' in its name", "runs", "remove", "nothing")]
    [InlineData(1, "has 'nothing' in its name", "resume", "nothing")]
    [InlineData(2, "--sets: no such option here; did you mean '--set'?", "table", "1", "--rows", "alpha=0", "--sets", "alpha=1")]
    [InlineData(2, "--set: no such option here", "notebook", "run", "--set", "alpha=2")]
    [InlineData(2, "-rows: no such option here; did you mean '--rows'?", "table", "1", "--set", "epochs=1", "-rows", "alpha=0")]
    [InlineData(2, "Hyper-parameters are given as --set alpha=2", "table", "1", "--alpha", "2")]
    public void Errors_say_what_to_mend(int code, string message, params string[] arguments)
    {
        var said = artar.Run(arguments);
        Assert.Contains(message, said.Errors, StringComparison.Ordinal);
        Assert.Equal((code, ""), (said.Code, said.Output));
        Assert.DoesNotContain("   at ", said.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(artar.Runs), "a command that is wrong must store nothing");
    }

    [Fact]
    public void Messages_name_the_command_as_it_can_be_typed()
    {
        Said With(string typed, params string[] arguments) => Artar.Finish(artar.Start(arguments, ("ARTAR_COMMAND", typed)));
        Assert.Contains("'./artar sweep submit' makes one", With("./artar", "sweep", "status", "nothing").Errors, StringComparison.Ordinal);
        Assert.Contains("\n  ./artar runs list\n", With("./artar", "runs", "--help").Output, StringComparison.Ordinal);
        Assert.Contains("\n./artar data install ptb fetches it", With("./artar", "train", "--data", "ptb").Errors, StringComparison.Ordinal);
        Assert.Contains("'/opt/x/artar train --help' shows", With("/opt/x/artar", "train", "--sed", "1").Errors, StringComparison.Ordinal);
        Assert.Contains("'artar sweep submit' makes one", With("", "sweep", "status", "nothing").Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(">&-", "artar: Standard output is closed, so nothing can be printed; send it to a file, or to /dev/null.\n")]
    [InlineData(">/dev/full", "artar: Standard output cannot be written to: No space left on device\n")]
    public void Output_that_cannot_be_written_is_named(string where, string message)
    {
        Requires.That(File.Exists("/bin/sh"), "a shell", "it closes the output");
        foreach (var command in new[] { "tables", "tables --format csv", "table 1 --stored", "doctor" })
        {
            var said = Artar.Finish(artar.Start(["-c", $"\"$0\" {command} {where}", Artar.Program], "/bin/sh"));
            Assert.Equal((command, 1, message), (command, said.Code, said.Errors[said.Errors.LastIndexOf("artar: ", StringComparison.Ordinal)..]));
        }
    }

    [Fact]
    public void A_workspace_of_blanks_is_refused()
    {
        var said = Artar.Finish(artar.Start(["runs", "list"], ("ARTAR_HOME", "  ")));
        Assert.Equal((1, "artar: ARTAR_HOME is blank; expected a folder, or leave it unset.\n"), (said.Code, said.Errors));
    }

    [Fact]
    public void A_workspace_that_cannot_be_used_is_no_defect()
    {
        File.WriteAllText(artar.Runs, "a file where the runs should lie");
        var said = artar.Run("train");
        Assert.Equal((1, ""), (said.Code, said.Output));
        Assert.Contains(artar.Runs, said.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("defect", said.Errors, StringComparison.Ordinal);
    }
}
