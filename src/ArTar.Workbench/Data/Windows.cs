namespace ArTar.Workbench.Data;

/// <summary>
/// A split as time-major windows for truncated backpropagation through time. The N tokens become B columns of L = N / B
/// consecutive tokens each (column b holds tokens b*L to (b+1)*L - 1), and the windows walk down all columns side by side, so
/// that the hidden state of column b carries over from one window to the next. Each column predicts all its tokens but the first.
/// </summary>
public sealed class Windows
{
    private readonly ReadOnlyMemory<int> tokens;

    /// <summary>
    /// Cuts <paramref name="tokens"/> [N] into <paramref name="batchSize"/> columns and windows of <paramref name="length"/> steps.
    /// </summary>
    /// <exception cref="WorkbenchException">The batch size or length is below 1, or the columns would hold fewer than 2 tokens.</exception>
    public Windows(ReadOnlyMemory<int> tokens, int batchSize, int length)
    {
        if (batchSize < 1)
            throw new WorkbenchException($"The batch size is {batchSize}; it must be at least 1.");
        if (length < 1)
            throw new WorkbenchException($"The window length (BPTT) is {length}; it must be at least 1.");
        if (tokens.Length / batchSize < 2)
            throw new WorkbenchException(
                $"{tokens.Length:N0} tokens are too few for {batchSize:N0} columns: each needs at least 2, one to read and one to "
                    + "predict. Use a smaller batch or more text.");
        this.tokens = tokens;
        BatchSize = batchSize;
        Length = length;
        ColumnLength = tokens.Length / batchSize;
    }

    /// <summary>B, the number of columns.</summary>
    public int BatchSize { get; }

    /// <summary>T, the steps of every window but perhaps the last.</summary>
    public int Length { get; }

    /// <summary>L, the tokens in a column.</summary>
    public int ColumnLength { get; }

    /// <summary>The number of windows.</summary>
    public int Count => (ColumnLength - 1 + Length - 1) / Length;

    /// <summary>The tail of the split that fills no column: N - L*B tokens, fewer than B.</summary>
    public int TokensDropped => tokens.Length - ColumnLength * BatchSize;

    /// <summary>How many targets all windows hold together: (L - 1) * B. A mean loss divides by this.</summary>
    public long PredictedTokens => (ColumnLength - 1L) * BatchSize;

    /// <summary>Window number <paramref name="index"/>; the last may have fewer steps, never none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not in 0 .. <c>Count - 1</c>.</exception>
    public Window this[int index]
    {
        get
        {
            if ((uint)index >= (uint)Count)
                throw new ArgumentOutOfRangeException(nameof(index), index, $"There are windows 0 to {Count - 1}.");
            var start = index * Length;
            var steps = Math.Min(Length, ColumnLength - 1 - start);
            var inputs = new long[steps * BatchSize];
            var targets = new long[steps * BatchSize];
            for (var b = 0; b < BatchSize; b++)
            {
                var column = tokens.Span.Slice(b * ColumnLength + start, steps + 1);
                for (var t = 0; t < steps; t++)
                {
                    inputs[t * BatchSize + b] = column[t];
                    targets[t * BatchSize + b] = column[t + 1];
                }
            }
            return new(steps, BatchSize, inputs, targets);
        }
    }
}

/// <summary>One window of text for all columns of a batch.</summary>
/// <param name="Steps">T, at least 1.</param>
/// <param name="BatchSize">B.</param>
/// <param name="Inputs">Token ids, [T, B] row by row: step t of column b is entry t*B + b.</param>
/// <param name="Targets">The ids one step later, [T, B].</param>
public readonly record struct Window(int Steps, int BatchSize, long[] Inputs, long[] Targets)
{
    /// <summary>The same window, whose words a model knows.</summary>
    /// <param name="vocabulary">V, the number of the model's words.</param>
    /// <exception cref="WorkbenchException">A word is none of them; libtorch would fail, on a GPU with the whole process.</exception>
    internal Window Within(int vocabulary)
    {
        RequireWords(Inputs, vocabulary);
        RequireWords(Targets, vocabulary);
        return this;
    }

    /// <summary>Refuses ids that are no word of a model with <paramref name="vocabulary"/> words.</summary>
    internal static void RequireWords(ReadOnlySpan<long> ids, int vocabulary)
    {
        foreach (var id in ids)
            if ((ulong)id >= (ulong)vocabulary)
                throw new WorkbenchException(
                    $"Token {id} is not in the model's vocabulary of {vocabulary}: the text and the model do not belong together.");
    }
}
