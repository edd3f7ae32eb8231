using System.Diagnostics;
using System.Text.RegularExpressions;
using ArTar.Workbench.Figures;

namespace ArTar.Sweeps.Tests;

/// <summary>A sweep of a table and one of a grid, both done.</summary>
public sealed class DoneSweeps : IDisposable
{
    internal Artar Artar { get; } = new();

    public DoneSweeps()
    {
        OwnText.Write(Path.Combine(Artar.Home, "text"));
        const string small = "data: text, set: {epochs: 3, hidden: 8, batchSize: 4}, resources: {threads: 1}";
        foreach (var (name, what) in new[] { ("table", "tables: 1, seeds: 2"), ("grid", "grid: {alpha: [0, 2], beta: [0, 1]}") })
        {
            Assert.Equal(0, Artar.Run("sweep", "submit", $"{{{what}, {small}}}", "--name", name).Code);
            Assert.Equal(0, Artar.Wait(name).Code);
        }
    }

    public void Dispose() => Artar.Dispose();
}

/// <summary>What people look at: the page in a real browser, and the board on a real terminal.</summary>
public sealed class ReportTests(DoneSweeps sweeps, ITestOutputHelper output) : IClassFixture<DoneSweeps>
{
    private readonly Artar artar = sweeps.Artar;

    /// <summary>The page as a browser without a network has built it.</summary>
    private static string InBrowser(string page, string? picture = null)
    {
        var chromium = Chromium.Find();
        Requires.That(chromium is not null, "chromium", "sudo apt-get install chromium");
        using var profile = new TemporaryFolder();
        string[] arguments =
        [
            "--headless", "--disable-gpu", "--no-sandbox", "--disable-dev-shm-usage", "--proxy-server=127.0.0.1:9", $"--user-data-dir={profile.Path}", "--virtual-time-budget=20000",
            "--window-size=1100,2600", .. picture is null ? ["--dump-dom"] : new[] { $"--screenshot={picture}", "--hide-scrollbars" }, $"file://{page}",
        ];
        var said = Artar.Finish(Process.Start(new ProcessStartInfo(chromium!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!);
        Assert.True(said.Code == 0, said.Errors);
        return said.Output;
    }

    [Theory]
    [InlineData("table", 2)]
    [InlineData("grid", 2)]
    public void The_page_shows_tables_and_charts_without_a_network(string name, int charts)
    {
        var said = artar.Run("sweep", "report", name);
        Assert.True(said.Code == 0, said.Errors);
        var page = said.Output.Trim();
        var text = File.ReadAllText(page);
        Assert.DoesNotMatch("""(src|href)="https?:""", text[..text.IndexOf("<script>", StringComparison.Ordinal)]);
        var built = InBrowser(page);
        // Each chart was drawn: plotly.js has put its pictures into the page.
        Assert.Equal(charts, Regex.Count(built, "class=\"[^\"]*js-plotly-plot"));
        Assert.True(Regex.Count(built, "class=\"main-svg\"") >= charts);
        foreach (var row in artar.Status(name).Rows)
            Assert.Contains($">{row.Label}</td>", built, StringComparison.Ordinal);
        Assert.DoesNotContain("http-equiv=\"refresh\"", text, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("ARTAR_TEST_PICTURES") is { Length: > 0 } folder)
        {
            InBrowser(page, Path.Combine(folder, $"sweep-{name}.png"));
            output.WriteLine($"looked at: {folder}/sweep-{name}.png");
        }
    }

    [Fact]
    public void A_label_cannot_put_code_into_the_page()
    {
        Assert.Equal(0, artar.Run("sweep", "submit", "{grid: {alpha: [0, 1]}, set: {hidden: 8}, data: text, name: html}", "--name", "html", "--jobs", "1").Code);
        artar.Run("sweep", "cancel", "html");
        var rows = Path.Combine(artar.Home, "sweeps", "html", "rows.jsonl");
        File.WriteAllText(rows, File.ReadAllText(rows).Replace("alpha = 0", "<img src=x onerror=alert(1)></script>", StringComparison.Ordinal));
        var text = File.ReadAllText(artar.Run("sweep", "report", "html").Output.Trim());
        Assert.DoesNotContain("<img src=x", text, StringComparison.Ordinal);
        Assert.Contains("&lt;img src=x onerror=alert(1)&gt;", text, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_terminal_wait_draws_a_board()
    {
        Requires.That(File.Exists("/usr/bin/script"), "script", "sudo apt-get install bsdutils");
        var said = Artar.Finish(artar.Start(["-qec", $"stty cols 110 rows 30; '{Artar.Program}' sweep dashboard table", "/dev/null"], "/usr/bin/script"));
        Assert.True(said.Code == 0, said.Output + said.Errors);
        Assert.Contains("\e[", said.Output, StringComparison.Ordinal);
        Assert.Contains("12 rows: 12 finished", said.Output, StringComparison.Ordinal);
        Assert.Contains("alpha = 8, seed 2", said.Output, StringComparison.Ordinal);
        Assert.Contains("100 %", said.Output, StringComparison.Ordinal);
    }
}
