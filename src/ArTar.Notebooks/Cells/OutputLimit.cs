namespace ArTar.Notebooks.Cells;

/// <summary>How much one cell may show: what prints without end must fill neither the memory nor the notebook.</summary>
internal sealed class OutputLimit
{
    /// <summary>Characters that a cell may show.</summary>
    public const int Characters = 10_000_000;

    private long taken;

    /// <summary>What takes the place of everything after that.</summary>
    public static CellOutput Notice { get; } = new CellOutput.Text("stderr",
        string.Create(CultureInfo.InvariantCulture,
            $"\nThis cell has shown more than {Characters / 1_000_000} million characters; what else it shows is left out. It runs on.\n"));

    /// <summary>Counts an output.</summary>
    /// <returns>The output itself; the notice where the limit is crossed; null beyond it.</returns>
    public CellOutput? Take(CellOutput output)
    {
        var size = output switch
        {
            CellOutput.Text text => text.Content.Length,
            // One that replaces another adds nothing.
            CellOutput.Display { IsUpdate: false } display => display.Bundle.Length,
            _ => 0,
        };
        var before = Interlocked.Add(ref taken, size) - size;
        return before + size <= Characters ? output : before <= Characters ? Notice : null;
    }

    /// <summary>Whether all is taken, so that nothing more need be kept.</summary>
    public bool IsReached => Interlocked.Read(ref taken) > Characters;
}
