using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using ArTar.Workbench.Figures;

namespace ArTar.Notebooks.Tests.Jupyter;

/// <summary>
/// Debian's Jupyter Notebook with this kernel installed, and a headless Chromium that has no network but this server. Notebooks lie
/// in a folder of their own, as does all that they train.
/// </summary>
public sealed class NotebookServer : IDisposable
{
    private readonly Process server;
    private readonly BrowserPage page;
    private readonly string address;
    private readonly List<string> log = [];

    public NotebookServer()
    {
        Requires.That(File.Exists(Artar.Python) && Artar.Finish(Artar.Start(Artar.Python, ["-c", "import notebook.notebookapp"])).Code == 0,
            "Jupyter Notebook", "sudo apt-get install jupyter-notebook");
        var program = Chromium.Find();
        Requires.That(program is not null, "Chromium", "sudo apt-get install chromium fonts-dejavu-core");

        Folder = Directory.CreateTempSubdirectory("notebook ").FullName;
        (string, string)[] environment = [("JUPYTER_DATA_DIR", Path.Combine(Folder, "data")), ("JUPYTER_RUNTIME_DIR", Path.Combine(Folder, "runtime")), ("HOME", Folder), ("ARTAR_HOME", Home), ("PYTHONWARNINGS", "ignore")];
        Assert.Equal(0, Artar.Finish(Artar.Start(Artar.DotNet, [Artar.Program, "kernel", "install", "--no-precompile"], Folder, environment)).Code);
        var port = FreePort();
        address = $"http://127.0.0.1:{port}";
        server = Artar.Start(Artar.Python,
            ["-m", "notebook", "--no-browser", "--ip=127.0.0.1", $"--port={port}", "--NotebookApp.token=", "--NotebookApp.password=", "--allow-root", $"--notebook-dir={Folder}"], Folder, environment);
        server.ErrorDataReceived += (_, line) => { lock (log) log.Add(line.Data ?? ""); };
        server.OutputDataReceived += (_, _) => { };
        server.BeginErrorReadLine();
        server.BeginOutputReadLine();
        page = new(program!, () =>
        {
            lock (log)
                return [.. log.TakeLast(20)];
        });
    }

    /// <summary>Where notebooks lie.</summary>
    public string Folder { get; }

    /// <summary>Where what they train lies.</summary>
    public string Home => Path.Combine(Folder, "home");

    /// <summary>Opens a notebook and waits until its kernel is idle.</summary>
    public void Open(string name)
    {
        Go($"notebooks/{name}");
        Until("the kernel", () => Is("Jupyter.notebook.kernel.is_connected() && document.querySelector('#kernel_indicator_icon.kernel_idle_icon') !== null"));
    }

    /// <summary>Opens the same in JupyterLab's own parts (JupyterLab/page.js), which ./test puts together, and waits until its kernel is idle.</summary>
    public void OpenInLab(string name)
    {
        var built = Path.Combine(Repository.Root, "artifacts", "tools", "jupyterlab");
        Requires.That(File.Exists(Path.Combine(built, "page.js")), "JupyterLab's notebook", "./test, which makes it where npm is");
        // From there the server hands out what it does not know.
        var served = Directory.CreateDirectory(Path.Combine(Folder, "data", "nbextensions", "lab")).FullName;
        foreach (var file in Directory.EnumerateFiles(built))
            File.Copy(file, Path.Combine(served, Path.GetFileName(file)), overwrite: true);
        // This page brings the cookie without which the server takes no request.
        Go("tree");
        Until("the list of notebooks", () => Is("document.querySelector('.list_item') !== null"));
        Go($"nbextensions/lab/index.html?path={name}");
        Until("the kernel", () => Is("window.lab?.kernel() === 'idle'"));
    }

    /// <summary>Clicks what a selector names, as a user does.</summary>
    public void Click(string selector) => Value($"document.querySelector('{selector}').click()");

    /// <summary>Runs all cells from the menu.</summary>
    public void RunAll() => Click("#run_all_cells a");

    /// <summary>Waits until no cell is running or queued.</summary>
    public void UntilIdle() => Until("the cells' end", () => Is("document.querySelectorAll('.code_cell.running').length === 0 && document.querySelector('.kernel_idle_icon') !== null"));

    /// <summary>The value of a script in the page.</summary>
    public JsonNode? Value(string script) => page.Value(script);

    /// <summary>The text below a code cell, counted from 1, as the page shows it.</summary>
    public string Output(int cell) => (string?)Value($"(document.querySelectorAll('.code_cell')[{cell - 1}].querySelector('.output') ?? {{ innerText: '' }}).innerText") ?? "";

    /// <inheritdoc cref="BrowserPage.Is"/>
    public bool Is(string script) => page.Is(script);

    /// <inheritdoc cref="BrowserPage.Until"/>
    public void Until(string what, Func<bool> isTrue) => page.Until(what, isTrue);

    public void Dispose()
    {
        page.Dispose();
        // The server ends its kernels when it is asked to stop; what is left is ended with it.
        Process.Start("kill", ["-TERM", $"{server.Id}"]).WaitForExit();
        if (!server.WaitForExit(TimeSpan.FromSeconds(20)))
            server.Kill(entireProcessTree: true);
        server.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private void Go(string path) => page.Go($"{address}/api", $"{address}/{path}");

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
