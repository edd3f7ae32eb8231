using ArTar.Workbench.Output;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Plotly.NET;

namespace ArTar.Workbench.Display;

/// <summary>A chart as notebooks show it. A bare chart shows as a list of its properties in most hosts: always wrap it.</summary>
/// <param name="chart">The chart.</param>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed class ChartView(GenericChart chart)
{
    /// <summary>Version of plotly.js that the charts are made for.</summary>
    public const string PlotlyVersion = "2.28.0";

    // Plotly is taken from the page if it is there, else from beside the kernel's specification, which Jupyter serves
    // without a network, else from the network, however long that takes. RequireJS must load it itself where it is in charge;
    // pages that have half of it are looked at again and again, until plotly is there.
    private const string Script = """
        (function () {
          var figure = FIGURE, sources = [BASE + "kernelspecs/artar-csharp/plotly.min.js", "https://cdn.plot.ly/plotly-VERSION.min.js"];
          var drawn = false, watch = setInterval(function () { draw(window.Plotly); }, 250);
          function draw(plotly) {
            if (drawn || !plotly || !plotly.newPlot) return;
            drawn = true;
            clearInterval(watch);
            window.Plotly = window.Plotly || plotly;
            document.querySelectorAll('[data-chart="ID"]').forEach(function (at) {
              at.textContent = "";
              plotly.newPlot(at, figure.data, figure.layout, figure.config || { responsive: true });
            });
          }
          function load(i) {
            if (drawn || i === sources.length) return;
            function next() { load(i + 1); }
            if (typeof define === "function" && define.amd && typeof require === "function" && require.config) {
              require.config({ context: "artar", waitSeconds: 0 })([sources[i]], function (plotly) { draw(plotly || window.Plotly); next(); }, next);
              return;
            }
            var script = document.createElement("script");
            script.src = sources[i];
            script.onload = function () { draw(window.Plotly); next(); };
            script.onerror = next;
            document.head.appendChild(script);
          }
          draw(window.Plotly);
          load(0);
        })();
        """;

    private const string Base =
        """(document.body.dataset.baseUrl || JSON.parse((document.getElementById("jupyter-config-data") || { textContent: "{}" }).textContent).baseUrl || "/")""";

    private static readonly JsonSerializerSettings jsonSettings =
        new() { ReferenceLoopHandling = ReferenceLoopHandling.Serialize, Converters = { new CleanStrings() } };

    /// <summary>The chart.</summary>
    public GenericChart Chart => chart;

    /// <summary>The chart's data and layout, in plotly.js's own format.</summary>
    public string ToJson() => JsonOf(chart);

    /// <summary>
    /// A place in a page, which says what the chart shows, and the script that draws the chart there; notebook hosts call this.
    /// </summary>
    public string ToHtml() => ToHtml(null);

    /// <summary>The same with a picture to stand there where no script runs.</summary>
    /// <param name="picture">A PNG file; null leaves the place to words.</param>
    internal string ToHtml(byte[]? picture)
    {
        var json = HtmlTable.InScript(ToJson());
        // The same chart has the same name in every run, so that a notebook that is run again does not change for it.
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)))[..12];
        var script = Script.Replace("BASE", Base, StringComparison.Ordinal).Replace("VERSION", PlotlyVersion, StringComparison.Ordinal)
            .Replace("ID", id, StringComparison.Ordinal).Replace("FIGURE", json, StringComparison.Ordinal);
        var words = Html.Encode(ToString());
        var fallback = picture is null ? $"{words} This page has not run the script that draws it."
            : $"<img style=\"max-width:100%\" alt=\"{words}\" src=\"data:image/png;base64,{Convert.ToBase64String(picture)}\">";
        return $"<div data-chart=\"{id}\">{fallback}</div>\n<script>\n{script}\n</script>";
    }

    // Plotly.NET's own toFigureJson writes the same, but sets up all its globals first, HTML libraries among them: Roslyn's script engine,
    // which other hosts are made of, loads the F# library once more for those, and the two copies do not fit together.
    internal static string JsonOf(GenericChart chart) => JsonConvert.SerializeObject(GenericChart.toFigure(chart), jsonSettings);

    /// <summary>What the chart shows, in words, for where it cannot be drawn: title, axes, and how many points each series has.</summary>
    public override string ToString() => ChartWords.Of(JObject.Parse(ToJson()));

    // A picture is XML in the end, which has no control characters; the words in it may be others'.
    private sealed class CleanStrings : Newtonsoft.Json.JsonConverter<string>
    {
        public override bool CanRead => false;

        public override void WriteJson(JsonWriter writer, string? value, Newtonsoft.Json.JsonSerializer serializer) =>
            writer.WriteValue(value is null ? null : CleanText.Lines(value));

        public override string ReadJson(
            JsonReader reader, Type type, string? existing, bool exists, Newtonsoft.Json.JsonSerializer serializer) =>
            throw new NotSupportedException();
    }
}
