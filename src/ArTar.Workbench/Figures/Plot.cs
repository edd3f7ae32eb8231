using System.Text.RegularExpressions;
using ArTar.Workbench.Tables;
using Plotly.NET;

namespace ArTar.Workbench.Figures;

/// <summary>
/// Puts charts together from traces written in plotly.js's own attributes (https://plotly.com/javascript/reference/),
/// in one look: a palette that colour-blind readers can tell apart, axes with names and units.
/// </summary>
public static partial class Plot
{
    /// <summary>
    /// Colours of series in their order, after Okabe and Ito, the last after Tol; of different lightness, so that they differ in grey.
    /// </summary>
    public static IReadOnlyList<string> Palette { get; } =
        ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000", "#882255"];

    /// <summary>Marker symbols of series in their order, for readers without colours.</summary>
    public static IReadOnlyList<string> Symbols { get; } = ["circle", "diamond", "square", "triangle-up", "x", "star", "cross", "hexagram"];

    /// <summary>Dashes of series in their order, for lines without markers.</summary>
    public static IReadOnlyList<string> Dashes { get; } = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];

    /// <summary>Colour of what is given, not measured: cited rows, reference lines.</summary>
    public const string Given = "#666666";

    /// <summary>Colour of rows that are too many to be named.</summary>
    internal const string Unnamed = "#BBBBBB";

    /// <summary>Colour behind a map: of what is between its cells, and of those that are missing.</summary>
    internal const string Absent = "#E5E5E5";

    /// <summary>Dash of the line at the best possible perplexity.</summary>
    public const string Floor = "dashdot";

    /// <summary>
    /// Colour scale of heat maps: from blue to white, so that it can be read in grey, and dark letters on every one of its colours.
    /// </summary>
    public static object Scale { get; } = ScaleOf("#FFFFFF");

    /// <summary>The same with another end.</summary>
    /// <param name="end">The colour of the greatest number.</param>
    public static object ScaleOf(string end) => new object[] { new object[] { 0, "#7FB3DE" }, new object[] { 1, end } };

    /// <summary>Width of a chart as it is shown on a screen, in pixels.</summary>
    public const int Width = 860;

    /// <summary>Size of a chart's letters at that width, in pixels.</summary>
    public const int FontSize = 14;

    /// <summary>Letters of a screen's charts.</summary>
    internal const string SansSerif = "Helvetica, Arial, sans-serif";

    /// <summary>Letters as a paper's text has them.</summary>
    internal const string Serif = "Times New Roman, Times, Liberation Serif, Nimbus Roman, serif";

    /// <summary>A chart.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="subtitle">Its circumstances, in smaller letters below the title.</param>
    /// <param name="x">Name of the horizontal axis, with its unit.</param>
    /// <param name="y">Name of the vertical axis, with its unit.</param>
    /// <param name="traces">Traces: <c>new { type = "scatter", x = xs, y = ys, name = "validation" }</c>; null ones are left out. Names
    /// and categories are shown letter by letter, as titles are; names of axes and texts may have plotly.js's markup.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="logX">True for a logarithmic horizontal axis.</param>
    /// <param name="logY">True for a logarithmic vertical axis.</param>
    /// <param name="xAxis">More attributes of the horizontal axis, such as <c>new { scaleanchor = "y" }</c>.</param>
    /// <param name="yAxis">More attributes of the vertical axis.</param>
    /// <param name="background">Colour behind the traces.</param>
    /// <param name="caption">How to read it; pages show it below the chart.</param>
    /// <param name="width">Width in pixels, less for a chart that is a square.</param>
    public static GenericChart Of(
        string title, string subtitle, string x, string y, IEnumerable<object?> traces, int height = 480, bool logX = false,
        bool logY = false,
        object? xAxis = null, object? yAxis = null, string background = "white", string caption = "",
        int width = Width)
    {
        var drawn = traces.OfType<object>().ToList();
        Dictionary<string, object> Axis(string key, string name, bool log, object? more)
        {
            var axis = new Dictionary<string, object>
            {
                ["title"] = new { text = name, standoff = 10, font = new { size = FontSize } },
                ["type"] = log ? "log" : "-",
                ["gridcolor"] = "#E5E5E5",
                ["linecolor"] = "#333333",
                ["zeroline"] = false,
                ["automargin"] = true,
                ["exponentformat"] = "power",
            };
            var given = Attributes(more);
            if (given.GetValueOrDefault("type") is "category")
                axis["tickvals"] = (given.GetValueOrDefault("categoryarray") as string[] ?? Categories(drawn, key)).Select(Plain).ToArray();
            if (log)
                (axis["tickvals"], axis["ticktext"]) = LogTicks.For(given.GetValueOrDefault("range") is double[] range
                    ? range.Select(r => Math.Pow(10, r)) : drawn.SelectMany(t => Figures(Attributes(t).GetValueOrDefault(key))));
            foreach (var (attribute, value) in given)
                axis[attribute] = attribute == "categoryarray" ? axis["tickvals"] : value;
            return axis;
        }
        var (across, down) = (Axis("x", x, logX, xAxis), Axis("y", y, logY, yAxis));
        var place = new FigureLayout(new()
        {
            Title = title, Subtitle = subtitle, X = x, Y = y,
            Columns = across.GetValueOrDefault("tickvals") as string[], Rows = down.GetValueOrDefault("tickvals") as string[],
            Legend = [.. drawn.Select(LegendName).OfType<string>().Select(Plain)],
            IsOnTop = across.GetValueOrDefault("side") is "top", HasScale = drawn.Any(t => Attributes(t)["type"] is "heatmap"),
        }, width);
        foreach (var (axis, labels) in new[] { (across, place.Columns), (down, place.Rows) })
            if (labels is not null)
                axis["ticktext"] = labels;
        var layout = Filled(new Layout(), new
        {
            title = new { text = place.Title, x = 0.02, xanchor = "left", yref = "container", y = 1, yanchor = "top",
                pad = new { t = place.TitlePad }, font = new { size = FigureLayout.TitleSize } },
            font = new { family = SansSerif, size = FontSize },
            paper_bgcolor = "white",
            plot_bgcolor = background,
            legend = new { orientation = "h", xref = "container", x = 0.02, yref = "container", y = 0.01, yanchor = "bottom" },
            margin = new { l = 12, t = place.Top, r = place.Right, b = place.Bottom },
            width,
            height = place.Height(height - place.Top - place.Bottom, across.ContainsKey("scaleanchor")),
            xaxis = across,
            yaxis = down,
            // What pages and exports need beside the picture.
            meta = new { title, subtitle, caption },
        });
        var all = drawn.Select(t => Filled(new Trace((string)Attributes(t)["type"]), t, Literal));
        return GenericChart.setLayout(layout, GenericChart.ofTraceObjects(false, Microsoft.FSharp.Collections.ListModule.OfSeq(all)));
    }

    /// <summary>
    /// The rows that are drawn with names and colours: all, or where there are too many to tell apart those with the lowest score.
    /// </summary>
    internal static (List<T> Named, List<T> Others) Best<T>(IReadOnlyList<T> rows, Func<T, double> score)
    {
        const int most = 8, best = 5;
        List<T> named = rows.Count <= most ? [.. rows] : [.. rows.OrderBy(score).Take(best)];
        return (named, [.. rows.Where(r => !named.Contains(r))]);
    }

    /// <summary>The same where nothing tells which are the best: the first.</summary>
    internal static (List<T> Named, List<T> Others) First<T>(IReadOnlyList<T> rows)
    {
        var (named, others) = Best([.. rows.Index()], r => r.Index);
        return ([.. named.Select(r => r.Item)], [.. others.Select(r => r.Item)]);
    }

    /// <summary>What a caption says of those that <see cref="First"/> left without a name.</summary>
    internal static string Rest(int named, int others) =>
        others == 0 ? "" : $" Of {named + others} the first {named} have names and colours.";

    /// <summary>Lines that have no colour; a page tells their names where the pointer is.</summary>
    internal static IEnumerable<object> Grey(IEnumerable<(string Name, object X, object Y)> lines)
    {
        var count = 0;
        foreach (var (name, x, y) in lines)
        {
            count++;
            yield return new { type = "scatter", mode = "lines", name, showlegend = false, x, y,
                line = new { color = Unnamed, width = 1.5 } };
        }
        if (count > 0)
            yield return Entry($"{count} other rows", Unnamed, "solid");
    }

    /// <summary>Nothing but an entry of the legend.</summary>
    internal static object Entry(string name, string color, string dash) => new
    {
        type = "scatter",
        mode = "lines",
        name,
        x = new double?[1],
        y = new double?[1],
        line = new { color, dash, width = 1.5 },
    };

    /// <summary>A level line, named, that measured ones stand against.</summary>
    /// <param name="name">What it stands for.</param>
    /// <param name="ends">Where it begins and ends, across: numbers or categories.</param>
    /// <param name="y">Its height.</param>
    /// <param name="dash">Its dash.</param>
    internal static object Reference<T>(string name, T[] ends, double y, string dash = "dot") =>
        new { type = "scatter", mode = "lines", name, x = ends, y = new[] { y, y }, line = new { color = Given, dash } };

    /// <summary>Bars of one standard deviation to each side; null where every figure is of one seed.</summary>
    internal static object? Errors(IEnumerable<MeanDeviation> measures)
    {
        var all = measures.ToList();
        return all.All(m => m.Count < 2) ? null : new { type = "data", array = all.Select(m => m.Deviation).ToArray() };
    }

    /// <summary>One standard deviation to each side of a mean, in pale colour behind its line.</summary>
    internal static object Band(IReadOnlyList<int> x, IReadOnlyList<MeanDeviation> y, string color) => new
    {
        type = "scatter",
        mode = "lines",
        showlegend = false,
        hoverinfo = "skip",
        x = x.Concat(x.Reverse()).ToArray(),
        y = y.Select(m => m.Mean + m.Deviation).Concat(y.Reverse().Select(m => m.Mean - m.Deviation)).ToArray(),
        fill = "toself",
        opacity = 0.2,
        fillcolor = color,
        line = new { width = 0 },
    };

    /// <summary>
    /// A text that plotly.js shows letter by letter: it takes no markup for its own, <c>&lt;a href=…&gt;</c> say, no entity and no formula.
    /// </summary>
    // An entity is parted by a blank of no width, as plotly.js does: an escaped one it decodes once more when it exports a picture.
    internal static string Plain(string text) => Entity().Replace(text, "&\u200B").Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace("$", "&#36;", StringComparison.Ordinal);

    private static IEnumerable<double> Figures(object? list) => list is System.Collections.IEnumerable all and not string
        ? all.Cast<object?>().Where(v => v is double or float or int or long).Select(v => Convert.ToDouble(v, CultureInfo.InvariantCulture))
        : [];

    /// <summary>The names that traces have along an axis, in the order in which they come.</summary>
    private static string[] Categories(IEnumerable<object> traces, string key) =>
        [.. traces.SelectMany(t => Attributes(t).GetValueOrDefault(key) as IEnumerable<string> ?? []).Distinct()];

    private static string? LegendName(object trace) =>
        Attributes(trace) is var all && all.GetValueOrDefault("showlegend") is not false && all.GetValueOrDefault("type") is not "heatmap"
            ? all.GetValueOrDefault("name") as string : null;

    private static Dictionary<string, object> Attributes(object? attributes) => (attributes?.GetType().GetProperties() ?? [])
        .Select(p => (p.Name, Value: p.GetValue(attributes))).Where(p => p.Value is not null).ToDictionary(p => p.Name, p => p.Value!);

    /// <summary>Names and categories, which others may have written; figures stay as they are.</summary>
    private static object Literal(string attribute, object value) => (attribute, value) switch
    {
        ("name", string name) => Plain(name),
        ("x" or "y", IEnumerable<string?> categories) => categories.Select(c => c is null ? null : Plain(c)).ToArray(),
        _ => value,
    };

    private static T Filled<T>(T target, object attributes, Func<string, object, object>? change = null) where T : DynamicObj.DynamicObj
    {
        foreach (var (name, value) in Attributes(attributes))
            target.SetProperty(name, change is null ? value : change(name, value));
        return target;
    }

    [GeneratedRegex("&(?=#?[0-9A-Za-z]+;)")]
    private static partial Regex Entity();
}
