using Plotly.NET;

namespace ArTar.Workbench.Figures;

/// <summary>
/// Puts charts together from traces written in plotly.js's own attributes (https://plotly.com/javascript/reference/),
/// in one look: a palette that colour-blind readers can tell apart, axes with names and units.
/// </summary>
public static class Plot
{
    /// <summary>Colours of series in their order, after Okabe and Ito; of different lightness, so that they differ in grey.</summary>
    public static IReadOnlyList<string> Palette { get; } = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"];

    /// <summary>Colour of what is given, not measured: cited rows, reference lines.</summary>
    public const string Given = "#666666";

    /// <summary>A chart.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="subtitle">Its circumstances, in smaller letters below the title.</param>
    /// <param name="x">Name of the horizontal axis, with its unit.</param>
    /// <param name="y">Name of the vertical axis, with its unit.</param>
    /// <param name="traces">Traces: <c>new { type = "scatter", x = xs, y = ys, name = "validation" }</c>; null ones are left out.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="logX">True for a logarithmic horizontal axis.</param>
    /// <param name="logY">True for a logarithmic vertical axis.</param>
    public static GenericChart Of(
        string title, string subtitle, string x, string y, IEnumerable<object?> traces, int height = 480, bool logX = false, bool logY = false)
    {
        object Axis(string name, bool log) => new
        {
            title = new { text = name },
            type = log ? "log" : "-",
            gridcolor = "#E5E5E5",
            linecolor = "#333333",
            zeroline = false,
            automargin = true,
            exponentformat = "power",
        };
        var layout = Filled(new Layout(), new
        {
            title = new { text = $"{title}<br><sub>{subtitle}</sub>", x = 0.02, xanchor = "left" },
            font = new { family = "Helvetica, Arial, sans-serif", size = 14 },
            paper_bgcolor = "white",
            plot_bgcolor = "white",
            legend = new { orientation = "h", xref = "container", x = 0.02, yref = "container", y = 0.01, yanchor = "bottom" },
            margin = new { t = 90, b = 120 },
            width = 860,
            height,
            xaxis = Axis(x, logX),
            yaxis = Axis(y, logY),
        });
        var drawn = traces.OfType<object>().Select(t => Filled(new Trace((string)t.GetType().GetProperty("type")!.GetValue(t)!), t));
        return GenericChart.setLayout(layout, GenericChart.ofTraceObjects(false, Microsoft.FSharp.Collections.ListModule.OfSeq(drawn)));
    }

    private static T Filled<T>(T target, object attributes) where T : DynamicObj.DynamicObj
    {
        foreach (var property in attributes.GetType().GetProperties())
            if (property.GetValue(attributes) is { } value)
                target.SetProperty(property.Name, value);
        return target;
    }
}
