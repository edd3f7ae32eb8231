namespace ArTar.Notebooks.Cells;

/// <summary>The process's console, which gives each cell its own text and passes everything else through.</summary>
internal sealed class CellConsole(string name, TextWriter otherwise) : TextWriter
{
    private static readonly Lock gate = new();
    private static bool installed;

    public override Encoding Encoding => otherwise.Encoding;

    /// <summary>Takes the place of standard input, output and error, once in a process.</summary>
    public static void Install()
    {
        lock (gate)
        {
            if (installed)
                return;
            installed = true;
            Console.SetOut(new CellConsole("stdout", Console.Out));
            Console.SetError(new CellConsole("stderr", Console.Error));
            Console.SetIn(new Keyboard(Console.In));
        }
    }

    public override void Write(char value) => Write([value]);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(string? value) => Write(value.AsSpan());

    public override void WriteLine(string? value) => Write(value + CoreNewLine[^1]);

    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (CellContext.Current is { } cell)
            cell.Outputs.Write(name, buffer);
        else
            otherwise.Write(buffer);
    }

    public override void Flush()
    {
        if (CellContext.Current is null)
            otherwise.Flush();
    }

    /// <summary>Standard input: a cell asks its user.</summary>
    private sealed class Keyboard(TextReader otherwise) : TextReader
    {
        public override string? ReadLine()
        {
            if (CellContext.Current is not { } cell)
                return otherwise.ReadLine();
            if (cell.Unread.Length == 0)
                return Ask(cell);
            var line = cell.Unread.TrimEnd('\n');
            cell.Unread = "";
            return line;
        }

        public override int Read()
        {
            if (CellContext.Current is not { } cell)
                return otherwise.Read();
            if (Peek() is var next && next >= 0)
                cell.Unread = cell.Unread[1..];
            return next;
        }

        public override int Peek()
        {
            if (CellContext.Current is not { } cell)
                return otherwise.Peek();
            if (cell.Unread.Length == 0)
                cell.Unread = Ask(cell) is { } line ? line + "\n" : "";
            return cell.Unread.Length == 0 ? -1 : cell.Unread[0];
        }

        private static string? Ask(CellContext cell)
        {
            var input = cell.Input ?? throw new WorkbenchException(
                "This cell reads from the keyboard, and nobody is there to answer. Make the value a variable of the notebook, or a " +
                    "parameter.");
            // What the cell has printed so far is the question.
            cell.Outputs.PassOn();
            return input("", false);
        }
    }
}
