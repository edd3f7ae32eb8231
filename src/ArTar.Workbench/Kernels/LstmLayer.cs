using ArTar.Workbench.Models;

namespace ArTar.Workbench.Kernels;

/// <summary>
/// LSTM: i, f, o = sigmoid, g = tanh of their sums; c = f c' + i g; h = o tanh(c), with c' of the step before.
/// </summary>
internal sealed unsafe class LstmLayer(LayerWeights weights, WindowSize size, Techniques techniques, Team team, MatrixProduct product)
    : RecurrentLayer(4, weights, size, techniques, team, product)
{
    private readonly Buffer memories = new((long)(size.Steps + 1) * size.Batch * size.Hidden);
    private readonly Buffer memoryGradient = new((long)size.Batch * size.Hidden);

    public override Buffer Memories => memories;

    /// <summary>Gradient of penalties on c, [T, B, H]; null for none.</summary>
    public float* PenaltyGradient { get; set; }

    protected override void Activate(int row, float* sums, float* state, int from, int to)
    {
        var hidden = Size.Hidden;
        float* before = (float*)memories + (long)row * hidden, after = before + (long)Size.Batch * hidden, h = Output + (long)row * hidden;
        var hiddenBefore = (float*)States + (long)row * hidden;
        var masks = Masks;
        for (var u = from; u < to; u += VectorMath.Width)
        {
            var (n, at) = (to - u, row * hidden + u);
            Vector512<float> Sum(int gate) => VectorMath.Load(sums + gate * hidden + u, n) + VectorMath.Load(state + gate * hidden + u, n);
            var i = VectorMath.Sigmoid(Sum(0));
            var f = VectorMath.Sigmoid(Sum(1));
            var g = VectorMath.Tanh(Sum(2));
            var o = VectorMath.Sigmoid(Sum(3));
            var c = f * VectorMath.Load(before + u, n) + i * masks.Candidate.Of(g, at);
            VectorMath.Store(i, sums + u, n);
            VectorMath.Store(f, sums + hidden + u, n);
            VectorMath.Store(g, sums + 2 * hidden + u, n);
            VectorMath.Store(o, sums + 3 * hidden + u, n);
            VectorMath.Store(masks.Memory.Forward(before + u, c, at, n), after + u, n);
            VectorMath.Store(masks.Hidden.Forward(hiddenBefore + u, o * VectorMath.Tanh(c), at, n), h + u, n);
        }
    }

    protected override void Differentiate(int row, bool last, float* sums, float* output, float* back, int from, int to)
    {
        var hidden = Size.Hidden;
        float* before = (float*)memories + (long)row * hidden, after = before + (long)Size.Batch * hidden;
        var carried = (float*)memoryGradient + (long)(row % Size.Batch) * hidden;
        var one = Vector512<float>.One;
        var masks = Masks;
        for (var u = from; u < to; u += VectorMath.Width)
        {
            var (n, at) = (to - u, row * hidden + u);
            var dh = VectorMath.Load(output + u, n);
            var dc = Vector512<float>.Zero;
            if (!last)
            {
                dh += VectorMath.Load(back + u, n);
                dc = VectorMath.Load(carried + u, n);
            }
            var i = VectorMath.Load(sums + u, n);
            var f = VectorMath.Load(sums + hidden + u, n);
            var g = VectorMath.Load(sums + 2 * hidden + u, n);
            var o = VectorMath.Load(sums + 3 * hidden + u, n);
            var (memory, added) = (VectorMath.Load(before + u, n), masks.Candidate.Of(g, at));
            if (PenaltyGradient != null)
                dc += VectorMath.Load(PenaltyGradient + at, n);
            var keptGradient = masks.Memory.Backward(ref dc, at);
            if (!masks.Hidden.IsNone)
                VectorMath.Store(masks.Hidden.Backward(ref dh, at), back + u, n);
            // The c that h was made of, which zoneout may have put aside.
            var tanh = VectorMath.Tanh(masks.Memory.IsNone ? VectorMath.Load(after + u, n) : f * memory + i * added);
            dc += dh * o * (one - tanh * tanh);
            VectorMath.Store(dc * added * i * (one - i), sums + u, n);
            VectorMath.Store(dc * memory * f * (one - f), sums + hidden + u, n);
            VectorMath.Store(masks.Candidate.Of(dc * i * (one - g * g), at), sums + 2 * hidden + u, n);
            VectorMath.Store(dh * tanh * o * (one - o), sums + 3 * hidden + u, n);
            VectorMath.Store(dc * f + keptGradient, carried + u, n);
        }
    }

    public override void Dispose()
    {
        memories.Dispose();
        memoryGradient.Dispose();
        base.Dispose();
    }
}
