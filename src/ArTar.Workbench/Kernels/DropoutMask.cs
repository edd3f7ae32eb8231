using ArTar.Workbench.Data;

namespace ArTar.Workbench.Kernels;

/// <summary>
/// A dropout mask that is never stored: entry i is kept when a hash of i and the key is above p, and scaled by 1/(1-p). The
/// way back asks for the same mask again, and a resumed run draws what an undisturbed one would have.
/// </summary>
/// <remarks>libtorch draws its masks from one serial generator, 18 ns an entry; this takes a fraction of one.</remarks>
internal readonly unsafe struct DropoutMask
{
    private readonly uint first, second, threshold;
    private readonly int period;

    /// <param name="seed">Decides the mask together with <paramref name="place"/>.</param>
    /// <param name="place">Number of the dropout within the network.</param>
    /// <param name="probability">Probability p of dropping an entry, below 1.</param>
    /// <param name="period">After so many entries <see cref="Apply"/> begins anew: all steps of a window may have one mask.</param>
    public DropoutMask(long seed, int place, double probability, int period = int.MaxValue)
    {
        this.period = period;
        var key = new SplitMix64((ulong)seed * 0x9E3779B97F4A7C15 + (ulong)place).Next();
        (first, second) = ((uint)key, (uint)(key >> 32));
        threshold = (uint)Math.Round(probability * uint.MaxValue);
        Scale = (float)(1 / (1 - probability));
    }

    /// <summary>Nothing is dropped.</summary>
    public bool IsNone => threshold == 0;

    /// <summary>1 / (1 - p).</summary>
    public float Scale { get; }

    /// <summary>Entry i of the mask: 0 or <see cref="Scale"/>.</summary>
    public float this[uint index] => Mix(index) >= threshold ? Scale : 0;

    /// <summary>target = m ∘ source for the entries from <paramref name="offset"/> on.</summary>
    public void Apply(float* source, float* target, long offset, int count)
    {
        if (IsNone)
        {
            if (source != target)
                new ReadOnlySpan<float>(source, count).CopyTo(new(target, count));
            return;
        }
        for (int done = 0, part; done < count; done += part)
        {
            var first = (int)((offset + done) % period);
            part = Math.Min(count - done, period - first);
            var index = Vector512.CreateSequence((uint)first, 1u);
            for (var i = done; i < done + part; i += VectorMath.Width, index += Vector512.Create((uint)VectorMath.Width))
            {
                var rest = done + part - i;
                VectorMath.Store(Kept(index) & (VectorMath.Load(source + i, rest) * Scale), target + i, rest);
            }
        }
    }

    /// <summary>m ∘ x for a vector's entries from <paramref name="index"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Of(Vector512<float> x, int index) =>
        IsNone ? x : Kept(Vector512.CreateSequence((uint)index, 1u)) & (x * Scale);

    /// <summary>1 where an entry is dropped, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Dropped(int index) =>
        Vector512.AndNot(Vector512<float>.One, Kept(Vector512.CreateSequence((uint)index, 1u)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Kept(Vector512<uint> index) =>
        Vector512.GreaterThanOrEqual(Mix(index), Vector512.Create(threshold)).AsSingle();

    // Two rounds of multiply and shift (the finalizer of MurmurHash3, public domain), each with half of the key.
    private uint Mix(uint index)
    {
        var x = index ^ first;
        x = (x ^ (x >> 16)) * 0x85EBCA6B;
        x = (x ^ (x >> 13)) * 0xC2B2AE35;
        x = (x ^ (x >> 16)) + second;
        x = (x ^ (x >> 15)) * 0x846CA68B;
        return x ^ (x >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<uint> Mix(Vector512<uint> index)
    {
        var x = index ^ Vector512.Create(first);
        x = (x ^ (x >>> 16)) * 0x85EBCA6B;
        x = (x ^ (x >>> 13)) * 0xC2B2AE35;
        x = (x ^ (x >>> 16)) + Vector512.Create(second);
        x = (x ^ (x >>> 15)) * 0x846CA68B;
        return x ^ (x >>> 16);
    }
}
