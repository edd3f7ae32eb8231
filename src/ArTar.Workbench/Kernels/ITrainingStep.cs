using ArTar.Workbench.Data;
using ArTar.Workbench.Models;

namespace ArTar.Workbench.Kernels;

/// <summary>
/// One training step in two halves, so that a step whose loss is not finite changes no weight. There is the plain one,
/// <c>PlainStep</c>, which reads like the paper, and a fast one for processors.
/// </summary>
internal interface ITrainingStep : IDisposable
{
    /// <summary>Forward and back over one window; leaves the gradients in the parameters.</summary>
    /// <param name="window">The window.</param>
    /// <param name="before">The state before it.</param>
    /// <param name="seed">Decides the dropout masks.</param>
    /// <returns>What the window came to; the state after it, cut off from its gradient, which the caller owns.</returns>
    (StepOutcome Outcome, RecurrentState After) Backpropagate(Window window, RecurrentState before, long seed);

    /// <summary>Clips the gradients of that window and takes the step.</summary>
    void Update(double learningRate);
}

/// <summary>What one window came to.</summary>
/// <param name="Loss">Mean cross-entropy in nats per token.</param>
/// <param name="GradientNorm">Global L2 norm of the gradient before clipping.</param>
/// <param name="Penalties">Each active regularizer's penalty, before its coefficient.</param>
internal readonly record struct StepOutcome(double Loss, double GradientNorm, double[] Penalties);
