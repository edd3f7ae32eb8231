namespace ArTar.Notebooks.Cells;

/// <summary>
/// What one cell shows, on its way to whoever listens. The cell's own threads only put things into a list: they are woken and stopped in
/// the middle of anything, and must not take the listener with them.
/// </summary>
internal sealed class CellOutputs(Action<CellOutput> sink)
{
    // Small pieces are sent together: front ends and files suffer from thousands of messages.
    private static readonly TimeSpan pause = TimeSpan.FromMilliseconds(50);
    private const int Piece = 1 << 20;

    private readonly object gate = new(), sending = new();
    private readonly StringBuilder text = new();
    private readonly OutputLimit limit = new();
    private List<CellOutput> pending = [];
    private string name = "stdout";
    private volatile bool hasEnded;

    /// <summary>Adds console text.</summary>
    public void Write(string stream, ReadOnlySpan<char> written)
    {
        if (written.IsEmpty || limit.IsReached)
            return;
        lock (gate)
        {
            if (stream != name || text.Length >= Piece)
                CloseText();
            name = stream;
            text.Append(written);
        }
        if (hasEnded)
            PassOn();
    }

    /// <summary>Adds another output, after all text that was written before it.</summary>
    public void Add(CellOutput output)
    {
        lock (gate)
        {
            CloseText();
            if (output is CellOutput.Display { IsUpdate: true, Id: var id })
                pending.RemoveAll(o => o is CellOutput.Display { IsUpdate: true } earlier && earlier.Id == id);
            Keep(output);
        }
        if (hasEnded)
            PassOn();
    }

    /// <summary>Whoever waits for the cell passes on what it shows, a few times a second.</summary>
    public void PassOnUntil(Func<TimeSpan, bool> wait)
    {
        while (!wait(pause))
            PassOn();
        // From here on whoever adds something passes it on.
        hasEnded = true;
        PassOn();
    }

    /// <summary>Passes on what was shown so far.</summary>
    public void PassOn()
    {
        lock (sending)
        {
            List<CellOutput> outputs;
            lock (gate)
            {
                CloseText();
                (outputs, pending) = (pending, []);
            }
            foreach (var output in outputs)
                sink(output);
        }
    }

    private void CloseText()
    {
        if (text.Length == 0)
            return;
        Keep(new CellOutput.Text(name, CarriageReturns.Shorten(text.ToString())));
        text.Clear();
    }

    private void Keep(CellOutput output)
    {
        if (limit.Take(output) is { } kept)
            pending.Add(kept);
    }
}
