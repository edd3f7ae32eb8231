using ArTar.Notebooks.Cells;

namespace ArTar.Notebooks.Processes;

/// <summary>
/// Cells in a process of their own, started again when it is gone. A cell that ends its process, in whatever way, ends with an error.
/// </summary>
internal sealed class CellProcess : ICells
{
    private readonly IReadOnlyList<string> command;
    private readonly string folder;
    private readonly SemaphoreSlim oneAtATime = new(1);
    private readonly Lock gate = new();
    private ChildProcess child;
    private bool isDisposed;

    /// <summary>Starts the process.</summary>
    /// <param name="command">What starts it, before the arguments of <see cref="CellServer.Serve"/>.</param>
    /// <param name="folder">Its current directory: the notebook's.</param>
    public CellProcess(IReadOnlyList<string> command, string folder)
    {
        (this.command, this.folder) = (command, folder);
        child = new(command, folder);
    }

    public CellError? LateFault => child.LateFault;

    public async Task<CellResult> RunAsync(string code, int number, Action<CellOutput> sink, CellInput? input = null)
    {
        await oneAtATime.WaitAsync();
        try
        {
            var result = await Living().RunAsync(new(code, number, input is not null), sink, input);
            return result ?? new(null, Gone(await child.EndAsync()));
        }
        catch (WorkbenchException e)
        {
            // It is to start again, and cannot yet.
            return new(null, CellErrors.Ended("ProcessNotStarted", e.Message));
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    public void Interrupt() => child.Send(new CellRequest.Interrupt());

    public async Task<Suggestions> CompleteAsync(string code, int position) =>
        await AskAsync(new CellRequest.Complete(code, position)) is CellReply.Completed completed ? completed.Suggestions
            : new([], position, position);

    public async Task<string?> InspectAsync(string code, int position) =>
        await AskAsync(new CellRequest.Inspect(code, position)) is CellReply.Inspected inspected ? inspected.Text : null;

    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            child.Dispose();
        }
    }

    private async Task<CellReply?> AskAsync(CellRequest request)
    {
        await oneAtATime.WaitAsync();
        try
        {
            return await Living().AskAsync(request);
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    private ChildProcess Living()
    {
        lock (gate)
        {
            if (child.IsGone && !isDisposed)
            {
                child.Dispose();
                child = new(command, folder);
            }
            return child;
        }
    }

    private static CellError Gone((int? Code, string Errors) end)
    {
        if (end.Errors.Contains("Stack overflow.", StringComparison.Ordinal))
            return CellErrors.Ended("StackOverflow", "The cell called itself, or something that calls itself, without end, which ended " +
                "the process of the cells.");
        const int killed = 128 + 9;
        return end.Code switch
        {
            killed => CellErrors.Ended("ProcessKilled",
                "The process of the cells was killed from outside, most likely because memory ran " +
                "out."),
            > 128 and var signal => CellErrors.Ended("ProcessCrashed", string.Create(CultureInfo.InvariantCulture,
                $"The process of the cells crashed (signal {signal - 128}), as it does when native code fails.")),
            { } code => CellErrors.Ended("ProcessEnded", string.Create(CultureInfo.InvariantCulture,
                $"The cell ended the process of the cells with exit code {code}, as Environment.Exit does.")),
            null => CellErrors.Ended("ProcessEnded", "The process of the cells does not answer any more and was ended."),
        };
    }
}
