using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ArTar.Workbench.Kernels;

/// <summary>
/// C = start + A B in float32: blocks of A that fit into the second-level cache, panels of B that fit into the first, and
/// <see cref="Tile"/> for what is left (the scheme of Goto and van de Geijn, ACM TOMS 34(3), 2008).
/// </summary>
/// <remarks>Each member of a team calls it with its own rank and does its own part; the caller sees to barriers.</remarks>
internal sealed unsafe class MatrixProduct : IDisposable
{
    private const int TilesOfBlock = 60;  // a block of A: so many tiles of 12 rows, 945 KB
    private readonly Team team;
    private readonly Buffer[] blocks, panels, edges;
    private readonly Buffer nothing = new(Tile.Columns);

    public MatrixProduct(Team team)
    {
        this.team = team;
        Buffer[] Each(int length) => [.. Enumerable.Range(0, team.Size).Select(_ => new Buffer(length))];
        blocks = Each(TilesOfBlock * Tile.MostRows * Tile.Deepest);
        panels = Each(Tile.Columns * Tile.Deepest);
        edges = Each(Tile.Columns * Tile.MostRows);
        new Span<float>(nothing, Tile.Columns).Clear();
    }

    /// <summary>C = start + A B. The members share the longer side of C.</summary>
    /// <param name="rank">The calling member.</param>
    /// <param name="a">A, [M, K], stored by rows or by columns.</param>
    /// <param name="b">B, [K, N], stored by rows or by columns.</param>
    /// <param name="c">C, [M, N], stored by rows.</param>
    /// <param name="start">What C begins with.</param>
    public void Multiply(int rank, Matrix a, Matrix b, Matrix c, Start start = default)
    {
        if (c.Rows >= c.Columns)
        {
            var (from, to) = team.Share(rank, c.Rows, Tile.Height(c.Rows));
            Blocks(rank, a.RowRange(from, to), b, c.RowRange(from, to), start);
        }
        else
        {
            var (from, to) = team.Share(rank, c.Columns, Tile.Unit);
            Blocks(rank, a, b.ColumnRange(from, to), c.ColumnRange(from, to), start.From(from));
        }
    }

    private void Blocks(int rank, Matrix a, Matrix b, Matrix c, Start start)
    {
        var (rows, columns, depth) = (c.Rows, c.Columns, a.Columns);
        if (rows == 0 || columns == 0)
            return;
        float* block = blocks[rank], panel = panels[rank], edge = edges[rank];
        // Blocks and tiles of equal size waste least at the ends: 20 rows are two tiles of 10.
        var tiles = Tile.Parts(rows, Tile.MostRows);
        var height = Tile.Height(Tile.Parts(rows, tiles));
        tiles = Tile.Parts(rows, height);
        var tilesOfBlock = Tile.Parts(tiles, Tile.Parts(tiles, TilesOfBlock));
        var depthOfBlock = Tile.Parts(depth, Tile.Parts(depth, Tile.Deepest));
        for (var row = 0; row < rows; row += tilesOfBlock * height)
        {
            var rowsOfBlock = Math.Min(tilesOfBlock * height, rows - row);
            for (var k = 0; k < depth; k += depthOfBlock)
            {
                var deep = Math.Min(depthOfBlock, depth - k);
                for (var i = 0; i < rowsOfBlock; i += height)
                    Packing.Pack(a.At(row + i, k), a.ColumnStride, a.RowStride, deep, Math.Min(height, rowsOfBlock - i), height,
                        block + i * deep);
                for (var column = 0; column < columns; column += Tile.Columns)
                {
                    var wide = Math.Min(Tile.Columns, columns - column);
                    Packing.Pack(b.At(k, column), b.RowStride, b.ColumnStride, deep, wide, Tile.Columns, panel);
                    for (var i = 0; i < rowsOfBlock; i += height)
                    {
                        var target = c.At(row + i, column);
                        var (first, stride) = k > 0 ? ((nint)target, c.RowStride) : start.At(column, target, c.RowStride, nothing);
                        var high = Math.Min(height, rowsOfBlock - i);
                        var next = i + height < rowsOfBlock ? target + height * c.RowStride : c.At(row, column + Tile.Columns);
                        Tile.Multiply(high, height, wide, deep, block + i * deep, panel, (float*)first, stride, target, c.RowStride,
                            next, edge);
                    }
                }
            }
        }
    }

    public void Dispose()
    {
        foreach (var buffer in blocks.Concat(panels).Concat(edges).Append(nothing))
            buffer.Dispose();
    }
}

/// <summary>What a product is added to: nothing, C itself, or a bias for every row.</summary>
internal readonly unsafe struct Start
{
    private readonly nint bias;
    private readonly bool existing;

    private Start(nint bias, bool existing) => (this.bias, this.existing) = (bias, existing);

    /// <summary>What C holds.</summary>
    public static Start Existing => new(0, true);

    /// <summary>The same vector [N] in every row.</summary>
    public static Start Bias(float* vector) => new((nint)vector, false);

    /// <summary>The same for the columns from <paramref name="column"/> on.</summary>
    public Start From(int column) => bias == 0 ? this : new(bias + column * sizeof(float), false);

    /// <summary>Where a tile begins and the stride of its rows.</summary>
    public (nint First, nint Stride) At(int column, float* c, nint stride, float* nothing) =>
        existing ? ((nint)c, stride) : bias != 0 ? (bias + column * sizeof(float), 0) : ((nint)nothing, 0);
}

/// <summary>Copies a piece of a matrix in the order in which <see cref="Tile"/> reads it.</summary>
internal static unsafe class Packing
{
    private const int Ahead = 16; // rows
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
        for (; j + 4 <= count; j += 4)
            Vector128.Load(source + j).Store(target + j);
        for (; j < count; j++)
            target[j] = source[j];
    }

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
