using System.Text;

namespace ArTar.Workbench.Output;

/// <summary>A text writer that lets through no control character but tabs and lines' ends, whatever it is given.</summary>
/// <param name="inner">Where the text goes.</param>
internal sealed class CleanWriter(TextWriter inner) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => inner.Write(IsHarmless(value) ? value : CleanText.Line(value.ToString())[0]);

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
        inner.Write(text);
    }

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();

    private static bool IsHarmless(char character) => !char.IsControl(character) || character is '\n' or '\r' or '\t';
}
