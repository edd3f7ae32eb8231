namespace ArTar.Workbench.Data;

/// <summary>
/// Words of one kind with Zipf-like integer weights: the word of rank r (from 1) weighs about 1/r, and all weights add up to
/// exactly 2^16, so that every probability is a whole number of 65,536ths.
/// </summary>
internal sealed class WordList
{
    public const int WeightBits = 16;
    private readonly int[] ends; // ends[i]: the weights of words 0 to i added up

    public WordList(params string[] words)
    {
        Words = words;
        Weights = new int[words.Length];
        // Rank r gets scale/r, rounded down; what rounding leaves over goes to the first word.
        const long One = 1L << 40;
        var scale = (One << WeightBits) / Enumerable.Range(1, words.Length).Sum(rank => One / rank);
        for (var i = 0; i < words.Length; i++) Weights[i] = (int)(scale / (i + 1));
        Weights[0] += (1 << WeightBits) - Weights.Sum();
        ends = new int[words.Length];
        for (var i = 0; i < words.Length; i++) ends[i] = Weights[i] + (i == 0 ? 0 : ends[i - 1]);
        Entropy = -Weights.Select(weight => (double)weight / (1 << WeightBits)).Sum(p => p * Math.Log(p));
    }

    public string[] Words { get; }
    public int[] Weights { get; }

    /// <summary>The entropy of one draw, in nats.</summary>
    public double Entropy { get; }

    /// <summary>Which word a number of <see cref="WeightBits"/> random bits stands for.</summary>
    public int Pick(int random)
    {
        var at = Array.BinarySearch(ends, random + 1);
        return at >= 0 ? at : ~at;
    }
}
