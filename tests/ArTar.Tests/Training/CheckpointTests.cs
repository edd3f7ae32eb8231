using ArTar.Workbench;
using ArTar.Workbench.Models;
using ArTar.Workbench.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Training;

[Collection(TorchTests.Name)]
public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(Cell.Lstm)]
    [InlineData(Cell.Gru)]
    [InlineData(Cell.Tanh)]
    public void A_checkpoint_gives_back_the_whole_run(Cell cell)
    {
        var values = (Small.Values with { Cell = cell, Layers = 3 }).With("alpha", "0.1");
        using var trainer = Small.Trainer(values);
        trainer.RunTo(25);
        trainer.Save(folder["checkpoint"]);
        using var checkpoint = Checkpoint.Load(folder["checkpoint"]);

        Assert.Equal(values.Changes(), checkpoint.Values.Changes());
        Assert.Equal(("small", Small.Corpus().Hash), (checkpoint.CorpusName, checkpoint.CorpusHash));
        var (p, q) = (trainer.Position, checkpoint.Position);
        Assert.Equal((p.Epoch, p.Window, p.Step, p.LearningRate, p.BestEpoch, p.BestLoss), (q.Epoch, q.Window, q.Step, q.LearningRate, q.BestEpoch, q.BestLoss));
        Assert.Equal((p.Sums.Loss, p.Sums.Tokens, p.Sums.GradientNorm, p.Sums.Seconds), (q.Sums.Loss, q.Sums.Tokens, q.Sums.GradientNorm, q.Sums.Seconds));
        Assert.Equal(p.Sums.Penalties, q.Sums.Penalties);
        Assert.Equal(Small.Figures(p.Epochs), Small.Figures(q.Epochs));
        using var model = checkpoint.BuildModel(CPU);
        Assert.False(model.training);
        Assert.Equal(trainer.Model.WeightBits(), model.WeightBits());
        using var state = checkpoint.CarriedState(CPU);
        Assert.Equal([3, 4, 8], state.Hidden.shape);
        Assert.Equal(cell == Cell.Lstm, state.Memory is not null);
    }

    [Fact]
    public void Loading_building_and_disposing_leaves_no_tensor_behind()
    {
        using var trainer = Small.Trainer(Small.Values);
        trainer.Save(folder["checkpoint"]);
        void LoadAndUse()
        {
            using var checkpoint = Checkpoint.Load(folder["checkpoint"]);
            using var model = checkpoint.BuildModel(CPU);
            using var state = checkpoint.CarriedState(CPU);
        }
        LoadAndUse();
        var alive = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        LoadAndUse();
        Assert.Equal(alive, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Weights_for_another_shape_are_refused()
    {
        using var trainer = Small.Trainer(Small.Values);
        trainer.Save(folder["checkpoint"]);
        using var checkpoint = Checkpoint.Load(folder["checkpoint"]);
        var fault = Assert.Throws<WorkbenchException>(() => Small.Trainer(Small.Values with { Hidden = 9 }, checkpoint: checkpoint).Dispose());
        Assert.Matches(@"checkpoint: tensor '\S+' is \[[\d, ]+\], the model needs \[[\d, ]+\]\.$", fault.Message);
        fault = Assert.Throws<WorkbenchException>(() => Small.Trainer(Small.Values with { Layers = 3 }, checkpoint: checkpoint).Dispose());
        Assert.Contains("has no tensor 'rnn.weight_ih_l2'; it holds ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(KernelChoice.Fast)]
    [InlineData(KernelChoice.Plain)]
    public void A_carried_state_of_another_batch_size_is_refused(KernelChoice kernels)
    {
        using var trainer = Small.Trainer(Small.Values);
        trainer.RunTo(2);
        trainer.Save(folder["checkpoint"]);
        using var checkpoint = Checkpoint.Load(folder["checkpoint"]);
        using var wider = Small.Trainer(Small.Values with { BatchSize = 8 }, checkpoint: checkpoint, kernels: kernels);
        var fault = Assert.Throws<ArgumentException>(() => wider.RunTo(4));
        Assert.Contains("B=8", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"hyperParameters":null,"corpus":null,"corpusHash":null,"position":null}""")]
    [InlineData("""{"hyperParameters":{"hidden":"eight"},"corpus":"a","corpusHash":"b","position":{}}""")]
    [InlineData("""{"hyperParameters":{"unheardOf":8},"corpus":"a","corpusHash":"b","position":{}}""")]
    public void A_safetensors_file_of_something_else_is_refused(string? header)
    {
        using var scope = NewDisposeScope();
        SafeTensors.Write(folder["other"], [("weight", ones(2))], header is null ? new Dictionary<string, string>() : new() { ["artar"] = header });
        var fault = Assert.Throws<WorkbenchException>(() => Checkpoint.Load(folder["other"]));
        Assert.StartsWith($"{folder["other"]} is ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("not a checkpoint of this workbench: it", fault.Message, StringComparison.Ordinal);
    }
}
