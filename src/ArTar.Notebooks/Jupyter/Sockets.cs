using System.Net;
using ArTar.Notebooks.Jupyter.Zmtp;

namespace ArTar.Notebooks.Jupyter;

/// <summary>The five sockets of a kernel. Whatever is not signed with the key is dropped before anything else sees it.</summary>
internal sealed class Sockets : IDisposable
{
    private const int LongestBeat = 1024, MostBeats = 64 * LongestBeat;
    private static readonly TimeSpan linger = TimeSpan.FromSeconds(1);

    private readonly Dictionary<Channel, ZmtpListener> listeners = [];
    private readonly byte[] key;
    private readonly Lock gate = new();

    /// <summary>Takes the ports; front ends wait for <see cref="Serve"/>.</summary>
    /// <param name="connection">Where to.</param>
    /// <exception cref="Workbench.WorkbenchException">A port is not free.</exception>
    public Sockets(ConnectionFile connection)
    {
        key = connection.Key;
        var unread = new UnreadBytes();
        foreach (var channel in Enum.GetValues<Channel>())
            listeners[channel] = new(new IPEndPoint(connection.Ip, connection.Ports[channel]),
                channel switch { Channel.Iopub => "PUB", Channel.Heartbeat => "REP", _ => "ROUTER" }, unread);
    }

    /// <summary>Begins to serve.</summary>
    /// <param name="received">Told every message that is signed with the key, one at a time; it must not wait.</param>
    public void Serve(Action<Channel, Message> received)
    {
        foreach (var channel in new[] { Channel.Stdin, Channel.Shell, Channel.Control })
            listeners[channel].Serve((peer, frames) => Receive(peer, frames, message => received(channel, message)));
        listeners[Channel.Iopub].Serve(Subscribe);
        listeners[Channel.Heartbeat].Serve(Beat);
    }

    /// <summary>What the kernel publishes under, which subscriptions ask for.</summary>
    public static byte[] Topic { get; } = "kernel"u8.ToArray();

    /// <summary>Queues a message; it goes out after those queued before it on the same channel.</summary>
    public void Send(Channel channel, Message message)
    {
        lock (gate)
            if (channel == Channel.Iopub)
                listeners[channel].Publish(message.Write(key));
            else
                listeners[channel].SendTo(message.Identities[0], [.. message.Write(key).Skip(1)]);
    }

    /// <summary>Sends what is queued, then closes everything.</summary>
    public void Dispose()
    {
        SpinWait.SpinUntil(() => listeners.Values.All(l => l.IsIdle), linger);
        foreach (var listener in listeners.Values)
            listener.Dispose();
    }

    private void Receive(ZmtpPeer peer, IReadOnlyList<byte[]> frames, Action<Message> received)
    {
        if (Message.Read([peer.Identity, .. frames], key) is not { } message)
            return;
        peer.IsTrusted = true;
        lock (gate)
            received(message);
    }

    // Anybody may ask whether the kernel lives; an answer is as long as its question, and few wait for whoever does not read them.
    private static void Beat(ZmtpPeer peer, IReadOnlyList<byte[]> frames)
    {
        if (frames.Sum(f => f.Length) <= LongestBeat)
            peer.Send(ZmtpPeer.Encode(frames), MostBeats);
        else
            peer.Dispose();
    }

    // A subscription is 1 and the beginning of a topic, its end 0 and the same.
    private static void Subscribe(ZmtpPeer peer, IReadOnlyList<byte[]> frames)
    {
        if (frames is [[0 or 1, .. var topic] frame] && Topic.AsSpan().StartsWith(topic))
            peer.Subscriptions += frame[0] == 1 ? 1 : -1;
    }
}
