using System.Buffers.Binary;
using System.IO.Compression;
using ArTar.Notebooks.Ipynb;

namespace ArTar.Notebooks.Formatting;

/// <summary>
/// A browser's PNG file with a palette of at most 256 colours in place of a colour per pixel: a third of the size or less, for charts that
/// are kept in notebooks. A colour that many pixels have, as a map's cells do, stays what it is; of the others, at the edges of letters and
/// lines, channels are rounded to multiples of 17 (#abc), so grey stays grey.
/// </summary>
internal static class PalettePng
{
    private const int Step = 17, MostColours = 256, Many = 40; // pixels of one colour

    /// <summary>The picture with a palette; as it is, where it is of another kind than browsers write.</summary>
    public static byte[] Of(byte[] png)
    {
        var header = png.AsSpan(16, 13);
        var samples = header[9] switch { 2 => 3, 6 => 4, _ => 0 };
        if (header[8] != 8 || samples == 0 || header[12] != 0)
            return png;
        var (width, height) = ((int)BinaryPrimitives.ReadUInt32BigEndian(header), (int)BinaryPrimitives.ReadUInt32BigEndian(header[4..]));
        var pixels = Pixels(png, width, height, samples);
        var counts = pixels.CountBy(c => c).ToDictionary();
        pixels = [.. pixels.Select(c => counts[c] >= Many ? c : Rounded(c))];
        var palette = Palette(pixels);
        var indices = pixels.Distinct().ToDictionary(c => c, c => Nearest(palette, c));

        using var picture = new MemoryStream();
        picture.Write(png.AsSpan(0, 8));
        WriteChunk(picture, "IHDR", [.. header[..8], 8, 3, 0, 0, 0]);
        WriteChunk(picture, "PLTE", [.. palette.SelectMany(c => new[] { (byte)(c >> 16), (byte)(c >> 8), (byte)c })]);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            for (var row = 0; row < height; row++)
                zlib.Write([0, .. pixels.AsSpan(row * width, width).ToArray().Select(c => indices[c])]);
        WriteChunk(picture, "IDAT", packed.ToArray());
        WriteChunk(picture, "IEND", []);
        return picture.ToArray();
    }

    // Every grey, so that none of them takes on a colour, then the colours that most pixels have, as far apart as it takes to have all.
    private static int[] Palette(int[] pixels)
    {
        List<int> all = [.. Enumerable.Range(0, MostColours / Step + 1).Select(i => i * Step * 0x010101)
            .Concat(pixels.CountBy(c => c).OrderByDescending(c => c.Value).ThenBy(c => c.Key).Select(c => c.Key)).Distinct()];
        for (var apart = 0; ; apart++)
        {
            var palette = new List<int>();
            foreach (var colour in all.TakeWhile(_ => palette.Count <= MostColours))
                if (palette.TrueForAll(other => Apart(other, colour) > apart))
                    palette.Add(colour);
            if (palette.Count <= MostColours)
                return [.. palette];
        }
    }

    private static byte Nearest(int[] palette, int colour) =>
        (byte)Array.IndexOf(palette, palette.MinBy(other => Apart(other, colour)));

    private static int Apart(int one, int other)
    {
        int Channel(int shift) => Math.Abs((one >> shift & 255) - (other >> shift & 255));
        return Channel(16) + Channel(8) + Channel(0);
    }

    /// <summary>The pixels, row by row, on white, as 0xRRGGBB.</summary>
    private static int[] Pixels(byte[] png, int width, int height, int samples)
    {
        using var packed = new MemoryStream();
        for (var at = 8; at < png.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at));
            if (png.AsSpan(at + 4, 4).SequenceEqual("IDAT"u8))
                packed.Write(png.AsSpan(at + 8, length));
            at += 12 + length;
        }
        packed.Position = 0;
        using var zlib = new ZLibStream(packed, CompressionMode.Decompress);
        var pixels = new int[width * height];
        var (row, above) = (new byte[width * samples], new byte[width * samples]);
        for (var y = 0; y < height; y++)
        {
            var filter = zlib.ReadByte();
            zlib.ReadExactly(row);
            for (var i = 0; i < row.Length; i++)
            {
                var (left, corner) = i < samples ? (0, 0) : (row[i - samples], above[i - samples]);
                row[i] += (byte)(filter switch
                {
                    1 => left, 2 => above[i], 3 => (left + above[i]) / 2, 4 => Paeth(left, above[i], corner), _ => 0,
                });
            }
            for (var x = 0; x < width; x++)
                pixels[y * width + x] = OnWhite(row.AsSpan(x * samples, samples));
            (row, above) = (above, row);
        }
        return pixels;
    }

    private static int Paeth(int left, int above, int corner)
    {
        var (a, b, c) = (Math.Abs(above - corner), Math.Abs(left - corner), Math.Abs(left + above - 2 * corner));
        return a <= b && a <= c ? left : b <= c ? above : corner;
    }

    private static int OnWhite(ReadOnlySpan<byte> pixel)
    {
        var (colour, alpha) = (0, pixel.Length == 4 ? pixel[3] : 255);
        foreach (var channel in pixel[..3])
            colour = colour << 8 | (channel * alpha / 255 + 255 - alpha);
        return colour;
    }

    private static int Rounded(int colour)
    {
        int Channel(int shift) => ((colour >> shift & 255) + Step / 2) / Step * Step << shift;
        return Channel(16) | Channel(8) | Channel(0);
    }

    private static void WriteChunk(MemoryStream file, string type, byte[] data)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(type), .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(named);
        BinaryPrimitives.WriteUInt32BigEndian(number, StoredPicture.Crc(named));
        file.Write(number);
    }
}
