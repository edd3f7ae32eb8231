using ArTar.Workbench.Kernels;
using ArTar.Workbench.Models;
using ArTar.Workbench.Training;
using static TorchSharp.torch;

namespace ArTar.Workbench.Stack;

/// <summary>
/// The training step of <see cref="PlainStep"/> for R runs at once: every loss, penalty, norm, clip norm and learning rate is [R] and never
/// summed over R.
/// </summary>
internal sealed class StackedStep : IDisposable
{
    private readonly StackedWeights weights;
    private readonly IReadOnlyList<StackMember> members;
    private readonly Device device;
    private readonly StackedNetwork network;
    private readonly StackedPenalties penalties;
    private readonly Dropouts dropouts;
    private readonly double[] scales;

    /// <param name="weights">The weights of the runs.</param>
    /// <param name="members">The runs in their order.</param>
    /// <param name="device">Where the weights lie.</param>
    public StackedStep(StackedWeights weights, IReadOnlyList<StackMember> members, Device device)
    {
        (this.weights, this.members, this.device, scales) = (weights, members, device, new double[members.Count]);
        network = new(weights);
        penalties = new(members, device);
        dropouts = new([.. members.Select(m => m.Values)], weights.Layers, device);
    }

    /// <summary>The gradients of the last window, by name, [R, ...]: of the objective, before they are clipped.</summary>
    public IReadOnlyDictionary<string, Tensor> Gradients => gradients;
    private Dictionary<string, Tensor> gradients = [];

    /// <summary>Forward and back over one window.</summary>
    /// <param name="inputs">The window's words, the same for all runs, [T, B], int64.</param>
    /// <param name="targets">The words that follow them, [T, B].</param>
    /// <param name="before">The state before it, [R, layers, B, H].</param>
    /// <param name="seeds">Each run's seed, [R]; it decides its dropout masks.</param>
    /// <returns>What the window came to for each run; the state after it, which the caller owns.</returns>
    public (StepOutcome[] Outcomes, RecurrentState After) Backpropagate(
        Tensor inputs, Tensor targets, RecurrentState before, IReadOnlyList<long> seeds)
    {
        Forget();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var masks = dropouts.Draw([.. inputs.shape, weights.Hidden], seeds);                              // [R, T, B, H] each
        var activations = network.Forward(inputs, before, masks);                                         // [R, T, B, H]
        var (raw, dropped) = (activations.Raw, activations.Dropped);
        var (loss, ofDropped, ofEmbedding, ofBias) =
            TiedDecoder.Differentiate(weights, dropped.reshape(weights.Runs, inputs.numel(), weights.Hidden), targets.view(-1));
        var all = new Dictionary<string, Tensor> { ["embedding.weight"] = ofEmbedding, ["decoder_bias"] = ofBias };
        ofDropped = ofDropped.view(dropped.shape);
        var (ofRaw, squares, others) = penalties.Differentiate(raw, dropped, ofDropped, seeds);
        network.Backward(ofRaw, ofDropped, all);

        // Read at once: whoever reads waits for the device.
        var figures = cat([loss.unsqueeze(0), NormOf(all.Values).unsqueeze(0), squares]).cpu().data<double>().ToArray(); // [4, R]
        foreach (var gradient in all.Values)
            gradient.DetachFromDisposeScope();
        gradients = all;
        var R = weights.Runs;
        for (var r = 0; r < R; r++)
            scales[r] = Math.Min(1, members[r].Values.Clip / (figures[R + r] + 1e-6)); // libtorch's own rule
        return ([.. others.Select((other, r) => new StepOutcome(
            figures[r], figures[R + r], penalties.Costs(r, figures[2 * R + r], figures[3 * R + r], other)))], activations.State.Carry());
    }

    /// <summary>Takes the step of each run: w -= rate (scale * gradient + decay * w).</summary>
    /// <param name="learningRates">
    /// Each run's learning rate, [R]; the weights of a run whose rate is 0 stay as they are, whatever its gradient.
    /// </param>
    public void Update(IReadOnlyList<double> learningRates)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var step = learningRates.Select((rate, r) => rate == 0 ? 0 : (float)(-rate * scales[r])); // a scale may be NaN, as 0 times it
        var shrinking = learningRates.Select((rate, r) => (float)(-rate * members[r].Values.WeightDecay));
        var factors = tensor((float[])[.. step, .. shrinking], [2, members.Count], device: device);       // [2, R]
        var decays = members.Any(m => m.Values.WeightDecay != 0);
        foreach (var (name, w) in weights.All)
        {
            var gradient = gradients[name];
            foreach (var (r, _) in learningRates.Index().Where(rate => rate.Item == 0))
                gradient.select(0, r).zero_(); // 0 times a NaN would be one
            Tensor Factor(int i) => factors[i].view([-1, .. Enumerable.Repeat(1L, (int)w.dim() - 1)]);
            if (decays)
                w.addcmul_(w, Factor(1), 1);
            w.addcmul_(gradient, Factor(0), 1);
        }
        Forget();
    }

    /// <summary>Global L2 norm of each run's gradient, [R].</summary>
    private static Tensor NormOf(IEnumerable<Tensor> gradients) =>
        stack([.. gradients.Select(g => linalg.vector_norm(g.view(g.shape[0], -1), 2, [1], keepdim: false))]) // [weights, R]
            .to(float64).square().sum([0]).sqrt();

    private void Forget()
    {
        foreach (var gradient in gradients.Values)
            gradient.Dispose();
        gradients = [];
    }

    public void Dispose()
    {
        Forget();
        penalties.Dispose();
        dropouts.Dispose();
    }
}
