using ArTar.Notebooks.CellApi;

namespace ArTar.Notebooks.Cells;

/// <summary>Runs C# cells one after the other; each sees the variables, methods and usings of those before it.</summary>
public sealed class CellEngine : ICells
{
    private readonly ScriptSession session;
    private CellThread thread = new();
    private readonly Formatters formatters;
    private readonly string folder;
    private readonly Lock gate = new();
    private readonly HashSet<string> told = [];
    private CellContext? last;
    private Execution? running;

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
        .. typeof(CellEngine).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == "NotebookUsings").Value!.Split(';'),
        typeof(Displays).Namespace!,
        // A type among namespaces: its methods are called by their name alone.
        typeof(Familiar).FullName!,
    ];

    /// <summary>What a cell is called in stack traces and errors: <c>In[3]</c>, as front ends number it.</summary>
    public static string NameOf(int number) => $"In[{number}]";

    /// <summary>Runs a cell to its end, whatever that is: faults of the cell's code come back as its error.</summary>
    /// <param name="code">C#, with <c>await</c> allowed at the top; a last expression without semicolon is its value.</param>
    /// <param name="number">The cell's number.</param>
    /// <param name="sink">Told what the cell shows, in order, from any thread but never from two at a time.</param>
    /// <param name="input">Asks the user where the cell reads from the keyboard; null where nobody can be asked.</param>
    public Task<CellResult> RunAsync(string code, int number, Action<CellOutput> sink, CellInput? input = null) =>
        Task.Factory.StartNew(() => Run(code, number, sink, input), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    // Waits on a thread of its own: a cell may keep all threads of the pool busy and is to be heard and stopped all the same.
    private CellResult Run(string code, int number, Action<CellOutput> sink, CellInput? input)
    {
        var run = new Execution(new(formatters, sink, input), number);
        lock (gate)
            (running, last) = (run, run.Context);
        thread.Post(() => _ = ExecuteAsync(run, code, NameOf(number)));
        Task[] over = [run.Finished.Task, run.Context.Stop.Left];
        run.Context.Outputs.PassOnUntil(pause => Task.WaitAny(over, pause) >= 0);
        lock (gate)
        {
            running = null;
            session.Keep();
        }
        run.Context.Stop.End();
        run.Finished.TrySetResult();
        if (run.Context.Stop.IsBusy)
        {
            // It may be the thread that cells start on that does not come back.
            thread.Dispose();
            thread = new();
        }
        return run.Fault is { } fault ? new(null, CellErrors.From(fault))
            : run.Result ?? new(null, run.Context.Stop.IsBusy ? CellErrors.Left() : CellErrors.Interrupted(null));
    }

    /// <summary>
    /// Stops the running cell; returns at once. Its <see cref="Workbench.Interrupt.Token"/> is cancelled first; code that does not heed it
    /// ends at its next loop or call, or is woken from sleeping. When this is called again nothing more is waited for.
    /// </summary>
    public void Interrupt()
    {
        lock (gate)
            if (running is { } run)
                run.Context.Stop.Request(run.Finished.Task);
    }

    /// <summary>Ends the running cell with a fault that nobody caught, unless it comes from code that an earlier cell left
    /// running.</summary>
    /// <returns>Such a late fault as an error, which is told once; null for one that ends the cell.</returns>
    internal CellError? Fail(Exception fault)
    {
        var error = CellErrors.From(fault);
        lock (gate)
        {
            if (running is { } run && (CellErrors.NumberIn(error) ?? run.Number) == run.Number)
            {
                run.Fault ??= fault;
                Interrupt();
                Interrupt();
                return null;
            }
            if (!told.Add(error.Trace[0]))
                return error;
        }
        (CellContext.Current ?? last)?.Outputs.Write("stderr",
            $"Nobody caught this, and the cell that it comes from has ended:\n{string.Join('\n', error.Trace)}\n");
        return error;
    }

    CellError? ICells.LateFault => null;

    Task<Suggestions> ICells.CompleteAsync(string code, int position) => Task.FromResult(Complete(code, position));

    Task<string?> ICells.InspectAsync(string code, int position) => Task.FromResult(Inspect(code, position));

    /// <summary>Whether a text is a whole cell: <c>complete</c>, <c>incomplete</c> or <c>invalid</c>.</summary>
    public static string IsComplete(string code) => Completion.IsComplete(code);

    /// <summary>The names that fit at a place of a cell.</summary>
    public Suggestions Complete(string code, int position) => Completion.At(session, code, position);

    /// <summary>What is known about the name at a place of a cell: declaration and documentation; null when nothing is.</summary>
    public string? Inspect(string code, int position) => CodeQuestions.Inspect(session, code, position);

    /// <summary>Makes the first cell fast: loads and compiles, in an engine of its own, what every cell needs.</summary>
    public static void WarmUp()
    {
        using var engine = new CellEngine(".");
        engine.RunAsync("using System.Text;\nvar warm = new[] { 1, 2 }.Select(i => $\"{i}\").ToList();\nawait Task.Yield();\nwarm", 1,
            _ => { }).GetAwaiter().GetResult();
        engine.Complete("warm.", 5);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Interrupt();
        thread.Dispose();
    }

    private async Task ExecuteAsync(Execution run, string code, string name)
    {
        run.Context.Begin();
        try
        {
            object? value = null;
            foreach (var part in CellDirectives.Parts(code, name, folder))
                value = part.Does is { } does
                    ? does(session)
                    : await ExecuteAsync(run, ScriptSession.Parse(part.Code, part.Name));
            run.Result = new(formatters.Format(value), null);
        }
        catch (CompilationException e)
        {
            run.Result = new(null, CellErrors.From(e.Errors));
        }
        catch (Exception e) when (run.Context.Stop.IsRequested && CellErrors.IsInterruption(e))
        {
            run.Result = new(null, CellErrors.Interrupted(e));
        }
        catch (Exception e)
        {
            run.Result = new(null, CellErrors.From(e));
        }
        finally
        {
            run.Finished.TrySetResult();
        }
    }

    private async Task<object?> ExecuteAsync(Execution run, SyntaxTree tree)
    {
        var (cell, errors) = session.Prepare(tree, run.Context.Stop.Token);
        if (cell is null)
            throw new CompilationException(errors);
        WhileRunning(run, () => session.Begin(cell));
        var value = await session.Start(cell);
        WhileRunning(run, session.Keep);
        return value;
    }

    // A cell that was left, and comes back from what it was left in, must not meddle with those that run since then.
    private void WhileRunning(Execution run, Action change)
    {
        lock (gate)
        {
            if (running != run)
                throw new OperationCanceledException(run.Context.Stop.Token);
            change();
        }
    }

    /// <summary>One cell on its way, with what can stop it: made before compiling, so that there is no moment without.</summary>
    private sealed class Execution(CellContext context, int number)
    {
        public int Number => number;

        public CellContext Context => context;

        public CellResult? Result { get; set; }

        public Exception? Fault { get; set; }

        // Whoever waits does so with a thread: nothing goes on from here.
        public TaskCompletionSource Finished { get; } = new();
    }
}
