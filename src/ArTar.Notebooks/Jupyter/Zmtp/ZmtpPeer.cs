using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading.Channels;

namespace ArTar.Notebooks.Jupyter.Zmtp;

/// <summary>
/// One connection of a front end, in version 3.0 of the protocol of ZeroMQ (https://rfc.zeromq.org/spec/23/): a greeting and the
/// command READY from both sides, then frames of flags, length and bytes.
/// </summary>
/// <param name="socket">The connection, which this owns.</param>
/// <param name="type">What this side is: <c>ROUTER</c>, <c>PUB</c> or <c>REP</c>.</param>
/// <param name="unread">What all connections keep together.</param>
internal sealed class ZmtpPeer(Socket socket, string type, UnreadBytes unread) : IDisposable
{
    private const byte More = 1, Long = 2, Command = 4;

    // Whoever begins to speak ends soon: the line is this machine's own.
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(30);

    // A front end that has not read for so long has gone.
    private const long MostUnsent = 256 << 20;

    private readonly NetworkStream stream = new(socket, ownsSocket: true);
    private readonly Channel<byte[]> outgoing =
        System.Threading.Channels.Channel.CreateUnbounded<byte[]>(new() { SingleReader = true });
    private readonly CancellationTokenSource closed = new();
    private long unsent;

    /// <summary>The name that the front end has given the connection, or one of our own.</summary>
    public byte[] Identity { get; private set; } = [0, .. RandomNumberGenerator.GetBytes(8)];

    /// <summary>Whether it has sent a message that was signed with the key.</summary>
    public bool IsTrusted { get; set; }

    /// <summary>How many of its subscriptions ask for what the kernel publishes.</summary>
    public int Subscriptions { get; set; }

    /// <summary>Whether all that was to be sent is sent.</summary>
    public bool IsIdle => Interlocked.Read(ref unsent) == 0;

    /// <summary>A message as bytes on the line.</summary>
    public static byte[] Encode(IReadOnlyList<byte[]> frames)
    {
        var line = new byte[frames.Sum(f => 9 + f.Length)];
        var at = 0;
        for (var i = 0; i < frames.Count; i++)
        {
            line[at] = (byte)(Long | (i < frames.Count - 1 ? More : 0));
            BinaryPrimitives.WriteInt64BigEndian(line.AsSpan(at + 1), frames[i].Length);
            frames[i].CopyTo(line, at + 9);
            at += 9 + frames[i].Length;
        }
        return line;
    }

    /// <summary>Queues a message, after those before it.</summary>
    /// <param name="encoded">The message.</param>
    /// <param name="most">Bytes that may wait to be read; who leaves more is cut off.</param>
    public void Send(byte[] encoded, long most = MostUnsent)
    {
        if (Interlocked.Add(ref unsent, encoded.Length) > most)
            Dispose();
        else
            outgoing.Writer.TryWrite(encoded);
    }

