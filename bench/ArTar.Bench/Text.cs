using ArTar.Workbench.Data;
using ArTar.Workbench.Training;
using static TorchSharp.torch;

namespace ArTar.Bench;

/// <summary>Generated words with the frequencies of a natural text (Zipf's law), the same for every side.</summary>
internal static class Text
{
    private const string Name = "tokens";

    /// <summary>Word ids, [N]: the k-th most frequent of V words has a probability in proportion to 1 / k.</summary>
    public static int[] Generate(int count, int vocabulary, int seed = 1)
    {
        var random = new Random(seed);
        var cumulated = new double[vocabulary];
        var sum = 0.0;
        for (var k = 0; k < vocabulary; k++)
            cumulated[k] = sum += 1.0 / (k + 1);
        var ids = new int[count];
        for (var i = 0; i < count; i++)
        {
            var at = Array.BinarySearch(cumulated, random.NextDouble() * sum);
            ids[i] = Math.Min(at < 0 ? ~at : at, vocabulary - 1);
        }
        return ids;
    }

    /// <summary>Writes ids for all sides to read.</summary>
    public static void Write(string path, int[] ids)
    {
        using var tokens = tensor(ids.Select(i => (long)i).ToArray());
        SafeTensors.Write(path, [(Name, tokens)], new Dictionary<string, string>());
    }

    public static int[] Read(string path)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        return [.. SafeTensors.Read(path).Tensors[Name].data<long>().Select(i => (int)i)];
    }

    /// <summary>A corpus of such ids; validation is as short as can be.</summary>
    public static Corpus Corpus(int[] ids, int vocabulary, int batch) =>
        new("bench", new(Enumerable.Range(0, vocabulary - 1).Select(i => $"w{i}").Prepend(Vocabulary.EndOfSentenceToken)), ids,
            ids.AsMemory(0, 2 * batch), ids.AsMemory(0, 2 * batch), new string('0', 64));
}
