using NetMQ;
using NetMQ.Sockets;

namespace ArTar.Notebooks.Jupyter;

/// <summary>
/// The five sockets of a kernel, all touched by one thread alone: it takes in messages and sends what others have queued, and
/// never waits for a cell.
/// </summary>
internal sealed class Sockets : IDisposable
{
    private static readonly TimeSpan linger = TimeSpan.FromSeconds(1);

    // Whatever comes is kept until its signature is checked: no part of it may be larger than a cell could be.
    private const int LargestFrame = 8 << 20;

    private readonly RouterSocket shell = new(), control = new(), stdin = new();
    private readonly PublisherSocket iopub = new();
    private readonly ResponseSocket heartbeat = new();
    private readonly NetMQQueue<(Channel Channel, IReadOnlyList<byte[]> Frames)> outgoing = new();
    private readonly NetMQPoller poller;
    private readonly byte[] key;
    private readonly Lock gate = new();
    private bool isClosed;
    private readonly Action<Channel, Message> received;

    /// <summary>Binds the sockets and starts the thread.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="received">Told every message that is signed with the key; it must not wait.</param>
    public Sockets(ConnectionFile connection, Action<Channel, Message> received)
    {
        (key, this.received) = (connection.Key, received);
        foreach (var (channel, socket) in All())
        {
            socket.Options.Linger = linger;
            socket.Options.MaxMsgSize = LargestFrame;
            // A cell may print faster than a front end reads: nothing of it may be dropped.
            socket.Options.SendHighWatermark = 0;
            socket.Options.ReceiveHighWatermark = 0;
            var host = connection.Ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{connection.Ip}]"
                : connection.Ip.ToString();
            socket.Bind($"tcp://{host}:{connection.Ports[channel]}");
        }
        shell.ReceiveReady += (_, _) => Receive(Channel.Shell, shell);
        control.ReceiveReady += (_, _) => Receive(Channel.Control, control);
        stdin.ReceiveReady += (_, _) => Receive(Channel.Stdin, stdin);
        heartbeat.ReceiveReady += (_, _) => heartbeat.TrySendMultipartMessage(heartbeat.ReceiveMultipartMessage());
        outgoing.ReceiveReady += (_, _) => Send();
        poller = new NetMQPoller { shell, control, stdin, heartbeat, outgoing };
        poller.RunAsync("sockets");
    }

    /// <summary>Queues a message; it goes out after those queued before it. Nothing does once the sockets are closed.</summary>
    public void Send(Channel channel, Message message)
    {
        lock (gate)
            if (!isClosed)
                outgoing.Enqueue((channel, message.Write(key)));
    }

    /// <summary>Sends what is queued, then closes everything.</summary>
    public void Dispose()
    {
        var deadline = Environment.TickCount64 + (long)linger.TotalMilliseconds;
        while (!outgoing.IsEmpty && Environment.TickCount64 < deadline)
            Thread.Sleep(5);
        // The library, touched when it was cleaned up, would start again and never end.
        lock (gate)
            isClosed = true;
        // The order matters: the library's own threads end only when nothing of it is left.
        poller.Stop();
        poller.Dispose();
        outgoing.Dispose();
        foreach (var (_, socket) in All())
            socket.Dispose();
        NetMQConfig.Cleanup();
    }

    private IEnumerable<(Channel Channel, NetMQSocket Socket)> All() =>
        [(Channel.Shell, shell), (Channel.Control, control), (Channel.Stdin, stdin), (Channel.Iopub, iopub),
            (Channel.Heartbeat, heartbeat)];

    private void Receive(Channel channel, RouterSocket socket)
    {
        List<byte[]> frames = [];
        while (socket.TryReceiveMultipartBytes(ref frames!))
            if (Message.Read(frames, key) is { } message)
                received(channel, message);
    }

    private void Send()
    {
        while (outgoing.TryDequeue(out var message, TimeSpan.Zero))
        {
            NetMQSocket socket = message.Channel switch { Channel.Iopub => iopub, Channel.Shell => shell, Channel.Control => control,
                _ => stdin };
            socket.TrySendMultipartBytes(TimeSpan.Zero, message.Frames);
        }
    }
}
