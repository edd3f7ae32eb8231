using ArTar.Workbench.Data;
using ArTar.Workbench.Kernels;
using ArTar.Workbench.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ArTar.Workbench.Training;

/// <summary>Measures a model on a split, without dropout.</summary>
public static class Evaluation
{
    /// <summary>
    /// Mean cross-entropy in nats per predicted token. The split is read in order with the hidden state carried from
    /// window to window; the sum is divided by the number of PREDICTED tokens, of which each of the
    /// <paramref name="batchSize"/> columns has one fewer than it has tokens. Perplexity is its exponential.
    /// </summary>
    /// <param name="model">The model; its training mode is restored.</param>
    /// <param name="tokens">The split.</param>
    /// <param name="batchSize">Columns read side by side.</param>
    /// <param name="length">Steps of a window; it changes the speed, not the result.</param>
    /// <param name="device">Where the model lies.</param>
    /// <param name="kernels">How it is computed, where the device leaves a choice.</param>
    /// <param name="progress">Told after every window.</param>
    /// <param name="cancellation">Stops within a window.</param>
    public static double Loss(
        LanguageModel model, ReadOnlyMemory<int> tokens, int batchSize, int length, Device device, KernelChoice kernels = KernelChoice.Fast,
        IProgress<Progress>? progress = null, CancellationToken cancellation = default)
    {
        using var network = kernels.For(device, model.Techniques) == KernelChoice.Fast
            ? new FastNetwork(model, length, batchSize, get_num_threads(), gradients: false) : null;
        var windows = new Windows(tokens, batchSize, length);
        var wasTraining = model.training;
        model.eval();
        var state = model.InitialState(batchSize);
        try
        {
            using var noGradient = no_grad();
            double sum = 0;
            for (var i = 0; i < windows.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var window = windows[i];
                var (loss, after) = network?.Forward(window, state, dropoutSeed: null) ?? Forward(model, window, state, device);
                sum += loss;
                state.Dispose();
                state = after;
                progress?.Report(new("evaluating", i + 1, windows.Count, "windows"));
            }
            return sum / windows.PredictedTokens;
        }
        finally
        {
            state.Dispose();
            model.train(wasTraining);
        }
    }

    /// <summary>Summed cross-entropy of one window and the state after it.</summary>
    private static (double Loss, RecurrentState After) Forward(LanguageModel model, Window window, RecurrentState before, Device device)
    {
        var (inputs, targets) = window.Within(model.Vocabulary).ToTensors(device);
        var activations = model.Forward(inputs, before);
        var loss = functional.cross_entropy(model.Decode(activations.Dropped), targets.view(-1), reduction: Reduction.Sum);
        return (loss.ToDouble(), activations.State.Carry());
    }

    /// <summary>A window's token ids as tensors, [T, B] each, int64, owned by the current dispose scope.</summary>
    public static (Tensor Inputs, Tensor Targets) ToTensors(this Window window, Device device)
    {
        ReadOnlySpan<long> shape = [window.Steps, window.BatchSize];
        return (tensor(window.Inputs, shape, device: device), tensor(window.Targets, shape, device: device));
    }
}
