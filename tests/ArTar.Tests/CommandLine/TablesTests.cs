using System.Text.Json.Nodes;

namespace ArTar.Tests.CommandLine;

/// <summary><c>artar tables</c>: what tables there are, without training anything.</summary>
public sealed class TablesTests : IDisposable
{
    private readonly Artar artar = new();

    public void Dispose() => artar.Dispose();

    [Fact]
    public void Tables_are_listed_as_verified()
    {
        var said = Artar.Finish(artar.Start(["tables"], ("COLUMNS", "100")));
        Assert.Equal((0, ""), (said.Code, said.Errors));
        var verified = Path.Combine(TestData.Repository, "tests", "ArTar.Tests", "CommandLine", "tables.verified.txt");
        Assert.Equal(File.ReadAllText(verified), said.Output);
        Assert.All(said.Output.Split('\n'), line => Assert.True(line.Length <= 100, line));
    }

    [Theory]
    [InlineData("t.md", "| table | title |")]
    [InlineData("t.md", "| table | title |", "--format", "table")]
    [InlineData("t.txt", "| table | title |")]
    [InlineData("t.csv", "table,title,data,rows,results,question\n")]
    [InlineData("t.json", "\"tables\": [")]
    [InlineData("t.tex", "\\begin{tabular}")]
    [InlineData("t.csv", "<table><thead>", "--format", "html")]
    public void A_files_ending_says_its_format_and_an_option_wins_over_it(string file, string held, params string[] more)
    {
        Assert.Equal((0, "", ""), artar.Run(["tables", "--output", Path.Combine(artar.Home, file), .. more]) is var said ? (said.Code, said.Output, said.Errors) : default);
        Assert.Contains(held, File.ReadAllText(Path.Combine(artar.Home, file)), StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_as_json_name_every_row()
    {
        var tables = JsonNode.Parse(artar.Run("tables", "--format", "json").Output)!["tables"]!.AsArray();
        Assert.Equal(Enumerable.Range(1, 7), tables.Take(7).Select(t => t!["number"]!.GetValue<int>()));
        Assert.Equal(["surface", "sizes", "data", "rivals", "tanh", "invasive"], tables.Skip(7).Select(t => t!["id"]!.GetValue<string>()));
        Assert.Equal(["alpha=0", "alpha=1", "alpha=2", "alpha=4", "alpha=6", "alpha=8"], tables[0]!["rows"]!.AsArray().Select(r => r!.GetValue<string>()));
        Assert.Equal(15, tables[4]!["cited"]!.AsArray().Count);
    }
}
