using System.Text.Json.Nodes;
using ArTar.Workbench;
using ArTar.Workbench.Figures;

namespace ArTar.Tests.Figures;

/// <summary>Sizes of figures as people type them, and charts that are fitted to them.</summary>
public sealed class FigureSizeTests
{
    [Theory]
    [InlineData("84mm", 8.0, 317.48, 10.667, 300)]
    [InlineData("600px", null, 600, 14, 192)]
    [InlineData("600", 10.5, 600, 14, 192)]
    [InlineData(null, null, 860, 14, 192)]
    public void Sizes_in_millimetres_pixels_and_points(string? width, double? points, double pixels, double letters, double density)
    {
        var size = FigureSize.Parse(width, points);
        Assert.Equal(pixels, size.Width, 0.01);
        Assert.Equal(letters, size.Letters, 0.001);
        Assert.Equal(density, size.Density);
    }

    [Theory]
    [InlineData("{}", null, 860, 480)]
    [InlineData("{\"width\": 300, \"height\": 200.5, \"title\": {\"text\": \"mine\"}}", null, 300, 200.5)]
    [InlineData("{\"height\": 200}", "100mm", 100 / 25.4 * 96, 200)]
    [InlineData("{\"meta\": {\"title\": \"mine\"}, \"width\": \"wide\"}", null, 860, 480)]
    [InlineData("{\"meta\": \"mine\", \"xaxis\": {}, \"margin\": {\"t\": 1}}", null, 860, 480)]
    public void A_chart_of_somebody_else_s_keeps_its_layout(string layout, string? width, double across, double down)
    {
        var chart = new JsonObject { ["data"] = new JsonArray(), ["layout"] = JsonNode.Parse(layout) };
        var size = width is null ? new FigureSize() : FigureSize.Parse(width, null);
        var fitted = FigureFit.To(chart, size);
        Assert.Equal((width is null ? across : across / size.Scale, down), (fitted.Width, fitted.Height));
        Assert.Equal(JsonNode.Parse(layout)!["title"]?.ToJsonString(), chart["layout"]!["title"]?.ToJsonString());
    }

    [Theory]
    [InlineData("wide", null, "width wide: expected a width such as 84mm")]
    [InlineData("-3mm", null, "width -3mm")]
    [InlineData("84mm", 0.0, "font size 0")]
    [InlineData("30mm", 12.0, "is too narrow for letters of 12 points: take at least 85mm")]
    public void Sizes_that_make_no_sense_are_refused(string width, double? points, string message) =>
        Assert.Contains(message, Assert.Throws<WorkbenchException>(() => FigureSize.Parse(width, points)).Message, StringComparison.Ordinal);
}
