using System.Runtime.Intrinsics.X86;

namespace ArTar.Workbench.Kernels;

/// <summary>Copies a piece of a matrix in the order in which <see cref="Tile"/> reads it.</summary>
internal static unsafe class Packing
{
    private const int Ahead = 16; // rows
    private const byte LowHalves = 0x44, HighHalves = 0xEE; // of each quarter

    /// <summary>Rows of A as tiles one behind the other, each [K][height].</summary>
    /// <param name="source">The first entry.</param>
    /// <param name="depthStride">Floats from one column of A to the next.</param>
    /// <param name="stride">Floats from one row of A to the next.</param>
    /// <param name="depth">K.</param>
    /// <param name="rows">Rows that there are.</param>
    /// <param name="height">Rows of a tile.</param>
    /// <param name="target">Where they go.</param>
    public static void PackTiles(float* source, nint depthStride, nint stride, int depth, int rows, int height, float* target)
    {
        var across = stride == 1 ? rows / height : 0;
        for (var k = 0; across > 0 && k < depth; k++)
        {
            // A row of the memory feeds all tiles at once: one by one they would begin anew on every row, far apart.
            float* from = source + k * depthStride, to = target + k * height;
            for (var tile = 0; tile < across; tile++, from += height, to += (nint)depth * height)
                CopyRow(from, depthStride, height, to);
        }
        for (var i = across * height; i < rows; i += height)
            Pack(source + i * stride, depthStride, stride, depth, Math.Min(height, rows - i), height, target + (nint)i * depth);
    }

    /// <summary>target[k][j] = source(k, j) for j below <paramref name="count"/>, 0 up to <paramref name="width"/>.</summary>
    public static void Pack(float* source, nint depthStride, nint stride, int depth, int count, int width, float* target)
    {
        if (count < width)
            new Span<float>(target, depth * width).Clear();
        var k = 0;
        if (stride == 1)
        {
            for (; k < depth; k++, source += depthStride, target += width)
                CopyRow(source, Ahead * depthStride, count, target);
            return;
        }
        if (depthStride == 1)
        {
            var j = 0;
            for (; Avx512F.IsSupported && j + 16 <= count; j += 16)
                PackSixteen(source + j * stride, stride, depth, target + j, width);
            for (; j + 4 <= count; j += 4)
                PackFour(source + j * stride, stride, depth, target + j, width);
            for (; j < count; j++)
                for (k = 0; k < depth; k++)
                    target[k * width + j] = source[j * stride + k];
            return;
        }
        for (; k < depth; k++)
            for (var j = 0; j < count; j++)
                target[k * width + j] = source[k * depthStride + j * stride];
    }

    /// <summary>Copies a short row, and fetches one that lies far behind it: the processor does not guess where that is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyRow(float* source, nint ahead, int count, float* target)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(source + ahead);
            Sse.Prefetch0(source + ahead + count - 1);
            if (count > 16)
                Sse.Prefetch0(source + ahead + 16);
        }
        var j = 0;
        for (; Vector512.IsHardwareAccelerated && j + 16 <= count; j += 16)
            Vector512.Load(source + j).Store(target + j);
        for (; j + 4 <= count; j += 4)
            Vector128.Load(source + j).Store(target + j);
        for (; j < count; j++)
            target[j] = source[j];
    }

    /// <summary>
    /// Sixteen rows that lie along the depth become sixteen columns, a cache line at a time: rows j, j + 4, j + 8 and j + 12 fill a vector,
    /// and four such vectors are transposed within their quarters.
    /// </summary>
    private static void PackSixteen(float* source, nint stride, int depth, float* target, int width)
    {
        var k = 0;
        for (; k + 4 <= depth; k += 4, target += 4 * width)
        {
            var (a, b, c, d) = (Quarters(source + k, stride), Quarters(source + k + stride, stride),
                Quarters(source + k + 2 * stride, stride), Quarters(source + k + 3 * stride, stride));
            Vector512<float> ab = Avx512F.UnpackLow(a, b), cd = Avx512F.UnpackLow(c, d);
            Avx512F.Shuffle(ab, cd, LowHalves).Store(target);
            Avx512F.Shuffle(ab, cd, HighHalves).Store(target + width);
            (ab, cd) = (Avx512F.UnpackHigh(a, b), Avx512F.UnpackHigh(c, d));
            Avx512F.Shuffle(ab, cd, LowHalves).Store(target + 2 * width);
            Avx512F.Shuffle(ab, cd, HighHalves).Store(target + 3 * width);
        }
        for (; k < depth; k++, target += width)
            for (var j = 0; j < 16; j++)
                target[j] = source[k + j * stride];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quarters(float* row, nint stride) => Vector512.Create(
        Vector256.Create(Vector128.Load(row), Vector128.Load(row + 4 * stride)),
        Vector256.Create(Vector128.Load(row + 8 * stride), Vector128.Load(row + 12 * stride)));

    /// <summary>Four rows that lie along the depth become four columns, by transposing squares of 4 x 4 in registers.</summary>
    private static void PackFour(float* source, nint stride, int depth, float* target, int width)
    {
        float* second = source + stride, third = second + stride, fourth = third + stride;
        var k = 0;
        for (; Sse.IsSupported && k + 4 <= depth; k += 4, target += 4 * width)
        {
            if (k % 16 == 0)
            {
                // A cache line of each of the four rows that come next: a fresh row is where the processor would wait.
                Sse.Prefetch0(source + 4 * stride + k);
                Sse.Prefetch0(second + 4 * stride + k);
                Sse.Prefetch0(third + 4 * stride + k);
                Sse.Prefetch0(fourth + 4 * stride + k);
            }
            var (a, b, c, d) = (Vector128.Load(source + k), Vector128.Load(second + k), Vector128.Load(third + k),
                Vector128.Load(fourth + k));
            Vector128<float> ab = Sse.UnpackLow(a, b), cd = Sse.UnpackLow(c, d);
            Sse.MoveLowToHigh(ab, cd).Store(target);
            Sse.MoveHighToLow(cd, ab).Store(target + width);
            (ab, cd) = (Sse.UnpackHigh(a, b), Sse.UnpackHigh(c, d));
            Sse.MoveLowToHigh(ab, cd).Store(target + 2 * width);
            Sse.MoveHighToLow(cd, ab).Store(target + 3 * width);
        }
        for (; k < depth; k++, target += width)
            (target[0], target[1], target[2], target[3]) = (source[k], second[k], third[k], fourth[k]);
    }
}
