using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Workbench.Training;

/// <summary>
/// Files in the safetensors format: eight bytes of header length, a JSON header that names every tensor's type, shape and
/// place, then the numbers. Nothing in such a file can run code. Python reads them with the <c>safetensors</c> package.
/// </summary>
/// <remarks>
/// Ours carry a SHA-256 over header and data in their metadata, so that a flipped bit is found; files of other programs,
/// which have none, are read too.
/// </remarks>
internal static class SafeTensors
{
    private const string MetadataKey = "__metadata__", DigestKey = "sha256";
    private const long LargestHeader = 100_000_000;
    private static readonly string noDigest = new('0', 64);

    private static readonly (string Name, ScalarType Type, int Size)[] types =
        [("F32", ScalarType.Float32, 4), ("F64", ScalarType.Float64, 8), ("I64", ScalarType.Int64, 8), ("U8", ScalarType.Byte, 1)];

    /// <summary>Writes tensors and text, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">Tensors by name, on any device.</param>
    /// <param name="metadata">Text by name.</param>
    public static void Write(string path, IReadOnlyList<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var scope = NewDisposeScope();
        var onCpu = tensors.Select(t => (t.Name, Value: t.Value.detach().cpu().contiguous())).ToList();

        var header = new JsonObject();
        long offset = 0;
        foreach (var (name, value) in onCpu)
        {
            var (type, _, size) = Array.Find(types, t => t.Type == value.dtype);
            var end = offset + value.numel() * size;
            header[name] = new JsonObject
            {
                ["dtype"] = type ?? throw new ArgumentException($"Tensor '{name}' is {value.dtype}; expected float32, float64, int64 or byte."),
                ["shape"] = new JsonArray([.. value.shape.Select(n => (JsonNode)n)]),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }
        var texts = new JsonObject { [DigestKey] = noDigest };
        foreach (var (key, text) in metadata)
            texts[key] = text;
        header[MetadataKey] = texts;

        // The digest covers the header with zeros in the digest's own place.
        var blank = header.ToJsonString(Json.Compact);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(blank));
        foreach (var (_, value) in onCpu)
            hash.AppendData(value.bytes);
        texts[DigestKey] = Convert.ToHexStringLower(hash.GetCurrentHash());

        var bytes = Encoding.UTF8.GetBytes(header.ToJsonString(Json.Compact));
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
            stream.Write(length);
            stream.Write(bytes);
            foreach (var (_, value) in onCpu)
                stream.Write(value.bytes);
        });
    }

    /// <summary>Reads a whole file and checks it.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Tensors by name, on the CPU, owned by the caller's dispose scope; and the text.</returns>
    /// <exception cref="WorkbenchException">The file is missing, truncated or changed since it was written.</exception>
    public static (Dictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) Read(string path) =>
        Guarded(path, stream =>
        {
            var (header, text, dataLength) = ReadHeader(path, stream);
            var metadata = Metadata(header);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var digest = metadata.GetValueOrDefault(DigestKey);
            if (digest is not null)
                hash.AppendData(Encoding.UTF8.GetBytes(text.Replace(digest, noDigest, StringComparison.Ordinal)));

            var tensors = new Dictionary<string, Tensor>();
            long position = 0;
            var places = header.Where(entry => entry.Key != MetadataKey)
                .Select(entry => (Name: entry.Key, Place: Place(path, entry.Key, entry.Value!)))
                .OrderBy(t => t.Place.Start).ToList();
            foreach (var (name, place) in places)
            {
                if (place.Start != position || place.End > dataLength)
                    throw Damaged(path, $"tensor '{name}' lies at bytes {place.Start} to {place.End}, expected to start at {position} and to end by {dataLength}");
                var tensor = empty(place.Shape, place.Type);
                stream.ReadExactly(tensor.bytes);
                if (digest is not null)
                    hash.AppendData(tensor.bytes);
                tensors[name] = tensor;
                position = place.End;
            }
            if (position != dataLength)
                throw Damaged(path, $"{dataLength - position} bytes follow the last tensor");
            if (digest is not null && digest != Convert.ToHexStringLower(hash.GetCurrentHash()))
                throw Damaged(path, "its SHA-256 differs from the one stored in it");
            return (tensors, metadata);
        });

    private static T Guarded<T>(string path, Func<FileStream, T> read)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return read(stream);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new WorkbenchException($"There is no file {path}.", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException and not EndOfStreamException)
        {
            throw new WorkbenchException($"{path} cannot be read: {e.Message} Expected a safetensors file.", e);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or EndOfStreamException
            or ArgumentException or KeyNotFoundException or NullReferenceException or OverflowException or DecoderFallbackException)
        {
            throw Damaged(path, e.Message);
        }
    }

    private static (JsonObject Header, string Text, long DataLength) ReadHeader(string path, FileStream stream)
    {
        Span<byte> eight = stackalloc byte[8];
        stream.ReadExactly(eight);
        var length = BinaryPrimitives.ReadInt64LittleEndian(eight);
        if (length is < 2 or > LargestHeader || length > stream.Length - 8)
            throw Damaged(path, $"its header claims {length} bytes, the file has {stream.Length}");
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        return (JsonNode.Parse(text)!.AsObject(), text, stream.Length - 8 - length);
    }

    private static Dictionary<string, string> Metadata(JsonObject header) =>
        header[MetadataKey]?.AsObject().ToDictionary(e => e.Key, e => e.Value!.GetValue<string>()) ?? [];

    private static (ScalarType Type, long[] Shape, long Start, long End) Place(string path, string name, JsonNode entry)
    {
        var typeName = entry["dtype"]!.GetValue<string>();
        var shape = entry["shape"]!.AsArray().Select(n => n!.GetValue<long>()).ToArray();
        var offsets = entry["data_offsets"]!.AsArray().Select(n => n!.GetValue<long>()).ToArray();
        var (known, type, size) = Array.Find(types, t => t.Name == typeName);
        if (known is null)
            throw Damaged(path, $"tensor '{name}' has type {typeName}; expected one of {string.Join(", ", types.Select(t => t.Name))}");
        var bytes = shape.Aggregate((long)size, (product, n) => n >= 0 ? checked(product * n) : throw new FormatException($"shape of '{name}' is negative"));
        if (offsets.Length != 2 || offsets[1] - offsets[0] != bytes)
            throw Damaged(path, $"tensor '{name}' of shape [{string.Join(", ", shape)}] needs {bytes} bytes, its offsets are [{string.Join(", ", offsets)}]");
        return (type, shape, offsets[0], offsets[1]);
    }

    private static WorkbenchException Damaged(string path, string what) => new(
        $"{path} is not a whole safetensors file: {what}. Move it elsewhere, or take it again from where it came.");
}
