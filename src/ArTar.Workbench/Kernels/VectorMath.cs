namespace ArTar.Workbench.Kernels;

/// <summary>Elementary functions of sixteen floats at a time, within a few units in the last place of float32.</summary>
internal static unsafe class VectorMath
{
    /// <summary>Floats in a vector.</summary>
    public const int Width = 16;

    // exp(x) = 2^n exp(r), x = n ln 2 + r. ln 2 comes in two parts, so that r keeps its last bits.
    private const float Log2E = 1.44269504f, Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;
    private const float Lowest = -70f, Highest = 88f;

    /// <summary>e^x, and 0 below e^-70: so far from the smallest normal number that what follows meets no denormal ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        var (power, excess) = Parts(x);
        var result = Vector512.FusedMultiplyAdd(power, excess, power);
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(Lowest)), Vector512<float>.Zero, result);
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    /// <summary>tanh x = sign(x) (1 - e^-2|x|) / (1 + e^-2|x|), without loss of digits near 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x)
    {
        var (power, excess) = Parts(Vector512.Abs(x) * -2);
        var less = Vector512.FusedMultiplyAdd(power, excess, power - Vector512<float>.One); // e^-2|x| - 1
        var sign = x.AsUInt32() & Vector512.Create(0x80000000u);
        return (Vector512.Abs(less / (less + Vector512.Create(2f))).AsUInt32() | sign).AsSingle();
    }

    /// <summary>2^n and exp(r) - 1, the two parts of e^x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> Power, Vector512<float> Excess) Parts(Vector512<float> x)
    {
        x = Vector512.Min(Vector512.Max(x, Vector512.Create(Lowest)), Vector512.Create(Highest));
        var n = Vector512.Round(x * Log2E);
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2High), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2Low), r);
        // The Taylor series; |r| is at most ln(2)/2, so its eighth term is below 1e-8.
        var sum = Vector512.Create(1f / 5040);
        sum = Vector512.FusedMultiplyAdd(sum, r, Vector512.Create(1f / 720));
        sum = Vector512.FusedMultiplyAdd(sum, r, Vector512.Create(1f / 120));
        sum = Vector512.FusedMultiplyAdd(sum, r, Vector512.Create(1f / 24));
        sum = Vector512.FusedMultiplyAdd(sum, r, Vector512.Create(1f / 6));
        sum = Vector512.FusedMultiplyAdd(sum, r, Vector512.Create(0.5f));
        sum = Vector512.FusedMultiplyAdd(sum, r, Vector512<float>.One);
        var power = (Vector512.ConvertToInt32(n) + Vector512.Create(127)) << 23;
        return (power.AsSingle(), sum * r);
    }

    /// <summary>Loads <paramref name="count"/> floats, up to sixteen; the rest is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source, int count) => count >= Width ? Vector512.Load(source) : LoadSome(source, count);

    /// <summary>Stores the first <paramref name="count"/> floats, up to sixteen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* target, int count)
    {
        if (count >= Width)
            value.Store(target);
        else
            StoreSome(value, target, count);
    }

    private static Vector512<float> LoadSome(float* source, int count)
    {
        var some = stackalloc float[Width];
        new ReadOnlySpan<float>(source, count).CopyTo(new(some, count));
        return Vector512.Load(some);
    }

    private static void StoreSome(Vector512<float> value, float* target, int count)
    {
        var some = stackalloc float[Width];
        value.Store(some);
        new ReadOnlySpan<float>(some, count).CopyTo(new(target, count));
    }
}
