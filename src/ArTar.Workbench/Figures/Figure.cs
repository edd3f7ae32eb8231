using System.Text.Json.Nodes;
using ArTar.Workbench.Display;
using Plotly.NET;

namespace ArTar.Workbench.Figures;

/// <summary>A chart with the name of its files.</summary>
/// <param name="Name">Name without extension: <c>table-1-quick</c>.</param>
/// <param name="Chart">The chart, made by <see cref="Plot"/>.</param>
public sealed record Figure(string Name, GenericChart Chart)
{
    /// <summary>What it shows, its circumstances and how to read it, as <see cref="Plot.Of"/> was told.</summary>
    public (string Title, string Subtitle, string Caption) Words => WordsOf(ToJson());

    /// <summary>The chart's data and layout, in plotly.js's own format.</summary>
    public JsonObject ToJson() => JsonNode.Parse(ChartView.JsonOf(Chart))!.AsObject();

    internal static (string Title, string Subtitle, string Caption) WordsOf(JsonObject figure)
    {
        string Word(string key) => (figure["layout"]?["meta"] as JsonObject)?[key]?.GetValue<string>() ?? "";
        return (Word("title"), Word("subtitle"), Word("caption"));
    }
}
