using Plotly.NET;

namespace ArTar.Workbench.Figures;

/// <summary>Writes charts to files.</summary>
public static class FigureFile
{
    /// <summary>Writes a page that needs nothing else: it holds plotly.js (about 3.6 MB) and opens without a network.</summary>
    public static void WriteHtml(GenericChart chart, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.WriteAllText(path, GenericChart.toEmbeddedHTML(chart));
    }
}
