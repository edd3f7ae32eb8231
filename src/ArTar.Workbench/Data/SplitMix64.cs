namespace ArTar.Workbench.Data;

/// <summary>
/// The SplitMix64 generator (Steele, Lea and Flood 2014): integer arithmetic only, so a seed gives the same numbers on every
/// platform and in every version of .NET, which <see cref="Random"/> does not promise.
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number of <paramref name="bits"/> random bits, 1 to 31; exactly uniform.</summary>
    public int NextBits(int bits) => (int)(Next() >> (64 - bits));

    /// <summary>A number from 0 to <paramref name="bound"/> - 1; the bias, below 2^-32, does not matter where this is used.</summary>
    public int Below(int bound) => (int)((Next() >> 32) * (ulong)bound >> 32);
}
