using ArTar.Workbench.Models;

namespace ArTar.Workbench.Kernels;

/// <summary>
/// What <see cref="Techniques"/> do within one recurrent layer in one window, as masks that are never stored. In evaluation zoneout
/// alone acts.
/// </summary>
internal readonly struct CellMasks
{
    private const int FirstPlace = 64, Places = 5; // beyond the places of the dropouts outside the cells

    public CellMasks(Techniques techniques, int layer, long seed, bool training)
    {
        DropoutMask Of(int place, double p) => new(seed, FirstPlace + Places * layer + place, training ? p : 0);
        Weight = Of(0, techniques.WeightDropout);
        Read = Of(1, techniques.RecurrentDropout);
        Candidate = Of(2, techniques.CandidateDropout);
        Hidden = new(Of(3, techniques.ZoneoutHidden), training ? 0 : techniques.ZoneoutHidden);
        Memory = new(Of(4, techniques.ZoneoutMemory), training ? 0 : techniques.ZoneoutMemory);
    }

    /// <summary>On the entries of W_hh, [G*H, H].</summary>
    public DropoutMask Weight { get; }

    /// <summary>On what the cell reads of h_(t-1), [B, H].</summary>
    public DropoutMask Read { get; }

    /// <summary>On the candidate, [T, B, H].</summary>
    public DropoutMask Candidate { get; }

    /// <summary>What h keeps, [T, B, H].</summary>
    public Zoneout Hidden { get; }

    /// <summary>What c keeps, [T, B, H].</summary>
    public Zoneout Memory { get; }
}

/// <summary>z before + (1 - z) after: in training z is 0 or 1 of each unit, in evaluation what is expected of it.</summary>
internal readonly unsafe struct Zoneout(DropoutMask kept, double expected)
{
    private readonly float expected = (float)expected;

    public bool IsNone => kept.IsNone && expected == 0;

    /// <summary>The value after the step, of entries <paramref name="index"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Forward(float* before, Vector512<float> after, int index, int count)
    {
        if (IsNone)
            return after;
        var z = kept.IsNone ? Vector512.Create(expected) : kept.Dropped(index);
        return z * VectorMath.Load(before, count) + (Vector512<float>.One - z) * after;
    }

    /// <summary>Splits the gradient of that value, in training: what goes to the one before is returned, the other's is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Backward(ref Vector512<float> gradient, int index)
    {
        if (IsNone)
            return Vector512<float>.Zero;
        var before = kept.Dropped(index) * gradient;
        gradient -= before;
        return before;
    }
}
