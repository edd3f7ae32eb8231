using System.Reflection;
using ArTar.Notebooks.CellApi;
using ArTar.Workbench;
using Microsoft.CodeAnalysis;

namespace ArTar.Notebooks.Cells;

/// <summary>Runs C# cells one after the other; each sees the variables, methods and usings of those before it.</summary>
public sealed class CellEngine : IDisposable
{
    // Code that asked for its token is given time to stop by itself: a training step on a large model takes seconds.
    private static readonly TimeSpan heededPatience = TimeSpan.FromSeconds(10), patience = TimeSpan.FromMilliseconds(300);

    private readonly ScriptSession session;
    private readonly CellThread thread = new();
    private readonly Formatters formatters;
    private readonly string folder;
    private volatile Run? running;

    /// <summary>An engine with nothing run yet.</summary>
    /// <param name="folder">Folder of the notebook: what relative paths in <c>#!import</c>, <c>#r</c> and <c>#load</c> start from.</param>
    /// <param name="formatters">How values are shown; null takes those of .NET's own types alone.</param>
    public CellEngine(string folder, Formatters? formatters = null)
    {
        CellConsole.Install();
        this.folder = Path.GetFullPath(folder);
        this.formatters = formatters ?? new();
        session = new(this.folder, Usings);
    }

    /// <summary>The namespaces that cells see without a using line, those of the build's setup.csx first.</summary>
    public static IReadOnlyList<string> Usings { get; } =
    [
        .. typeof(CellEngine).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "NotebookUsings").Value!.Split(';'),
        typeof(Displays).Namespace!,
    ];

    /// <summary>What a cell is called in stack traces and errors: <c>In[3]</c>, as front ends number it.</summary>
    public static string NameOf(int number) => $"In[{number}]";

    /// <summary>Runs a cell to its end, whatever that is: faults of the cell's code come back as its error.</summary>
    /// <param name="code">C#, with <c>await</c> allowed at the top; a last expression without semicolon is its value.</param>
    /// <param name="number">The cell's number.</param>
    /// <param name="sink">Told what the cell shows, in order, from any thread but never from two at a time.</param>
    public async Task<CellResult> RunAsync(string code, int number, Action<CellOutput> sink)
    {
        var run = new Run(new CellContext(formatters, sink));
        running = run;
        var passing = run.Context.PassOnAsync(run.Ended.Task);
        try
        {
            await thread.Run(() => ExecuteAsync(run, code, NameOf(number)), run.Abort);
        }
        catch (OperationCanceledException) when (run.Abort.IsRequested)
        {
            run.Result = new(null, CellErrors.Interrupted(null));
        }
        finally
        {
            running = null;
            if (run.Started is { } cell)
                session.Keep(cell);
            run.Ended.SetResult();
            await passing;
        }
        return run.Result!;
    }

    /// <summary>
    /// Stops the running cell; returns at once. Its <see cref="Workbench.Interrupt.Token"/> is cancelled first; code that
    /// does not heed it is woken from sleeping and aborted soon after, and at once when this is called again.
    /// </summary>
    public void Interrupt()
    {
        if (running is { } run)
            _ = Task.Run(() => StopAsync(run));
    }

    /// <summary>Lets go of the values of all variables of a name; see <see cref="ScriptSession.Forget"/>.</summary>
    public int Forget(string name) => session.Forget(name);

    /// <summary>Whether a text is a whole cell: <c>complete</c>, <c>incomplete</c> or <c>invalid</c>.</summary>
    public static string IsComplete(string code) => Completion.IsComplete(code);

    /// <summary>The names that fit at a place of a cell.</summary>
    public Suggestions Complete(string code, int position) => Completion.At(session, code, position);

    /// <summary>What is known about the name at a place of a cell: declaration and documentation; null when nothing is.</summary>
    public string? Inspect(string code, int position) => Completion.Inspect(session, code, position);

    /// <summary>Makes the first cell fast: loads and compiles, in an engine of its own, what every cell needs.</summary>
    public static void WarmUp()
    {
        using var engine = new CellEngine(".");
        engine.RunAsync("using System.Text;\nvar warm = new[] { 1, 2 }.Select(i => $\"{i}\").ToList();\nawait Task.Yield();\nwarm", 1, _ => { }).GetAwaiter().GetResult();
        engine.Complete("warm.", 5);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Interrupt();
        thread.Dispose();
    }

    private async Task ExecuteAsync(Run run, string code, string name)
    {
        run.Context.Begin();
        run.Interrupt.Begin();
        try
        {
            object? value = null;
            foreach (var part in CellDirectives.Parts(code, name, folder))
                value = part.Forget is { } forgotten
                    ? Forgotten(forgotten)
                    : await ExecuteAsync(run, ScriptSession.Parse(part.Code, part.Name));
            run.Result = new(formatters.Format(value), null);
        }
        catch (CompilationException e)
        {
            run.Result = new(null, CellErrors.From(e.Errors));
        }
        catch (Exception e) when (run.Stop.IsCancellationRequested && CellErrors.IsInterruption(e))
        {
            run.Result = new(null, CellErrors.Interrupted(e));
        }
        catch (Exception e)
        {
            run.Result = new(null, CellErrors.From(e));
        }
    }

    private async Task<object?> ExecuteAsync(Run run, SyntaxTree tree)
    {
        var (cell, errors) = session.Prepare(tree, run.Stop.Token);
        if (cell is null)
            throw new CompilationException(errors);
        run.Started = cell;
        var value = await session.Start(cell);
        session.Keep(cell);
        run.Started = null;
        return value;
    }

    private object? Forgotten(string name)
    {
        if (session.Forget(name) == 0)
            throw new WorkbenchException($"#!forget {name}: no cell has declared a variable of that name.");
        return null;
    }

    private static async Task StopAsync(Run run)
    {
        if (!run.Stop.IsCancellationRequested)
        {
            run.Stop.Cancel();
            // Whether the code heeds its token may show only now.
            for (var waited = TimeSpan.Zero; waited < (run.Interrupt.IsHeeded ? heededPatience : patience); waited += patience / 10)
            {
                await Task.WhenAny(run.Ended.Task, Task.Delay(patience / 10));
                if (run.Ended.Task.IsCompleted || run.Abort.IsRequested)
                    return;
            }
        }
        await run.Abort.RequestAsync(run.Ended.Task);
    }

    /// <summary>One cell on its way, with what can stop it: made before compiling, so that there is no moment without.</summary>
    private sealed class Run
    {
        public Run(CellContext context) => (Context, Interrupt) = (context, new(Stop.Token));

        public CellContext Context { get; }

        public CancellationTokenSource Stop { get; } = new();

        public CellAbort Abort { get; } = new();

        public Interrupt Interrupt { get; }

        public CompiledCell? Started { get; set; }

        public CellResult? Result { get; set; }

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
