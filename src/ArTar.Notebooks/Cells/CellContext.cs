namespace ArTar.Notebooks.Cells;

/// <summary>
/// What the code of a running cell reaches without being given it: where its output goes, whom it may ask, and whether it is to stop. It
/// flows into the tasks and threads that the cell starts, so that what they print belongs to that cell even after it has ended.
/// </summary>
internal sealed class CellContext(Formatters formatters, Action<CellOutput> sink, CellInput? input)
{
    private static readonly AsyncLocal<CellContext?> current = new(Moved);

    /// <summary>The cell that the calling code belongs to, or null.</summary>
    public static CellContext? Current => current.Value;

    /// <summary>How values are shown.</summary>
    public Formatters Formatters => formatters;

    /// <summary>What the cell shows.</summary>
    public CellOutputs Outputs { get; } = new(sink);

    /// <summary>Asks the user for a line; null where nobody can be asked.</summary>
    public CellInput? Input => input;

    /// <summary>What the user has typed and the cell has not read yet.</summary>
    public string Unread { get; set; } = "";

    /// <summary>What stops the cell.</summary>
    public CellStop Stop { get; } = new();

    /// <summary>Makes this the context of all that the caller runs and starts from here on.</summary>
    public void Begin()
    {
        current.Value = this;
        Stop.Interrupt.Begin();
    }

    // .NET says so for every thread that takes up or puts down code of a cell, in the middle of its own business: nothing may be thrown.
    private static void Moved(AsyncLocalValueChangedArgs<CellContext?> change)
    {
        change.PreviousValue?.Stop.Leave(Thread.CurrentThread);
        change.CurrentValue?.Stop.Enter(Thread.CurrentThread);
    }
}

/// <summary>Asks the user of a cell for a line of text.</summary>
/// <param name="prompt">What is asked.</param>
/// <param name="isPassword">Whether the answer is not to be seen.</param>
/// <returns>The answer; null when none will come.</returns>
public delegate string? CellInput(string prompt, bool isPassword);
