using ArTar.Bench.Devices;
using ArTar.Cli;
using ArTar.Workbench.Figures;

namespace ArTar.Bench;

/// <summary>Puts results into docs/performance.md, between two marks, and their figures beside it.</summary>
internal static class Docs
{
    private const string Begin = "<!-- measured by ./bench/run --write-docs: from here -->";

    private const string BeginAvx2 = "<!-- measured with AVX2 by ./bench/run --write-docs: from here -->";

    private const string BeginDevice = "<!-- measured by ./bench/run --device cuda --write-docs: from here -->";

    private static string Page => Path.Combine(Peer.Repository, "docs", "performance.md");

    /// <summary>What was measured on a GPU, a part of the page that is not there before.</summary>
    public static void Write(DeviceResults results) =>
        MarkedBlock.Write(Page, BeginDevice, $"## On a GPU\n\n{DeviceReport.Markdown(results)}");

    public static void Write(Results results)
    {
        // Which of the two a page's reader has decides more than all else.
        if (results.Conditions.Avx2 || !results.Conditions.HasAvx512)
        {
            MarkedBlock.Write(Page, BeginAvx2, Report.Markdown(results));
            return;
        }
        var figures = Charts.Of(results).ToList();
        var pictures = string.Concat(figures.Select(f =>
            $"![{f.Words.Title}](figures/{f.Name}.svg)\n\n" + (f.Words.Caption.Length > 0 ? f.Words.Caption + "\n\n" : "")));
        // The pictures first: a page without Chromium stays as it was, and names none that is not there.
        using (var browser = figures.Count > 0 ? Chromium.Start() : null)
            foreach (var figure in figures)
                FigureFile.Write(figure, Path.Combine(Peer.Repository, "docs", "figures", $"{figure.Name}.svg"), browser: browser);
        MarkedBlock.Write(Page, Begin, $"{Report.Markdown(results)}\n{pictures}");
    }
}
