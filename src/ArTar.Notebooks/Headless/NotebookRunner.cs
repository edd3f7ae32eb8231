using ArTar.Notebooks.Cells;
using ArTar.Notebooks.Ipynb;
using ArTar.Notebooks.Processes;

namespace ArTar.Notebooks.Headless;

/// <summary>How a notebook is to be run.</summary>
public sealed record RunOptions
{
    /// <summary>Values for the notebook's parameters, as text.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Longest time for one cell; null for no limit.</summary>
    public TimeSpan? CellTimeout { get; init; }

    /// <summary>How values are shown; null takes those of .NET's own types alone.</summary>
    public Formatters? Formatters { get; init; }

    /// <summary>
    /// What starts a process for the cells, which then cannot harm this one; see <see cref="CellServer"/>, whose formatters count. Null
    /// runs them in this process.
    /// </summary>
    public IReadOnlyList<string>? CellCommand { get; init; }
}

/// <summary>A cell that starts or has ended.</summary>
/// <param name="Number">Its number among the code cells, from 1.</param>
/// <param name="Count">Code cells in all.</param>
/// <param name="Elapsed">What it took; null when it starts.</param>
public readonly record struct CellProgress(int Number, int Count, TimeSpan? Elapsed);

/// <summary>The cell that a run ended at.</summary>
/// <param name="Notebook">The notebook's path.</param>
/// <param name="Number">The cell's number among the code cells, as front ends show it: In[…].</param>
/// <param name="Error">What went wrong.</param>
public sealed record CellFailure(string Notebook, int Number, CellError Error)
{
    /// <summary>Notebook, cell, line and message in a line.</summary>
    public override string ToString() =>
        $"{Notebook}, cell {Number}{(Error.Line is { } line ? $", line {line}" : "")}: {Error.Name}: {Error.Message}";
}

/// <summary>Runs notebooks from their first cell to their last, without a front end.</summary>
public static class NotebookRunner
{
    // What the last cell left running may fail a moment later.
    private static readonly TimeSpan afterwards = TimeSpan.FromSeconds(0.2);

    // After that a cell that was stopped is given up.
    private static readonly TimeSpan stopPatience = TimeSpan.FromSeconds(15);

    /// <summary>Runs all code cells in order; the process's current directory is the notebook's folder meanwhile.</summary>
    /// <param name="path">Where the notebook lies.</param>
    /// <param name="notebook">The notebook; it gets the new outputs, also when a cell fails.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="progress">Told when a cell starts and when it has ended.</param>
    /// <param name="cancellation">Stops the running cell and then the run.</param>
    /// <returns>The first cell that failed, or null.</returns>
    /// <exception cref="WorkbenchException">The parameters do not fit.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static async Task<CellFailure?> RunAsync(
        string path, NotebookFile notebook, RunOptions options, Action<CellProgress>? progress = null,
            CancellationToken cancellation = default)
    {
        if (options.Parameters.Count > 0)
            Parameters.Inject(path, notebook, options.Parameters);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var before = Environment.CurrentDirectory;
        var outputs = new OutputCollector();
        try
        {
            Environment.CurrentDirectory = folder;
            using ICells engine = options.CellCommand is { } command ? new CellProcess(command, folder)
                : new CellEngine(folder, options.Formatters);
            var cells = notebook.Cells.Where(c => c.Type == "code" && !string.IsNullOrWhiteSpace(c.Source)).ToList();
            foreach (var (number, cell) in cells.Index().Select(c => (c.Index + 1, c.Item)))
            {
                progress?.Invoke(new(number, cells.Count, null));
                var started = Stopwatch.GetTimestamp();
                var result = await RunAsync(engine, cell, number, options.CellTimeout, outputs, cancellation);
                outputs.End(cell, number, result);
                cancellation.ThrowIfCancellationRequested();
                progress?.Invoke(new(number, cells.Count, Stopwatch.GetElapsedTime(started)));
                if (result.Error is { } error && !cell.Tags.Contains("raises-exception"))
                    return new(path, number, error);
                if (number == cells.Count && options.CellCommand is not null)
                    await Task.Delay(afterwards, cancellation);
                if (engine.LateFault is { } late)
                    return new(path, CellErrors.NumberIn(late) ?? number, late);
            }
            return null;
        }
        finally
        {
            outputs.Apply();
            Environment.CurrentDirectory = before;
        }
    }

    private static async Task<CellResult> RunAsync(
        ICells engine, NotebookCell cell, int number, TimeSpan? timeout, OutputCollector outputs, CancellationToken cancellation)
    {
        var running = engine.RunAsync(cell.Source, number, outputs.Add);
        var limit = Task.Delay(timeout ?? Timeout.InfiniteTimeSpan, cancellation);
        if (await Task.WhenAny(running, limit) == running)
            return await running;
        engine.Interrupt();
        var stopped = await Task.WhenAny(running, Task.Delay(stopPatience, CancellationToken.None)) == running ? await running : null;
        if (cancellation.IsCancellationRequested || stopped is { Error: null })
            return stopped ?? new(null, null);
        var message = FormattableString.Invariant($"It ran longer than {timeout!.Value.TotalSeconds:0.##} s and was stopped.");
        return new(null, new("Timeout", message, stopped?.Error?.Line, [$"Timeout: {message}", .. stopped?.Error?.Trace.Skip(1) ?? []]));
    }
}
