using ArTar.Workbench.Models;

namespace ArTar.Workbench.Kernels;

/// <summary>The tanh RNN: h = tanh of the sum.</summary>
internal sealed unsafe class TanhLayer(LayerWeights weights, WindowSize size, Techniques techniques, Team team, MatrixProduct product)
    : RecurrentLayer(1, weights, size, techniques, team, product)
{
    protected override void Activate(int row, float* sums, float* state, int from, int to)
    {
        float* before = (float*)States + (long)row * Size.Hidden, h = Output + (long)row * Size.Hidden;
        var masks = Masks;
        for (var u = from; u < to; u += VectorMath.Width)
        {
            var next = VectorMath.Tanh(VectorMath.Load(sums + u, to - u) + VectorMath.Load(state + u, to - u));
            VectorMath.Store(masks.Hidden.Forward(before + u, next, row * Size.Hidden + u, to - u), h + u, to - u);
        }
    }

    protected override void Differentiate(int row, bool last, float* sums, float* output, float* back, int from, int to)
    {
        var h = Output + (long)row * Size.Hidden;
        for (var u = from; u < to; u += VectorMath.Width)
        {
            var n = to - u;
            var dh = VectorMath.Load(output + u, n);
            if (!last)
                dh += VectorMath.Load(back + u, n);
            if (!Masks.Hidden.IsNone)
                VectorMath.Store(Masks.Hidden.Backward(ref dh, row * Size.Hidden + u), back + u, n);
            var tanh = VectorMath.Load(h + u, n); // where h was kept it is another number, and dh is 0
            VectorMath.Store(dh * (Vector512<float>.One - tanh * tanh), sums + u, n);
        }
    }
}
