using System.Net;
using System.Text.RegularExpressions;
using ArTar.Workbench.Output;
using Newtonsoft.Json.Linq;

namespace ArTar.Workbench.Display;

/// <summary>Says what a chart shows, for where it cannot be drawn.</summary>
internal static partial class ChartWords
{
    private const int Named = 8;

    // Where a trace has its numbers, the one that says most first: a map has rows of them.
    private static readonly string[] numbers = ["z", "y", "x", "values", "r"];

    /// <summary>Title, axes, and how many points each series has.</summary>
    /// <param name="figure">Data and layout, in plotly.js's format.</param>
    public static string Of(JObject figure)
    {
        string Text(string path) => figure.SelectToken(path) is JValue { Value: string text } ? Plain(text) : "";
        // What a chart of ours was told has no markup.
        var title = figure.SelectToken("layout.meta.title") is JValue { Value: string { Length: > 0 } told } ? told.TrimEnd('.')
            : Text("layout.title.text");
        string[] axes = [Axis("x axis", Text("layout.xaxis.title.text")), Axis("y axis", Text("layout.yaxis.title.text"))];
        var traces = figure["data"] as JArray ?? [];
        List<string> parts = [title, string.Join(", ", axes.Where(a => a.Length > 0)), Series([.. traces.OfType<JObject>()])];
        return $"Chart: {string.Join("; ", parts.Where(p => p.Length > 0))}.";
    }

    private static string Axis(string name, string title) => title.Length == 0 ? "" : $"{name} {title}";

    private static string Series(IReadOnlyList<JObject> traces)
    {
        var named = traces.Where(t => Name(t).Length > 0).ToList();
        var names = named.Take(Named).Select(t => $"{Name(t)} {Number(Points(t))}").ToList();
        if (named.Count > Named)
            names.Add($"{Number(named.Count - Named)} more");
        return $"{Counted(traces.Count, "series", "series")} with {Counted(traces.Sum(Points), "point", "points")}"
            + (names.Count == 0 ? "" : $": {string.Join(", ", names)}");
    }

    private static string Name(JObject trace) => trace["name"] is JValue { Value: string name } ? Plain(name) : "";

    private static int Points(JObject trace) => numbers.Select(n => trace[n]).OfType<JArray>().FirstOrDefault() is not { } values ? 0
        : values.Sum(value => value is JArray row ? row.Count : 1);

    private static string Counted(int count, string one, string many) => $"{Number(count)} {(count == 1 ? one : many)}";

    private static string Number(int count) => Printed.Count(count);

    // What plotly.js understands in its texts; any other "<" is a sign like every other.
    private static string Plain(string text)
    {
        var literal = Markup().Replace(text, match => match.Value.StartsWith("<br", StringComparison.Ordinal) ? " " : "");
        return WebUtility.HtmlDecode(literal).Replace("\u200B", "", StringComparison.Ordinal).Trim().TrimEnd('.');
    }

    [GeneratedRegex("</?(?:br|b|strong|i|em|u|s|sub|sup|span|a)(?: [^<>]*)?/?>")]
    private static partial Regex Markup();
}
