using ArTar.Workbench.Data;
using ArTar.Workbench.Models;
using ArTar.Workbench.Regularization;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Workbench.Kernels;

/// <summary>The training step of <c>PlainStep</c> on a processor, by <see cref="FastNetwork"/>.</summary>
internal sealed class FastStep(
    LanguageModel model, int steps, int batchSize, double clip, double weightDecay,
    IReadOnlyList<(IRegularizer Regularizer, double Coefficient)> penalties, int threads) : ITrainingStep
{
    private readonly FastNetwork network = new(
        model, steps, batchSize, threads, gradients: true, Coefficients(penalties, r => r),
        Coefficients(penalties, r => (r as MemoryRegularizer)?.OfHidden));
    private readonly bool hasOthers = penalties.Any(p => !IsWrittenOut(p.Regularizer));
    private double scale;

    /// <inheritdoc/>
    public (StepOutcome Outcome, RecurrentState After) Backpropagate(Window window, RecurrentState before, long seed)
    {
        using var scope = NewDisposeScope();
        var (loss, after) = network.Forward(window, before, seed);
        var costs = new double[penalties.Count];
        var (ofRaw, ofDropped) = Penalize(window.Steps, costs, seed);
        var norm = network.Backward(ofRaw, ofDropped);
        for (var i = 0; i < costs.Length; i++)
            costs[i] = penalties[i].Regularizer switch
            {
                ActivationRegularizer => network.Penalties.Activation,
                TemporalActivationRegularizer => network.Penalties.Temporal,
                MemoryRegularizer { OfHidden: ActivationRegularizer } => network.MemoryPenalties.Activation,
                MemoryRegularizer => network.MemoryPenalties.Temporal,
                _ => costs[i],
            };
        scale = Math.Min(1, clip / (norm + 1e-6)); // libtorch's own rule
        return (new(loss / window.Targets.Length, norm, costs), after);
    }

    /// <inheritdoc/>
    public void Update(double learningRate) => network.Update(learningRate, scale, weightDecay);

    // AR and TAR have kernels; another regularizer under their coefficient has none.
    private static bool IsWrittenOut(IRegularizer regularizer) =>
        regularizer is ActivationRegularizer or TemporalActivationRegularizer or MemoryRegularizer;

    private static (double Alpha, double Beta) Coefficients(
        IReadOnlyList<(IRegularizer Regularizer, double Coefficient)> penalties, Func<IRegularizer, IRegularizer?> of)
    {
        double Sum<T>() => penalties.Where(p => of(p.Regularizer) is T).Sum(p => p.Coefficient);
        return (Sum<ActivationRegularizer>(), Sum<TemporalActivationRegularizer>());
    }

    /// <summary>All other regularizers are anybody's functions of the output: libtorch differentiates them.</summary>
    private (Tensor? OfRaw, Tensor? OfDropped) Penalize(int steps, double[] costs, long seed)
    {
        if (!hasOthers)
            return (null, null);
        using var alone = OneThread.Take(); // others would take the team's cores
        var (raw, dropped) = network.Output(steps);
        raw.requires_grad_();
        dropped.requires_grad_();
        var objective = SharedGenerator.Draw(SharedGenerator.OfPenalties(seed), () =>
        {
            Tensor? objective = null;
            for (var i = 0; i < costs.Length; i++)
            {
                if (IsWrittenOut(penalties[i].Regularizer))
                    continue;
                var cost = penalties[i].Regularizer.Penalty(raw, dropped);
                costs[i] = cost.ToDouble();
                var weighted = penalties[i].Coefficient * cost;
                objective = objective is null ? weighted : objective + weighted;
            }
            return objective!;
        });
        if (objective.requires_grad)
            objective.backward();
        return (raw.grad?.contiguous(), dropped.grad?.contiguous());
    }

    public void Dispose() => network.Dispose();
}
