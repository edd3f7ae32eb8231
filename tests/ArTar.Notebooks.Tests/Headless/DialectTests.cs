using ArTar.Tests;
using System.Text.Json.Nodes;
using ArTar.Notebooks.Headless;
using ArTar.Notebooks.Ipynb;

namespace ArTar.Notebooks.Tests.Headless;

public sealed class DialectTests
{
    [Fact]
    public void The_notebook_for_tests_keeps_to_the_dialect() => Assert.Empty(Dialect.Check(Artar.Data("test.ipynb")));

    [Theory]
    [InlineData("var a = 1;\ndisplay(a);", 2, "x.Display()")]
    [InlineData("HTML(\"<b>\")", 1, "ToHtml()")]
    [InlineData("x.DisplayAs(\"text/html\");", 1, "DisplayAs")]
    [InlineData("Formatter.Register<int>(i => \"\");", 1, "Formatter")]
    [InlineData("#!time\n1", 1, "directive")]
    [InlineData("%%time", 1, "magic")]
    [InlineData("\n#r \"nuget: X\"", 2, "#r and #load")]
    [InlineData("#load \"a.csx\"", 1, "#r and #load")]
    [InlineData("using var f = File.OpenRead(\"x\");", 1, "using var")]
    [InlineData("Span<int> s = new int[3];", 1, "Span")]
    [InlineData("var s = new int[3].AsSpan();", 1, "Span")]
    [InlineData("namespace A { }", 1, "namespace")]
    [InlineData("Console.Error.WriteLine();", 1, "standard")]
    [InlineData("Console.ReadLine();", 1, "parameter")]
    [InlineData("var d = 1.Display();\nd.Display().Update(2);", 2, "updating")]
    [InlineData("int x = ;", 1, "error CS1525")]
    public void What_other_hosts_do_not_understand_is_named_with_its_line(string code, int line, string expected)
    {
        var (found, message) = Assert.Single(Dialect.CheckCode(code));
        Assert.Equal(line, found);
        Assert.Contains(expected, message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("x.Display();")]
    [InlineData("using System.Text;\nusing (var f = File.OpenRead(\"x\")) { }")]
    [InlineData("void F() { using var f = File.OpenRead(\"x\"); Span<int> s = stackalloc int[3]; }")]
    [InlineData("Console.Write(\"\\r50 %\"); await Task.Delay(1);\nnew { A = 1 }")]
    [InlineData("optimizer.Update(3); // display(x), Formatter.X")]
    public void Everything_else_is_fine(string code) => Assert.Empty(Dialect.CheckCode(code));

    [Fact]
    public void A_stored_picture_must_be_one_string_that_decodes_to_a_picture()
    {
        const string dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
        Assert.Null(StoredPicture.Fault("image/png", dot));
        Assert.Null(StoredPicture.Fault("image/png", dot + "\n"));
        Assert.Contains("is a list; expected one string", StoredPicture.Fault("image/png", new JsonArray(dot)), StringComparison.Ordinal);
        Assert.Contains("is no base64", StoredPicture.Fault("image/png", "?"), StringComparison.Ordinal);
        Assert.Contains("does not start as a PNG", StoredPicture.Fault("image/png", "AAAA"), StringComparison.Ordinal);
        Assert.Contains("does not start as a JPEG", StoredPicture.Fault("image/jpeg", dot), StringComparison.Ordinal);
        // Encoded twice, as a list is that was saved.
        Assert.NotNull(StoredPicture.Fault("image/png", Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(dot))));
        var bytes = Convert.FromBase64String(dot);
        for (var at = 0; at < bytes.Length; at++)
        {
            byte[] damaged = [.. bytes[..at], (byte)(bytes[at] ^ 1), .. bytes[(at + 1)..]];
            Assert.NotNull(StoredPicture.Fault("image/png", Convert.ToBase64String(damaged)));
            Assert.NotNull(StoredPicture.Fault("image/png", Convert.ToBase64String(bytes[..at])));
        }
    }

    [Fact]
    public void Faults_of_the_file_are_named()
    {
        using var folder = new TemporaryFolder();
        var path = folder["bad.ipynb"];
        File.WriteAllText(path, """
            {"cells": [
              {"cell_type": "code", "id": "a", "source": "#!import setup.csx", "metadata": {"polyglot_notebook": {"kernelName": "fsharp"}}, "outputs": []},
              {"cell_type": "code", "id": "a", "source": "1", "metadata": {}, "outputs": [{"output_type": "error", "ename": "E", "evalue": "", "traceback": []}]}
            ], "metadata": {"kernelspec": {"language": "python"}}, "nbformat": 4, "nbformat_minor": 4}
            """);
        var faults = string.Join("\n", Dialect.Check(path));
        foreach (var expected in new[] { "its format is 4.4", "2 cells have the id 'a'", "metadata kernelspec.language is \"python\"; expected \"C#\"", "metadata language_info.name is missing",
            "defaultKernelName", "cell 1: it is marked as fsharp", "cell 1: the first code cell must be exactly '#!import ../artifacts/notebook/setup.csx'", "cell 2: its stored output is an error" })
            Assert.Contains(expected, faults, StringComparison.Ordinal);
        var (code, output, errors) = Artar.Run(Path.GetDirectoryName(path)!, "notebook", "check", ".");
        Assert.Equal((1, 8), (code, output.Split('\n').Length - 1));
        Assert.Contains("1 notebook, 8 faults", errors, StringComparison.Ordinal);
    }
}
