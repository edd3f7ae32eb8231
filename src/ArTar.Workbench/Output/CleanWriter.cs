using System.Text;

namespace ArTar.Workbench.Output;

/// <summary>A text writer that lets through no control character but tabs and lines' ends, whatever it is given.</summary>
/// <param name="inner">Where the text goes.</param>
/// <param name="mayFail">Whether what cannot be written is given up: a message that nobody can read ends no training.</param>
internal sealed class CleanWriter(TextWriter inner, bool mayFail = false) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Write([value]);

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Write(value.AsSpan());

    /// <inheritdoc/>
    public override void WriteLine(string? value)
    {
        // In one piece, so that lines of several threads do not mix.
        Write($"{value}{Environment.NewLine}");
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        var text = buffer.ToArray();
        for (var i = 0; i < text.Length; i++)
            if (!IsHarmless(text[i]))
                text[i] = CleanText.Line(text[i].ToString())[0];
        Try(() => inner.Write(text));
    }

    /// <inheritdoc/>
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

    private static bool IsHarmless(char character) => !char.IsControl(character) || character is '\n' or '\r' or '\t';
}
