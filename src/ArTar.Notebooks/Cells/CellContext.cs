using System.Text;

namespace ArTar.Notebooks.Cells;

/// <summary>
/// What the code of a running cell reaches without being given it: where its output goes. It flows into the tasks and
/// threads that the cell starts, so that what they print belongs to that cell even after it has ended.
/// </summary>
/// <remarks>
/// A cell may be aborted in the middle of anything. So its own thread only puts things into a list, under a monitor, which
/// is let go in any case; whoever listens is called from elsewhere.
/// </remarks>
internal sealed class CellContext(Formatters formatters, Action<CellOutput> sink)
{
    // Small pieces are sent together: front ends and files suffer from thousands of messages.
    private static readonly TimeSpan pause = TimeSpan.FromMilliseconds(50);
    private const int Piece = 1 << 20;

    private static readonly AsyncLocal<CellContext?> current = new();
    private readonly object gate = new(), sending = new();
    private readonly StringBuilder text = new();
    private List<CellOutput> pending = [];
    private string name = "stdout";
    private volatile bool hasEnded;

    /// <summary>The cell that the calling code belongs to, or null.</summary>
    public static CellContext? Current => current.Value;

    /// <summary>How values are shown.</summary>
    public Formatters Formatters => formatters;

    /// <summary>Makes this the context of all that the caller runs and starts from here on.</summary>
    public void Begin() => current.Value = this;

    /// <summary>Adds console text.</summary>
    public void Write(string stream, ReadOnlySpan<char> written)
    {
        if (written.IsEmpty)
            return;
        lock (gate)
        {
            if (stream != name || text.Length >= Piece)
                CloseText();
            name = stream;
            text.Append(written);
        }
        if (hasEnded)
            Drain();
    }

    /// <summary>Adds another output, after all text that was written before it.</summary>
    public void Add(CellOutput output)
    {
        lock (gate)
        {
            CloseText();
            pending.Add(output);
        }
        if (hasEnded)
            Drain();
    }

    /// <summary>Passes on what the cell shows until it has ended, and the rest of it then.</summary>
    public async Task PassOnAsync(Task ended)
    {
        while (await Task.WhenAny(ended, Task.Delay(pause)) != ended)
            Drain();
        hasEnded = true;
        Drain();
    }

    private void Drain()
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
                sink(output is CellOutput.Text piece ? piece with { Content = CarriageReturns.Shorten(piece.Content) } : output);
        }
    }

    private void CloseText()
    {
        if (text.Length == 0)
            return;
        pending.Add(new CellOutput.Text(name, text.ToString()));
        text.Clear();
    }
}

/// <summary>The process's console, which gives each cell its own text and passes everything else through.</summary>
internal sealed class CellConsole(string name, TextWriter otherwise) : TextWriter
{
    private static readonly Lock gate = new();
    private static bool installed;

    /// <inheritdoc/>
    public override Encoding Encoding => otherwise.Encoding;

    /// <summary>Takes the place of standard output and error, once in a process.</summary>
    public static void Install()
    {
        lock (gate)
        {
            if (installed)
                return;
            installed = true;
            Console.SetOut(new CellConsole("stdout", Console.Out));
            Console.SetError(new CellConsole("stderr", Console.Error));
        }
    }

    /// <inheritdoc/>
    public override void Write(char value) => Write([value]);

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Write(value.AsSpan());

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Write(value + CoreNewLine[^1]);

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (CellContext.Current is { } cell)
            cell.Write(name, buffer);
        else
            otherwise.Write(buffer);
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        if (CellContext.Current is null)
            otherwise.Flush();
    }
}

/// <summary>Text in which <c>\r</c> goes back to the start of the line, as progress bars use it.</summary>
internal static class CarriageReturns
{
    /// <summary>
    /// Removes what is overwritten within a piece of a stream. What the piece overwrites of the text before it stays to be
    /// done by whoever shows it.
    /// </summary>
    public static string Shorten(string piece)
    {
        if (!piece.Contains('\r', StringComparison.Ordinal))
            return piece;
        var lines = piece.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var isOpen = i == lines.Length - 1;
            // The first line goes on after text that is not known here: its first \r must stay, unless nothing follows it.
            var known = i == 0 ? lines[0].IndexOf('\r', StringComparison.Ordinal) + 1 : 0;
            var rest = Overwrite(lines[i][known..], isOpen);
            lines[i] = rest.Length == 0 && known > 0 && !isOpen ? lines[i][..(known - 1)] : lines[i][..known] + rest;
        }
        return string.Join('\n', lines);
    }

    /// <summary>The text as it stands at the end, all of it known.</summary>
    public static string Final(string text) => text.Contains('\r', StringComparison.Ordinal)
        ? string.Join('\n', text.Split('\n').Select(line => Overwrite(line, isOpen: false)))
        : text;

    // An open line may be written on, from where its last part ends: that part must stay the last.
    private static string Overwrite(string line, bool isOpen)
    {
        if (!line.Contains('\r', StringComparison.Ordinal))
            return line;
        var parts = line.Split('\r');
        var before = Overlay(parts[..^1]);
        return isOpen && parts[^1].Length < before.Length ? before + "\r" + parts[^1] : Overlay([before, parts[^1]]);
    }

    private static string Overlay(IEnumerable<string> parts) =>
        parts.Aggregate("", (written, part) => part.Length >= written.Length ? part : part + written[part.Length..]);
}
