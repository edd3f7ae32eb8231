using ArTar.Workbench.Models;
using ArTar.Workbench.Regularization;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Workbench.Stack;

/// <summary>
/// The regularizers of R runs. AR and TAR have their derivatives written out for all runs at once; any other one is somebody's function of
/// one run's outputs, which libtorch differentiates.
/// </summary>
internal sealed class StackedPenalties(IReadOnlyList<StackMember> members, Device device) : IDisposable
{
    private readonly Tensor? alpha = Coefficients(members.Select(m => m.CoefficientOf<ActivationRegularizer>()), device);
    private readonly Tensor? beta = Coefficients(members.Select(m => m.CoefficientOf<TemporalActivationRegularizer>()), device);

    /// <summary>Adds the penalties' gradients, times their coefficients, and measures the penalties.</summary>
    /// <param name="raw">Output h of the last layer, [R, T, B, H].</param>
    /// <param name="dropped">The same after dropout, m ∘ h, [R, T, B, H].</param>
    /// <param name="ofDropped">Gradient of the dropped output, [R, T, B, H], to which theirs is added.</param>
    /// <param name="seeds">Each run's seed, [R], for penalties that draw.</param>
    /// <returns>
    /// Gradient of the raw output by penalties, [R, T, B, H], null where there is none; AR and TAR before their coefficients, [2, R], in
    /// double precision; all other penalties of a run in the order of its regularizers.
    /// </returns>
    public (Tensor? OfRaw, Tensor Squares, double[][] Others) Differentiate(
        Tensor raw, Tensor dropped, Tensor ofDropped, IReadOnlyList<long> seeds)
    {
        Tensor? ofRaw = null;
        var (activation, temporal) = (zeros(members.Count, device: device), zeros(members.Count, device: device));
        if (alpha is not null)
        {
            // d mean((m ∘ h)^2) = 2 (m ∘ h) / N
            activation = dropped.square().mean([1, 2, 3]);                                    // [R]
            ofDropped.addcmul_(dropped, alpha, 2.0 * members.Count / dropped.numel());
        }
        if (beta is not null && raw.shape[1] > 1)
        {
            // d mean((h[1:] - h[:-1])^2) = 2 ((h_t - h_(t-1)) - (h_(t+1) - h_t)) / N
            var steps = raw.shape[1] - 1;
            var change = raw.narrow(1, 1, steps) - raw.narrow(1, 0, steps);                   // [R, T-1, B, H]
            temporal = change.square().mean([1, 2, 3]);                                       // [R]
            var scale = 2.0 * members.Count / change.numel();
            ofRaw = zeros_like(raw);
            ofRaw.narrow(1, 1, steps).addcmul_(change, beta, scale);
            ofRaw.narrow(1, 0, steps).addcmul_(change, beta, -scale);
        }
        double[][] others = [.. members.Select(m => new double[m.Penalties.Count])];
        foreach (var (r, member) in members.Index().Where(m => m.Item.Penalties.Any(p => !IsWrittenOut(p.Regularizer))))
        {
            ofRaw ??= zeros_like(raw);
            DifferentiateOthers(member, SharedGenerator.OfPenalties(seeds[r]), others[r],
                raw.select(0, r), dropped.select(0, r), ofRaw.select(0, r), ofDropped.select(0, r));
        }
        return (ofRaw, stack([activation, temporal]).to(float64), others);
    }

    /// <summary>A run's penalties in the order of its regularizers.</summary>
    /// <param name="run">Which run.</param>
    /// <param name="activation">Its AR.</param>
    /// <param name="temporal">Its TAR.</param>
    /// <param name="others">Its others, as <see cref="Differentiate"/> gave them.</param>
    public double[] Costs(int run, double activation, double temporal, double[] others) =>
        [.. members[run].Penalties.Zip(others, (penalty, other) => penalty.Regularizer switch
        {
            ActivationRegularizer => activation,
            TemporalActivationRegularizer => temporal,
            _ => other,
        })];

    private static void DifferentiateOthers(
        StackMember member, long seed, double[] costs, Tensor raw, Tensor dropped, Tensor ofRaw, Tensor ofDropped)
    {
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        var (h, m) = (raw.detach().clone().requires_grad_(), dropped.detach().clone().requires_grad_());
        var all = SharedGenerator.Draw(seed, () => member.Penalties.Index().Where(p => !IsWrittenOut(p.Item.Regularizer))
            .Select(p => (p.Index, p.Item.Coefficient, Cost: p.Item.Regularizer.Penalty(h, m))).ToList());
        foreach (var (i, coefficient, cost) in all)                                           // numbers
        {
            costs[i] = cost.ToDouble();
            if (cost.requires_grad)
                (coefficient * cost).backward();
        }
        using var without = no_grad();
        if (h.grad is { } ofH)
            ofRaw.add_(ofH);
        if (m.grad is { } ofM)
            ofDropped.add_(ofM);
    }

    // Another regularizer may stand under their coefficient.
    private static bool IsWrittenOut(IRegularizer regularizer) => regularizer is ActivationRegularizer or TemporalActivationRegularizer;

    /// <summary>One number a run, [R, 1, 1, 1]; null where all are 0.</summary>
    private static Tensor? Coefficients(IEnumerable<double> numbers, Device device)
    {
        float[] all = [.. numbers.Select(n => (float)n)];
        return all.All(n => n == 0) ? null : tensor(all, [all.Length, 1, 1, 1], device: device).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        alpha?.Dispose();
        beta?.Dispose();
    }
}
