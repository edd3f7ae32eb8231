using System.Text;
using System.Xml.Linq;
using ArTar.Workbench.Figures;

namespace ArTar.Tests.CommandLine;

/// <summary>Tokens, names and messages that others wrote, with characters that would steer a terminal or break a line.</summary>
public sealed class ForeignTextTests : IDisposable
{
    // OSC 52 writes the clipboard, the rest clears the screen, turns the direction of writing and rings the bell.
    private const string Evil = "x\e]52;c;ZXZpbA==\a\e[2J\u009B31m\u202Ey";

    private readonly Artar artar = new();

    public void Dispose() => artar.Dispose();

    private static void AssertHarmless(Said said) => Assert.All(said.Output + said.Errors, c => Assert.True(c == '\n' || !char.IsControl(c) && c != '\u202E', $"U+{(int)c:X4}"));

    private Said Ask(params string[] arguments)
    {
        var said = artar.Run(arguments);
        AssertHarmless(said);
        return said;
    }

    private string Text()
    {
        var folder = Path.Combine(artar.Home, "own");
        Directory.CreateDirectory(folder);
        foreach (var split in new[] { "train", "valid", "test" })
            File.WriteAllText(Path.Combine(folder, $"{split}.txt"), string.Concat(Enumerable.Repeat($"one {Evil} two {Evil} {Evil}\n", 200)));
        return folder;
    }

    [Fact]
    public void Tokens_are_drawn_without_their_power()
    {
        Assert.Equal(0, Ask(["train", "--data", Text(), .. Artar.Tiny]).Code);
        var drawn = Ask("sample", "own", "--words", "60");
        Assert.Equal(0, drawn.Code);
        Assert.Contains("x␛]52;c;ZXZpbA==␇␛[2J\uFFFD31m\uFFFDy", drawn.Output, StringComparison.Ordinal);
        foreach (var arguments in new[] { new[] { "runs", "list" }, ["runs", "show", "own"], ["evaluate", "own"], ["probe", "own"], ["probe", "own", "--format", "json"] })
            Assert.Equal(0, Ask(arguments).Code);
    }

    [Fact]
    public void A_runs_folder_with_a_line_in_its_name_is_one_line_of_a_list()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows has no such names");
        Assert.Equal(0, Ask(["train", .. Artar.Tiny]).Code);
        var evil = Path.Combine(artar.Runs, "evil\n\e[31mname");
        Directory.CreateDirectory(evil);
        File.WriteAllText(Path.Combine(evil, "configuration.json"), "{ \"\e[2J\" }");
        Assert.Equal(4, Ask("runs", "list").Output.TrimEnd('\n').Split('\n').Length);
        Assert.Equal(3, Ask("runs", "list", "--format", "csv").Output.TrimEnd('\n').Split('\n').Length);
        Assert.Equal(2, Ask("runs", "list", "--format", "markdown").Output.Split('\n').Count(l => l.Contains("| damaged |", StringComparison.Ordinal) || l.Contains("finished", StringComparison.Ordinal)));
        Assert.NotEqual(4, Ask("runs", "show", "evil").Code);
    }

    [Fact]
    public void A_tables_own_words_are_printed_and_drawn_without_their_power()
    {
        var file = Path.Combine(artar.Home, "mine.yaml");
        File.WriteAllText(file, $$"""
            title: "T\e[2J | <b>"
            data: synthetic
            axes:
              alpha:
                0: {label: "plain\u202E\a"}
                2: {label: "two & <i> `x`"}

            """, new UTF8Encoding(false));
        var said = Ask(["table", file, .. Artar.Tiny, "--figure", Path.Combine(artar.Home, "mine.json")]);
        Assert.True(said.Code == 0, said.Errors);
        Assert.Contains("T␛[2J | <b>", said.Output, StringComparison.Ordinal);
        foreach (var format in new[] { "markdown", "csv", "json", "latex", "html" })
            Assert.Equal(0, Ask(["table", file, .. Artar.Tiny, "--stored", "--format", format]).Code);
        Assert.DoesNotContain("\\u001b", File.ReadAllText(Path.Combine(artar.Home, "mine.json")), StringComparison.OrdinalIgnoreCase);
        Requires.That(Chromium.Find() is not null, "Chromium", "sudo apt-get install chromium fonts-dejavu-core");
        Assert.Equal(0, Ask(["table", file, .. Artar.Tiny, "--stored", "--figure", Path.Combine(artar.Home, "mine.svg")]).Code);
        Assert.Equal("svg", XDocument.Load(Path.Combine(artar.Home, "mine.svg")).Root!.Name.LocalName);
    }

    [Fact]
    public void A_message_of_others_comes_without_its_power()
    {
        var file = Path.Combine(artar.Home, "best.safetensors");
        var header = Encoding.UTF8.GetBytes("""{"\u001b[2Jname":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""");
        File.WriteAllBytes(file, [.. BitConverter.GetBytes((ulong)header.Length), .. header, 0, 0, 0, 0]);
        Assert.Equal(1, Ask("evaluate", file).Code);
        foreach (var arguments in new[] { new[] { "runs", "show", Evil }, ["table", Evil], ["sample", Evil], ["train", "--data", Evil], ["table", "1", "--set", Evil], ["sweep", "status", Evil] })
            Assert.NotEqual(4, Ask(arguments).Code);
    }
}
