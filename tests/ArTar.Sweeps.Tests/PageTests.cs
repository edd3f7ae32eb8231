using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ArTar.Cli.Sweeps;

namespace ArTar.Sweeps.Tests;

/// <summary>In which order tables and charts show the rows of a sweep. Nothing is trained: the later a row, the better its result.</summary>
public sealed class PageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private (Sweep Sweep, string Page) Done(string spec)
    {
        var sweep = Sweep.Create(new(folder.Path), SpecReader.Read(spec), "local");
        foreach (var (i, line) in File.ReadLines(Path.Combine(sweep.Folder, "rows.jsonl")).Index())
            sweep.EndWithoutTraining(i + 1, JsonNode.Parse(line)!["configuration"]!.ToJsonString(), 6 - 0.01 * i);
        return (sweep, SweepReport.Page(SweepState.Read(sweep, new LocalEngine(new("artar", [])))));
    }

    private static JsonArray TracesOf(string page, string figure) =>
        JsonNode.Parse(Regex.Match(page, $"<figure id=\"{figure}\">.*?<script type=\"application/json\">(.*?)</script>", RegexOptions.Singleline).Groups[1].Value)!["data"]!.AsArray();

    private static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(x => x!.ToString());

    [Theory]
    [InlineData("alpha=0|1|2|4|6|8", "0 1 2 4 6 8")]
    [InlineData("alpha=4|0|2", "0 2 4")]
    public void A_search_over_a_coefficient_is_drawn_from_left_to_right_and_printed_with_the_best_first(string spec, string alphas)
    {
        var (sweep, page) = Done(spec);
        var rows = SweepReport.Tables(SweepState.Read(sweep, new LocalEngine(new("artar", []))))[0].Rows;
        Assert.Equal(rows.OrderBy(r => r.Valid!.Value.Mean), rows);
        var traces = TracesOf(page, "search");
        Assert.Equal(alphas, string.Join(' ', traces[0]!["x"]!.AsArray().Select(x => x!.GetValue<double>())));
        Assert.Contains(traces, t => t!["name"]!.GetValue<string>() == "validation at alpha = 0");
    }

    [Fact]
    public void Named_tables_keep_the_order_of_their_rows_and_have_figures_of_their_own()
    {
        var (sweep, page) = Done("tables surface and rivals");
        Assert.All(SweepReport.Tables(SweepState.Read(sweep, new LocalEngine(new("artar", [])))), t => Assert.Equal(t.Plan.Rows, t.Rows.Select(r => r.Row)));
        Assert.Equal(["table-surface", "table-surface-learning", "table-rivals", "table-rivals-learning"], Regex.Matches(page, "<figure id=\"(.*?)\">").Select(m => m.Groups[1].Value));
        var map = TracesOf(page, "table-surface")[0]!;
        Assert.Equal(["0", "1", "2", "4", "6"], Texts(map["x"]));
        Assert.Equal(["0", "1", "2", "4", "6"], Texts(map["y"]));
    }
}
