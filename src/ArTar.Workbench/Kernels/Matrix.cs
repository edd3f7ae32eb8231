namespace ArTar.Workbench.Kernels;

/// <summary>A view of floats as a matrix; transposing it moves nothing.</summary>
/// <param name="Data">Its first entry.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Columns">Number of columns.</param>
/// <param name="RowStride">Floats from one row to the next.</param>
/// <param name="ColumnStride">Floats from one column to the next.</param>
internal readonly unsafe record struct Matrix(nint Data, int Rows, int Columns, nint RowStride, nint ColumnStride)
{
    /// <summary>A matrix stored row by row.</summary>
    public Matrix(float* data, int rows, int columns) : this((nint)data, rows, columns, columns, 1)
    {
    }

    /// <summary>The transpose.</summary>
    public Matrix T => new(Data, Columns, Rows, ColumnStride, RowStride);

    /// <summary>Address of an entry.</summary>
    public float* At(int row, int column) => (float*)Data + row * RowStride + column * ColumnStride;

    /// <summary>Rows <paramref name="from"/> up to, but not with, <paramref name="to"/>.</summary>
    public Matrix RowRange(int from, int to) => this with { Data = (nint)At(from, 0), Rows = to - from };

    /// <summary>Columns <paramref name="from"/> up to, but not with, <paramref name="to"/>.</summary>
    public Matrix ColumnRange(int from, int to) => this with { Data = (nint)At(0, from), Columns = to - from };
}
