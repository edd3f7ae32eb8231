namespace ArTar.Workbench.Kernels;

/// <summary>
/// C = start + S W for a state S [B, K] of every time step and a matrix W [K, N] that stays the same: both lie packed as
/// <see cref="Tile"/> reads them, W once for a whole window.
/// </summary>
/// <remarks>
/// W is larger than a core's own caches, and each step reads all of it for a handful of rows. So its columns are gone through
/// from the left and from the right in turn: what one step read last, the next one reads first, and still has. Members of a
/// team share the columns of W; each calls every method with its own rank, and the caller sees to barriers.
/// </remarks>
internal sealed unsafe class StateProduct : IDisposable
{
    private readonly Team team;
    private readonly int batch, depth, columns, height;
    private readonly Buffer state, panels, nothing = new(Tile.Columns);
    private readonly Buffer[] edges;

    /// <param name="batch">B.</param>
    /// <param name="depth">K.</param>
    /// <param name="columns">N.</param>
    /// <param name="team">Who computes.</param>
    public StateProduct(int batch, int depth, int columns, Team team)
    {
        (this.batch, this.depth, this.columns, this.team) = (batch, depth, columns, team);
        // Tiles of equal height waste least: 20 rows are two tiles of 10.
        height = Tile.Height(Tile.Parts(batch, Tile.Parts(batch, Tile.MostRows)));
        state = new((long)Tile.Parts(batch, height) * height * depth);
        panels = new((long)(columns / Tile.Columns + team.Size + 1) * Tile.Columns * depth);
        edges = [.. Enumerable.Range(0, team.Size).Select(_ => new Buffer(Tile.Columns * Tile.MostRows))];
        new Span<float>(nothing, Tile.Columns).Clear();
    }

    /// <summary>Packs the calling member's columns of W, [K, N].</summary>
    public void PackMatrix(int rank, Matrix w)
    {
        var (from, to) = team.Share(rank, columns, Tile.Unit);
        for (var column = from; column < to; column += Tile.Columns)
            Packing.Pack(w.At(0, column), w.RowStride, w.ColumnStride, depth, Math.Min(Tile.Columns, to - column), Tile.Columns,
                Panel(rank, from) + (long)(column - from) * depth);
    }

    /// <summary>Packs columns <paramref name="from"/> up to, but not with, <paramref name="to"/> of S, [B, K].</summary>
    public void PackState(Matrix s, int from, int to)
    {
        for (var row = 0; row < batch; row += height)
            Packing.Pack(s.At(row, from), s.ColumnStride, s.RowStride, to - from, Math.Min(height, batch - row), height,
                (float*)state + (long)row * depth + (long)from * height);
    }

    /// <summary>C = start + S W for the calling member's columns of C, [B, N].</summary>
    /// <param name="rank">The calling member.</param>
    /// <param name="c">C, stored by rows.</param>
    /// <param name="start">What C begins with.</param>
    /// <param name="fromTheRight">Whether it begins with the last columns; the sums are the same either way.</param>
    public void Multiply(int rank, Matrix c, Start start, bool fromTheRight)
    {
        var (from, to) = team.Share(rank, columns, Tile.Unit);
        var deep = Tile.Parts(depth, Tile.Parts(depth, Tile.Deepest));
        float* w = Panel(rank, from), edge = edges[rank];
        var count = Tile.Parts(to - from, Tile.Columns);
        for (var i = 0; i < count; i++)
        {
            var column = (fromTheRight ? count - 1 - i : i) * Tile.Columns;
            var wide = Math.Min(Tile.Columns, to - from - column);
            for (var k = 0; k < depth; k += deep)
                for (var row = 0; row < batch; row += height)
                {
                    var target = c.At(row, from + column);
                    var (first, stride) = k > 0 ? ((nint)target, c.RowStride) : start.At(from + column, target, c.RowStride, nothing);
                    Tile.Multiply(Math.Min(height, batch - row), height, wide, Math.Min(deep, depth - k),
                        (float*)state + (long)row * depth + (long)k * height, w + (long)column * depth + (long)k * Tile.Columns,
                        (float*)first, stride, target, c.RowStride,
                        new((nint)target, c.RowStride, (nint)target, 0), edge);
                }
        }
    }

    /// <summary>Where a member's first panel of W begins; a panel is [K][32].</summary>
    private float* Panel(int rank, int from) => (float*)panels + (long)(from / Tile.Columns + rank) * Tile.Columns * depth;

    public void Dispose()
    {
        foreach (var buffer in edges.Append(state).Append(panels).Append(nothing))
            buffer.Dispose();
    }
}
