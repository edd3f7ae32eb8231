using System.Buffers.Binary;
using System.Text;
using ArTar.Workbench;
using ArTar.Workbench.Training;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Training;

[Collection(TorchTests.Name)]
public sealed class SafeTensorsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    private static readonly ScalarType[] types = [float32, float64, int64, uint8];

    [Fact]
    public void What_is_written_is_read_back_to_the_last_bit() => Gen.Select(
            Gen.Select(Gen.Int[0, 3], Gen.Int[0, 4].Array[0, 3], Gen.String, Gen.Int).Array[0, 5],
            Gen.Select(Gen.String, Gen.String).Array[0, 3])
        .Sample((tensors, texts) =>
        {
            using var inner = NewDisposeScope();
            var written = tensors.DistinctBy(t => t.Item3).Where(t => t.Item3 != "__metadata__").Select(t => (t.Item3, OfRandomBits(types[t.Item1], t.Item2, t.Item4))).ToList();
            var metadata = texts.DistinctBy(t => t.Item1).Where(t => t.Item1 != "sha256").ToDictionary(t => t.Item1, t => t.Item2);
            SafeTensors.Write(folder["file"], written, metadata);
            var (read, text) = SafeTensors.Read(folder["file"]);

            Assert.Equal(written.Select(w => w.Item1).Order(StringComparer.Ordinal), read.Keys.Order(StringComparer.Ordinal));
            foreach (var (name, value) in written)
            {
                Assert.Equal(value.dtype, read[name].dtype);
                Assert.Equal(value.shape, read[name].shape);
                Assert.Equal(value.Bits(), read[name].Bits());
            }
            Assert.Equal(metadata.OrderBy(m => m.Key, StringComparer.Ordinal), text.Where(t => t.Key != "sha256").OrderBy(m => m.Key, StringComparer.Ordinal));
        }, iter: 100, threads: 1);

    [Fact]
    public void A_tensor_that_is_a_view_is_written_as_its_own_numbers()
    {
        var transposed = arange(6, float32).view(2, 3).t();
        SafeTensors.Write(folder["file"], [("t", transposed), ("slice", arange(10, int64)[2..4])], new Dictionary<string, string>());
        var (read, _) = SafeTensors.Read(folder["file"]);
        Assert.Equal([0, 3, 1, 4, 2, 5], read["t"].Numbers());
        Assert.Equal([2, 3], read["slice"].Numbers());
    }

    [Fact]
    public void A_file_cut_short_anywhere_is_refused()
    {
        var whole = Sample();
        Gen.Int[0, whole.Length - 1].Sample(length => Assert.Contains("is not a whole safetensors file", Refused(whole[..length]), StringComparison.Ordinal), iter: 300, threads: 1);
    }

    [Fact]
    public void Something_after_the_end_is_refused()
    {
        var whole = Sample();
        Gen.Byte.Array[1, 20].Sample(more => { Refused([.. whole, .. more]); }, iter: 50, threads: 1);
    }

    /// <summary>Any flipped bit is found, or is one that changes no number: the key "sha256" itself can turn into another text.</summary>
    [Fact]
    public void A_flipped_bit_is_found()
    {
        var whole = Sample();
        File.WriteAllBytes(folder["whole"], whole);
        var (expected, _) = SafeTensors.Read(folder["whole"]);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Int[0, 7]).Sample((at, bit) =>
        {
            using var inner = NewDisposeScope();
            var damaged = whole.ToArray();
            damaged[at] ^= (byte)(1 << bit);
            try
            {
                var (read, metadata) = Read(damaged);
                Assert.False(metadata.ContainsKey("sha256"), $"bit {bit} of byte {at} was flipped, and nobody noticed");
                Assert.Equal(expected.Keys, read.Keys);
                Assert.All(expected, t => Assert.Equal(t.Value.Bits(), read[t.Key].Bits()));
            }
            catch (WorkbenchException)
            {
            }
        }, iter: 1000, threads: 1);
    }

    [Fact]
    public void Noise_is_refused() => Gen.Byte.Array[0, 200].Sample(bytes => { Refused(bytes); }, iter: 300, threads: 1);

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000_001)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_false_header_length_is_refused_without_taking_the_memory(long length)
    {
        var bytes = Sample();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains($"its header claims {length} bytes, the file has {bytes.Length}", Refused(bytes), StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
    }

    private const string Two = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""";

    [Theory]
    [InlineData(Two, 12, "")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "tensor 'b' lies at bytes 4 to 8, expected to start at 8 and to end by 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}""", 16, "tensor 'b' lies at bytes 12 to 16, expected to start at 8 and to end by 16")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "tensor 'a' lies at bytes 4 to 12, expected to start at 0 and to end by 12")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8, "tensor 'a' has no data_offsets")]
    [InlineData(Two, 11, "tensor 'b' lies at bytes 8 to 12, expected to start at 8 and to end by 11")]
    [InlineData(Two, 13, "1 bytes follow the last tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "tensor 'a' of shape [3] needs 12 bytes, its offsets are [0, 8]")]
    [InlineData("""{"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]}}""", 8, "tensor 'a' has type BF16; expected one of F32, F64, I64, U8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}""", 8, "tensor 'a' lies at bytes 0 to 4000000000000, expected to start at 0 and to end by 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}""", 8, "")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}""", 8, "tensor 'a' has no shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8, "")]
    [InlineData("""{"a":{"dtype":"F32","shape":"two","data_offsets":[0,8]}}""", 8, "")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}""", 8, "")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", 8, "")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "")]
    [InlineData("""{"a":null}""", 0, "")]
    [InlineData("""{"__metadata__":{"sha256":""}}""", 0, "")]
    [InlineData("""{"__metadata__":{"sha256":5}}""", 0, "")]
    [InlineData("""{"__metadata__":[1]}""", 0, "")]
    [InlineData("""["a"]""", 0, "")]
    [InlineData("null", 0, "")]
    [InlineData("{", 0, "")]
    public void A_header_that_lies_is_refused(string header, int dataBytes, string because)
    {
        var bytes = OfParts(header, new byte[dataBytes]);
        if (header == Two && dataBytes == 12)
            Assert.Equal(["a", "b"], Read(bytes).Tensors.Keys); // what the others are made from is good
        else
            Assert.Contains(because, Refused(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_that_is_not_UTF_8_is_refused()
    {
        var bytes = OfParts("""{"__metadata__":{"a":"??"}}""", []);
        bytes[Array.IndexOf(bytes, (byte)'?')] = 0xff;
        Refused(bytes);
    }

    [Fact]
    public void A_file_that_is_not_there_and_a_folder_are_said_to_be_so()
    {
        Assert.Equal($"There is no file {folder["nothing"]}.", Assert.Throws<WorkbenchException>(() => SafeTensors.Read(folder["nothing"])).Message);
        Assert.StartsWith($"{folder.Path} cannot be read: ", Assert.Throws<WorkbenchException>(() => SafeTensors.Read(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_of_another_type_is_not_written_and_the_old_file_stays()
    {
        File.WriteAllText(folder["file"], "old");
        Assert.Throws<ArgumentException>(() => SafeTensors.Write(folder["file"], [("half", ones(2, float16))], new Dictionary<string, string>()));
        Assert.Equal("old", File.ReadAllText(folder["file"]));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    private (Dictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) Read(byte[] bytes)
    {
        File.WriteAllBytes(folder["read"], bytes);
        return SafeTensors.Read(folder["read"]);
    }

    private string Refused(byte[] bytes) => Assert.Throws<WorkbenchException>(() => Read(bytes)).Message;

    private byte[] Sample()
    {
        SafeTensors.Write(folder["sample"],
            [("weight", OfRandomBits(float32, [5, 7], 1)), ("state", OfRandomBits(float64, [2, 3], 2)), ("ids", OfRandomBits(int64, [4], 3)), ("mask", OfRandomBits(uint8, [9], 4))],
            new Dictionary<string, string> { ["artar"] = """{"some":"text", "and": 5}""" });
        return File.ReadAllBytes(folder["sample"]);
    }

    private static byte[] OfParts(string header, byte[] data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        return [.. length, .. text, .. data];
    }

    /// <summary>Any bits, so infinities, denormals and NaN with all their payloads too.</summary>
    private static Tensor OfRandomBits(ScalarType type, int[] shape, int seed)
    {
        var t = empty(shape.Select(n => (long)n).ToArray(), type);
        new Random(seed).NextBytes(t.bytes);
        return t;
    }
}
