using ArTar.Workbench.Regularization;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Stack;

/// <summary>One run of a stack: its values and where it stands.</summary>
internal sealed class StackMember(HyperParameters values, TrainingPosition position)
{
    /// <summary>The run's hyper-parameters.</summary>
    public HyperParameters Values { get; } = values;

    /// <summary>Where the run stands.</summary>
    public TrainingPosition Position { get; internal set; } = position;

    /// <summary>Where it stood after its best epoch, to which the best weights belong; null before the first.</summary>
    public TrainingPosition? BestPosition { get; internal set; }

    /// <summary>How it went out of bounds; null while it has not.</summary>
    public DivergedException? Divergence { get; internal set; }

    /// <summary>Whether it is to leave before its end; see <see cref="StackTrainer.Withdraw"/>.</summary>
    public bool IsWithdrawn { get; internal set; }

    /// <summary>Whether anything is left to train.</summary>
    public bool IsTraining => Divergence is null && !IsWithdrawn && !Position.IsOver(Values);

    /// <summary>The active regularizers with their coefficients.</summary>
    public IReadOnlyList<(IRegularizer Regularizer, double Coefficient)> Penalties { get; } = values.Penalties;

    /// <summary>The sum of a kind's coefficients.</summary>
    public double CoefficientOf<T>() => Penalties.Where(p => p.Regularizer is T).Sum(p => p.Coefficient);
}
