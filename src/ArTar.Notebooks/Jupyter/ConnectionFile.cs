using System.Net;

namespace ArTar.Notebooks.Jupyter;

/// <summary>Where a front end wants to reach a kernel, and the key that both sign their messages with.</summary>
/// <param name="Ip">Address of this machine's loopback.</param>
/// <param name="Key">The key; never empty.</param>
/// <param name="Ports">Port of each channel.</param>
internal sealed record ConnectionFile(IPAddress Ip, byte[] Key, IReadOnlyDictionary<Channel, int> Ports)
{
    private const long MostBytes = 64 << 10;

    /// <summary>Reads the file that a front end has written.</summary>
    /// <exception cref="WorkbenchException">It cannot be used; the message says why.</exception>
    public static ConnectionFile Load(string path)
    {
        try
        {
            return Parse(StrictJson.Object(PlainFile.ReadAllBytes(path, MostBytes))
                ?? throw new FormatException("it holds no JSON object"));
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or JsonException or FormatException or InvalidOperationException)
        {
            throw new WorkbenchException($"The connection file {path} cannot be used: {e.Message}. Front ends write it and start the " +
                $"kernel with it, once the kernel is installed.", e);
        }
    }

    private static ConnectionFile Parse(JsonObject file)
    {
        string Text(string key, string otherwise) => (string?)file[key] ?? otherwise;
        if (Text("transport", "tcp") is not "tcp" and var transport)
            throw new FormatException($"its transport is '{transport}', expected tcp");
        if (Text("signature_scheme", "hmac-sha256") is not "hmac-sha256" and var scheme)
            throw new FormatException($"its signature_scheme is '{scheme}', expected hmac-sha256");
        var ip = Text("ip", "127.0.0.1");
        var address = ip == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(ip, out var parsed) ? parsed : null;
        // A kernel runs whatever it is sent.
        if (address is null || !IPAddress.IsLoopback(address))
            throw new FormatException($"its ip is '{ip}'; this kernel listens on this machine's loopback alone");
        var ports = Enum.GetValues<Channel>().ToDictionary(channel => channel, channel =>
        {
            var name = $"{(channel == Channel.Heartbeat ? "hb" : channel.ToString().ToLowerInvariant())}_port";
            return file[name] is JsonValue value && value.TryGetValue<int>(out var port) && port is > 0 and < 65536 ? port
                : throw new FormatException($"{name} is missing or no port");
        });
        // Any user of this machine can reach the ports: without a key anyone of them could run code as this one.
        if (Text("key", "") is not { Length: > 0 } key)
            throw new FormatException("it has no key, so that the kernel would run what anybody on this machine sends it; let the front " +
                "end set one (Session.key)");
        return new(address, System.Text.Encoding.UTF8.GetBytes(key), ports);
    }
}

/// <summary>The sockets between a front end and a kernel.</summary>
internal enum Channel
{
    /// <summary>Cells to run and questions about code, one after the other.</summary>
    Shell,

    /// <summary>Interrupt and shutdown, answered at once.</summary>
    Control,

    /// <summary>What a cell asks the user.</summary>
    Stdin,

    /// <summary>What cells show, to all front ends.</summary>
    Iopub,

    /// <summary>Sends back whatever comes.</summary>
    Heartbeat,
}
