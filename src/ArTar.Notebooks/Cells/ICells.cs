namespace ArTar.Notebooks.Cells;

/// <summary>Where cells run: in this process (<see cref="CellEngine"/>) or in one of their own.</summary>
internal interface ICells : IDisposable
{
    /// <summary>Runs a cell to its end; see <see cref="CellEngine.RunAsync"/>.</summary>
    Task<CellResult> RunAsync(string code, int number, Action<CellOutput> sink, CellInput? input = null);

    /// <summary>Stops the running cell; see <see cref="CellEngine.Interrupt"/>.</summary>
    void Interrupt();

    /// <summary>What nobody caught of the code of cells that had ended; null where there was nothing.</summary>
    CellError? LateFault { get; }

    /// <summary>The names that fit at a place of a cell.</summary>
    Task<Suggestions> CompleteAsync(string code, int position);

    /// <summary>What is known about the name at a place of a cell, in forms by MIME type; null when nothing is.</summary>
    Task<string?> InspectAsync(string code, int position);
}
