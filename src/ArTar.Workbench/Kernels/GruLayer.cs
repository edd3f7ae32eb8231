using ArTar.Workbench.Models;

namespace ArTar.Workbench.Kernels;

/// <summary>
/// GRU as libtorch and cuDNN have it: r, z = sigmoid of their sums; n = tanh(x's part + r times h's part);
/// h = (1 - z) n + z h', with h' of the step before.
/// </summary>
internal sealed unsafe class GruLayer(LayerWeights weights, WindowSize size, Techniques techniques, Team team, MatrixProduct product)
    : RecurrentLayer(3, weights, size, techniques, team, product)
{
    private readonly Buffer candidates = new((long)size.Rows * size.Hidden);         // h's part of n
    private readonly Buffer stateGradients = new((long)size.Rows * 3 * size.Hidden);

    protected override bool PassesBy => true; // z times it

    protected override float* StateGradients => stateGradients;

    protected override void Activate(int row, float* sums, float* state, int from, int to)
    {
        var hidden = Size.Hidden;
        float* before = (float*)States + (long)row * hidden, h = Output + (long)row * hidden,
        candidate = (float*)candidates + (long)row * hidden;
        var masks = Masks;
        for (var u = from; u < to; u += VectorMath.Width)
        {
            var (count, at) = (to - u, row * hidden + u);
            Vector512<float> Sum(int gate) =>
                VectorMath.Load(sums + gate * hidden + u, count) + VectorMath.Load(state + gate * hidden + u, count);
            var r = VectorMath.Sigmoid(Sum(0));
            var z = VectorMath.Sigmoid(Sum(1));
            var fromState = VectorMath.Load(state + 2 * hidden + u, count);
            var n = VectorMath.Tanh(VectorMath.Load(sums + 2 * hidden + u, count) + r * fromState);
            VectorMath.Store(r, sums + u, count);
            VectorMath.Store(z, sums + hidden + u, count);
            VectorMath.Store(n, sums + 2 * hidden + u, count);
            VectorMath.Store(fromState, candidate + u, count);
            var added = masks.Candidate.Of(n, at);
            var next = added + z * (VectorMath.Load(before + u, count) - added);
            VectorMath.Store(masks.Hidden.Forward(before + u, next, at, count), h + u, count);
        }
    }

    protected override void Differentiate(int row, bool last, float* sums, float* output, float* back, int from, int to)
    {
        var hidden = Size.Hidden;
        float* before = (float*)States + (long)row * hidden, candidate = (float*)candidates + (long)row * hidden;
        var ofState = (float*)stateGradients + (long)row * 3 * hidden;
        var one = Vector512<float>.One;
        var masks = Masks;
        for (var u = from; u < to; u += VectorMath.Width)
        {
            var (count, at) = (to - u, row * hidden + u);
            var dh = VectorMath.Load(output + u, count);
            if (!last)
                dh += VectorMath.Load(back + u, count);
            var r = VectorMath.Load(sums + u, count);
            var z = VectorMath.Load(sums + hidden + u, count);
            var n = VectorMath.Load(sums + 2 * hidden + u, count);
            var keptGradient = masks.Hidden.Backward(ref dh, at);
            var dn = masks.Candidate.Of(dh * (one - z) * (one - n * n), at);
            var dz = dh * (VectorMath.Load(before + u, count) - masks.Candidate.Of(n, at)) * z * (one - z);
            var dr = dn * VectorMath.Load(candidate + u, count) * r * (one - r);
            VectorMath.Store(dr, sums + u, count);
            VectorMath.Store(dz, sums + hidden + u, count);
            VectorMath.Store(dn, sums + 2 * hidden + u, count);
            VectorMath.Store(dr, ofState + u, count);
            VectorMath.Store(dz, ofState + hidden + u, count);
            VectorMath.Store(dn * r, ofState + 2 * hidden + u, count);
            VectorMath.Store(dh * z + keptGradient, back + u, count);
        }
    }

    public override void Dispose()
    {
        candidates.Dispose();
        stateGradients.Dispose();
        base.Dispose();
    }
}
