using System.Runtime.Intrinsics.X86;

namespace ArTar.Workbench.Kernels;

/// <summary>
/// The innermost loops of a matrix product: a tile of C stays in registers while a column of packed A and a row of packed B
/// go by. Packing and blocking are <see cref="MatrixProduct"/>'s.
/// </summary>
/// <remarks>
/// A is packed [k][rows], B [k][<see cref="Columns"/>]. A tile begins as <c>start</c> (C itself, or with stride 0 a bias) and
/// ends in C. Twelve rows of two 512-bit vectors fill 24 of 32 registers and keep two multiply-add units busy; with 256 bits
/// and 16 registers it is six rows of two. Rows and vectors are type arguments, so that the compiler drops what a smaller
/// tile does not need.
/// </remarks>
internal static unsafe class Tile
{
    /// <summary>Columns of a packed panel of B.</summary>
    public const int Columns = 32;

    /// <summary>So many columns take a whole vector's time: where work is shared, it is cut at multiples of it.</summary>
    public const int Unit = 16;

    /// <summary>Depth of which a panel, 44 KB, stays in the first-level cache: a window of 35 x 20 is two of them.</summary>
    public const int Deepest = 352;

    /// <summary>Rows of the highest tile.</summary>
    public const int MostRows = 12;

    // Packed columns of B that come from afar are asked for so early.
    private const int Early = 24 * Columns;

    /// <summary>How many parts of at most <paramref name="size"/> make <paramref name="count"/>.</summary>
    public static int Parts(int count, int size) => (count + size - 1) / size;

    /// <summary>The lowest tile there is code for that has so many rows.</summary>
    public static int Height(int rows) => rows switch { > 10 => 12, > 8 => 10, > 4 => 8, _ => 4 };

    /// <summary>C = start + A B for one tile; one that reaches over the end of C is computed aside.</summary>
    /// <param name="rows">Rows that there are, up to <paramref name="height"/>.</param>
    /// <param name="height">A value of <see cref="Height"/>.</param>
    /// <param name="columns">Columns that matter: up to 16 take half the work.</param>
    /// <param name="depth">K, the length of the sums.</param>
    /// <param name="a">Packed rows of A, [K][height].</param>
    /// <param name="b">Packed columns of B, [K][32].</param>
    /// <param name="start">What the sums begin with.</param>
    /// <param name="startStride">From one row of it to the next.</param>
    /// <param name="c">Where the sums go.</param>
    /// <param name="stride">From one row of C to the next.</param>
    /// <param name="ahead">What is fetched meanwhile.</param>
    /// <param name="edge">Room for a tile.</param>
    public static void Multiply(
        int rows, int height, int columns, int depth, float* a, float* b, float* start, nint startStride, float* c, nint stride, Ahead ahead,
        float* edge)
    {
        if (rows == height && columns == Columns)
        {
            Whole(height, columns, depth, a, b, start, startStride, c, stride, ahead);
            return;
        }
        for (var i = 0; i < rows; i++)
            new ReadOnlySpan<float>(start + i * startStride, columns).CopyTo(new(edge + i * Columns, columns));
        Whole(height, columns, depth, a, b, edge, Columns, edge, Columns, ahead);
        for (var i = 0; i < rows; i++)
            new ReadOnlySpan<float>(edge + i * Columns, columns).CopyTo(new(c + i * stride, columns));
    }

