using ArTar.Workbench.Data;
using ArTar.Workbench.Models;
using ArTar.Workbench.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Workbench.Analysis;

/// <summary>
/// What a model's last layer does while it reads: the sizes that AR and TAR act on, measured without dropout. For the
/// questions of how AR changes |h| and how TAR changes |h_t - h_(t-1)|.
/// </summary>
public sealed record HiddenStates
{
    /// <summary>|h_t|, the L2 norm over units, for every step of every sequence; [steps * B] in order of time.</summary>
    public required float[] Norms { get; init; }

    /// <summary>|h_t - h_(t-1)|, the L2 norm over units, for every pair of steps within a window.</summary>
    public required float[] StepNorms { get; init; }

    /// <summary>Mean of |h| for every unit over all steps and sequences, [H].</summary>
    public required float[] MeanMagnitudeByUnit { get; init; }

    /// <summary>Mean of h^2 over all entries: AR's penalty without dropout.</summary>
    public required double MeanSquare { get; init; }

    /// <summary>Mean of (h_t - h_(t-1))^2 over all entries: TAR's penalty.</summary>
    public required double MeanSquareStep { get; init; }

    /// <summary>Reads the start of a split with a model.</summary>
    /// <param name="model">The model; its training mode is restored.</param>
    /// <param name="tokens">The split.</param>
    /// <param name="device">Where the model lies.</param>
    /// <param name="batchSize">Sequences read side by side, B.</param>
    /// <param name="length">Steps of a window, T.</param>
    /// <param name="mostWindows">Windows to read at most; the state is carried over them.</param>
    public static HiddenStates Measure(
        LanguageModel model, ReadOnlyMemory<int> tokens, Device device, int batchSize = 10, int length = 35, int mostWindows = 100)
    {
        var windows = new Windows(tokens, batchSize, length);
        var wasTraining = model.training;
        model.eval();
        var state = model.InitialState(batchSize);
        List<float> norms = [], stepNorms = [];
        var magnitudes = new double[model.Hidden];
        double squares = 0, stepSquares = 0;
        long steps = 0, pairs = 0;
        try
        {
            using var noGradient = no_grad();
            for (var i = 0; i < Math.Min(windows.Count, mostWindows); i++)
            {
                using var scope = NewDisposeScope();
                var activations = model.Forward(windows[i].Within(model.Vocabulary).ToTensors(device).Inputs, state);
                var raw = activations.Raw.cpu();                                                // [T, B, H]
                var change = raw.narrow(0, 1, raw.shape[0] - 1) - raw.narrow(0, 0, raw.shape[0] - 1);   // [T-1, B, H]
                var (norm, stepNorm) = (Norm(raw), Norm(change));                               // [T, B], [T-1, B]
                norms.AddRange(norm.data<float>());
                stepNorms.AddRange(stepNorm.data<float>());
                squares += norm.square().sum().ToDouble();
                stepSquares += stepNorm.square().sum().ToDouble();
                steps += norm.numel();
                pairs += stepNorm.numel();
                var sums = raw.abs().sum(new long[] { 0, 1 });                                  // [H]
                for (var unit = 0; unit < magnitudes.Length; unit++)
                    magnitudes[unit] += sums[unit].ToDouble();
                state.Dispose();
                state = activations.State.Carry();
            }
        }
        finally
        {
            state.Dispose();
            model.train(wasTraining);
        }
        return new()
        {
            Norms = [.. norms],
            StepNorms = [.. stepNorms],
            MeanMagnitudeByUnit = [.. magnitudes.Select(m => (float)(m / steps))],
            MeanSquare = squares / (steps * (double)model.Hidden),
            MeanSquareStep = pairs == 0 ? 0 : stepSquares / (pairs * (double)model.Hidden),
        };
    }

    /// <summary>The value that a part of all values lies below, between neighbours in proportion; NaN of nothing.</summary>
    /// <param name="values">The values, in any order.</param>
    /// <param name="part">From 0, the smallest, to 1, the largest; 0.5 is the median.</param>
    public static double Quantile(IReadOnlyCollection<float> values, double part)
    {
        if (values.Count == 0)
            return double.NaN;
        float[] sorted = [.. values.Order()];
        var at = part * (sorted.Length - 1);
        var below = (int)at;
        return sorted[below] + (at - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]);
    }

    private static Tensor Norm(Tensor states) => states.square().sum(new long[] { 2 }).sqrt(); // over units
}
