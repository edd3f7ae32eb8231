using System.Diagnostics.CodeAnalysis;
using ArTar.Workbench.Models;
using ArTar.Workbench.Regularization;
using ArTar.Workbench.Training;
using BenchmarkDotNet.Attributes;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Bench.Micro;

/// <summary>
/// The parts of a plain training step as libtorch computes them, forward, and the whole of it back; B = 20, T = 35, V = 10,000.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "BenchmarkDotNet calls Cleanup.")]
public class StepBenchmarks
{
    private const int Vocabulary = 10_000, Batch = 20, Window = 35;
    private readonly ActivationRegularizer ar = new();
    private readonly TemporalActivationRegularizer tar = new();
    private LanguageModel? model;
    private RecurrentState? state;
    private Tensor? tokens, targets, dropped, logits;

    [Params(200, 650)]
    public int Hidden { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        LibTorch.Prepare();
        model = new LanguageModel(Cell.Lstm, Vocabulary, Hidden, dropout: 0.5, layerDropout: 0.5);
        state = model.InitialState(Batch);
        tokens = tensor(Text.Generate(Window * Batch, Vocabulary).Select(i => (long)i).ToArray()).view(Window, Batch);
        targets = tokens.view(-1);
        dropped = randn(Window, Batch, Hidden);
        logits = randn(Window * Batch, Vocabulary);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (var tensor in new[] { tokens, targets, dropped, logits })
            tensor!.Dispose();
        state!.Dispose();
        model!.Dispose();
    }

    [Benchmark]
    public void RecurrentLayers() => WithoutGradient(() => model!.Forward(tokens!, state!).Dropped);

    [Benchmark]
    public void Decoder() => WithoutGradient(() => model!.Decode(dropped!));

    [Benchmark]
    public void CrossEntropy() => WithoutGradient(() => nn.functional.cross_entropy(logits!, targets!));

    [Benchmark]
    public void Ar() => WithoutGradient(() => ar.Penalty(dropped!, dropped!));

    [Benchmark]
    public void Tar() => WithoutGradient(() => tar.Penalty(dropped!, dropped!));

    [Benchmark]
    public void ForwardAndBack()
    {
        using var scope = NewDisposeScope();
        var activations = model!.Forward(tokens!, state!);
        var loss = nn.functional.cross_entropy(model.Decode(activations.Dropped), targets!);
        (loss + 2 * ar.Penalty(activations.Raw, activations.Dropped) + tar.Penalty(activations.Raw, activations.Dropped)).backward();
        model.zero_grad();
    }

    private static void WithoutGradient(Func<Tensor> compute)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        compute();
    }
}
