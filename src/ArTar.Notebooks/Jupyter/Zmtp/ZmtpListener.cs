using System.Net;
using System.Net.Sockets;

namespace ArTar.Notebooks.Jupyter.Zmtp;

/// <summary>
/// A port that front ends connect to. Libraries of ZeroMQ keep whatever comes until a message is complete; here nothing is kept beyond
/// <see cref="UnreadBytes"/>, as anybody on this machine can connect.
/// </summary>
internal sealed class ZmtpListener : IDisposable
{
    // A front end opens one, and one more for each of its windows.
    private const int MostPeers = 64;

    private readonly TcpListener listener;
    private readonly string type;
    private readonly UnreadBytes unread;
    private readonly Lock gate = new();
    private readonly HashSet<ZmtpPeer> connecting = [];
    private readonly Dictionary<string, ZmtpPeer> peers = [];

    /// <summary>Takes the port; whoever connects waits for <see cref="Serve"/>.</summary>
    /// <param name="at">Address and port.</param>
    /// <param name="type">What this side is: <c>ROUTER</c>, <c>PUB</c> or <c>REP</c>.</param>
    /// <param name="unread">What is kept of messages, together with other listeners.</param>
    /// <exception cref="WorkbenchException">The port is not free.</exception>
    public ZmtpListener(IPEndPoint at, string type, UnreadBytes unread)
    {
        (this.type, this.unread) = (type, unread);
        listener = new(at);
        try
        {
            listener.Start();
        }
        catch (SocketException e)
        {
            throw new WorkbenchException($"The kernel cannot listen at {at}: {e.Message}. Let the front end start the kernel again, " +
                "which chooses other ports.", e);
        }
    }

    /// <summary>Begins to serve.</summary>
    /// <param name="received">Told every message, by several threads, those of one connection one after the other.</param>
    public void Serve(Action<ZmtpPeer, IReadOnlyList<byte[]>> received) => _ = AcceptAsync(received);

    /// <summary>Whether all that was to be sent is sent.</summary>
    public bool IsIdle
    {
        get
        {
            lock (gate)
                return peers.Values.All(p => p.IsIdle);
        }
    }

    /// <summary>Sends a message to the connection of this name; nobody gets it where there is none.</summary>
    public void SendTo(byte[] identity, IReadOnlyList<byte[]> frames)
    {
        lock (gate)
            if (peers.TryGetValue(Convert.ToHexString(identity), out var peer))
                peer.Send(ZmtpPeer.Encode(frames));
    }

    /// <summary>Sends a message to all that have subscribed.</summary>
    public void Publish(IReadOnlyList<byte[]> frames)
    {
        lock (gate)
        {
            byte[]? encoded = null;
            foreach (var peer in peers.Values.Where(p => p.Subscriptions > 0))
                peer.Send(encoded ??= ZmtpPeer.Encode(frames));
        }
    }

    public void Dispose()
    {
        listener.Stop();
        lock (gate)
            foreach (var peer in connecting.Concat(peers.Values).ToList())
                peer.Dispose();
    }

    private async Task AcceptAsync(Action<ZmtpPeer, IReadOnlyList<byte[]>> received)
    {
        while (true)
            try
            {
                var socket = await listener.AcceptSocketAsync();
                socket.NoDelay = true;
                _ = ServeAsync(new ZmtpPeer(socket, type, unread), received);
            }
            catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException
                or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted })
            {
                return; // closed
            }
            catch (SocketException)
            {
                await Task.Delay(100); // no descriptor is free, or the other side has left already
            }
    }

    private async Task ServeAsync(ZmtpPeer peer, Action<ZmtpPeer, IReadOnlyList<byte[]>> received)
    {
        using (peer)
            try
            {
                lock (gate)
                {
                    if (connecting.Count + peers.Count >= MostPeers)
                        return;
                    connecting.Add(peer);
                }
                await peer.ServeAsync(() => Introduce(peer), frames => received(peer, frames));
            }
            finally
            {
                lock (gate)
                {
                    connecting.Remove(peer);
                    if (peers.GetValueOrDefault(Convert.ToHexString(peer.Identity)) == peer)
                        peers.Remove(Convert.ToHexString(peer.Identity));
                }
            }
    }

    // A name belongs to whoever came first, so that nobody gets another one's answers.
    private bool Introduce(ZmtpPeer peer)
    {
        lock (gate)
            return connecting.Remove(peer) && peers.TryAdd(Convert.ToHexString(peer.Identity), peer);
    }
}
