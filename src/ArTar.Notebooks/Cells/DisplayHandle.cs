using ArTar.Notebooks.Cells;
// A namespace of its own: cells import it, and nothing else of the engine.

namespace ArTar.Notebooks.CellApi;

/// <summary>A place in a cell's output.</summary>
public sealed class DisplayHandle
{
    private readonly string id = Guid.NewGuid().ToString("N");

    internal DisplayHandle() { }

    /// <summary>Shows another value in the same place.</summary>
    public void Update(object? value) => Show(value, isUpdate: true);

    internal void Show(object? value, bool isUpdate)
    {
        if (CellContext.Current is not { } cell)
            Console.WriteLine(value);
        else
            cell.Outputs.Add(new CellOutput.Display(cell.Formatters.Format(value) ?? MimeBundle.Text("null"), id, isUpdate));
    }
}
