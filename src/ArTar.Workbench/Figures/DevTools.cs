namespace ArTar.Workbench.Figures;

/// <summary>
/// A headless browser with one page, driven over the DevTools protocol (https://chromedevtools.github.io/devtools-protocol/). It has a
/// profile of its own that only this user can enter, and is gone with all its processes after <see cref="Dispose"/>.
/// </summary>
internal sealed class DevTools : IDisposable
{
    private static readonly TimeSpan soon = TimeSpan.FromSeconds(5);
    private readonly string program;
    private readonly BrowserPipe pipe;
    private readonly string profile;
    private readonly TimeSpan patience;
    private readonly CancellationToken cancellation;
    private readonly Queue<string> lastWords = new();
    private Task errors = Task.CompletedTask;
    private string? session;
    private int commands;

    private DevTools(string program, TimeSpan patience, IEnumerable<string> more, CancellationToken cancellation)
    {
        (this.program, this.patience, this.cancellation) = (program, patience, cancellation);
        profile = Directory.CreateTempSubdirectory("artar-chromium-").FullName;
        string[] flags =
        [
            "--headless", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--disable-extensions", "--no-first-run",
            "--no-default-browser-check", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            $"--user-data-dir={profile}", .. more, "about:blank",
        ];
        try
        {
            // Chromium's sandbox refuses to run as root.
            pipe = new(program, Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows() ? ["--no-sandbox", .. flags] : flags);
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
    public static DevTools Start(string program, TimeSpan? patience = null, CancellationToken cancellation = default,
        params IEnumerable<string> flags)
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
            throw new WorkbenchException($"The script in {program} failed ({task}): {fault["exception"]?["description"] ?? fault["text"]}");
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
        // A full pipe would stop the browser, so somebody reads on until it ends.
        errors = Drain(pipe.Process.StandardError);
        var target = (await Send("Target.createTarget", new() { ["url"] = "about:blank" }, stop))["targetId"]!.GetValue<string>();
        var attached = await Send("Target.attachToTarget", new() { ["targetId"] = target, ["flatten"] = true }, stop);
        session = attached["sessionId"]!.GetValue<string>();
        return true;
    }

    private async Task Drain(StreamReader reader)
    {
        while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
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

    private string LastWords()
    {
        lock (lastWords)
            return string.Join(' ', lastWords);
    }

    private async Task<JsonNode> Send(string method, JsonObject parameters, CancellationToken stop)
    {
        var id = ++commands;
        var command = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (session is not null)
            command["sessionId"] = session;
        await pipe.SendAsync(System.Text.Encoding.UTF8.GetBytes(command.ToJsonString()), stop);
        while (true)
        {
            var answer = JsonNode.Parse(await pipe.ReceiveAsync(stop))!;
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
        catch (OperationCanceledException)
        {
            session = null; // what else it may say answers nothing
            if (cancellation.IsCancellationRequested)
                throw;
            throw new WorkbenchException(
                FormattableString.Invariant($"{program} was ended after {patience.TotalSeconds:0} seconds without an answer ({task}). ")
                    + $"Try again on an idle machine, or name another program in {Chromium.Variable}.");
        }
        catch (IOException e)
        {
            errors.Wait(soon, CancellationToken.None); // its last words say why
            throw new WorkbenchException($"{program} broke off ({task}): {LastWords()}", e);
        }
    }

    /// <summary>Ends the browser and all its processes, and removes its profile.</summary>
    public void Dispose()
    {
        try
        {
            if (!pipe.Process.HasExited && session is not null)
            {
                using var deadline = new CancellationTokenSource(soon);
                session = null;
                Task.Run(() => Send("Browser.close", [], deadline.Token), CancellationToken.None).GetAwaiter().GetResult();
                pipe.Process.WaitForExit(soon);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or WorkbenchException)
        {
            // It is ended below.
        }
        pipe.Process.Kill(entireProcessTree: true);
        pipe.Process.WaitForExit(soon);
        pipe.Dispose();
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
}
