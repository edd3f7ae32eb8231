using System.Diagnostics;
using ArTar.Workbench.Data;
using ArTar.Workbench.Kernels;
using ArTar.Workbench.Training;
using static TorchSharp.torch;

namespace ArTar.Bench;

/// <summary>What AR and TAR add to a training step of ours.</summary>
/// <param name="Configuration">The step, with them.</param>
/// <param name="Ratio">Time with over time without, pair by pair of steps.</param>
internal sealed record PenaltyCost(Configuration Configuration, Estimate Ratio)
{
    private const int WarmUp = 10, LeastPairs = 4;

    /// <summary>
    /// One network takes each window with AR and TAR and without, in the order of A B B A. Two processes would not do: where each happens
    /// to lie in memory makes more of a difference than what is looked for.
    /// </summary>
    public static PenaltyCost Measure(Configuration configuration, int threads, double seconds, bool processorTime)
    {
        var with = configuration.Regularized();
        LibTorch.Prepare(threads);
        using var model = Trainer.NewModel(with.ToHyperParameters(), with.Vocabulary, CPU);
        model.train();
        using var network = new FastNetwork(model, with.Window, with.Batch, threads, gradients: true);
        var windows = new Windows(Text.Generate((200 * with.Window + 1) * with.Batch, with.Vocabulary), with.Batch, with.Window);
        using var state = model.InitialState(with.Batch);

        double Step(Window window, bool regularized, long seed)
        {
            network.Penalties.Weigh(regularized ? with.Alpha : 0, regularized ? with.Beta : 0);
            var started = Processor.Now(processorTime);
            var (_, after) = network.Forward(window, state, seed);
            var norm = network.Backward(null, null);
            network.Update(with.LearningRate, Math.Min(1, with.Clip / norm), with.WeightDecay);
            var elapsed = Processor.Now(processorTime) - started;
            after.Dispose();
            return elapsed;
        }

        var ratios = new List<double>();
        var clock = Stopwatch.StartNew();
        for (var pair = 0; pair < WarmUp + LeastPairs || clock.Elapsed.TotalSeconds < seconds; pair++)
        {
            var (window, first) = (windows[pair % windows.Count], pair % 2 == 0);
            var (one, other) = (Step(window, first, pair), Step(window, !first, pair));
            if (pair >= WarmUp)
                ratios.Add(first ? one / other : other / one);
        }
        return new(with, Estimate.Of(ratios));
    }
}
