using ArTar.Tests.Models;
using ArTar.Workbench.Models;
using ArTar.Workbench.Training;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Training;

[Collection(TorchTests.Name)]
public class EvaluationTests
{
    [Fact]
    public void Loss_agrees_with_a_naive_loop_whatever_the_window() =>
        Gen.Select(Gen.Enum<Cell>(), Gen.Int[0, 1_000_000], Gen.Int[2, 9], Gen.Int[1, 6], Gen.Int[1, 4], Gen.Int[2, 25])
            .SelectMany(s => Gen.Select(Gen.Const(s), Gen.Int[0, s.Item5 - 1], Gen.Int[1, 30]))
            .Sample((sizes, tail, window) =>
            {
                var (cell, seed, V, H, B, column) = sizes;
                manual_seed(seed);
                using var model = new LanguageModel(cell, V, H, layers: 2, dropout: 0.5, layerDropout: 0.5);
                model.Randomize(1.5);
                model.train();
                var random = new Random(seed);
                var tokens = Enumerable.Range(0, B * column + tail).Select(_ => random.Next(V)).ToArray();

                var expected = new NaiveNetwork(model).Loss(tokens, B);
                Assert.Equal(expected, Loss(model, tokens, B, window), 1e-5);
                Assert.True(model.training, "the mode that the caller had set is lost");
            }, iter: 100, threads: 1);

    [Fact]
    public void The_sum_is_divided_by_the_predicted_tokens()
    {
        // With all weights 0 every word costs ln V, so that the mean shows the divisor: N in its place would give 9/10 of it.
        using var model = new LanguageModel(Cell.Lstm, vocabulary: 5, hidden: 3);
        model.Randomize(0);
        Assert.Equal(Math.Log(5), Loss(model, new int[10], 1, 3), 1e-6);
        Assert.Equal(Math.Log(5), Loss(model, new int[10], 4, 35), 1e-6);
    }

    [Fact]
    public void The_state_is_carried_from_window_to_window_and_starts_at_zero()
    {
        manual_seed(3);
        using var model = new LanguageModel(Cell.Lstm, vocabulary: 7, hidden: 6);
        model.Randomize(2);
        var random = new Random(3);
        var tokens = Enumerable.Range(0, 60).Select(_ => random.Next(7)).ToArray();
        var whole = Loss(model, tokens, 2, 29);
        Assert.Equal(whole, Loss(model, tokens, 2, 29)); // nothing is left over from the first time
        Assert.Equal(whole, Loss(model, tokens, 2, 1), 1e-6);

        // What it would be if each window started anew is clearly something else.
        var naive = new NaiveNetwork(model);
        var anew = Enumerable.Range(0, 60).Where(t => t % 30 != 29).Average(t => naive.Surprise(naive.Read(tokens[t], naive.Zeros()), tokens[t + 1]));
        Assert.True(Math.Abs(whole - anew) > 0.01, $"{whole} and {anew} are too close to tell");
    }

    [Fact]
    public void Evaluation_can_be_stopped_and_leaves_the_mode_as_it_was()
    {
        using var model = new LanguageModel(Cell.Gru, vocabulary: 5, hidden: 3);
        model.train();
        using var stop = new CancellationTokenSource();
        var seen = 0;
        var progress = new Immediate(p => { seen++; if (p.Done == 2) stop.Cancel(); });
        Assert.Throws<OperationCanceledException>(() => Evaluation.Loss(model, new int[50], 1, 5, CPU, progress: progress, cancellation: stop.Token));
        Assert.Equal(2, seen);
        Assert.True(model.training);
    }

    private static double Loss(LanguageModel model, int[] tokens, int columns, int window) =>
        Evaluation.Loss(model, tokens, columns, window, CPU, cancellation: TestContext.Current.CancellationToken);

    private sealed class Immediate(Action<Workbench.Progress> report) : IProgress<Workbench.Progress>
    {
        public void Report(Workbench.Progress value) => report(value);
    }
}
