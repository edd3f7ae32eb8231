using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ArTar.Notebooks.Jupyter;
using NetMQ;
using NetMQ.Sockets;

namespace ArTar.Notebooks.Tests.Jupyter;

/// <summary>A message as a front end reads it.</summary>
internal sealed record Reply(string Type, string? Parent, JsonObject Content);

/// <summary>A kernel as a front end starts it, and a client that speaks to it.</summary>
public sealed class KernelProcess : IDisposable
{
    private static readonly byte[] delimiter = "<IDS|MSG>"u8.ToArray();
    private static readonly byte[] key = "a key for tests"u8.ToArray();

    private readonly string folder = Directory.CreateTempSubdirectory("kernel ").FullName;
    private readonly DealerSocket shell = new(), control = new(), stdin = new();
    private readonly SubscriberSocket iopub = new();
    private readonly RequestSocket heartbeat = new();
    private readonly List<int> ports;

    public KernelProcess() : this(null)
    {
    }

    internal KernelProcess(string? parent, params (string Name, string Value)[] environment)
    {
        ports = FreePorts(5);
        ConnectionFile = Path.Combine(folder, "kernel.json");
        File.WriteAllText(ConnectionFile, new JsonObject
        {
            ["transport"] = "tcp",
            ["ip"] = "127.0.0.1",
            ["key"] = Encoding.UTF8.GetString(key),
            ["signature_scheme"] = "hmac-sha256",
            ["shell_port"] = ports[0],
            ["control_port"] = ports[1],
            ["stdin_port"] = ports[2],
            ["iopub_port"] = ports[3],
            ["hb_port"] = ports[4],
        }.ToJsonString());
        Process = Artar.Start(Artar.DotNet, [Artar.Program, "kernel", "run", ConnectionFile], folder, [.. environment, .. parent is null ? [] : new[] { ("JPY_PARENT_PID", parent) }]);
        Errors = Process.StandardError.ReadToEndAsync();
        _ = Process.StandardOutput.ReadToEndAsync();
        iopub.Options.ReceiveHighWatermark = 0;
        iopub.SubscribeToAnyTopic();
        // As front ends do: the kernel's questions find their way back by it.
        shell.Options.Identity = stdin.Options.Identity = Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("N"));
        foreach (var (socket, port) in new NetMQSocket[] { shell, control, stdin, iopub, heartbeat }.Zip(ports))
        {
            socket.Options.Linger = TimeSpan.Zero;
            socket.Connect($"tcp://127.0.0.1:{port}");
        }
        WaitUntilReady();
    }

    public Process Process { get; }

    public string ConnectionFile { get; }

    /// <summary>What the process writes to its real standard error; complete once it has ended.</summary>
    public Task<string> Errors { get; }

    /// <summary>Sends a request; its id.</summary>
    public string Send(string type, JsonObject content, bool onControl = false, byte[]? otherKey = null)
    {
        var message = Message.New(type, content, null, []);
        (onControl ? control : shell).SendMultipartBytes(message.Write(otherKey ?? key));
        return (string)message.Header["msg_id"]!;
    }

    /// <summary>Sends frames that need not be a message, to shell, control or stdin.</summary>
    public void SendFrames(int channel, IEnumerable<byte[]> frames) => new[] { shell, control, stdin }[channel].SendMultipartBytes(frames);

    /// <summary>Sends frames of one message over connections of their own, which the kernel may cut.</summary>
    /// <param name="channel">Shell, control, stdin, iopub or heartbeat, from 0.</param>
    /// <param name="connections">How many, side by side; they stay open until the result is disposed of.</param>
    /// <param name="isComplete">Whether the last frame ends the message; otherwise the kernel waits for more.</param>
    public IDisposable SendElsewhere(int channel, int connections, IReadOnlyList<byte[]> frames, bool isComplete) =>
        SendElsewhere(channel, connections, stream =>
        {
            var length = new byte[8];
            for (var i = 0; i < frames.Count; i++)
            {
                BinaryPrimitives.WriteInt64BigEndian(length, frames[i].Length);
                stream.Write([(byte)(isComplete && i == frames.Count - 1 ? 2 : 3), .. length]);
                stream.Write(frames[i]);
            }
        });

    /// <summary>Greets as others do, and sends bytes.</summary>
    public IDisposable SendElsewhere(int channel, int connections, Action<Stream> send)
    {
        var strangers = Enumerable.Range(0, connections).Select(_ => new TcpClient("127.0.0.1", ports[channel])).ToList();
        Parallel.ForEach(strangers, stranger =>
        {
            try
            {
                var stream = stranger.GetStream();
                byte[] greeting = [0xFF, .. new byte[8], 0x7F, 3, 0, .. "NULL"u8, .. new byte[48]];
                stream.Write(greeting);
                stream.Write([4, 28, 5, .. "READY"u8, 11, .. "Socket-Type"u8, 0, 0, 0, 6, .. "DEALER"u8]);
                send(stream);
            }
            catch (IOException)
            {
                // It was cut.
            }
        });
        return new Strangers(strangers);
    }

    /// <summary>The kernel's memory.</summary>
    public long ResidentMegabytes()
    {
        Process.Refresh();
        return Process.WorkingSet64 >> 20;
    }

    /// <summary>Frames signed with the kernel's key, whatever they hold.</summary>
    public static IReadOnlyList<byte[]> WithSignature(params byte[][] frames) =>
        [delimiter, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(HMACSHA256.HashData(key, frames.SelectMany(f => f).ToArray()))), .. frames];

    /// <summary>The next message on the shell or control channel.</summary>
    internal Reply Receive(bool onControl = false) =>
        TryReceive(onControl ? control : shell, Cells.Engine.Patience) ?? throw new TimeoutException("no reply from the kernel");

    /// <summary>The next message on the stdin channel.</summary>
    internal Reply Asked() => TryReceive(stdin, Cells.Engine.Patience) ?? throw new TimeoutException("the kernel asks nothing");

    /// <summary>Answers a question of the kernel's.</summary>
    public void Answer(string text) => stdin.SendMultipartBytes(Message.New("input_reply", new() { ["value"] = text }, null, []).Write(key));

    /// <summary>The next message on iopub.</summary>
    internal Reply Published() => TryReceive(iopub, Cells.Engine.Patience) ?? throw new TimeoutException("nothing from the kernel");

    /// <summary>What is published for a request, up to its idle status.</summary>
    internal List<Reply> PublishedFor(string id)
    {
        var messages = new List<Reply>();
        while (true)
        {
            var message = Published();
            if (message.Parent != id)
                continue;
            messages.Add(message);
            if (message.Type == "status" && (string?)message.Content["execution_state"] == "idle")
                return messages;
        }
    }

    /// <summary>Starts a cell and waits until it prints.</summary>
    internal string StartBusy(string code)
    {
        var id = Send("execute_request", new() { ["code"] = code });
        while (Published() is var message && (message.Type != "stream" || message.Parent != id))
        {
        }
        return id;
    }

    /// <summary>Runs a cell; its reply and what was published for it.</summary>
    internal (Reply Reply, List<Reply> Published) Execute(string code)
    {
        var id = Send("execute_request", new() { ["code"] = code });
        var reply = Receive();
        Assert.Equal(id, reply.Parent);
        return (reply, PublishedFor(id));
    }

    /// <summary>Runs a cell that must have a value; the value as text.</summary>
    internal string Value(string code)
    {
        var (reply, published) = Execute(code);
        Assert.True((string?)reply.Content["status"] == "ok", reply.Content.ToJsonString());
        return (string)published.Single(m => m.Type == "execute_result").Content["data"]!["text/plain"]!;
    }

    /// <summary>Whether the heartbeat comes back.</summary>
    public bool Beats()
    {
        heartbeat.SendFrame("ping");
        return heartbeat.TryReceiveFrameString(Cells.Engine.Patience, out var echo) && echo == "ping";
    }

    public void Dispose()
    {
        if (!Process.HasExited)
            Process.Kill(entireProcessTree: true);
        Process.Dispose();
        foreach (var socket in new NetMQSocket[] { shell, control, stdin, iopub, heartbeat })
            socket.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    // A subscription takes effect some time after it was made: ask until the answer is seen on iopub, too.
    private void WaitUntilReady()
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < Cells.Engine.Patience && !Process.HasExited)
        {
            var id = Send("kernel_info_request", [], onControl: true);
            while (TryReceive(iopub, TimeSpan.FromSeconds(1)) is { } status)
            {
                if (status.Parent != id)
                    continue;
                while (TryReceive(control, TimeSpan.FromSeconds(1)) is { } answer && answer.Parent != id)
                {
                }
                while (TryReceive(iopub, TimeSpan.FromSeconds(0.1)) is not null)
                {
                }
                return;
            }
        }
        Assert.Fail($"the kernel is not ready: {(Process.HasExited ? Errors.Result : "")}");
    }

    private static Reply? TryReceive(NetMQSocket socket, TimeSpan patience)
    {
        List<byte[]> frames = [];
        if (!socket.TryReceiveMultipartBytes(patience, ref frames!))
            return null;
        var at = frames.FindIndex(f => f.AsSpan().SequenceEqual(delimiter));
        Assert.Equal(WithSignature([.. frames.Skip(at + 2).Take(4)])[1], frames[at + 1]);
        return new(
            (string)JsonNode.Parse(frames[at + 2])!["msg_type"]!,
            (string?)JsonNode.Parse(frames[at + 3])?["msg_id"],
            (JsonObject)JsonNode.Parse(frames[at + 5])!);
    }

    // Below the ports that the system hands to whoever connects next: those may be taken between here and the kernel's start.
    private static List<int> FreePorts(int count)
    {
        var ports = new HashSet<int>();
        while (ports.Count < count)
        {
            var port = Random.Shared.Next(12_000, 32_000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                ports.Add(port);
            }
            catch (SocketException)
            {
                // Somebody's; another one will do.
            }
        }
        return [.. ports];
    }

    private sealed class Strangers(IReadOnlyList<TcpClient> clients) : IDisposable
    {
        public void Dispose()
        {
            foreach (var client in clients)
                client.Dispose();
        }
    }
}
