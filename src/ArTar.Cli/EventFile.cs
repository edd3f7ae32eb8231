using System.Buffers.Binary;
using System.Numerics;

namespace ArTar.Cli;

/// <summary>
/// A file of TensorBoard events with scalars. Its name has no host's name in it, as those that libraries write have: such files are made to
/// be shown to others.
/// </summary>
internal sealed class EventFile
{
    private readonly string path;

    /// <summary>Begins a file of its own in a folder.</summary>
    public EventFile(string folder)
    {
        Directory.CreateDirectory(folder);
        // TensorBoard reads the files of a folder in the order of their names.
        var seconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var name = string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{seconds:D10}.artar.");
        path = Path.Combine(folder, name + Path.GetRandomFileName()[..8]);
        Write(0, [0x1A, .. Text("brain.Event:2")]); // field 3 of an event: the format's version
    }

    /// <summary>Writes a scalar.</summary>
    public void Add(string tag, float value, long step)
    {
        var number = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(number, value);
        byte[] scalar = [0x0A, .. Text(tag), 0x15, .. number]; // a value's tag, and the value
        byte[] summary = [0x0A, .. Varint(scalar.Length), .. scalar];
        Write(step, [0x2A, .. Varint(summary.Length), .. summary]); // field 5 of an event
    }

    // A record: its length and its bytes, a checksum behind each.
    private void Write(long step, byte[] content)
    {
        var time = new byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(time, (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds);
        byte[] @event = [0x09, .. time, 0x10, .. Varint(step), .. content];
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, @event.Length);
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        stream.Write([.. length, .. Checksum(length), .. @event, .. Checksum(@event)]);
    }

    private static byte[] Text(string text) => [.. Varint(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Varint(long value)
    {
        var bytes = new List<byte>();
        var rest = (ulong)value;
        for (; rest > 0x7F; rest >>= 7)
            bytes.Add((byte)(rest | 0x80));
        return [.. bytes, (byte)rest];
    }

    private static byte[] Checksum(byte[] bytes)
    {
        var crc = ~bytes.Aggregate(uint.MaxValue, BitOperations.Crc32C);
        var masked = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(masked, BitOperations.RotateRight(crc, 15) + 0xA282EAD8);
        return masked;
    }
}
