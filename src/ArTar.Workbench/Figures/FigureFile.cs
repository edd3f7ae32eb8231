using ArTar.Workbench.Display;
using ArTar.Workbench.Output;
using Plotly.NET;

namespace ArTar.Workbench.Figures;

/// <summary>Writes figures to files, in the format that the file's extension names; each file appears whole or not at all.</summary>
public static class FigureFile
{
    /// <summary>Extensions, without the dot.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["html", "json", "svg", "png", "pdf"];

    /// <summary>Whether a format needs a browser to draw it.</summary>
    public static bool NeedsBrowser(string format) => format is "svg" or "png" or "pdf";

    /// <summary>The format that a file's extension names.</summary>
    /// <exception cref="WorkbenchException">There is no such format.</exception>
    public static string FormatOf(string path)
    {
        var extension = Path.GetExtension(path).TrimStart('.').ToLowerInvariant();
        return Formats.Contains(extension) ? extension : throw new WorkbenchException(
            $"{path}: expected a file name that ends in {string.Join(", ", Formats.Select(f => "." + f))}.");
    }

    /// <summary>
    /// Writes a figure. A page holds plotly.js (3.6 MB) and needs nothing else; JSON is data and layout in plotly.js's format; the other
    /// formats are drawn by <see cref="Chromium"/>. A picture for a paper has the circumstances in a file beside it, as LaTeX's caption.
    /// </summary>
    /// <param name="figure">The figure.</param>
    /// <param name="path">Where to; its extension names the format.</param>
    /// <param name="size">The size of a picture; null for that on a screen.</param>
    /// <param name="browser">A browser that is running; null starts one where it is needed.</param>
    /// <exception cref="WorkbenchException">Unknown format, no browser, or one that does not answer.</exception>
    public static void Write(Figure figure, string path, FigureSize? size = null, Chromium? browser = null)
    {
        path = Path.GetFullPath(path);
        var format = FormatOf(path);
        if (NeedsBrowser(format) && browser is null)
        {
            using var own = Chromium.Start(cancellation: Interrupt.Token);
            Write(figure, path, size, own);
            return;
        }
        size ??= new();
        var content = format switch
        {
            "json" => Utf8(figure.ToJson().ToJsonString() + "\n"),
            "html" => Utf8(Page(figure, $"<script>{PlotlyScript()}</script>")),
            "svg" => Utf8(browser!.Svg(figure, size)),
            "png" => browser!.Png(figure, size),
            _ => browser!.Pdf(figure, size),
        };
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.WriteNamed(path, stream => stream.Write(content));
        if (CaptionFor(path, size) is { } caption)
            AtomicFile.WriteAllText(caption, Caption(figure));
    }

    /// <summary>The file of a picture's caption; null for what says its circumstances itself.</summary>
    internal static string? CaptionFor(string path, FigureSize? size) =>
        size is { IsForPaper: true } && NeedsBrowser(FormatOf(path)) ? Path.ChangeExtension(path, ".caption.tex") : null;

    private static string Caption(Figure figure)
    {
        var (title, subtitle, reading) = figure.Words;
        return Latex.Caption(title, [title, subtitle, reading]) + string.Concat(figure.Runs.Select(r => $"% {CleanText.Line(r)}\n"));
    }

    /// <summary>A page that shows a figure.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="plotly">What brings plotly.js.</param>
    internal static string Page(Figure figure, string plotly)
    {
        return $$"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><title>{{Html.Encode(figure.Words.Title)}}</title><link rel="icon" href="data:,">
            <style>
            body { font: 15px/1.5 Helvetica, Arial, sans-serif; max-width: 900px; margin: 2em auto; padding: 0 1em; color: #333; background: white }
            figure { margin: 0 0 3em; overflow-x: auto } figcaption { max-width: 860px }
            </style>
            {{plotly}}
            </head>
            <body>
            {{Section(figure)}}{{DrawAll}}
            </body>
            </html>

            """;
    }

    /// <summary>The part of a page that shows a figure, once <see cref="DrawAll"/> has run.</summary>
    internal static string Section(Figure figure)
    {
        var json = figure.ToJson();
        return $"""
            <figure id="{Html.Encode(figure.Name)}"><div></div>
            <figcaption>{Html.Encode(Figure.WordsOf(json).Caption)}</figcaption>
            <script type="application/json">{HtmlTable.InScript(json.ToJsonString())}</script></figure>

            """;
    }

    /// <summary>The script that draws every figure of a page.</summary>
    internal const string DrawAll = """
        <script>
        for (const place of document.querySelectorAll("figure")) {
          const figure = JSON.parse(place.querySelector("script").textContent);
          Plotly.newPlot(place.querySelector("div"), figure.data, figure.layout, { displaylogo: false, toImageButtonOptions: { format: "svg", filename: place.id } });
        }
        </script>
        """;

    /// <summary>plotly.js as Plotly.NET carries it.</summary>
    public static string PlotlyScript()
    {
        var assembly = typeof(GenericChart).Assembly;
        var name = assembly.GetManifestResourceNames().Single(n => n.EndsWith(".min.js", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
