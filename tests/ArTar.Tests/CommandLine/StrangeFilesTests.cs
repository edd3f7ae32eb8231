using System.Diagnostics;

namespace ArTar.Tests.CommandLine;

/// <summary>Pipes, devices and files without end in the places of what is read: one clear line, at once, and nothing hangs.</summary>
public sealed class StrangeFilesTests : IDisposable
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(30);
    private readonly TrainedRun trained;
    private Artar artar = new();

    public StrangeFilesTests(TrainedRun trained)
    {
        Requires.That(!OperatingSystem.IsWindows(), "mkfifo", "pipes have names on Unix alone");
        this.trained = trained;
    }

    public void Dispose() => artar.Dispose();

    public static TheoryData<string, string[]> Places => new()
    {
        { "text/train.txt", ["train", "--data", "text"] },
        { "text/test.txt", ["train", "--data", "text"] },
        { "ptb.train.txt", ["data", "install", "ptb", "--from", "ptb.train.txt"] },
        { "copy/ptb.train.txt", ["data", "install", "ptb", "--from", "copy"] },
        { "archive.tar.gz", ["data", "install", "ptb", "--from", "archive.tar.gz"] },
        { "mine.yaml", ["table", "mine.yaml"] },
        { "spec.json", ["sweep", "submit", "spec.json"] },
        { "some.safetensors", ["evaluate", "some.safetensors"] },
        { "some.safetensors", ["sample", "some.safetensors"] },
        { "runs/a/configuration.json", ["runs", "show", "a"] },
        { "sweeps/a/sweep.json", ["sweep", "status", "a"] },
        { "book.ipynb", ["notebook", "run", "book.ipynb"] },
        { "connection.json", ["kernel", "run", "connection.json"] },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void A_pipe_is_refused(string place, string[] command) =>
        Refused(place, path => Do("mkfifo", path), command, "is a pipe; expected a plain file");

    [Theory]
    [MemberData(nameof(Places))]
    public void A_device_without_end_is_refused(string place, string[] command) =>
        Refused(place, path => File.CreateSymbolicLink(path, "/dev/zero"), command, "is a device; expected a plain file");

    [Fact]
    public void A_text_of_a_hundred_gigabytes_is_no_table()
    {
        void Large(string path)
        {
            using var file = File.Create(path);
            file.SetLength(100L << 30);
        }
        Refused("mine.yaml", Large, ["table", "mine.yaml"], "is larger than what is read there");
        Refused("runs/a/configuration.json", Large, ["runs", "show", "a"], "is larger than what is read there");
        Refused("connection.json", Large, ["kernel", "run", "connection.json"], "is larger than what is read there");
    }

    [Theory]
    [InlineData("summary.json")]
    [InlineData("metrics.jsonl")]
    public void A_pipe_in_a_runs_folder_is_that_runs_fault(string name)
    {
        artar.Dispose();
        artar = trained.OnSynthetic();
        var run = Directory.EnumerateDirectories(artar.Runs).Single();
        File.Delete(Path.Combine(run, name));
        Do("mkfifo", Path.Combine(run, name));
        Ends(["runs", "show", Path.GetFileName(run)], "is a pipe; expected a plain file");
    }

    /// <summary>A run that cannot be read is a line of a list, and hides no other.</summary>
    [Theory]
    [InlineData("configuration.json")]
    [InlineData("summary.json")]
    [InlineData("metrics.jsonl")]
    [InlineData("vocabulary.json")]
    [InlineData("best.safetensors")]
    [InlineData("lock")]
    [InlineData("lease-1")]
    public void Lists_tables_and_exports_go_on_past_a_pipe(string name)
    {
        artar.Dispose();
        artar = trained.OnSynthetic();
        var run = Directory.EnumerateDirectories(artar.Runs).Single();
        File.Delete(Path.Combine(run, name));
        Do("mkfifo", Path.Combine(run, name));
        var isRead = name is "configuration.json" or "summary.json" or "metrics.jsonl";
        foreach (var (command, code) in new (string[], int)[] { (["runs", "list"], 0), (["runs", "export", "out"], 0), (["table", "1", "--stored", .. Artar.Tiny], isRead ? 3 : 0) })
            Ends(command, isRead ? $"{name}' is a pipe; expected a plain file" : "", code);
    }

    private void Refused(string place, Action<string> make, string[] command, string expected)
    {
        var path = Path.Combine(artar.Home, place);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (place.StartsWith("text/", StringComparison.Ordinal))
        {
            OwnText.Write(Path.GetDirectoryName(path)!);
            File.Delete(path);
        }
        make(path);
        Ends(command, expected);
    }

    private void Ends(string[] command, string expected, int code = 1)
    {
        using var process = artar.Start(command);
        var (errors, output) = (process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync());
        process.StandardInput.Close();
        if (!process.WaitForExit(patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"'{string.Join(' ', command)}' hangs");
        }
        Assert.Contains(expected, errors.Result + output.Result, StringComparison.Ordinal);
        Assert.Equal(code, process.ExitCode);
        Assert.DoesNotContain("unexpected", errors.Result, StringComparison.Ordinal);
    }

    private static void Do(string program, string path)
    {
        using var process = Process.Start(program, path);
        process.WaitForExit();
    }
}
