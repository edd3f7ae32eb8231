using System.Buffers.Binary;
using System.IO.Compression;

namespace ArTar.Notebooks.Ipynb;

/// <summary>
/// Pictures in a notebook's outputs: ONE string of base64, however long. Only text is split into lines; a picture that is a list of
/// strings is shown as broken by VS Code, which on saving encodes it a second time.
/// </summary>
internal static class StoredPicture
{
    private const long MostPixelBytes = 1 << 30;

    private static readonly byte[] png = [0x89, .. "PNG\r\n\x1a\n"u8], jpeg = [0xff, 0xd8, 0xff], gif = [.. "GIF8"u8];

    /// <summary>Whether a form of an output holds bytes rather than text.</summary>
    public static bool IsPicture(string mimeType) => mimeType.StartsWith("image/", StringComparison.Ordinal) && mimeType != "image/svg+xml";

    /// <summary>What is wrong with a stored picture; null when it decodes to one.</summary>
    public static string? Fault(string mimeType, JsonNode? stored)
    {
        if (stored is not JsonValue value || !value.TryGetValue<string>(out var text))
            return $"its {mimeType} is {(stored is JsonArray ? "a list" : "no text")}; expected one string of base64, or no host shows it";
        // Jupyter itself ends the string with a line end, or breaks it.
        Span<byte> bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
            return $"its {mimeType} is no base64";
        bytes = bytes[..length];
        var fault = mimeType switch
        {
            "image/png" => bytes.StartsWith(png) ? PngFault(bytes[png.Length..]) : "it does not start as a PNG file does",
            "image/jpeg" => bytes.StartsWith(jpeg) ? null : "it does not start as a JPEG file does",
            "image/gif" => bytes.StartsWith(gif) ? null : "it does not start as a GIF file does",
            _ => null,
        };
        return fault is null ? null : $"its {mimeType} cannot be drawn: {fault}";
    }

    private static string? PngFault(ReadOnlySpan<byte> chunks)
    {
        using var packed = new MemoryStream();
        (uint Width, uint Height, byte Depth, byte Colours, byte Interlaced)? header = null;
        while (chunks.Length >= 12)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(chunks);
            if (length > chunks.Length - 12)
                return "it is cut off";
            var type = chunks[4..8];
            var data = chunks[8..(8 + (int)length)];
            if (Crc(chunks[4..(8 + (int)length)]) != BinaryPrimitives.ReadUInt32BigEndian(chunks[(8 + (int)length)..]))
                return "the checksum of one of its parts is wrong";
            if (type.SequenceEqual("IHDR"u8) && length == 13)
                header = (BinaryPrimitives.ReadUInt32BigEndian(data), BinaryPrimitives.ReadUInt32BigEndian(data[4..]), data[8], data[9],
                    data[12]);
            else if (type.SequenceEqual("IDAT"u8))
                packed.Write(data);
            else if (type.SequenceEqual("IEND"u8))
                return header is { } picture ? PixelFault(packed, picture) : "it has no header";
            chunks = chunks[(12 + (int)length)..];
        }
        return "it is cut off";
    }

    private static string? PixelFault(MemoryStream packed, (uint Width, uint Height, byte Depth, byte Colours, byte Interlaced) header)
    {
        var samples = header.Colours switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        var expected = header.Height * (1 + ((long)header.Width * header.Depth * samples + 7) / 8);
        if (expected > MostPixelBytes)
            return $"{header.Width} x {header.Height} is larger than any picture here";
        packed.Position = 0;
        try
        {
            using var pixels = new ZLibStream(packed, CompressionMode.Decompress);
            var buffer = new byte[1 << 16];
            long found = 0;
            // A few bytes can unpack to any number; what is interlaced takes a little more.
            while (found <= 2 * expected && pixels.Read(buffer) is > 0 and var read)
                found += read;
            return header.Interlaced == 0 && found != expected
                ? $"it has {found} bytes of pixels where {header.Width} x {header.Height} take {expected}" : null;
        }
        catch (InvalidDataException)
        {
            return "its pixels cannot be unpacked";
        }
    }

    /// <summary>The checksum of the PNG format, bit by bit.</summary>
    internal static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : 0xEDB88320 ^ crc >> 1;
        }
        return ~crc;
    }
}
