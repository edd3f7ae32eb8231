using System.Security.Cryptography;
using System.Text.Encodings.Web;

namespace ArTar.Notebooks.Jupyter;

/// <summary>A message of the Jupyter protocol, version 5.3 (https://jupyter-client.readthedocs.io/en/stable/messaging.html).</summary>
/// <param name="Identities">Whom it comes from or goes to; on iopub its topic.</param>
/// <param name="Header">Type, id and session.</param>
/// <param name="Parent">Header of the message that it answers, as its bytes came.</param>
/// <param name="Content">What it says.</param>
internal sealed record Message(IReadOnlyList<byte[]> Identities, JsonObject Header, byte[] Parent, JsonObject Content)
{
    private static readonly byte[] delimiter = "<IDS|MSG>"u8.ToArray(), empty = "{}"u8.ToArray();
    private static readonly JsonSerializerOptions compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string session = Guid.NewGuid().ToString("N");

    /// <summary>The message's type: <c>execute_request</c>.</summary>
    public string Type => (string?)Header["msg_type"] ?? "";

    /// <summary>A text of the content, or what to take otherwise.</summary>
    public string Text(string key, string otherwise = "") => Content[key] is JsonValue value && value.TryGetValue<string>(out var text)
        ? text : otherwise;

    /// <summary>A yes or no of the content, or what to take otherwise.</summary>
    public bool Flag(string key, bool otherwise) => Content[key] is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag
        : otherwise;

    /// <summary>A message of the kernel's own.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="content">What it says.</param>
    /// <param name="parent">The message that it answers or follows from; null for none.</param>
    /// <param name="identities">Whom it goes to.</param>
    public static Message New(string type, JsonObject content, Message? parent, IReadOnlyList<byte[]> identities) => new(
        identities,
        new JsonObject
        {
            ["msg_id"] = Guid.NewGuid().ToString("N"),
            ["session"] = session,
            ["username"] = "kernel",
            ["date"] = DateTime.UtcNow.ToString("O"),
            ["msg_type"] = type,
            ["version"] = "5.3",
        },
        parent is null ? empty : Bytes(parent.Header),
        content);

    /// <summary>Reads a message.</summary>
    /// <returns>Null when it is not one, or is not signed with the key.</returns>
    public static Message? Read(IReadOnlyList<byte[]> frames, byte[] key)
    {
        var at = 0;
        while (at < frames.Count && !frames[at].AsSpan().SequenceEqual(delimiter))
            at++;
        // Delimiter, signature, header, parent, metadata, content; then buffers, which nothing here uses.
        if (frames.Count < at + 6)
            return null;
        if (!CryptographicOperations.FixedTimeEquals(Signature(frames.Skip(at + 2).Take(4), key), frames[at + 1]))
            return null;
        try
        {
            return StrictJson.Object(frames[at + 2]) is { } header && StrictJson.Object(frames[at + 5]) is { } content
                && header["msg_type"] is JsonValue type && type.TryGetValue<string>(out _)
                ? new([.. frames.Take(at)], header, frames[at + 3], content)
                : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            // No JSON, a key twice, text that is not UTF-8.
            return null;
        }
    }

    /// <summary>The message as frames, signed.</summary>
    public IReadOnlyList<byte[]> Write(byte[] key)
    {
        byte[][] signed = [Bytes(Header), Parent, empty, Bytes(Content)];
        return [.. Identities, delimiter, Signature(signed, key), .. signed];
    }

    private static byte[] Signature(IEnumerable<byte[]> frames, byte[] key)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        foreach (var frame in frames)
            hash.AppendData(frame);
        return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static byte[] Bytes(JsonObject node) => JsonSerializer.SerializeToUtf8Bytes(node, compact);
}
