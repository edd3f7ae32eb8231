using System.Runtime.Intrinsics;

namespace ArTar.Workbench.Kernels;

/// <summary>
/// LSTM: i, f, o = sigmoid, g = tanh of their sums; c = f c' + i g; h = o tanh(c), with c' of the step before.
/// </summary>
internal sealed unsafe class LstmLayer(LayerWeights weights, WindowSize size, Team team, MatrixProduct product)
    : RecurrentLayer(4, weights, size, team, product)
{
    private readonly Buffer memories = new((long)(size.Steps + 1) * size.Batch * size.Hidden);
    private readonly Buffer memoryGradient = new((long)size.Batch * size.Hidden);

    public override Buffer Memories => memories;

    protected override void Activate(int row, float* sums, float* state, int from, int to)
    {
        var hidden = Size.Hidden;
        float* before = (float*)memories + (long)row * hidden, after = before + (long)Size.Batch * hidden, h = Output + (long)row * hidden;
        for (var u = from; u < to; u += VectorMath.Width)
        {
            var n = to - u;
            Vector512<float> Sum(int gate) => VectorMath.Load(sums + gate * hidden + u, n) + VectorMath.Load(state + gate * hidden + u, n);
            var i = VectorMath.Sigmoid(Sum(0));
            var f = VectorMath.Sigmoid(Sum(1));
            var g = VectorMath.Tanh(Sum(2));
            var o = VectorMath.Sigmoid(Sum(3));
            var c = f * VectorMath.Load(before + u, n) + i * g;
            VectorMath.Store(i, sums + u, n);
            VectorMath.Store(f, sums + hidden + u, n);
            VectorMath.Store(g, sums + 2 * hidden + u, n);
            VectorMath.Store(o, sums + 3 * hidden + u, n);
            VectorMath.Store(c, after + u, n);
            VectorMath.Store(o * VectorMath.Tanh(c), h + u, n);
        }
    }

    protected override void Differentiate(int row, bool last, float* sums, float* output, float* back, int from, int to)
    {
        var hidden = Size.Hidden;
        float* before = (float*)memories + (long)row * hidden, after = before + (long)Size.Batch * hidden;
        var carried = (float*)memoryGradient + (long)(row % Size.Batch) * hidden;
        var one = Vector512<float>.One;
        for (var u = from; u < to; u += VectorMath.Width)
        {
            var n = to - u;
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
            var tanh = VectorMath.Tanh(VectorMath.Load(after + u, n));
            dc += dh * o * (one - tanh * tanh);
            VectorMath.Store(dc * g * i * (one - i), sums + u, n);
            VectorMath.Store(dc * VectorMath.Load(before + u, n) * f * (one - f), sums + hidden + u, n);
            VectorMath.Store(dc * i * (one - g * g), sums + 2 * hidden + u, n);
            VectorMath.Store(dh * tanh * o * (one - o), sums + 3 * hidden + u, n);
            VectorMath.Store(dc * f, carried + u, n);
        }
    }

    public override void Dispose()
    {
        memories.Dispose();
        memoryGradient.Dispose();
        base.Dispose();
    }
}
