using ArTar.Workbench.Models;
using ArTar.Workbench.Stack;
using ArTar.Workbench.Training;
using ArTar.Tests.Models;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Stack;

[Collection(TorchTests.Name)]
public class StackedEvaluationTests
{
    [Theory]
    [MemberData(nameof(Stacks.DevicesAndCells), MemberType = typeof(Stacks))]
    public void Losses_agree_with_a_naive_loop_and_with_evaluation_of_each_model(string deviceName, Cell cell) =>
        Gen.Select(Gen.Int[1, 1000], Gen.Int[2, 9], Gen.Int[1, 6], Gen.Int[1, 3], Gen.Int[1, 4], Gen.Int[2, 25], Gen.Int[1, 30]).Sample(
            (seed, V, H, runs, B, column, window) =>
            {
                var device = Stacks.On(deviceName);
                LanguageModel Model(int r)
                {
                    manual_seed(seed + r);
                    var model = new LanguageModel(cell, V, H, layers: 1 + seed % 3, dropout: 0.5, layerDropout: 0.5);
                    model.Randomize(1.5);
                    return model;
                }
                var random = new Random(seed);
                var tokens = Enumerable.Range(0, B * column + random.Next(B)).Select(_ => random.Next(V)).ToArray();
                using var weights = StackedWeights.Of(runs, Model, device);
                var losses = StackedEvaluation.Losses(weights, tokens, B, window, device, TestContext.Current.CancellationToken);
                for (var r = 0; r < runs; r++)
                {
                    using var model = Model(r);
                    Assert.Equal(new NaiveNetwork(model).Loss(tokens, B), losses[r], 1e-5);
                    var expected = Evaluation.Loss(model, tokens, B, window, CPU, cancellation: TestContext.Current.CancellationToken);
                    Assert.Equal(expected, losses[r], 1e-5);
                }
            }, iter: 30, threads: 1);

    [Fact]
    public void It_can_be_stopped()
    {
        using var weights = StackedWeights.Of(2, _ => new LanguageModel(Cell.Gru, vocabulary: 5, hidden: 3), CPU);
        var stopped = new CancellationToken(canceled: true);
        Assert.Throws<OperationCanceledException>(() => StackedEvaluation.Losses(weights, new int[50], 1, 5, CPU, stopped));
    }
}
