using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ArTar.Tests.Data;

/// <summary>What a server does with one request: headers and body are sent, then the connection closes.</summary>
/// <param name="Status">Status line after "HTTP/1.1 ".</param>
/// <param name="Headers">Header lines.</param>
/// <param name="Body">What is sent; fewer bytes than announced look like a lost connection.</param>
internal sealed record Answer(string Status, string[] Headers, byte[] Body)
{
    /// <summary>The file from an offset on, as a server answers that knows ranges; at most <paramref name="cut"/> bytes of it arrive.</summary>
    public static Answer From(byte[] file, long offset, int cut = int.MaxValue)
    {
        var rest = file[(int)offset..];
        var length = $"Content-Length: {rest.Length}";
        var body = rest[..Math.Min(cut, rest.Length)];
        return offset == 0
            ? new("200 OK", [length], body)
            : new("206 Partial Content", [length, $"Content-Range: bytes {offset}-{file.Length - 1}/{file.Length}"], body);
    }

    /// <summary>A server that sends all of it, whatever part was asked for.</summary>
    public static Answer Whole(byte[] file, int cut = int.MaxValue) => From(file, 0, cut);
}

/// <summary>A web server on this machine that answers as a test tells it to, also wrongly.</summary>
internal sealed class TinyServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, long, Task<Answer>> reply;

    /// <param name="answer">Gets path and the offset of the Range header (0 without one).</param>
    public TinyServer(Func<string, long, Task<Answer>> answer)
    {
        reply = answer;
        listener.Start();
        _ = Serve();
    }

    /// <summary>The offset asked for by each request so far.</summary>
    public List<long> Offsets { get; } = [];

    public Uri Address(string path) => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/{path}");

    public void Dispose() => listener.Dispose();

    private async Task Serve()
    {
        while (true)
        {
            try
            {
                using var client = await listener.AcceptTcpClientAsync();
                await Serve(client.GetStream());
            }
            catch (IOException)
            {
                // The client went away.
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task Serve(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, false, 1024, leaveOpen: true);
        var path = (await reader.ReadLineAsync())!.Split(' ')[1].TrimStart('/');
        var offset = 0L;
        while (await reader.ReadLineAsync() is { Length: > 0 } header)
            if (header.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))
                offset = long.Parse(header.AsSpan(13).TrimEnd('-'), CultureInfo.InvariantCulture);
        Offsets.Add(offset);
        var answer = await reply(path, offset);
        var head = $"HTTP/1.1 {answer.Status}\r\n{string.Concat(answer.Headers.Select(header => header + "\r\n"))}Connection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        await stream.WriteAsync(answer.Body);
    }
}
