using System.Net;
using System.Text;
using ArTar.Notebooks.Tests.Jupyter;
using ArTar.Workbench.Display;
using CSharp = Plotly.NET.CSharp;

namespace ArTar.Notebooks.Tests.Formatting;

/// <summary>The script that draws a chart, in pages of several kinds. Another plotly tells whether it was called.</summary>
public sealed class ChartPageTests : IDisposable
{
    private const string Plotly = "window.Plotly = { newPlot: (at, data) => { at.textContent = `drawn ${data[0].x.length}`; } };";
    private readonly HttpListener server = new();
    private readonly string address = $"http://127.0.0.1:{NotebookServer.FreePort()}/";
    private readonly BrowserPage page;
    private string html = "", script = "";
    private TimeSpan delay;

    public ChartPageTests()
    {
        var program = Workbench.Figures.Chromium.Find();
        Requires.That(program is not null, "Chromium", "sudo apt-get install chromium fonts-dejavu-core");
        server.Prefixes.Add(address);
        server.Start();
        _ = AnswerAsync();
        page = new(program!, () => []);
    }

    public void Dispose()
    {
        page.Dispose();
        server.Close();
    }

    [Fact]
    public void A_slow_network_is_no_absence()
    {
        (script, delay) = (Plotly, TimeSpan.FromSeconds(8));
        Show("");
        Assert.Contains("1 series with 3 points", Shown, StringComparison.Ordinal);
        page.Until("the chart", () => Shown == "drawn 3");
    }

    [Theory]
    [InlineData("window.require = window.requirejs = Object.assign(() => {}, { config: () => () => {} });")] // half of RequireJS, as Verso's page has
    [InlineData("")]
    public void Plotly_that_comes_to_the_page_later_is_found(string before)
    {
        Show($"<script>{before} setTimeout(() => {{ {Plotly} }}, 1500);</script>");
        Assert.Contains("1 series with 3 points", Shown, StringComparison.Ordinal);
        page.Until("the chart", () => Shown == "drawn 3");
    }

    [Fact]
    public void Where_plotly_never_comes_the_words_stay()
    {
        Show("");
        Thread.Sleep(2000);
        Assert.Contains("1 series with 3 points", Shown, StringComparison.Ordinal);
    }

    private string Shown => (string)page.Value("document.querySelector('[data-chart]').textContent")!;

    private void Show(string before)
    {
        html = $"<!DOCTYPE html><html><body>{before}{new ChartView(CSharp.Chart.Line<int, int, string>([1, 2, 3], [3, 4, 5])).ToHtml()}</body></html>";
        page.Go(address, address);
        page.Until("the page", () => page.Is("document.querySelector('[data-chart]') !== null"));
    }

    private async Task AnswerAsync()
    {
        while (server.IsListening)
            try
            {
                var request = await server.GetContextAsync();
                _ = AnswerAsync(request);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
    }

    private async Task AnswerAsync(HttpListenerContext asked)
    {
        var isScript = asked.Request.Url!.AbsolutePath == "/kernelspecs/artar-csharp/plotly.min.js";
        if (isScript)
            await Task.Delay(delay);
        var text = isScript ? script : asked.Request.Url.AbsolutePath == "/" ? html : "";
        (asked.Response.StatusCode, asked.Response.ContentType) = (text.Length > 0 ? 200 : 404, isScript ? "text/javascript" : "text/html");
        await asked.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text));
        asked.Response.Close();
    }
}
