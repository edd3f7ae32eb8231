namespace ArTar.Cli;

/// <summary>Standard output that says so where it cannot be written: .NET speaks of a path that is denied when it is closed.</summary>
/// <param name="inner">Where the text goes.</param>
internal sealed class StandardOutput(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void Flush() => Try(inner.Flush);

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new WorkbenchException("Standard output is closed, so nothing can be printed; send it to a file, or to /dev/null.", e);
        }
        catch (IOException e)
        {
            throw new WorkbenchException($"Standard output cannot be written to: {e.Message}", e);
        }
    }
}
