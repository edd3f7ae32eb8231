using ArTar.Notebooks.Ipynb;

namespace ArTar.Notebooks.Tests.CommandLine;

/// <summary><c>artar notebook</c>: notebooks run and are checked without a front end.</summary>
public sealed class NotebookCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("notebooks ").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_command_runs_a_folder_in_order_and_ends_at_the_first_failure()
    {
        foreach (var name in new[] { "02-b.ipynb", "01-a.ipynb", "03-c.ipynb" })
            File.Copy(Artar.Data("test.ipynb"), Path.Combine(folder, name));
        var before = File.ReadAllBytes(Path.Combine(folder, "01-a.ipynb"));
        var broken = NotebookFile.Load(Path.Combine(folder, "02-b.ipynb"));
        broken.Cells[3].Source = "\nundefined";
        broken.Save(Path.Combine(folder, "02-b.ipynb"));

        var (code, output, errors) = Artar.Run(folder, "notebook", "run", "./01-a.ipynb", ".", "--in-place", "--param", "seeds=2"); // the first is named twice
        Assert.Equal((1, ""), (code, output));
        var names = errors.Split('\n').Where(l => l.StartsWith("./", StringComparison.Ordinal) && l.Contains("  ", StringComparison.Ordinal)).Select(l => l.Split("  ")[..2]);
        Assert.Equal([["./01-a.ipynb", "8 cells"], ["./02-b.ipynb", "failed in cell 4 of 8"]], names);
        Assert.Contains("\n./02-b.ipynb, cell 4, line 2: CS0103: The name 'undefined' does not exist in the current context\n", errors, StringComparison.Ordinal);
        Assert.Contains("  cell 3/8  ", errors, StringComparison.Ordinal);
        Assert.NotEqual(before, File.ReadAllBytes(Path.Combine(folder, "01-a.ipynb")));
        Assert.Equal(broken.ToBytes(), File.ReadAllBytes(Path.Combine(folder, "02-b.ipynb")));
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(folder, "03-c.ipynb")));
    }

    [Fact]
    public void On_a_terminal_a_line_moves_and_is_gone_at_the_end()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "'script' of util-linux gives the program a terminal");
        File.Copy(Artar.Data("test.ipynb"), Path.Combine(folder, "a.ipynb"));
        var (code, screen, _) = Artar.Finish(Artar.Start("script", ["-qec", $"'{Artar.DotNet}' '{Artar.Program}' notebook run a.ipynb", "/dev/null"],
            folder, ("TERM", "xterm"), ("COLUMNS", "100")));
        Assert.Equal(0, code);
        Assert.Contains("\e[", screen, StringComparison.Ordinal);
        Assert.Contains("a.ipynb  cell 1/7  ", screen, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^.*a\.ipynb  7 cells  [0-9.]+ s\r?$", screen);
        Assert.DoesNotContain('\u241B', screen); // an escape that was taken for others' text
        Assert.EndsWith("\e[?25h", screen[..screen.IndexOf("a.ipynb  7 cells", StringComparison.Ordinal)].TrimEnd('\r', '\n'), StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_says_what_is_wrong_with_its_arguments()
    {
        Assert.Contains("There is no notebook gone.ipynb", Artar.Run(folder, "notebook", "run", "gone.ipynb").Errors, StringComparison.Ordinal);
        Assert.Contains("holds no notebook", Artar.Run(folder, "notebook", "run", ".").Errors, StringComparison.Ordinal);
        var both = Artar.Run(folder, "notebook", "run", ".", "--in-place", "--output", "x");
        Assert.Equal((1, true), (both.Code, both.Errors.Contains("--output and --in-place exclude each other", StringComparison.Ordinal)));
    }
}
