using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ArTar.Workbench.Figures;

/// <summary>
/// A headless browser with one page, driven over the DevTools protocol (https://chromedevtools.github.io/devtools-protocol/). It has a
/// profile of its own, and is gone with all its processes after <see cref="Dispose"/>.
/// </summary>
internal sealed partial class DevTools : IDisposable
{
    private const double MillisecondsToClose = 5000;
    private readonly Process process;
    private readonly string profile;
    private readonly TimeSpan patience;
    private readonly CancellationToken cancellation;
    private readonly ClientWebSocket socket = new();
    private readonly Queue<string> lastWords = new();
    private string? session;
    private int commands;

    private DevTools(string program, TimeSpan patience, IEnumerable<string> more, CancellationToken cancellation)
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
        foreach (var flag in (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows() ? flags.Prepend("--no-sandbox") : flags).Concat(more))
            start.ArgumentList.Add(flag);
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Directory.Delete(profile, recursive: true);
            throw new WorkbenchException($"{program} does not start: {e.Message}. {Chromium.HowToInstall}", e);
        }
    }

    /// <summary>Starts a browser with an empty page.</summary>
    /// <param name="program">The program.</param>
    /// <param name="patience">How long it may take to start, and for each command; a minute by default.</param>
    /// <param name="cancellation">Stops whatever it does.</param>
    /// <param name="flags">More flags for the program.</param>
    /// <exception cref="WorkbenchException">It does not come up in time.</exception>
    public static DevTools Start(string program, TimeSpan? patience = null, CancellationToken cancellation = default, params IEnumerable<string> flags)
    {
        var browser = new DevTools(program, patience ?? TimeSpan.FromMinutes(1), flags, cancellation);
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

    /// <summary>Runs a script in the page, and waits for what it promises.</summary>
    /// <param name="task">What the script is for, should it take too long.</param>
    /// <param name="script">The script; its value is a text.</param>
    /// <exception cref="WorkbenchException">It throws, or takes too long.</exception>
    public string Evaluate(string task, string script)
    {
        var answer = Send(task, "Runtime.evaluate", new() { ["expression"] = script, ["awaitPromise"] = true, ["returnByValue"] = true });
        if (answer["exceptionDetails"] is { } fault)
            throw new WorkbenchException($"The script in {process.StartInfo.FileName} failed ({task}): {fault["exception"]?["description"] ?? fault["text"]}");
        return answer["result"]!["value"]!.GetValue<string>();
    }

    /// <summary>Sends a command to the page.</summary>
    /// <param name="task">What it is for, should it take too long.</param>
    /// <param name="method">The command.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <exception cref="WorkbenchException">It is refused, or takes too long.</exception>
    public JsonNode Send(string task, string method, JsonObject parameters) => Wait(task, stop => Send(method, parameters, stop));

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
            return answer["result"] ?? throw new WorkbenchException($"The browser refused {method}: {answer["error"]?["message"]}");
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
                $"{process.StartInfo.FileName} was ended after {patience.TotalSeconds:0} seconds without an answer ({task}). Try again on an idle machine, or name another program in {Chromium.Variable}."));
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
