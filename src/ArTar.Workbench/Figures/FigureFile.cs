using System.Net;
using Plotly.NET;

namespace ArTar.Workbench.Figures;

/// <summary>Writes charts to files.</summary>
public static class FigureFile
{
    /// <summary>Writes a page that needs nothing else: it holds plotly.js (3.6 MB) and opens from a file, without a network.</summary>
    public static void WriteHtml(GenericChart chart, string title, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.WriteAllText(path, $$"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><title>{{WebUtility.HtmlEncode(title)}}</title></head>
            <body>
            <div id="chart"></div>
            <script>{{PlotlyScript()}}</script>
            <script>const figure = {{GenericChart.toFigureJson(chart)}}; Plotly.newPlot("chart", figure.data, figure.layout);</script>
            </body>
            </html>

            """);
    }

    /// <summary>plotly.js as Plotly.NET carries it.</summary>
    public static string PlotlyScript()
    {
        var assembly = typeof(GenericChart).Assembly;
        var name = assembly.GetManifestResourceNames().Single(n => n.EndsWith(".min.js", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
