using ArTar.Workbench.Data;
using ArTar.Workbench.Kernels;
using ArTar.Workbench.Models;
using ArTar.Workbench.Regularization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ArTar.Workbench.Training;

/// <summary>
/// The training step as the paper has it, by libtorch's operations and automatic differentiation, on any device: the
/// definition that the fast step is tested against, and on a GPU the fast one itself, through cuDNN's fused layers.
/// </summary>
internal sealed class PlainStep(
    LanguageModel model, double clip, double weightDecay, IReadOnlyList<(IRegularizer Regularizer, double Coefficient)> penalties,
    Device device)
    : ITrainingStep
{
    private readonly optim.Optimizer optimizer = optim.SGD(model.parameters(), learningRate: 1, weight_decay: weightDecay);

    /// <summary>Every tensor it makes is gone afterwards, save the state that is carried on.</summary>
    public (StepOutcome Outcome, RecurrentState After) Backpropagate(Window window, RecurrentState before, long seed)
    {
        using var scope = NewDisposeScope();
        var (inputs, targets) = window.Within(model.Vocabulary).ToTensors(device);                      // [T, B]
        // All that draws: dropouts, and perhaps a penalty of somebody's own.
        var (activations, loss, objective, costs) = SharedGenerator.Draw(seed, () =>
        {
            var activations = model.Forward(inputs, before);                                            // [T, B, H]
            var loss = functional.cross_entropy(model.Decode(activations.Dropped), targets.view(-1));   // mean over T*B
            var objective = loss;
            var costs = new Tensor[penalties.Count];
            for (var i = 0; i < penalties.Count; i++)
            {
                costs[i] = penalties[i].Regularizer.Penalty(activations);
                objective += penalties[i].Coefficient * costs[i];
            }
            return (activations, loss, objective, costs);
        });

        optimizer.zero_grad();
        objective.backward();
        var norm = nn.utils.clip_grad_norm_(model.parameters(), clip);
        return (new(loss.ToDouble(), norm, [.. costs.Select(cost => cost.ToDouble())]), activations.State.Carry());
    }

    public void Update(double learningRate)
    {
        foreach (var group in optimizer.ParamGroups)
            group.LearningRate = learningRate;
        using var scope = NewDisposeScope();
        optimizer.step();
    }

    public void Dispose() => optimizer.Dispose();
}
