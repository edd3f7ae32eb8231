using System.Buffers.Binary;
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
    private const long LargestHeader = 64 << 20, LargestFile = 1L << 46;
    private const int MostTensors = 10_000, MostAxes = 8;
    private static readonly JsonDocumentOptions strict = new() { AllowDuplicateProperties = false };
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
                ["dtype"] = type ?? throw new ArgumentException(
                    $"Tensor '{name}' is {value.dtype}; expected float32, float64, int64 or byte."),
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

    /// <summary>A tensor as the header describes it.</summary>
    public readonly record struct Description(ScalarType Type, IReadOnlyList<long> Shape);

    /// <summary>Reads a whole file and checks it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="accept">Told what the header says before any tensor is read; throws where that cannot be.</param>
    /// <returns>Tensors by name, on the CPU, owned by the caller's dispose scope; and the text.</returns>
    /// <exception cref="WorkbenchException">The file is missing, truncated or changed since it was written.</exception>
    public static (Dictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) Read(
        string path, Action<IReadOnlyDictionary<string, Description>, IReadOnlyDictionary<string, string>>? accept = null) =>
        Guarded(path, stream =>
        {
            var (bytes, dataLength) = ReadHeader(path, stream);
            using var header = JsonDocument.Parse(bytes, strict);
            var metadata = Metadata(path, header.RootElement);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var digest = metadata.GetValueOrDefault(DigestKey);
            if (digest is not null)
                hash.AppendData(WithoutDigest(path, bytes, digest));

            var entries = header.RootElement.EnumerateObject().Where(entry => entry.Name != MetadataKey).ToList();
            if (entries.Count > MostTensors)
                throw Damaged(path, $"it names {entries.Count} tensors, expected at most {MostTensors}");
            var places = entries.Select(entry => (entry.Name, Place: Place(path, entry.Name, entry.Value))).OrderBy(t => t.Place.Start)
                .ToList();
            long position = 0;
            foreach (var (name, place) in places)
            {
                if (place.Start != position || place.End > dataLength)
                    throw Damaged(path, $"tensor '{name}' lies at bytes {place.Start} to {place.End}, expected to start at {position} and "
                        + $"to end by {dataLength}");
                position = place.End;
            }
            if (position != dataLength)
                throw Damaged(path, $"{dataLength - position} bytes follow the last tensor");
            accept?.Invoke(places.ToDictionary(t => t.Name, t => new Description(t.Place.Type, t.Place.Shape)), metadata);

            var tensors = new Dictionary<string, Tensor>();
            foreach (var (name, place) in places)
            {
                var tensor = empty(place.Shape, place.Type);
                stream.ReadExactly(tensor.bytes);
                if (digest is not null)
                    hash.AppendData(tensor.bytes);
                tensors[name] = tensor;
            }
            if (digest is not null && digest != Convert.ToHexStringLower(hash.GetCurrentHash()))
                throw Damaged(path, "its SHA-256 differs from the one stored in it");
            return (tensors, metadata);
        });

    private static T Guarded<T>(string path, Func<FileStream, T> read)
    {
        try
        {
            using var stream = PlainFile.Open(path);
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

    private static (byte[] Header, long DataLength) ReadHeader(string path, FileStream stream)
    {
        Span<byte> eight = stackalloc byte[8];
        stream.ReadExactly(eight);
        var length = BinaryPrimitives.ReadInt64LittleEndian(eight);
        if (length is < 2 or > LargestHeader || length > stream.Length - 8)
            throw Damaged(path, $"its header claims {length} bytes, the file has {stream.Length}");
        var dataLength = stream.Length - 8 - length;
        if (dataLength > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
            throw new WorkbenchException($"{path} holds {dataLength >> 20:N0} MB, more than this machine's memory.");
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return (bytes, dataLength);
    }

    private static Dictionary<string, string> Metadata(string path, JsonElement header)
    {
        if (!header.TryGetProperty(MetadataKey, out var texts))
            return [];
        if (texts.ValueKind != JsonValueKind.Object || texts.EnumerateObject().Any(t => t.Value.ValueKind != JsonValueKind.String))
            throw Damaged(path, $"its {MetadataKey} holds something else than texts by name");
        return texts.EnumerateObject().ToDictionary(t => t.Name, t => t.Value.GetString()!);
    }

    // The digest was made with zeros in its own place.
    private static byte[] WithoutDigest(string path, byte[] header, string digest)
    {
        if (digest.Length != noDigest.Length || !digest.All(char.IsAsciiHexDigitLower))
            throw Damaged(path, "what it has for its SHA-256 is none");
        var (blank, word, zeros) = ((byte[])header.Clone(), Encoding.ASCII.GetBytes(digest), Encoding.ASCII.GetBytes(noDigest));
        for (var at = 0; blank.AsSpan(at).IndexOf(word) is >= 0 and var found; at += found + zeros.Length)
            zeros.CopyTo(blank, at + found);
        return blank;
    }

    private static (ScalarType Type, long[] Shape, long Start, long End) Place(string path, string name, JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty("dtype", out var dtype)
            || !entry.TryGetProperty("shape", out var axes)
            || !entry.TryGetProperty("data_offsets", out var ends) || dtype.ValueKind != JsonValueKind.String)
            throw Damaged(path, $"tensor '{name}' lacks its dtype, shape or data_offsets");
        var typeName = dtype.GetString()!;
        var (known, type, size) = Array.Find(types, t => t.Name == typeName);
        if (known is null)
            throw Damaged(path, $"tensor '{name}' has type {typeName}; expected one of {string.Join(", ", types.Select(t => t.Name))}");
        if (Numbers(axes, MostAxes) is not { } shape)
            throw Damaged(path, $"tensor '{name}' has no shape: expected at most {MostAxes} whole numbers from 0 on");
        if (Numbers(ends, 2) is not [var start, var end])
            throw Damaged(path, $"tensor '{name}' has no data_offsets: expected two whole numbers from 0 on");
        var largest = shape.Aggregate((double)size, (product, n) => product * Math.Max(n, 1));
        var bytes = largest > LargestFile ? -1 : shape.Aggregate((long)size, (product, n) => product * n);
        if (bytes < 0)
            throw Damaged(path, $"tensor '{name}' of shape [{string.Join(", ", shape)}] is larger than any file");
        if (end - start != bytes)
            throw Damaged(path, $"tensor '{name}' of shape [{string.Join(", ", shape)}] needs {bytes} bytes, its offsets are "
                + $"[{start}, {end}]");
        return (type, shape, start, end);
    }

    private static long[]? Numbers(JsonElement list, int most)
    {
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > most)
            return null;
        var numbers = new List<long>();
        foreach (var item in list.EnumerateArray())
            if (item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var number) && number is >= 0 and <= LargestFile)
                numbers.Add(number);
            else
                return null;
        return [.. numbers];
    }

    private static WorkbenchException Damaged(string path, string what) => new(
        $"{path} is not a whole safetensors file: {what}. Move it elsewhere, or take it again from where it came.");
}
