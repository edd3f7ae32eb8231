using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace ArTar.Tests.Files;

/// <summary>A safetensors file taken apart, to be changed and put together again, as anybody can.</summary>
internal sealed class SafeTensorsFile
{
    public SafeTensorsFile(byte[] bytes)
    {
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Header = JsonNode.Parse(bytes.AsSpan(8, length))!.AsObject();
        Data = bytes[(8 + length)..];
        // Whoever changes a file can also leave out what would tell.
        Header["__metadata__"]!.AsObject().Remove("sha256");
    }

    public JsonObject Header { get; }

    public byte[] Data { get; set; }

    /// <summary>What the workbench keeps in the file's metadata.</summary>
    public JsonObject Artar
    {
        get => JsonNode.Parse((string)Header["__metadata__"]!["artar"]!)!.AsObject();
        set => Header["__metadata__"]!["artar"] = value.ToJsonString();
    }

    public byte[] ToBytes() => ToBytes(Header.ToJsonString());

    /// <summary>The file with another header.</summary>
    public byte[] ToBytes(string text)
    {
        var header = Encoding.UTF8.GetBytes(text);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. Data];
    }
}