    private static void Whole(int height, int columns, int depth, float* a, float* b, float* start, nint startStride, float* c, nint stride, Ahead ahead)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            if (columns > 16)
                Multiply512<Two>(height, depth, a, b, start, startStride, c, stride, ahead);
            else
                Multiply512<One>(height, depth, a, b, start, startStride, c, stride, ahead);
            return;
        }
        var half = height / 2;
        for (var row = 0; row < height; row += half)
            for (var column = 0; column < columns; column += 16)
                Multiply256(half, height, depth, a + row, b + column,
                    start + row * startStride + column, startStride, c + row * stride + column, stride, ahead.From(row));
    }

    private static void Multiply512<W>(int height, int depth, float* a, float* b, float* start, nint startStride, float* c, nint stride, Ahead ahead)
        where W : struct, ICount
    {
        switch (height)
        {
            case 12: Vectors512<Twelve, W>(depth, a, b, start, startStride, c, stride, ahead); break;
            case 10: Vectors512<Ten, W>(depth, a, b, start, startStride, c, stride, ahead); break;
            case 8: Vectors512<Eight, W>(depth, a, b, start, startStride, c, stride, ahead); break;
            default: Vectors512<Four, W>(depth, a, b, start, startStride, c, stride, ahead); break;
        }
    }

    private static void Multiply256(int height, nint step, int depth, float* a, float* b, float* start, nint startStride, float* c, nint stride, Ahead ahead)
    {
        switch (height)
        {
            case 6: Vectors256<Six>(step, depth, a, b, start, startStride, c, stride, ahead); break;
            case 5: Vectors256<Five>(step, depth, a, b, start, startStride, c, stride, ahead); break;
            case 4: Vectors256<Four>(step, depth, a, b, start, startStride, c, stride, ahead); break;
            default: Vectors256<Two>(step, depth, a, b, start, startStride, c, stride, ahead); break;
        }
    }

    /// <summary>Asks for a row of 32 sums, which lie in two cache lines or three, and for two lines of the source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(float* sums, float* source)
    {
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch0(sums);
        Sse.Prefetch0(sums + 16);
        Sse.Prefetch0(sums + 31);
        Sse.Prefetch1(source);
        Sse.Prefetch1(source + 16);
    }

    private interface ICount
    {
        static abstract int Count { get; }
    }

    private readonly struct One : ICount { public static int Count => 1; }
    private readonly struct Two : ICount { public static int Count => 2; }
    private readonly struct Four : ICount { public static int Count => 4; }
    private readonly struct Five : ICount { public static int Count => 5; }
    private readonly struct Six : ICount { public static int Count => 6; }
    private readonly struct Eight : ICount { public static int Count => 8; }
    private readonly struct Ten : ICount { public static int Count => 10; }
    private readonly struct Twelve : ICount { public static int Count => 12; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectors512<R, W>(int depth, float* a, float* b, float* start, nint startStride, float* c, nint stride, Ahead ahead)
        where R : struct, ICount where W : struct, ICount
    {
        Vector512<float>
            l0 = default, r0 = default, l1 = default, r1 = default, l2 = default, r2 = default, l3 = default, r3 = default,
            l4 = default, r4 = default, l5 = default, r5 = default, l6 = default, r6 = default, l7 = default, r7 = default,
            l8 = default, r8 = default, l9 = default, r9 = default, lA = default, rA = default, lB = default, rB = default;
        l0 = Vector512.Load(start); if (W.Count > 1) r0 = Vector512.Load(start + 16);
        l1 = Vector512.Load(start + 1 * startStride); if (W.Count > 1) r1 = Vector512.Load(start + 1 * startStride + 16);
        l2 = Vector512.Load(start + 2 * startStride); if (W.Count > 1) r2 = Vector512.Load(start + 2 * startStride + 16);
        l3 = Vector512.Load(start + 3 * startStride); if (W.Count > 1) r3 = Vector512.Load(start + 3 * startStride + 16);
        if (R.Count > 4) { l4 = Vector512.Load(start + 4 * startStride); if (W.Count > 1) r4 = Vector512.Load(start + 4 * startStride + 16); }
        if (R.Count > 5) { l5 = Vector512.Load(start + 5 * startStride); if (W.Count > 1) r5 = Vector512.Load(start + 5 * startStride + 16); }
        if (R.Count > 6) { l6 = Vector512.Load(start + 6 * startStride); if (W.Count > 1) r6 = Vector512.Load(start + 6 * startStride + 16); }
        if (R.Count > 7) { l7 = Vector512.Load(start + 7 * startStride); if (W.Count > 1) r7 = Vector512.Load(start + 7 * startStride + 16); }
        if (R.Count > 8) { l8 = Vector512.Load(start + 8 * startStride); if (W.Count > 1) r8 = Vector512.Load(start + 8 * startStride + 16); }
        if (R.Count > 9) { l9 = Vector512.Load(start + 9 * startStride); if (W.Count > 1) r9 = Vector512.Load(start + 9 * startStride + 16); }
        if (R.Count > 10) { lA = Vector512.Load(start + 10 * startStride); if (W.Count > 1) rA = Vector512.Load(start + 10 * startStride + 16); }
        if (R.Count > 11) { lB = Vector512.Load(start + 11 * startStride); if (W.Count > 1) rB = Vector512.Load(start + 11 * startStride + 16); }

        // The depth is cut into as many parts as there are rows, and each part begins with fetching a row of what is wanted next.
        float* last = a + (nint)depth * R.Count, sums = (float*)ahead.Sums, source = (float*)ahead.Source;
        var part = (nint)(depth / R.Count) * R.Count;
        for (var end = last - (R.Count - 1) * part; ; end += part, sums += ahead.SumsStride, source += ahead.SourceStride)
        {
            Fetch(sums, source);
            for (; a < end; a += R.Count, b += Columns)
            {
                var left = Vector512.Load(b);
                var right = W.Count > 1 ? Vector512.Load(b + 16) : default;
                Sse.Prefetch0(b + Early);
                if (W.Count > 1)
                    Sse.Prefetch0(b + Early + 16);
                Vector512<float> x;
                x = Vector512.Create(a[0]); l0 = Vector512.FusedMultiplyAdd(x, left, l0); if (W.Count > 1) r0 = Vector512.FusedMultiplyAdd(x, right, r0);
                x = Vector512.Create(a[1]); l1 = Vector512.FusedMultiplyAdd(x, left, l1); if (W.Count > 1) r1 = Vector512.FusedMultiplyAdd(x, right, r1);
                x = Vector512.Create(a[2]); l2 = Vector512.FusedMultiplyAdd(x, left, l2); if (W.Count > 1) r2 = Vector512.FusedMultiplyAdd(x, right, r2);
                x = Vector512.Create(a[3]); l3 = Vector512.FusedMultiplyAdd(x, left, l3); if (W.Count > 1) r3 = Vector512.FusedMultiplyAdd(x, right, r3);
                if (R.Count > 4) { x = Vector512.Create(a[4]); l4 = Vector512.FusedMultiplyAdd(x, left, l4); if (W.Count > 1) r4 = Vector512.FusedMultiplyAdd(x, right, r4); }
                if (R.Count > 5) { x = Vector512.Create(a[5]); l5 = Vector512.FusedMultiplyAdd(x, left, l5); if (W.Count > 1) r5 = Vector512.FusedMultiplyAdd(x, right, r5); }
                if (R.Count > 6) { x = Vector512.Create(a[6]); l6 = Vector512.FusedMultiplyAdd(x, left, l6); if (W.Count > 1) r6 = Vector512.FusedMultiplyAdd(x, right, r6); }
                if (R.Count > 7) { x = Vector512.Create(a[7]); l7 = Vector512.FusedMultiplyAdd(x, left, l7); if (W.Count > 1) r7 = Vector512.FusedMultiplyAdd(x, right, r7); }
                if (R.Count > 8) { x = Vector512.Create(a[8]); l8 = Vector512.FusedMultiplyAdd(x, left, l8); if (W.Count > 1) r8 = Vector512.FusedMultiplyAdd(x, right, r8); }
                if (R.Count > 9) { x = Vector512.Create(a[9]); l9 = Vector512.FusedMultiplyAdd(x, left, l9); if (W.Count > 1) r9 = Vector512.FusedMultiplyAdd(x, right, r9); }
                if (R.Count > 10) { x = Vector512.Create(a[10]); lA = Vector512.FusedMultiplyAdd(x, left, lA); if (W.Count > 1) rA = Vector512.FusedMultiplyAdd(x, right, rA); }
                if (R.Count > 11) { x = Vector512.Create(a[11]); lB = Vector512.FusedMultiplyAdd(x, left, lB); if (W.Count > 1) rB = Vector512.FusedMultiplyAdd(x, right, rB); }
            }
            if (end == last)
                break;
        }

        l0.Store(c); if (W.Count > 1) r0.Store(c + 16);
        l1.Store(c + 1 * stride); if (W.Count > 1) r1.Store(c + 1 * stride + 16);
        l2.Store(c + 2 * stride); if (W.Count > 1) r2.Store(c + 2 * stride + 16);
        l3.Store(c + 3 * stride); if (W.Count > 1) r3.Store(c + 3 * stride + 16);
        if (R.Count > 4) { l4.Store(c + 4 * stride); if (W.Count > 1) r4.Store(c + 4 * stride + 16); }
        if (R.Count > 5) { l5.Store(c + 5 * stride); if (W.Count > 1) r5.Store(c + 5 * stride + 16); }
        if (R.Count > 6) { l6.Store(c + 6 * stride); if (W.Count > 1) r6.Store(c + 6 * stride + 16); }
        if (R.Count > 7) { l7.Store(c + 7 * stride); if (W.Count > 1) r7.Store(c + 7 * stride + 16); }
        if (R.Count > 8) { l8.Store(c + 8 * stride); if (W.Count > 1) r8.Store(c + 8 * stride + 16); }
        if (R.Count > 9) { l9.Store(c + 9 * stride); if (W.Count > 1) r9.Store(c + 9 * stride + 16); }
        if (R.Count > 10) { lA.Store(c + 10 * stride); if (W.Count > 1) rA.Store(c + 10 * stride + 16); }
        if (R.Count > 11) { lB.Store(c + 11 * stride); if (W.Count > 1) rB.Store(c + 11 * stride + 16); }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectors256<R>(nint step, int depth, float* a, float* b, float* start, nint startStride, float* c, nint stride, Ahead ahead)
        where R : struct, ICount
    {
        Vector256<float>
            l0 = default, r0 = default, l1 = default, r1 = default, l2 = default, r2 = default,
            l3 = default, r3 = default, l4 = default, r4 = default, l5 = default, r5 = default;
        l0 = Vector256.Load(start); r0 = Vector256.Load(start + 8);
        l1 = Vector256.Load(start + 1 * startStride); r1 = Vector256.Load(start + 1 * startStride + 8);
        if (R.Count > 2) { l2 = Vector256.Load(start + 2 * startStride); r2 = Vector256.Load(start + 2 * startStride + 8); }
        if (R.Count > 3) { l3 = Vector256.Load(start + 3 * startStride); r3 = Vector256.Load(start + 3 * startStride + 8); }
        if (R.Count > 4) { l4 = Vector256.Load(start + 4 * startStride); r4 = Vector256.Load(start + 4 * startStride + 8); }
        if (R.Count > 5) { l5 = Vector256.Load(start + 5 * startStride); r5 = Vector256.Load(start + 5 * startStride + 8); }

        Vector256<float> x, left, right;
        // In as many parts as there are rows, each of an even depth, as above.
        float* all = a + depth * step, even = all - depth % 2 * step, sums = (float*)ahead.Sums, source = (float*)ahead.Source;
        var part = depth / R.Count / 2 * 2 * step;
        for (var end = even - (R.Count - 1) * part; ; end += part, sums += ahead.SumsStride, source += ahead.SourceStride)
        {
            Fetch(sums, source);
            // Two at a time: with six multiply-adds of two vectors what a turn adds around them is felt.
            for (; a < end; a += 2 * step, b += 2 * Columns)
            {
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(b + Early);
                    Sse.Prefetch0(b + Early + Columns);
                }
                left = Vector256.Load(b); right = Vector256.Load(b + 8);
                x = Vector256.Create(a[0]); l0 = Vector256.FusedMultiplyAdd(x, left, l0); r0 = Vector256.FusedMultiplyAdd(x, right, r0);
                x = Vector256.Create(a[1]); l1 = Vector256.FusedMultiplyAdd(x, left, l1); r1 = Vector256.FusedMultiplyAdd(x, right, r1);
                if (R.Count > 2) { x = Vector256.Create(a[2]); l2 = Vector256.FusedMultiplyAdd(x, left, l2); r2 = Vector256.FusedMultiplyAdd(x, right, r2); }
                if (R.Count > 3) { x = Vector256.Create(a[3]); l3 = Vector256.FusedMultiplyAdd(x, left, l3); r3 = Vector256.FusedMultiplyAdd(x, right, r3); }
                if (R.Count > 4) { x = Vector256.Create(a[4]); l4 = Vector256.FusedMultiplyAdd(x, left, l4); r4 = Vector256.FusedMultiplyAdd(x, right, r4); }
                if (R.Count > 5) { x = Vector256.Create(a[5]); l5 = Vector256.FusedMultiplyAdd(x, left, l5); r5 = Vector256.FusedMultiplyAdd(x, right, r5); }
                left = Vector256.Load(b + Columns); right = Vector256.Load(b + Columns + 8);
                x = Vector256.Create(a[step]); l0 = Vector256.FusedMultiplyAdd(x, left, l0); r0 = Vector256.FusedMultiplyAdd(x, right, r0);
                x = Vector256.Create(a[step + 1]); l1 = Vector256.FusedMultiplyAdd(x, left, l1); r1 = Vector256.FusedMultiplyAdd(x, right, r1);
                if (R.Count > 2) { x = Vector256.Create(a[step + 2]); l2 = Vector256.FusedMultiplyAdd(x, left, l2); r2 = Vector256.FusedMultiplyAdd(x, right, r2); }
                if (R.Count > 3) { x = Vector256.Create(a[step + 3]); l3 = Vector256.FusedMultiplyAdd(x, left, l3); r3 = Vector256.FusedMultiplyAdd(x, right, r3); }
                if (R.Count > 4) { x = Vector256.Create(a[step + 4]); l4 = Vector256.FusedMultiplyAdd(x, left, l4); r4 = Vector256.FusedMultiplyAdd(x, right, r4); }
                if (R.Count > 5) { x = Vector256.Create(a[step + 5]); l5 = Vector256.FusedMultiplyAdd(x, left, l5); r5 = Vector256.FusedMultiplyAdd(x, right, r5); }
            }
            if (end == even)
                break;
        }
        if (a < all)
        {
            left = Vector256.Load(b); right = Vector256.Load(b + 8);
            x = Vector256.Create(a[0]); l0 = Vector256.FusedMultiplyAdd(x, left, l0); r0 = Vector256.FusedMultiplyAdd(x, right, r0);
            x = Vector256.Create(a[1]); l1 = Vector256.FusedMultiplyAdd(x, left, l1); r1 = Vector256.FusedMultiplyAdd(x, right, r1);
            if (R.Count > 2) { x = Vector256.Create(a[2]); l2 = Vector256.FusedMultiplyAdd(x, left, l2); r2 = Vector256.FusedMultiplyAdd(x, right, r2); }
            if (R.Count > 3) { x = Vector256.Create(a[3]); l3 = Vector256.FusedMultiplyAdd(x, left, l3); r3 = Vector256.FusedMultiplyAdd(x, right, r3); }
            if (R.Count > 4) { x = Vector256.Create(a[4]); l4 = Vector256.FusedMultiplyAdd(x, left, l4); r4 = Vector256.FusedMultiplyAdd(x, right, r4); }
            if (R.Count > 5) { x = Vector256.Create(a[5]); l5 = Vector256.FusedMultiplyAdd(x, left, l5); r5 = Vector256.FusedMultiplyAdd(x, right, r5); }
        }
        l0.Store(c); r0.Store(c + 8);
        l1.Store(c + 1 * stride); r1.Store(c + 1 * stride + 8);
        if (R.Count > 2) { l2.Store(c + 2 * stride); r2.Store(c + 2 * stride + 8); }
        if (R.Count > 3) { l3.Store(c + 3 * stride); r3.Store(c + 3 * stride + 8); }
        if (R.Count > 4) { l4.Store(c + 4 * stride); r4.Store(c + 4 * stride + 8); }
        if (R.Count > 5) { l5.Store(c + 5 * stride); r5.Store(c + 5 * stride + 8); }
    }
}

/// <summary>
/// What is fetched into the caches while a tile is computed, a row of 32 floats at a time, since a processor has few places to wait for
/// memory in, and the tile needs them, too.
/// </summary>
/// <param name="Sums">Where the next tile's sums go.</param>
/// <param name="SumsStride">Floats from one row of it to the next.</param>
/// <param name="Source">A piece of what the next panel is packed from.</param>
/// <param name="SourceStride">Floats from one row of it to the next.</param>
internal readonly unsafe record struct Ahead(nint Sums, nint SumsStride, nint Source, nint SourceStride)
{
    /// <summary>The rows from <paramref name="row"/> on.</summary>
    public Ahead From(int row) =>
        this with { Sums = Sums + row * SumsStride * sizeof(float), Source = Source + row * SourceStride * sizeof(float) };
}
