using ArTar.Workbench.Models;
using ArTar.Workbench.Training;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Training;

[Collection(TorchTests.Name)]
public class ResumeTests
{
    /// <summary>
    /// A run is stopped after any of its steps, up to three times, and each time goes on from its checkpoint in a new
    /// trainer, while something else draws random numbers. Wherever it is looked at afterwards, it is bit for bit the run
    /// that was never stopped: weights, carried state, position and figures.
    /// </summary>
    [Theory]
    [InlineData(Cell.Lstm)]
    [InlineData(Cell.Gru)]
    [InlineData(Cell.Tanh)]
    public void A_run_stopped_after_any_steps_ends_as_if_it_never_was(Cell cell) =>
        EndsAsIfNeverStopped((Small.Values with { Cell = cell }).With(["alpha=2", "beta=1"]));

    [Theory]
    [InlineData("variationalDropout=true recurrentDropout=0.3")]
    [InlineData("embeddingDropout=0.2")]
    [InlineData("candidateDropout=0.3")]
    [InlineData("weightDropout=0.4")]
    [InlineData("zoneoutHidden=0.1 zoneoutMemory=0.4")]
    [InlineData("layerNorm=true")]
    [InlineData("normStabilizer=5")]
    [InlineData("memoryAlpha=1 memoryBeta=1")]
    [InlineData("cell=gru candidateDropout=0.3 zoneoutHidden=0.2 layerNorm=true")]
    [InlineData("cell=tanh recurrentDropout=0.2 weightDropout=0.2 zoneoutHidden=0.2 layerNorm=true normStabilizer=2")]
    public void So_does_a_run_with_techniques_of_others(string settings) =>
        EndsAsIfNeverStopped(Small.Values.With(settings.Split(' ')));

    private static void EndsAsIfNeverStopped(HyperParameters values)
    {
        values = values with { LearningRate = 20, Epochs = 10 };
        var corpus = Small.Corpus(train: 4 * 31) with { Valid = Small.Corpus(seed: 2).Valid }; // of another language: it soon gets worse
        using var folder = new TemporaryFolder();
        long steps;
        Dictionary<long, string> whole = [];
        using (var trainer = Small.Trainer(values, corpus))
        {
            trainer.RunToEnd();
            steps = trainer.Position.Step;
            Assert.Contains(trainer.Position.Epochs, e => e.LearningRate < 20); // the schedule is part of what must come back
        }
        Assert.Equal(10 * 6, steps);
        using (var trainer = Small.Trainer(values, corpus))
            for (var step = 1; step <= steps; step++)
            {
                trainer.RunTo(step);
                whole[step] = Everything(trainer, folder["whole"]);
            }

        Gen.Int[1, (int)steps].Array[1, 4].Sample(stops =>
        {
            Checkpoint? checkpoint = null;
            foreach (var step in stops.Order())
            {
                using var trainer = Small.Trainer(values, corpus, checkpoint);
                checkpoint?.Dispose();
                trainer.RunTo(step);
                Assert.Equal(whole[step], Everything(trainer, folder["stopped"]));
                checkpoint = Checkpoint.Load(folder["stopped"]);
                using (rand(3))
                    manual_seed(Random.Shared.Next());
            }
            using var last = Small.Trainer(values, corpus, checkpoint);
            checkpoint!.Dispose();
            last.RunTo(steps);
            Assert.Equal(whole[steps], Everything(last, folder["stopped"]));
        }, iter: 15, threads: 1);
    }

    [Fact]
    public void A_run_stopped_during_validation_goes_on_with_it()
    {
        using var folder = new TemporaryFolder();
        using var whole = Small.Trainer(Small.Values);
        whole.RunToEnd();

        using var stopped = Small.Trainer(Small.Values);
        stopped.RunTo(20); // the last step of the first epoch: the validation that follows is cut off
        Assert.Equal((0, 20), (stopped.Position.Epoch, stopped.Position.Window));
        stopped.Save(folder["stopped"]);
        using var checkpoint = Checkpoint.Load(folder["stopped"]);
        using var resumed = Small.Trainer(Small.Values, checkpoint: checkpoint);
        resumed.RunToEnd();
        Assert.Equal(Small.Figures(whole.Position.Epochs), Small.Figures(resumed.Position.Epochs));
        Assert.Equal(whole.Model.WeightBits(), resumed.Model.WeightBits());
    }

    [Fact]
    public void A_run_that_is_done_does_nothing_more()
    {
        using var folder = new TemporaryFolder();
        using var trainer = Small.Trainer(Small.Values);
        trainer.RunToEnd();
        trainer.Save(folder["done"]);
        using var checkpoint = Checkpoint.Load(folder["done"]);
        using var again = Small.Trainer(Small.Values, checkpoint: checkpoint);
        again.Run((_, _) => Assert.Fail("an epoch"), _ => Assert.Fail("a step"), TestContext.Current.CancellationToken);
        Assert.Equal(trainer.Model.WeightBits(), again.Model.WeightBits());
    }

    /// <summary>All that a checkpoint holds, as text, but for the clock's share.</summary>
    private static string Everything(Trainer trainer, string path)
    {
        using var scope = NewDisposeScope();
        trainer.Save(path);
        var (tensors, _) = SafeTensors.Read(path);
        var p = trainer.Position;
        return string.Join('\n',
        [
            FormattableString.Invariant($"{p.Epoch} {p.Window} {p.Step} {p.LearningRate:R} {p.BestEpoch} {p.BestLoss:R} {p.Sums.Loss:R} {p.Sums.GradientNorm:R} {p.Sums.Tokens}"),
            .. p.Sums.Penalties.Select(penalty => FormattableString.Invariant($"{penalty.Key} {penalty.Value:R}")),
            .. Small.Figures(p.Epochs),
            .. tensors.Select(t => $"{t.Key} {Convert.ToHexString(t.Value.Bits())}"),
        ]);
    }
}
