using ArTar.Notebooks.Formatting;
using ArTar.Workbench.Display;
using Newtonsoft.Json.Linq;
using Plotly.NET;
using CSharp = Plotly.NET.CSharp;

namespace ArTar.Notebooks.Tests.Formatting;

/// <summary>What a chart shows where no script runs.</summary>
public sealed class ChartTests
{
    private static GenericChart Chart => CSharp.Chart.Line<int, int, string>([1, 2, 3], [3, 4, 5], Name: "Loss <b>of</b> \"AR\"");

    [Theory]
    [InlineData("{}", "Chart: 0 series with 0 points.")]
    [InlineData("{'data':[{'y':[1,2]}]}", "Chart: 1 series with 2 points.")]
    [InlineData("{'data':[{'y':[1],'name':'a'}]}", "Chart: 1 series with 1 point: a 1.")]
    [InlineData("{'data':[{'x':[1,2],'y':[1,2],'name':'AR'},{'y':[5],'name':'TAR'}],'layout':{'title':{'text':'<b>Loss</b><br>of h < 5'},"
        + "'xaxis':{'title':{'text':'epoch'}},'yaxis':{'title':{'text':'<i>loss</i>'}}}}",
        "Chart: Loss of h < 5; x axis epoch, y axis loss; 2 series with 3 points: AR 2, TAR 1.")]
    [InlineData("{'data':[{'z':[[1,2,3],[4,5,6]]}],'layout':{'meta':{'title':'A map.'},'title':{'text':'other'}}}", "Chart: A map; 1 series with 6 points.")]
    [InlineData("{'data':[{'values':[1,2]}],'layout':{'xaxis':{'title':'short'},'title':5}}", "Chart: 1 series with 2 points.")]
    public void Words_name_title_axes_and_the_points_of_each_series(string figure, string expected) =>
        Assert.Equal(expected, ChartWords.Of(JObject.Parse(figure)));

    [Fact]
    public void Words_name_the_first_eight_of_many_series() =>
        Assert.EndsWith("s7 1, 2 more.", ChartWords.Of(new(new JProperty("data", Enumerable.Range(0, 10).Select(i => JObject.Parse($"{{'y':[1],'name':'s{i}'}}"))))), StringComparison.Ordinal);

    [Fact]
    public void A_chart_that_a_page_does_not_draw_says_what_it_shows_and_is_a_picture_where_there_is_one()
    {
        var words = WorkbenchFormatters.Create().Format(Chart)!.Data;
        Assert.Equal("Chart: 1 series with 3 points: Loss of \"AR\" 3.", (string?)words["text/plain"]);
        Assert.Contains(">Chart: 1 series with 3 points: Loss of &quot;AR&quot; 3. This page has not run the script that draws it.</div>", (string?)words["text/html"], StringComparison.Ordinal);

        var picture = WorkbenchFormatters.Create(fallback: _ => [1, 2, 3]).Format(Chart)!.Data;
        Assert.Contains("><img style=\"max-width:100%\" alt=\"Chart: 1 series with 3 points: Loss of &quot;AR&quot; 3.\" src=\"data:image/png;base64,AQID\"></div>", (string?)picture["text/html"], StringComparison.Ordinal);
        Assert.Equal((string?)words["text/html"], (string?)WorkbenchFormatters.Create(fallback: _ => null).Format(Chart)!.Data["text/html"]);
    }

    [Fact]
    public void A_chart_that_is_shown_anew_at_every_step_does_not_wait_for_a_picture_each_time()
    {
        Requires.That(Workbench.Figures.Chromium.Find() is not null, "Chromium", "sudo apt-get install chromium");
        using var pictures = new ChartPictures(96, TimeSpan.FromMinutes(1));
        var drawn = Enumerable.Range(0, 400).Select(_ => pictures.TryDraw(Chart)).ToList();
        Assert.DoesNotContain(null, drawn.Take(20));
        Assert.Contains(null, drawn);
    }

    [Fact]
    public void Where_the_browser_does_not_answer_words_stand_there()
    {
        using var pictures = new ChartPictures(96, TimeSpan.FromMilliseconds(1));
        Assert.Null(pictures.TryDraw(Chart));
    }
}
