using System.Xml.Linq;

namespace ArTar.Workbench.Figures;

/// <summary>
/// A headless Chromium (or Chrome, or Edge) that turns charts into pictures. It draws on an empty page that it is handed plotly.js
/// for over the DevTools protocol, so it reads no file and no network. Whatever it does, it is gone after <see cref="Dispose"/>.
/// </summary>
public sealed class Chromium : IDisposable
{
    /// <summary>The variable that names the program when it lies in no usual place.</summary>
    public const string Variable = "ARTAR_CHROMIUM";

    /// <summary>What to do when there is none.</summary>
    public const string HowToInstall =
        $"SVG, PNG and PDF need Chromium, Chrome or Edge: sudo apt-get install chromium (Debian), or name the program in {Variable}.";

    private const double PixelsPerInch = 96, PointsPerPixel = 0.75;
    private readonly DevTools page;

    private Chromium(DevTools page) => this.page = page;

    /// <summary>
    /// The program: the one that <c>ARTAR_CHROMIUM</c> names, else one on the PATH or in a usual place; null when there is none.
    /// </summary>
    /// <exception cref="WorkbenchException">The variable names no file.</exception>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return File.Exists(named) ? named
                : throw new WorkbenchException(
                    $"{Variable} is '{named}', which is no file. Name the program itself, or unset the variable.");
        var ending = OperatingSystem.IsWindows() ? ".exe" : "";
        string[] names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge"];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] windows = ["ProgramFiles", "ProgramFiles(x86)", "LocalAppData"];
        return names.SelectMany(name => path.Select(folder => Path.Combine(folder, name + ending)))
            .Concat(new[] { "Chromium", "Google Chrome", "Microsoft Edge" }.Select(app => $"/Applications/{app}.app/Contents/MacOS/{app}"))
            .Concat(windows.Select(Environment.GetEnvironmentVariable).OfType<string>()
                .SelectMany(root => new[] { @"Google\Chrome\Application\chrome.exe", @"Chromium\Application\chrome.exe",
                    @"Microsoft\Edge\Application\msedge.exe" }
                    .Select(app => Path.Combine(root, app))))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Starts a browser with plotly.js in it.</summary>
    /// <param name="program">The program; null takes what <see cref="Find"/> finds.</param>
    /// <param name="patience">How long it may take to start, and to draw one picture; a minute by default.</param>
    /// <param name="cancellation">Stops whatever it does.</param>
    /// <exception cref="WorkbenchException">There is none, or it does not come up in time.</exception>
    public static Chromium Start(string? program = null, TimeSpan? patience = null, CancellationToken cancellation = default)
    {
        // No name has an address, and no address has a network.
        var page = DevTools.Start(program ?? Find() ?? throw new WorkbenchException(HowToInstall), patience, cancellation,
            "--host-resolver-rules=MAP * ~NOTFOUND");
        try
        {
            page.Send("network", "Network.enable", []);
            page.Send("network", "Network.emulateNetworkConditions", new()
            {
                ["offline"] = true, ["latency"] = 0, ["downloadThroughput"] = 0, ["uploadThroughput"] = 0,
            });
            page.Send("network", "Network.setBlockedURLs",
                new() { ["urls"] = new JsonArray("file://*", "http://*", "https://*", "ws://*", "wss://*", "ftp://*") });
            page.Evaluate("plotly.js", FigureFile.PlotlyScript() + "\n'loaded'");
            return new(page);
        }
        catch
        {
            page.Dispose();
            throw;
        }
    }

    /// <summary>The figure as an SVG document; letters stay letters.</summary>
    public string Svg(Figure figure, FigureSize size) =>
        Draw(figure, size, out _, out _).ToString(SaveOptions.DisableFormatting) + "\n";

    /// <summary>The figure as a PNG file.</summary>
    public byte[] Png(Figure figure, FigureSize size)
    {
        var json = figure.ToJson();
        var (width, height) = Texts(FigureFit.To(json, size));
        var scale = (size.Scale * size.Density / PixelsPerInch).ToString(CultureInfo.InvariantCulture);
        var image = page.Evaluate(figure.Name,
            $"Plotly.toImage({json.ToJsonString()}, {{format: 'png', width: {width}, height: {height}, scale: {scale}}})");
        return Convert.FromBase64String(image[(image.IndexOf(',', StringComparison.Ordinal) + 1)..]);
    }

    /// <summary>
    /// The figure as a PDF file of one page that is just as large; letters stay letters, lines stay lines. Its title and the names of its
    /// runs are the file's own.
    /// </summary>
    public byte[] Pdf(Figure figure, FigureSize size)
    {
        var svg = Draw(figure, size, out var width, out var height);
        var content = $"<style>@page {{ margin: 0 }} body {{ margin: 0 }} svg {{ display: block "
            + $"}}</style>{svg.ToString(SaveOptions.DisableFormatting)}";
        page.Evaluate(figure.Name, $"document.body.innerHTML = {JsonValue.Create(content).ToJsonString()}; 'done'");
        var printed = page.Send(figure.Name, "Page.printToPDF", new JsonObject
        {
            ["paperWidth"] = width / PixelsPerInch, ["paperHeight"] = height / PixelsPerInch, ["printBackground"] = true,
            ["displayHeaderFooter"] = false,
            ["marginTop"] = 0, ["marginBottom"] = 0, ["marginLeft"] = 0, ["marginRight"] = 0, ["pageRanges"] = "1",
        });
        return PdfInfo.Add(Convert.FromBase64String(printed["data"]!.GetValue<string>()), figure.Words.Title, figure.Description,
            figure.Runs, width * PointsPerPixel, height * PointsPerPixel);
    }

    /// <summary>The value, a text, of a script in the page.</summary>
    internal string Script(string script) => page.Evaluate("script", script);

    // The sides as they come out, in CSS pixels.
    private XElement Draw(Figure figure, FigureSize size, out double width, out double height)
    {
        var json = figure.ToJson();
        var layout = FigureFit.To(json, size);
        var (across, down) = Texts(layout);
        var text = page.Evaluate(figure.Name,
            $"Plotly.toImage({json.ToJsonString()}, {{format: 'svg', imageDataOnly: true, width: {across}, height: {down}}})");
        var svg = XElement.Parse(text, LoadOptions.PreserveWhitespace);
        (width, height) = (layout.Width * size.Scale, layout.Height * size.Scale);
        svg.SetAttributeValue("viewBox", $"0 0 {across} {down}");
        svg.SetAttributeValue("width", size.Length(width));
        svg.SetAttributeValue("height", size.Length(height));
        svg.AddFirst(new XElement(svg.Name.Namespace + "title", figure.Words.Title),
            new XElement(svg.Name.Namespace + "desc", figure.Description));
        return svg;
    }

    private static (string Width, string Height) Texts((double Width, double Height) layout) =>
        (layout.Width.ToString("0.####", CultureInfo.InvariantCulture), layout.Height.ToString("0.####", CultureInfo.InvariantCulture));

    /// <summary>Ends the browser and all its processes.</summary>
    public void Dispose() => page.Dispose();
}
