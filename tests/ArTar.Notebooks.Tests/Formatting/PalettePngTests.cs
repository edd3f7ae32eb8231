using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json.Nodes;
using ArTar.Notebooks.Formatting;
using ArTar.Notebooks.Ipynb;

namespace ArTar.Notebooks.Tests.Formatting;

/// <summary>Pictures with a palette show what the browser's showed.</summary>
public sealed class PalettePngTests
{
    private const int Width = 40, Height = 30;

    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    [InlineData(3, 3)]
    [InlineData(3, 4)]
    [InlineData(4, 1)]
    [InlineData(4, 4)]
    public void Every_pixel_keeps_its_colour_to_the_rounding_whatever_filter_its_row_has(int samples, byte filter)
    {
        // Greys, a line of blue over white as letters have it, and red; below them two cells of a map, whose colours hardly differ.
        const int map = 20;
        static (int R, int G, int B) At(int x, int y) => y >= map ? x < Width / 2 ? (130, 180, 222) : (132, 181, 223) : ((x + 3 * y) % Width) switch
        {
            < 16 and var i => (i * 17, i * 17, i * 17),
            < 32 and var i => ((31 - i) * 17, (31 - i) * 17, 255),
            var i => (255, 0, 7 * (i - 32)),
        };
        var png = Png(samples, filter, At);
        Assert.Null(StoredPicture.Fault("image/png", JsonValue.Create(Convert.ToBase64String(png))));

        var small = PalettePng.Of(png);
        Assert.Null(StoredPicture.Fault("image/png", JsonValue.Create(Convert.ToBase64String(small))));
        Assert.Equal(3, small[25]);
        for (var y = 0; y < Height; y++)
            for (var x = 0; x < Width; x++)
            {
                var (r, g, b) = At(x, y);
                Assert.Equal(y >= map ? (r, g, b) : (Rounded(r), Rounded(g), Rounded(b)), Pixel(small, x, y));
            }
        static int Rounded(int channel) => (int)Math.Round(channel / 17.0) * 17;
    }

    [Fact]
    public void Of_more_colours_than_a_palette_has_each_becomes_one_near_it_and_every_grey_stays()
    {
        // All 16 x 16 x 4 of them, then greys.
        static (int R, int G, int B) At(int x, int y) => (y * Width + x) is < 1024 and var n
            ? (n / 64 * 17, n / 4 % 16 * 17, n % 4 * 85) : (17 * (x % 16), 17 * (x % 16), 17 * (x % 16));
        var small = PalettePng.Of(Png(3, 4, At));
        var seen = new HashSet<(int, int, int)>();
        for (var y = 0; y < Height; y++)
            for (var x = 0; x < Width; x++)
            {
                var ((r, g, b), (r2, g2, b2)) = (At(x, y), Pixel(small, x, y));
                seen.Add((r2, g2, b2));
                if (r == g && g == b)
                    Assert.Equal((r, g, b), (r2, g2, b2));
            }
        Assert.InRange(seen.Count, 150, 256); // far apart
    }

    [Fact]
    public void What_shows_through_is_white_and_a_picture_of_another_kind_stays_as_it_is()
    {
        var clear = Png(4, 0, (_, _) => (0, 0, 0), alpha: 0);
        Assert.Equal((255, 255, 255), Pixel(PalettePng.Of(clear), 5, 5));
        var small = PalettePng.Of(clear);
        Assert.Same(small, PalettePng.Of(small));
    }

    private static byte[] Png(int samples, byte filter, Func<int, int, (int R, int G, int B)> colour, byte alpha = 255)
    {
        byte[] Row(int y) => y < 0 ? new byte[Width * samples] : [.. Enumerable.Range(0, Width).SelectMany(x => Sample(colour(x, y)))];
        byte[] Sample((int R, int G, int B) c) => [(byte)c.R, (byte)c.G, (byte)c.B, .. samples == 4 ? new[] { alpha } : []];
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionMode.Compress, leaveOpen: true))
            for (var y = 0; y < Height; y++)
            {
                var (row, above) = (Row(y), Row(y - 1));
                zlib.WriteByte(filter);
                for (var i = 0; i < row.Length; i++)
                {
                    int left = i < samples ? 0 : row[i - samples], up = above[i], corner = i < samples ? 0 : above[i - samples];
                    var paeth = new[] { left, up, corner }.MinBy(v => Math.Abs(left + up - corner - v));
                    zlib.WriteByte((byte)(row[i] - filter switch { 1 => left, 2 => up, 3 => (left + up) / 2, 4 => paeth, _ => 0 }));
                }
            }
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        (header[8], header[9]) = (8, (byte)(samples == 3 ? 2 : 6));
        return [0x89, .. "PNG\r\n\x1a\n"u8, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, packed.ToArray()), .. Chunk("IEND"u8, [])];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, byte[] data)
    {
        byte[] chunk = [0, 0, 0, 0, .. type, .. data, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(data.Length + 8), StoredPicture.Crc(chunk.AsSpan(4, data.Length + 4)));
        return chunk;
    }

    // Of a picture with a palette, whose rows have no filter.
    private static (int R, int G, int B) Pixel(byte[] png, int x, int y)
    {
        byte[] palette = [], packed = [];
        for (var at = 8; at < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            var (type, data) = (System.Text.Encoding.ASCII.GetString(png, at + 4, 4), png.AsSpan(at + 8, length).ToArray());
            (palette, packed) = type switch { "PLTE" => (data, packed), "IDAT" => (palette, data), _ => (palette, packed) };
            at += 12 + length;
        }
        using var zlib = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
        var rows = new byte[Height * (Width + 1)];
        zlib.ReadExactly(rows);
        Assert.Equal(0, rows[y * (Width + 1)]);
        var index = rows[y * (Width + 1) + 1 + x];
        return (palette[3 * index], palette[3 * index + 1], palette[3 * index + 2]);
    }
}
