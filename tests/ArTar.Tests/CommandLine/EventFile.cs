using System.Buffers.Binary;
using System.Text;

namespace ArTar.Tests.CommandLine;

/// <summary>A scalar in a TensorBoard event file.</summary>
internal sealed record ScalarEvent(string Tag, long Step, float Value, double Time);

/// <summary>
/// Reads TensorBoard's event files as their formats are defined: TFRecord framing with masked CRC-32C, and in each record an Event
/// message of protocol buffers (1: wall time, 2: step, 5: summary of values with 1: tag, 2: simple value).
/// </summary>
internal static class EventFile
{
    public static List<ScalarEvent> Read(string path)
    {
        var found = new List<ScalarEvent>();
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        while (rest.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(rest);
            Assert.Equal(MaskedCrc(rest[..8]), BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]));
            var record = rest.Slice(12, length);
            Assert.Equal(MaskedCrc(record), BinaryPrimitives.ReadUInt32LittleEndian(rest[(12 + length)..]));
            AddScalars(record, found);
            rest = rest[(16 + length)..];
        }
        return found;
    }

    private static void AddScalars(ReadOnlySpan<byte> message, List<ScalarEvent> found)
    {
        double time = 0;
        long step = 0;
        var scalars = new List<(string Tag, float Value)>();
        foreach (var (field, number, bytes) in Fields(message))
            switch (field)
            {
                case 1: time = BitConverter.UInt64BitsToDouble(number); break;
                case 2: step = (long)number; break;
                case 5:
                    foreach (var (_, _, value) in Fields(bytes).Where(f => f.Field == 1))
                    {
                        var parts = Fields(value);
                        var tag = Encoding.UTF8.GetString(parts.Single(f => f.Field == 1).Bytes);
                        scalars.AddRange(parts.Where(f => f.Field == 2).Select(f => (tag, BitConverter.UInt32BitsToSingle((uint)f.Number))));
                    }
                    break;
            }
        found.AddRange(scalars.Select(s => new ScalarEvent(s.Tag, step, s.Value, time)));
    }

    private static List<(int Field, ulong Number, byte[] Bytes)> Fields(ReadOnlySpan<byte> message)
    {
        var fields = new List<(int, ulong, byte[])>();
        while (message.Length > 0)
        {
            var key = Varint(ref message);
            switch (key & 7)
            {
                case 0:
                    fields.Add(((int)(key >> 3), Varint(ref message), []));
                    break;
                case 1:
                    fields.Add(((int)(key >> 3), BinaryPrimitives.ReadUInt64LittleEndian(message), []));
                    message = message[8..];
                    break;
                case 2:
                    var length = (int)Varint(ref message);
                    fields.Add(((int)(key >> 3), 0, message[..length].ToArray()));
                    message = message[length..];
                    break;
                case 5:
                    fields.Add(((int)(key >> 3), BinaryPrimitives.ReadUInt32LittleEndian(message), []));
                    message = message[4..];
                    break;
                default:
                    Assert.Fail($"wire type {key & 7}");
                    break;
            }
        }
        return fields;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> message)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[0];
            message = message[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
    }

    private static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78u); // Castagnoli's polynomial, reflected
        }
        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
    }
}
