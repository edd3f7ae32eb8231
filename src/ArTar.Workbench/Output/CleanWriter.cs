namespace ArTar.Workbench.Output;

/// <summary>A text writer that lets through no character that acts but tabs and lines' ends, whatever it is given.</summary>
/// <param name="inner">Where the text goes.</param>
/// <param name="mayFail">Whether what cannot be written is given up: a message that nobody can read ends no training.</param>
internal sealed class CleanWriter(TextWriter inner, bool mayFail = false) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Write([value]);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(string? value) => Write(value.AsSpan());

    public override void WriteLine(string? value)
    {
        // In one piece, so that lines of several threads do not mix.
        Write($"{value}{Environment.NewLine}");
    }

    public override void Write(ReadOnlySpan<char> buffer)
    {
        var text = buffer.ToArray();
        for (var i = 0; i < text.Length; i++)
            if (text[i] is (< ' ' or > '~') and not (>= '\uD800' and <= '\uDFFF')) // a pair may come in two pieces
                text[i] = CleanText.Lines(text[i].ToString())[0];
        Try(() => inner.Write(text));
    }

    public override void Flush() => Try(inner.Flush);

    private void Try(Action act)
    {
        try
        {
            act();
        }
        catch (Exception e) when (mayFail && e is IOException or UnauthorizedAccessException)
        {
            // Closed, or a full disk.
        }
    }
}
