using ArTar.Workbench.Regularization;

namespace ArTar.Workbench.Kernels;

/// <summary>
/// AR and TAR with their derivatives written out, on the way back through the network: what
/// <see cref="ActivationRegularizer"/> and <see cref="TemporalActivationRegularizer"/> define, for next to no time.
/// </summary>
/// <param name="alpha">Coefficient of AR; 0 for none.</param>
/// <param name="beta">Coefficient of TAR; 0 for none.</param>
/// <param name="team">Who computes.</param>
internal sealed unsafe class SquarePenalties(double alpha, double beta, Team team)
{
    private double alpha = alpha, beta = beta;
    private readonly (double Activation, double Temporal)[] sums = new (double, double)[team.Size];

    /// <summary>Sets the coefficients anew, between two windows.</summary>
    public void Weigh(double alpha, double beta) => (this.alpha, this.beta) = (alpha, beta);

    /// <summary>mean((m ∘ h)^2) of the last window.</summary>
    public double Activation { get; private set; }

    /// <summary>mean((h[1:] - h[:-1])^2) of the last window.</summary>
    public double Temporal { get; private set; }

    /// <summary>
    /// Adds alpha * 2 (m ∘ h) / N to the gradient of the dropped output, entries <paramref name="from"/> to <paramref name="to"/>.
    /// </summary>
    /// <param name="rank">The calling member.</param>
    /// <param name="dropped">m ∘ h, [T, B, H].</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="entries">N = T*B*H.</param>
    /// <param name="from">First entry.</param>
    /// <param name="to">Entry to stop before.</param>
    public void AddActivation(int rank, float* dropped, float* gradient, int entries, int from, int to)
    {
        sums[rank].Activation = 0;
        if (alpha == 0)
            return;
        var scale = (float)(2 * alpha / entries);
        var squares = Vector512<float>.Zero;
        for (var i = from; i < to; i += VectorMath.Width)
        {
            var h = VectorMath.Load(dropped + i, to - i);
            squares += h * h;
            VectorMath.Store(VectorMath.Load(gradient + i, to - i) + h * scale, gradient + i, to - i);
        }
        sums[rank].Activation = Vector512.Sum(squares);
    }

    /// <summary>Adds beta * 2 ((h_t - h_(t-1)) - (h_(t+1) - h_t)) / N to the gradient of the raw output; N = (T-1)*B*H.</summary>
    /// <param name="rank">The calling member.</param>
    /// <param name="raw">h, [T, B, H].</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="entries">T*B*H.</param>
    /// <param name="step">B*H, from one step to the next.</param>
    /// <param name="from">First entry.</param>
    /// <param name="to">Entry to stop before.</param>
    public void AddTemporal(int rank, float* raw, float* gradient, int entries, int step, int from, int to)
    {
        sums[rank].Temporal = 0;
        if (beta == 0 || entries == step)
            return;
        var scale = (float)(2 * beta / (entries - step));
        // The first step has none before it, the last none after it.
        Part(from, Math.Min(to, step), before: false, after: true);
        Part(Math.Max(from, step), Math.Min(to, entries - step), before: true, after: true);
        Part(Math.Max(from, entries - step), to, before: true, after: false);

        void Part(int begin, int end, bool before, bool after)
        {
            var squares = Vector512<float>.Zero;
            for (var i = begin; i < end; i += VectorMath.Width)
            {
                var n = end - i;
                var h = VectorMath.Load(raw + i, n);
                var since = before ? h - VectorMath.Load(raw + i - step, n) : Vector512<float>.Zero;
                var until = after ? VectorMath.Load(raw + i + step, n) - h : Vector512<float>.Zero;
                squares += since * since;
                VectorMath.Store(VectorMath.Load(gradient + i, n) + (since - until) * scale, gradient + i, n);
            }
            sums[rank].Temporal += Vector512.Sum(squares);
        }
    }

    /// <summary>Puts the members' sums together, once all are done.</summary>
    public void Conclude(int entries, int step)
    {
        Activation = sums.Sum(s => s.Activation) / entries;
        Temporal = entries == step ? 0 : sums.Sum(s => s.Temporal) / (entries - step);
    }
}
