using System.Diagnostics;
using System.Text.Json.Nodes;
using ArTar.Workbench;
using ArTar.Workbench.Figures;

namespace ArTar.Notebooks.Tests.Jupyter;

/// <summary>A page in a headless Chromium that has no network but this machine.</summary>
/// <param name="log">What the server of the page has said, for when something does not come.</param>
internal sealed class BrowserPage(string program, Func<IEnumerable<string>> log) : IDisposable
{
    private readonly DevTools page =
        DevTools.Start(program, flags: ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--window-size=1200,1600"]);

    /// <summary>Waits until a server answers, then opens a page anew.</summary>
    /// <param name="alive">What the server answers without a cookie.</param>
    public void Go(string alive, string address)
    {
        page.Send("open", "Page.navigate", new() { ["url"] = "about:blank" });
        Until("the server", () =>
        {
            using var client = new HttpClient();
            return client.GetAsync(new Uri(alive)).GetAwaiter().GetResult().IsSuccessStatusCode;
        });
        page.Send("open", "Page.navigate", new() { ["url"] = address });
    }

    /// <summary>The value of a script in the page.</summary>
    public JsonNode? Value(string script) => JsonNode.Parse(page.Evaluate(script, $"JSON.stringify({script}) ?? 'null'"));

    /// <summary>Whether a script's value is true; false also where the page is not far enough for it.</summary>
    public bool Is(string script)
    {
        try
        {
            return (bool?)Value(script) == true;
        }
        catch (WorkbenchException)
        {
            return false;
        }
    }

    /// <summary>Waits for something to come true in the page; when it does not, says what the server said and how the page looks.</summary>
    public void Until(string what, Func<bool> isTrue)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < Cells.Engine.Patience)
        {
            try
            {
                if (isTrue())
                    return;
            }
            catch (HttpRequestException)
            {
            }
            Thread.Sleep(50);
        }
        var picture = Path.Combine(Directory.CreateTempSubdirectory("artar-notebook-page").FullName, "page.png");
        File.WriteAllBytes(picture, Convert.FromBase64String(Send("Page.captureScreenshot")["data"]!.GetValue<string>()));
        Assert.Fail($"{what}: not within {watch.Elapsed.TotalSeconds:F0} s; the page is in {picture}\n{string.Join('\n', log())}");
    }

    /// <summary>A command of Chromium's DevTools.</summary>
    public JsonNode Send(string method, JsonObject? parameters = null) => page.Send(method, method, parameters ?? []);

    public void Dispose() => page.Dispose();
}
