using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ArTar.Tests.CommandLine;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Figures;

namespace ArTar.Tests.Figures;

/// <summary>Files and pages, drawn by a real Chromium.</summary>
[Collection(TorchTests.Name)]
public sealed class ExportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Artar artar = new();

    public void Dispose()
    {
        folder.Dispose();
        artar.Dispose();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Fake(string script)
    {
        Requires.That(!OperatingSystem.IsWindows(), "a shell", "the fake browser is a shell script");
        var program = folder["chromium"];
        File.WriteAllText(program, script);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return program;
    }

    private static string Browser()
    {
        var found = Chromium.Find();
        Requires.That(found is not null, "Chromium", "sudo apt-get install chromium fonts-dejavu-core");
        return found!;
    }

    private static Figure Example { get; } = new("example", Plot.Of("Squares & more", "of the first numbers", "number", "square <b>in</b> m²",
        [new { type = "scatter", mode = "lines+markers", name = "squares </script>", x = new[] { 1, 2, 3 }, y = new[] { 1, 4, 9 } }])) { Runs = ["one-1", "two-2"] };

    [Theory]
    [InlineData("84mm", null, 84.0, null)]
    [InlineData("84mm", "60mm", 84.0, 60.0)]
    [InlineData("600px", "300", 158.75, 79.375)]
    public void Pictures_are_valid_vector_where_they_can_be_and_just_as_large_as_asked_for(string wide, string? high, double across, double? down)
    {
        using var browser = Chromium.Start(Browser(), cancellation: Stop);
        var size = FigureSize.Parse(wide, 8, high);
        foreach (var format in new[] { "svg", "png", "pdf" })
            FigureFile.Write(Example, folder[$"sub/example.{format}"], size, browser);

        var svg = XElement.Load(folder["sub/example.svg"]);
        XNamespace name = "http://www.w3.org/2000/svg";
        double Millimetres(string side) => svg.Attribute(side)!.Value is var text && Number(text[..^2]) is var value && text.EndsWith("mm", StringComparison.Ordinal)
            ? value : value / 96 * 25.4;
        Assert.Equal(across, Millimetres("width"), 0.001);
        if (down is { } height)
            Assert.Equal(height, Millimetres("height"), 0.001);
        Assert.Equal(wide.EndsWith("mm", StringComparison.Ordinal), svg.Attribute("width")!.Value.EndsWith("mm", StringComparison.Ordinal));
        Assert.Equal("Squares & more", svg.Element(name + "title")!.Value);
        Assert.Equal("of the first numbers. Runs: one-1, two-2", svg.Element(name + "desc")!.Value);
        var texts = svg.Descendants(name + "text").Select(t => t.Value).ToList();
        foreach (var text in new[] { "Squares & more", "number", "square in m²" })
            Assert.Contains(texts, t => t.Contains(text, StringComparison.Ordinal));
        Assert.Equal(3, svg.Descendants(name + "path").Count(p => p.Attribute("class")?.Value == "point"));
        Assert.Empty(svg.Descendants(name + "image"));

        var (width, tall, colours) = Png(File.ReadAllBytes(folder["sub/example.png"]));
        Assert.Equal(across / 25.4 * size.Density, width, 3.0);
        Assert.Equal((double)width / tall, Millimetres("width") / Millimetres("height"), 0.01);
        Assert.True(colours > 20, $"{colours} colours");

        var pdf = Encoding.Latin1.GetString(File.ReadAllBytes(folder["sub/example.pdf"]));
        Assert.StartsWith("%PDF-", pdf, StringComparison.Ordinal);
        Assert.EndsWith("%%EOF", pdf.TrimEnd(), StringComparison.Ordinal);
        var box = Regex.Matches(pdf, @"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)")[^1]; // the last one counts
        Assert.Equal(across / 25.4 * 72, Number(box.Groups[1].Value), 0.001);
        Assert.Equal(Millimetres("height") / 25.4 * 72, Number(box.Groups[2].Value), 0.01);
        Assert.Contains("/Font", pdf, StringComparison.Ordinal); // letters are letters
        Assert.DoesNotContain("/Subtype /Image", pdf, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(folder["sub"], "*.partial"));
    }

    [Fact]
    public void Names_of_others_are_drawn_letter_by_letter()
    {
        const string evil = "<a href='https://x.org'>a</a> &lt;b&gt; <b>c</b> <br> <eos> $x$ & d";
        var figure = new Figure("evil", Plot.Of(evil, evil, "h<sub>t</sub>", "", [new { type = "scatter", mode = "markers", name = evil, x = new[] { 1, 2 }, y = new[] { evil, "<sup>up</sup>" } },
            new { type = "scatter", mode = "markers", name = "other", x = new[] { 1 }, y = new[] { "&amp;" } }], yAxis: new { type = "category" }));
        using var browser = Chromium.Start(Browser(), cancellation: Stop);
        FigureFile.Write(figure, folder["evil.svg"], browser: browser);
        FigureFile.Write(figure, folder["narrow.svg"], FigureSize.Parse("120mm", 8), browser);
        foreach (var file in new[] { "evil.svg", "narrow.svg" })
        {
            var svg = XElement.Load(folder[file]);
            XNamespace name = "http://www.w3.org/2000/svg";
            Assert.Empty(svg.Descendants(name + "a"));
            var texts = svg.Descendants(name + "text").Select(t => t.Value.Replace("\u200B", "", StringComparison.Ordinal)).ToList();
            string Joined(string text) => text.Replace(" ", "", StringComparison.Ordinal); // lines are broken at blanks
            Assert.True(texts.Count(t => Joined(t) == Joined(evil)) == 2, string.Join('\n', texts)); // the legend and the category
            Assert.All(["<sup>up</sup>", "&amp;", "other"], text => Assert.Contains(text, texts));
            Assert.Contains(texts, t => t.Replace(" ", "", StringComparison.Ordinal).Contains((evil + evil).Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal));
            Assert.Contains(texts, t => t.StartsWith('h') && t.EndsWith('t')); // our own markup
        }
    }

    [Fact]
    public void A_PDF_says_its_title_its_runs_and_the_size_of_its_page()
    {
        Requires.That(OnPath("pdfinfo"), "pdfinfo", "./test installs it: poppler-utils");
        using (var browser = Chromium.Start(Browser(), cancellation: Stop))
            FigureFile.Write(Example, folder["example.pdf"], FigureSize.Parse("84mm", 8, "60mm"), browser);
        var process = Process.Start(new ProcessStartInfo("pdfinfo", [folder["example.pdf"]]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (said, complaints) = (process.StandardOutput.ReadToEnd(), process.StandardError.ReadToEnd());
        var lines = said.Split('\n').Select(l => l.Split(':', 2)).Where(l => l.Length == 2).ToDictionary(l => l[0], l => l[1].Trim());
        Assert.Equal(("Squares & more", "one-1, two-2", "ArTar.Workbench", "1"), (lines["Title"], lines["Keywords"], lines["Creator"], lines["Pages"]));
        Assert.StartsWith("of the first numbers", lines["Subject"], StringComparison.Ordinal);
        Assert.StartsWith("238.11 x 170.079 pts", lines["Page size"], StringComparison.Ordinal);
        Assert.Equal("", complaints);
    }

    [Fact]
    public void A_PDF_of_another_make_stays_as_it_is()
    {
        byte[] file = [.. "%PDF-1.7\nstartxref\n9\n%%EOF\n"u8];
        Assert.Equal(file, PdfInfo.Add(file, "t", "s", [], 10, 10));
    }

    [Fact]
    public void A_picture_without_a_title_has_none_and_serifs_where_they_are_asked_for()
    {
        using var browser = Chromium.Start(Browser(), cancellation: Stop);
        var svg = XElement.Parse(browser.Svg(Example, new() { HasTitle = false, IsSerif = true }));
        var texts = svg.Descendants("{http://www.w3.org/2000/svg}text").ToList();
        Assert.DoesNotContain(texts, t => t.Value.Contains("Squares & more", StringComparison.Ordinal));
        Assert.All(texts, t => Assert.Contains("Times New Roman", t.Attribute("style")!.Value, StringComparison.Ordinal));
        var fault = Assert.Throws<WorkbenchException>(() => browser.Svg(Example, FigureSize.Parse("100mm", 12, "51mm")));
        Assert.Contains("A height of 51 mm leaves 'Squares & more' no room beside its words: take at least", fault.Message, StringComparison.Ordinal);
    }

    private static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static bool OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));

    [Fact]
    public void Pages_draw_every_chart_offline_and_from_a_file()
    {
        var program = Browser();
        FigureFolder.Export([Example, Example with { Name = "other" }], folder.Path, ["html"], cancellation: Stop);
        FigureFolder.Export([Example with { Name = "later" }], folder.Path, ["json"], cancellation: Stop);
        FigureFile.Write(Example, folder["alone/example.html"]);
        Assert.Equal(["example.html", "example.json", "index.html", "later.json", "other.html", "other.json", "plotly.min.js"],
            Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.True(new FileInfo(folder["example.html"]).Length < 20_000);

        foreach (var (page, figures) in new[] { ("index.html", 3), ("alone/example.html", 1) })
        {
            var dom = Dom(program, folder[page]);
            Assert.Equal(figures, Regex.Count(dom, "class=\"scatterlayer mlayer\""));
            Assert.Equal(figures, Regex.Count(dom, "class=\"gtitle\"[^>]*>(<tspan[^>]*>)?Squares &amp; more"));
        }
        // Nothing names an address to load from.
        Assert.DoesNotContain("http", File.ReadAllText(folder["index.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_of_all_figures_has_a_part_for_each_table_in_the_papers_order_and_a_switch_where_there_are_several_scales()
    {
        var corpus = Corpora.Load(Corpora.Synthetic, new(folder.Path), cancellation: Stop);
        var store = new RunStore(folder["runs"]);
        var figures = new List<Figure>();
        foreach (var (table, profile) in new[] { (2, "quick"), (1, "smoke"), (1, "quick") })
        {
            var plan = FakedRuns.Plan(table, corpus, 2, profile);
            FakedRuns.Write(store, plan, (row, seed) => 200 - 2 * row.Choices[0].Number + seed);
            figures.AddRange(StoredFigures.Of(plan, store, null, Stop).Select(f => f.Section!.Text is { } text
                ? f with { Section = f.Section with { Text = text with { Verdicts = ["Claim <b>1</b>: held"] } } } : f));
        }
        FigureFolder.Export([.. figures, Example], folder["page"], ["json"], cancellation: Stop);
        var page = File.ReadAllText(folder["page/index.html"]);
        Assert.Equal(["Table 1. AR alone", "Table 2. TAR alone", "Further figures"], Regex.Matches(page, "<h2>(.*?)</h2>").Select(m => m.Groups[1].Value));
        Assert.Equal(["synthetic, profile smoke", "synthetic, profile quick"], Regex.Matches(page, "<button[^>]*>(.*?)</button>").Select(m => m.Groups[1].Value));
        Assert.Single(Regex.Matches(page, "class=\"scale\" hidden"));
        Assert.Contains("Does penalising large activations lower perplexity", page, StringComparison.Ordinal);
        Assert.Contains("The lowest validation perplexity is 185.5 (mean over 2 seeds), that of alpha = 8: 7.9 % below its baseline&#39;s.", page, StringComparison.Ordinal);
        Assert.Contains("<td>alpha = 8</td><td>185.50", page, StringComparison.Ordinal);
        Assert.Contains("Claim &lt;b&gt;1&lt;/b&gt;: held", page, StringComparison.Ordinal); // it was stored as data
        Assert.Contains("further: Learning curves, the gain at the same learning rate", page, StringComparison.Ordinal);
        // What is folded or of another scale is not drawn yet: a chart for each table, and the one that belongs to none.
        Assert.Equal(3, Regex.Count(Dom(Browser(), folder["page/index.html"]), "class=\"scatterlayer mlayer\""));
    }

    [Fact]
    public void A_section_that_somebody_wrote_differently_is_a_figure_like_any_other()
    {
        FigureFolder.Export([Example], folder.Path, ["json"], cancellation: Stop);
        var figure = Example.ToJson();
        figure["layout"]!["meta"]!["section"] = new JsonObject { ["table"] = 3, ["rows"] = "<script>alert(1)</script>" };
        File.WriteAllText(folder["odd.json"], figure.ToJsonString());
        File.WriteAllText(folder["empty.json"], """{"data": [], "layout": {"meta": 7}}""");
        FigureFolder.Export([Example], folder.Path, ["json"], cancellation: Stop);
        var page = File.ReadAllText(folder["index.html"]);
        Assert.Contains("id=\"odd\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("alert(1)</script>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_browser_that_hangs_is_ended_with_its_children()
    {
        var program = Fake($"#!/bin/sh\nsleep 1000 &\necho $$ $! >'{folder["pids"]}'\nwait\n");
        var fault = Assert.Throws<WorkbenchException>(() => Chromium.Start(program, TimeSpan.FromSeconds(8), Stop));
        Assert.Contains("was ended after 8 seconds without an answer", fault.Message, StringComparison.Ordinal);
        var pids = File.ReadAllText(folder["pids"]).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToList();
        Assert.Equal(2, pids.Count);
        Artar.Until(() => !pids.Any(Lives), "the end of the browser's processes");
    }

    [Fact]
    public void Nobody_else_reaches_a_browser_that_draws_and_it_reaches_nothing()
    {
        Requires.That(Directory.Exists("/proc/self"), "/proc", "ports are listed there");
        HashSet<string> Listening() =>
        [
            .. new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists).SelectMany(File.ReadLines)
                .Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Where(w => w[3] == "0A").Select(w => w[9]),
        ];
        using var browser = DevTools.Start(Browser(), cancellation: Stop);
        Assert.Equal("5", browser.Evaluate("sum", "String(2 + 3)"));
        var processes = Descendants(Environment.ProcessId).ToList();
        Assert.NotEmpty(processes);
        var sockets = processes.SelectMany(p => Directory.EnumerateFiles($"/proc/{p}/fd")).Select(f => new FileInfo(f).LinkTarget ?? "");
        Assert.Empty(sockets.Where(s => s.StartsWith("socket:[", StringComparison.Ordinal)).Select(s => s[8..^1]).Intersect(Listening()));
        var commands = processes.Select(p => File.ReadAllText($"/proc/{p}/cmdline")).ToList();
        Assert.DoesNotContain(commands, c => c.Contains("--remote-debugging-port", StringComparison.Ordinal));
        var profile = commands.Select(c => Regex.Match(c, "--user-data-dir=([^\0]+)").Groups[1].Value).First(p => p.Length > 0);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(profile));
    }

    [Fact]
    public void A_figure_that_asks_for_a_file_or_an_address_gets_none()
    {
        File.WriteAllText(folder["secret.svg"], "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><text>secret</text></svg>");
        using var server = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        server.Start();
        using var browser = Chromium.Start(Browser(), cancellation: Stop);
        foreach (var address in new[] { new Uri(folder["secret.svg"]).AbsoluteUri, $"http://{server.LocalEndpoint}/x.svg" })
        {
            var said = browser.Script($"new Promise(r => {{ const i = new Image(); i.onload = () => r('loaded'); i.onerror = () => r('refused'); i.src = '{address}'; }})");
            Assert.Equal("refused", said);
            Assert.Equal("refused", browser.Script($"fetch('{address}', {{mode: 'no-cors'}}).then(() => 'loaded', () => 'refused')"));
        }
        Assert.False(server.Pending());
    }

    private static IEnumerable<int> Descendants(int process) => Directory.EnumerateDirectories($"/proc/{process}/task")
        .SelectMany(t => File.ReadAllText(Path.Combine(t, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(int.Parse)
        .SelectMany(c => Descendants(c).Prepend(c));

    [Fact]
    public void A_browser_that_breaks_off_says_its_last_words()
    {
        var program = Fake("#!/bin/sh\necho no display, no luck >&2\nexit 1\n");
        Assert.Contains("no display, no luck", Assert.Throws<WorkbenchException>(() => Chromium.Start(program, cancellation: Stop)).Message, StringComparison.Ordinal);
        Assert.Contains("does not start", Assert.Throws<WorkbenchException>(() => Chromium.Start(folder["gone"], cancellation: Stop)).Message, StringComparison.Ordinal);
    }

    // A killed child whose parent has not asked for it yet is a zombie; it counts as ended.
    private static bool Lives(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Split(')')[^1].TrimStart()[0] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string Dom(string program, string page)
    {
        using var profile = new TemporaryFolder();
        List<string> flags = ["--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
            "--host-resolver-rules=MAP * ~NOTFOUND", $"--user-data-dir={profile.Path}", "--dump-dom", new Uri(page).AbsoluteUri];
        if (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows())
            flags.Insert(0, "--no-sandbox");
        return Artar.Finish(Process.Start(new ProcessStartInfo(program, flags) { RedirectStandardOutput = true, RedirectStandardError = true })!).Output;
    }

    /// <summary>Size of a PNG of eight bits a channel without interlacing, and how many different bytes its filtered lines hold.</summary>
    private static (int Width, int Height, int Different) Png(byte[] file)
    {
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10], file[..8]);
        int Number(int at) => System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
        using var compressed = new MemoryStream();
        for (var at = 8; at < file.Length; at += Number(at) + 12)
            if (Encoding.ASCII.GetString(file, at + 4, 4) == "IDAT")
                compressed.Write(file, at + 8, Number(at));
        compressed.Position = 0;
        using var lines = new MemoryStream();
        using (var plain = new ZLibStream(compressed, CompressionMode.Decompress))
            plain.CopyTo(lines);
        return (Number(16), Number(20), lines.ToArray().Distinct().Count());
    }
}
