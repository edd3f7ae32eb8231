namespace ArTar.Workbench.Data;

/// <summary>
/// A tar on its way to .NET's reader, which takes as much memory as a header asks for: headers of long names and of attributes that ask for
/// more than any such thing needs are refused. A header is a block of 512 bytes.
/// </summary>
internal sealed class TarGuard(Stream tar) : Stream
{
    private const int BlockBytes = 512, MostBytes = 1 << 20, SizeAt = 124, KindAt = 156, MagicAt = 257;
    private readonly byte[] block = new byte[BlockBytes];
    private int filled;

    public override int Read(Span<byte> buffer)
    {
        var read = tar.Read(buffer);
        for (var rest = buffer[..read]; rest.Length > 0;)
        {
            var part = Math.Min(rest.Length, BlockBytes - filled);
            rest[..part].CopyTo(block.AsSpan(filled));
            rest = rest[part..];
            filled = (filled + part) % BlockBytes;
            if (filled == 0)
                Check();
        }
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    private void Check()
    {
        // Extended attributes of one member and of all, a long name, a long link; .NET looks at no checksum.
        if (block[KindAt] is not ((byte)'x' or (byte)'g' or (byte)'L' or (byte)'K'))
            return;
        var magic = block.AsSpan(MagicAt, 5);
        if ((magic.SequenceEqual("ustar"u8) || !magic.ContainsAnyExcept((byte)0)) && Size() > MostBytes)
            throw new InvalidDataException("a member's name or attributes are larger than any are");
    }

    // Octal digits, or a large number in binary; null for neither.
    private double? Size()
    {
        var field = block.AsSpan(SizeAt, 12);
        double value = 0;
        if (field[0] is 0x80)
        {
            foreach (var b in field[1..])
                value = value * 256 + b;
            return value;
        }
        foreach (var digit in Encoding.Latin1.GetString(field).Trim(' ', '\0'))
            if (digit is >= '0' and <= '7')
                value = value * 8 + (digit - '0');
            else
                return null;
        return value;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
