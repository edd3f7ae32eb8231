namespace ArTar.Workbench.Figures;

/// <summary>
/// A folder of exported figures: a small page, the data and pictures of each, one copy of plotly.js, and <c>index.html</c>, which
/// shows them all. The pages open from a file and without a network.
/// </summary>
internal static class FigureFolder
{
    private const string Script = "plotly.min.js", Index = "index.html";

    /// <summary>Exports figures; the page of all figures is made anew from every figure in the folder.</summary>
    /// <param name="figures">The figures.</param>
    /// <param name="folder">The folder; it is created.</param>
    /// <param name="formats">Formats out of <see cref="FigureFile.Formats"/>. JSON always comes along: the index is made from it.</param>
    /// <param name="size">The size of pictures; null for that on a screen.</param>
    /// <param name="written">Told of every file that was written.</param>
    /// <param name="cancellation">Stops between files, and whatever the browser does.</param>
    /// <exception cref="WorkbenchException">Pictures were asked for and no browser draws them; pages and data are there all the
    /// same.</exception>
    public static void Export(
        IEnumerable<Figure> figures, string folder, IReadOnlyCollection<string> formats, FigureSize? size = null,
        Action<string>? written = null, CancellationToken cancellation = default)
    {
        void Text(string name, string text)
        {
            AtomicFile.WriteAllText(Path.Combine(folder, name), text);
            written?.Invoke(Path.Combine(folder, name));
        }
        var all = new List<Figure>();
        foreach (var figure in figures)
        {
            cancellation.ThrowIfCancellationRequested();
            Directory.CreateDirectory(folder);
            Text($"{figure.Name}.json", figure.ToJson().ToJsonString() + "\n");
            if (formats.Contains("html"))
                Text($"{figure.Name}.html", FigureFile.Page(figure, Source));
            all.Add(figure);
        }
        if (all.Count == 0)
            return;
        if (!File.Exists(Path.Combine(folder, Script)))
            AtomicFile.WriteAllText(Path.Combine(folder, Script), FigureFile.PlotlyScript());
        try
        {
            string[] pictures = [.. formats.Where(FigureFile.NeedsBrowser)];
            if (pictures.Length == 0)
                return;
            using var browser = Chromium.Start(cancellation: cancellation);
            foreach (var figure in all)
                foreach (var format in pictures)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var path = Path.Combine(folder, $"{figure.Name}.{format}");
                    FigureFile.Write(figure, path, size, browser);
                    written?.Invoke(path);
                    if (FigureFile.CaptionFor(path, size) is { } caption)
                        written?.Invoke(caption);
                }
        }
        finally
        {
            Text(Index, FigurePage.Of(Source, Stored(folder)));
        }
    }

    private static string Source => $"<script src=\"{Script}\"></script>";

    private static IEnumerable<FigurePage.Item> Stored(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(path);
            if (Read(path) is { } figure)
                yield return new(name, figure,
                    [.. FigureFile.Formats.Select(f => $"{name}.{f}").Where(f => File.Exists(Path.Combine(folder, f)))]);
        }
    }

    private const long MostBytes = 64 << 20;

    // Other JSON in the folder is not ours to complain about.
    private static JsonObject? Read(string path)
    {
        try
        {
            return JsonNode.Parse(PlainFile.ReadAllText(path, MostBytes)) is JsonObject figure && figure["data"] is JsonArray
                && figure["layout"] is JsonObject ? figure : null;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return null;
        }
    }
}
