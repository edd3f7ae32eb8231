using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ArTar.Workbench.Figures;

/// <summary>
/// A headless Chromium (or Chrome, or Edge) that turns charts into pictures. It draws on an empty page that it is handed plotly.js
/// for over the DevTools protocol, so it reads no file and no network. Whatever it does, it is gone after <see cref="Dispose"/>.
/// </summary>
public sealed partial class Chromium : IDisposable
{
    /// <summary>The variable that names the program when it lies in no usual place.</summary>
    public const string Variable = "ARTAR_CHROMIUM";

    /// <summary>What to do when there is none.</summary>
    public const string HowToInstall =
        $"SVG, PNG and PDF need Chromium, Chrome or Edge: sudo apt-get install chromium (Debian), or name the program in {Variable}.";

    private const double MillisecondsToClose = 5000, PixelsPerInch = 96;
    private readonly Process process;
    private readonly string profile;
    private readonly TimeSpan patience;
    private readonly CancellationToken cancellation;
    private readonly ClientWebSocket socket = new();
    private readonly Queue<string> lastWords = new();
    private string? session;
    private int commands;

    private Chromium(string program, TimeSpan patience, CancellationToken cancellation)
    {
        (this.patience, this.cancellation) = (patience, cancellation);
        profile = Directory.CreateTempSubdirectory("artar-chromium-").FullName;
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] flags =
        [
            "--headless", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--disable-extensions", "--no-first-run",
            "--no-default-browser-check", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank",
        ];
        // Chromium's sandbox refuses to run as root.
        foreach (var flag in Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows() ? flags.Prepend("--no-sandbox") : flags)
            start.ArgumentList.Add(flag);
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Directory.Delete(profile, recursive: true);
            throw new WorkbenchException($"{program} does not start: {e.Message}. {HowToInstall}", e);
        }
    }

    /// <summary>The program: the one that <c>ARTAR_CHROMIUM</c> names, else one on the PATH or in a usual place; null when there is none.</summary>
    /// <exception cref="WorkbenchException">The variable names no file.</exception>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return File.Exists(named) ? named : throw new WorkbenchException($"{Variable} is '{named}', which is no file. Name the program itself, or unset the variable.");
        var ending = OperatingSystem.IsWindows() ? ".exe" : "";
        string[] names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge"];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] windows = ["ProgramFiles", "ProgramFiles(x86)", "LocalAppData"];
        return names.SelectMany(name => path.Select(folder => Path.Combine(folder, name + ending)))
            .Concat(new[] { "Chromium", "Google Chrome", "Microsoft Edge" }.Select(app => $"/Applications/{app}.app/Contents/MacOS/{app}"))
            .Concat(windows.Select(Environment.GetEnvironmentVariable).OfType<string>()
                .SelectMany(root => new[] { @"Google\Chrome\Application\chrome.exe", @"Chromium\Application\chrome.exe", @"Microsoft\Edge\Application\msedge.exe" }
                    .Select(app => Path.Combine(root, app))))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Starts a browser with plotly.js in it.</summary>
    /// <param name="program">The program; null takes what <see cref="Find"/> finds.</param>
    /// <param name="patience">How long it may take to start, and to draw one picture; a minute by default.</param>
    /// <param name="cancellation">Stops waiting; the browser is ended.</param>
    /// <exception cref="WorkbenchException">There is none, or it does not come up in time.</exception>
    public static Chromium Start(string? program = null, TimeSpan? patience = null, CancellationToken cancellation = default)
    {
        var browser = new Chromium(program ?? Find() ?? throw new WorkbenchException(HowToInstall), patience ?? TimeSpan.FromMinutes(1), cancellation);
        try
        {
            browser.Wait("start", browser.Open);
            return browser;
        }
        catch
        {
            browser.Dispose();
            throw;
        }
    }

    /// <summary>The figure as an SVG document; letters stay letters.</summary>
    public string Svg(Figure figure, FigureSize size) => Wait(figure.Name, async stop => (await Draw(figure, size, stop)).ToString(SaveOptions.DisableFormatting) + "\n");

    /// <summary>The figure as a PNG file.</summary>
    public byte[] Png(Figure figure, FigureSize size) => Wait(figure.Name, async stop =>
    {
        var json = figure.ToJson();
        var (width, height) = size.Fit(json);
        var scale = (size.Scale * size.Density / PixelsPerInch).ToString(CultureInfo.InvariantCulture);
        var image = await Evaluate($"Plotly.toImage({json.ToJsonString()}, {{format: 'png', width: {width}, height: {height}, scale: {scale}}})", stop);
        return Convert.FromBase64String(image[(image.IndexOf(',', StringComparison.Ordinal) + 1)..]);
    });

    /// <summary>The figure as a PDF file of one page that is just as large; letters stay letters, lines stay lines.</summary>
    public byte[] Pdf(Figure figure, FigureSize size) => Wait(figure.Name, async stop =>
    {
        var svg = await Draw(figure, size, stop);
        double Inches(string side) => double.Parse(svg.Attribute(side)!.Value[..^2], CultureInfo.InvariantCulture) / PixelsPerInch;
        var page = $"<style>@page {{ margin: 0 }} body {{ margin: 0 }} svg {{ display: block }}</style>{svg.ToString(SaveOptions.DisableFormatting)}";
        await Evaluate($"document.body.innerHTML = {JsonValue.Create(page).ToJsonString()}; 'done'", stop);
        var printed = await Send("Page.printToPDF", new JsonObject
        {
            ["paperWidth"] = Inches("width"), ["paperHeight"] = Inches("height"), ["printBackground"] = true, ["displayHeaderFooter"] = false,
            ["marginTop"] = 0, ["marginBottom"] = 0, ["marginLeft"] = 0, ["marginRight"] = 0, ["pageRanges"] = "1",
        }, stop);
        return Convert.FromBase64String(printed["data"]!.GetValue<string>());
    });

    private async Task<XElement> Draw(Figure figure, FigureSize size, CancellationToken stop)
    {
        var json = figure.ToJson();
        var (width, height) = size.Fit(json);
        var text = await Evaluate($"Plotly.toImage({json.ToJsonString()}, {{format: 'svg', imageDataOnly: true, width: {width}, height: {height}}})", stop);
        var svg = XElement.Parse(text, LoadOptions.PreserveWhitespace);
        svg.SetAttributeValue("viewBox", $"0 0 {width} {height}");
        svg.SetAttributeValue("width", FormattableString.Invariant($"{width * size.Scale:0.##}px"));
        svg.SetAttributeValue("height", FormattableString.Invariant($"{height * size.Scale:0.##}px"));
        return svg;
    }

    private async Task<bool> Open(CancellationToken stop)
    {
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        Uri? address = null;
        while (address is null)
        {
            var line = await process.StandardError.ReadLineAsync(stop);
            if (line is null)
                throw new WorkbenchException($"{process.StartInfo.FileName} ended at once: {string.Join(' ', lastWords)}");
            Remember(line);
            if (AddressLine().Match(line) is { Success: true } match)
                address = new(match.Groups[1].Value);
        }
        // A full pipe would stop the browser, so somebody reads on until it ends.
        _ = Drain(process.StandardError);

        socket.Options.Proxy = null;
        await socket.ConnectAsync(address, stop);
        var target = (await Send("Target.createTarget", new() { ["url"] = "about:blank" }, stop))["targetId"]!.GetValue<string>();
        session = (await Send("Target.attachToTarget", new() { ["targetId"] = target, ["flatten"] = true }, stop))["sessionId"]!.GetValue<string>();
        await Evaluate(FigureFile.PlotlyScript() + "\n'loaded'", stop);
        return true;
    }

    private async Task Drain(StreamReader errors)
    {
        while (await errors.ReadLineAsync(CancellationToken.None) is { } line)
            Remember(line);
    }

    private void Remember(string line)
    {
        lock (lastWords)
        {
            if (!string.IsNullOrWhiteSpace(line))
                lastWords.Enqueue(line);
            while (lastWords.Count > 3)
                lastWords.Dequeue();
        }
    }

    private async Task<string> Evaluate(string script, CancellationToken stop)
    {
        var answer = await Send("Runtime.evaluate", new() { ["expression"] = script, ["awaitPromise"] = true, ["returnByValue"] = true }, stop);
        if (answer["exceptionDetails"] is { } fault)
            throw new WorkbenchException($"plotly.js could not draw the chart: {fault["exception"]?["description"] ?? fault["text"]}");
        return answer["result"]!["value"]!.GetValue<string>();
    }

    private async Task<JsonNode> Send(string method, JsonObject parameters, CancellationToken stop)
    {
        var id = ++commands;
        var command = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (session is not null)
            command["sessionId"] = session;
        await socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(command.ToJsonString()), WebSocketMessageType.Text, true, stop);
        while (true)
        {
            using var message = new MemoryStream();
            var buffer = new byte[1 << 16];
            WebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer, stop);
                message.Write(buffer, 0, part.Count);
            }
            while (!part.EndOfMessage);
            if (part.MessageType == WebSocketMessageType.Close)
                throw new WebSocketException("The browser closed the connection.");
            var answer = JsonNode.Parse(message.ToArray())!;
            if (answer["id"]?.GetValue<int>() != id)
                continue; // an event
            return answer["result"] ?? throw new WorkbenchException($"Chromium refused {method}: {answer["error"]?["message"]}");
        }
    }

    // On the thread pool, so that a caller with a synchronization context of its own does not wait for itself.
    private T Wait<T>(string task, Func<CancellationToken, Task<T>> work)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(patience);
        try
        {
            return Task.Run(() => work(deadline.Token), CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new WorkbenchException(FormattableString.Invariant(
                $"{process.StartInfo.FileName} was ended after {patience.TotalSeconds:0} seconds without an answer ({task}). Try again on an idle machine, or name another program in {Variable}."));
        }
        catch (Exception e) when (e is WebSocketException or IOException)
        {
            throw new WorkbenchException($"{process.StartInfo.FileName} broke off ({task}): {string.Join(' ', lastWords)}", e);
        }
    }

    /// <summary>Ends the browser and all its processes, and removes its profile.</summary>
    public void Dispose()
    {
        try
        {
            if (socket.State == WebSocketState.Open)
            {
                using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(MillisecondsToClose));
                session = null;
                Task.Run(() => Send("Browser.close", [], soon.Token), CancellationToken.None).GetAwaiter().GetResult();
                process.WaitForExit(TimeSpan.FromMilliseconds(MillisecondsToClose));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException or WorkbenchException)
        {
            // It is ended below.
        }
        socket.Dispose();
        process.Kill(entireProcessTree: true);
        process.WaitForExit(TimeSpan.FromMilliseconds(MillisecondsToClose));
        process.Dispose();
        // Its last processes may write a moment longer.
        for (var attempt = 0; Directory.Exists(profile) && attempt < 20; attempt++)
            try
            {
                Directory.Delete(profile, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Thread.Sleep(100);
            }
    }

    [GeneratedRegex(@"^DevTools listening on (ws://\S+)")]
    private static partial Regex AddressLine();
}