    /// <summary>Greets, then reads messages until the connection ends or says what it must not.</summary>
    /// <param name="ready">Told once both sides know each other; false ends the connection.</param>
    /// <param name="received">Told every message; what it holds is given back as unread afterwards.</param>
    public async Task ServeAsync(Func<bool> ready, Action<IReadOnlyList<byte[]>> received)
    {
        try
        {
            await WithinPatienceAsync(GreetAsync);
            if (!ready())
                return;
            _ = WriteAsync();
            while (await ReadMessageAsync(received))
            {
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side is gone, or was cut off.
        }
    }

    public void Dispose()
    {
        _ = closed.CancelAsync(); // not here and now: whoever calls may hold a lock
        stream.Dispose();
    }

    private async Task GreetAsync(CancellationToken stop)
    {
        var greeting = new byte[64];
        (greeting[0], greeting[9], greeting[10]) = (0xFF, 0x7F, 3);
        "NULL"u8.CopyTo(greeting.AsSpan(12));
        await stream.WriteAsync(greeting, stop);
        var theirs = new byte[64];
        await stream.ReadExactlyAsync(theirs, stop);
        if (theirs[0] != 0xFF || (theirs[9] & 1) == 0 || theirs[10] < 3 || !theirs.AsSpan(12, 20).SequenceEqual(greeting.AsSpan(12, 20)))
            throw new IOException("It does not speak version 3 of the protocol, or wants another mechanism than NULL.");
        byte[] ready = [5, .. "READY"u8, 11, .. "Socket-Type"u8, 0, 0, 0, (byte)type.Length, .. Encoding.ASCII.GetBytes(type)];
        await stream.WriteAsync((byte[])[Command, (byte)ready.Length, .. ready], stop);
        var header = new byte[2];
        await stream.ReadExactlyAsync(header, stop);
        if (header[0] != Command) // of at most 255 bytes: all there is to say is shorter, or it is no front end
            throw new IOException("It says something else than READY.");
        var command = new byte[header[1]];
        await stream.ReadExactlyAsync(command, stop);
        if (!command.AsSpan().StartsWith(ready.AsSpan(0, 6)))
            throw new IOException("It says something else than READY.");
        ReadProperties(command.AsSpan(6));
    }

    private void ReadProperties(ReadOnlySpan<byte> rest)
    {
        while (rest.Length > 0)
        {
            var nameLength = rest[0];
            if (rest.Length < 5 + nameLength || BinaryPrimitives.ReadInt32BigEndian(rest[(1 + nameLength)..]) is var length
                && (length < 0 || length > rest.Length - 5 - nameLength))
                throw new IOException("Its properties are longer than their command.");
            var value = rest.Slice(5 + nameLength, length);
            if (length > 0 && Encoding.ASCII.GetString(rest.Slice(1, nameLength)).Equals("Identity", StringComparison.OrdinalIgnoreCase))
                Identity = value.ToArray();
            rest = rest[(5 + nameLength + length)..];
        }
    }

    private async Task<bool> ReadMessageAsync(Action<IReadOnlyList<byte[]>> received)
    {
        var flags = new byte[1];
        if (await stream.ReadAsync(flags, closed.Token) == 0)
            return false;
        long kept = 0;
        try
        {
            List<byte[]> frames = [];
            await WithinPatienceAsync(async stop =>
            {
                while (true)
                {
                    var length = await LengthAsync(flags[0], stop);
                    var isMessage = (flags[0] & Command) == 0;
                    if (length is < 0 or > UnreadBytes.MostOfFrame || kept + length > UnreadBytes.MostOfMessage
                        || frames.Count == UnreadBytes.MostFrames || (!IsTrusted && !unread.TryTake((int)length)))
                        throw new IOException("It sends more than any front end does.");
                    if (!IsTrusted)
                        kept += length;
                    var frame = new byte[length];
                    await stream.ReadExactlyAsync(frame, stop);
                    if (isMessage)
                        frames.Add(frame);
                    if (!isMessage || (flags[0] & More) == 0)
                        return;
                    await stream.ReadExactlyAsync(flags, stop);
                }
            });
            if (frames.Count > 0)
                received(frames);
            return true;
        }
        finally
        {
            unread.GiveBack(kept);
        }
    }

    private async Task<long> LengthAsync(byte flags, CancellationToken stop)
    {
        var length = new byte[(flags & Long) != 0 ? 8 : 1];
        await stream.ReadExactlyAsync(length, stop);
        return length.Length == 1 ? length[0] : BinaryPrimitives.ReadInt64BigEndian(length);
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (var message in outgoing.Reader.ReadAllAsync(closed.Token))
            {
                await stream.WriteAsync(message, closed.Token);
                Interlocked.Add(ref unsent, -message.Length);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Dispose();
        }
    }

    private async Task WithinPatienceAsync(Func<CancellationToken, Task> act)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(closed.Token);
        stop.CancelAfter(patience);
        await act(stop.Token);
    }
}
