using ArTar.Workbench.Display;
using Plotly.NET;

namespace ArTar.Workbench.Figures;

/// <summary>A chart with the name of its files.</summary>
/// <param name="Name">Name without extension: <c>table-1-quick</c>.</param>
/// <param name="Chart">The chart, made by <see cref="Plot"/>.</param>
public sealed record Figure(string Name, GenericChart Chart)
{
    /// <summary>Names of the runs that it is drawn from, for its files to carry.</summary>
    public IReadOnlyList<string> Runs { get; init; } = [];

    /// <summary>The part of a page of figures that it belongs to; null for none.</summary>
    internal FigureSection? Section { get; init; }

    /// <summary>What it shows, its circumstances and how to read it, as <see cref="Plot.Of"/> was told.</summary>
    public (string Title, string Subtitle, string Caption) Words => WordsOf(ToJson());

    /// <summary>The chart's data and layout, in plotly.js's own format.</summary>
    public JsonObject ToJson()
    {
        var figure = JsonNode.Parse(ChartView.JsonOf(Chart))!.AsObject();
        if (figure["layout"]?["meta"] is JsonObject meta)
        {
            if (Runs.Count > 0)
                meta["runs"] = new JsonArray([.. Runs.Select(r => (JsonNode)r)]);
            if (Section is not null)
                meta["section"] = Section.ToJson();
        }
        return figure;
    }

    /// <summary>Circumstances and runs, in a line.</summary>
    internal string Description
    {
        get
        {
            var circumstances = Words.Subtitle;
            return circumstances + (Runs.Count == 0 ? "" : $"{(circumstances.Length > 0 ? ". " : "")}Runs: {string.Join(", ", Runs)}");
        }
    }

    internal static (string Title, string Subtitle, string Caption) WordsOf(JsonObject figure)
    {
        string Word(string key) => (figure["layout"]?["meta"] as JsonObject)?[key]?.GetValue<string>() ?? "";
        return (Word("title"), Word("subtitle"), Word("caption"));
    }
}
