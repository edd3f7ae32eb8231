namespace ArTar.Workbench.Kernels;

/// <summary>
/// Decoder and cross-entropy in one: logits = h W^T + b with the embedding's weight W, then their softmax and its gradient
/// in the logits' own place. Of the [T*B, V] matrices that automatic differentiation makes, one is left.
/// </summary>
internal sealed unsafe class TiedSoftmax : IDisposable
{
    private readonly Team team;
    private readonly MatrixProduct product;
    private readonly Weight weight, bias;
    private readonly int vocabulary, hidden;
    private readonly Buffer logits, biasGradients;
    private readonly double[] losses;

    /// <param name="weight">W, [V, H].</param>
    /// <param name="bias">b, [V].</param>
    /// <param name="rows">The most rows T*B of a window.</param>
    /// <param name="hidden">H.</param>
    /// <param name="team">Who computes.</param>
    /// <param name="product">How products are computed.</param>
    public TiedSoftmax(Weight weight, Weight bias, int rows, int hidden, Team team, MatrixProduct product)
    {
        (this.weight, this.bias, this.hidden, this.team, this.product) = (weight, bias, hidden, team, product);
        vocabulary = bias.Length;
        logits = new((long)rows * vocabulary);
        biasGradients = new((long)team.Size * vocabulary);
        losses = new double[rows];
    }

    /// <summary>Cross-entropy of every row, in nats; what <see cref="Forward"/> found.</summary>
    public ReadOnlySpan<double> Losses => losses;

    /// <summary>
    /// Scores all words and compares with the targets; with <paramref name="gradient"/> also d loss / d logits, of the mean over the rows.
    /// </summary>
    public void Forward(int rank, float* input, long[] targets, bool gradient)
    {
        var rows = targets.Length;
        product.Multiply(rank, new(input, rows, hidden), weight.Matrix(vocabulary, hidden).T, new(logits, rows, vocabulary),
            Start.Bias(bias.Value));
        team.Barrier();
        var sum = (float*)biasGradients + (long)rank * vocabulary;
        new Span<float>(sum, vocabulary).Clear();
        var (from, to) = team.Share(rank, rows);
        for (var row = from; row < to; row++)
            Row(row, (int)targets[row], gradient ? 1f / rows : null, sum);
        team.Barrier();
    }

    /// <summary>From the gradient of the logits to those of weight, bias and input. The weight's gradient is overwritten.</summary>
    public void Backward(int rank, float* input, float* inputGradient, int rows)
    {
        var gradient = new Matrix(logits, rows, vocabulary);
        product.Multiply(rank, gradient, weight.Matrix(vocabulary, hidden), new(inputGradient, rows, hidden));
        product.Multiply(rank, gradient.T, new(input, rows, hidden), new(weight.Gradient, vocabulary, hidden));
        var (from, to) = team.Share(rank, vocabulary, VectorMath.Width);
        for (var j = from; j < to; j += VectorMath.Width)
        {
            var sum = Vector512<float>.Zero;
            for (var member = 0; member < team.Size; member++)
                sum += VectorMath.Load((float*)biasGradients + (long)member * vocabulary + j, to - j);
            VectorMath.Store(sum, bias.Gradient + j, to - j);
        }
        team.Barrier();
    }

    private void Row(int row, int target, float? scale, float* biasGradient)
    {
        var z = (float*)logits + (long)row * vocabulary;
        var whole = vocabulary / VectorMath.Width * VectorMath.Width;
        var highest = Vector512.Create(float.NegativeInfinity);
        for (var j = 0; j < whole; j += VectorMath.Width)
            highest = Vector512.Max(highest, Vector512.Load(z + j));
        var max = z[target]; // a NaN here stays one
        for (var i = 0; i < VectorMath.Width; i++)
            max = Math.Max(max, highest[i]);
        for (var j = whole; j < vocabulary; j++)
            max = Math.Max(max, z[j]);

        var chosen = z[target];
        var total = Vector512<float>.Zero;
        for (var j = 0; j < whole; j += VectorMath.Width)
        {
            var e = VectorMath.Exp(Vector512.Load(z + j) - Vector512.Create(max));
            total += e;
            e.Store(z + j);
        }
        double sum = Vector512.Sum(total);
        for (var j = whole; j < vocabulary; j++)
            sum += z[j] = MathF.Exp(z[j] - max);
        losses[row] = Math.Log(sum) + max - chosen;

        if (scale is not { } factor)
            return;
        var share = (float)(factor / sum);
        for (var j = 0; j < whole; j += VectorMath.Width)
        {
            var gradient = Vector512.Load(z + j) * share;
            gradient.Store(z + j);
            (Vector512.Load(biasGradient + j) + gradient).Store(biasGradient + j);
        }
        for (var j = whole; j < vocabulary; j++)
            biasGradient[j] += z[j] *= share;
        z[target] -= factor;
        biasGradient[target] -= factor;
    }

    public void Dispose()
    {
        logits.Dispose();
        biasGradients.Dispose();
    }
}
