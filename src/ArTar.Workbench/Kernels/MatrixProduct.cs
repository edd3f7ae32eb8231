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
        blocks = Each(Math.Max(TilesOfBlock * Tile.MostRows * Tile.Deepest, HugePages.Page / sizeof(float)));
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
                Packing.PackTiles(a.At(row, k), a.ColumnStride, a.RowStride, deep, rowsOfBlock, height, block);
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
                        var (source, sourceStride) = column + wide < columns ? Source(b, k, deep, column + wide, i, height)
                            : ((nint)target, 0);
                        Tile.Multiply(high, height, wide, deep, block + i * deep, panel, (float*)first, stride, target, c.RowStride,
                            new((nint)next, c.RowStride, source, sourceStride), edge);
                    }
                }
            }
        }
    }

    /// <summary>The piece of what the next panel is packed from that is fetched with one tile: 30 tiles fetch it whole.</summary>
    private static (nint First, nint Stride) Source(Matrix b, int k, int deep, int column, int i, int height)
    {
        // Of a row's three cache lines the first came with the panel before.
        if (b.ColumnStride == 1)
            return i < deep ? ((nint)b.At(k + i, column + 16), b.RowStride) : ((nint)b.At(k, column), 0);
        return i / height < Tile.Columns ? ((nint)b.At(k, column + i / height), Tile.Columns) : ((nint)b.At(k, column), 0);
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
