using ArTar.Tests.Training;
using ArTar.Workbench.Models;
using ArTar.Workbench.Stack;
using ArTar.Workbench.Training;

namespace ArTar.Tests.Stack;

[Collection(TorchTests.Name)]
public class StackShapeTests
{
    private static StackShape Of(HyperParameters values) => StackShape.Of("data", values);

    [Fact]
    public void Runs_that_differ_in_no_tensor_s_shape_and_no_text_share_a_stack()
    {
        var values = Small.Values;
        Assert.All(
        [
            values with { Seed = 2 }, values with { Dropout = 0 }, values with { LayerDropout = 0.9 }, values with { LearningRate = 1 },
            values with { LearningRateDecay = 2 }, values with { Clip = 1 }, values with { WeightDecay = 0 }, values with { Epochs = 9 },
            values with { StopAfterDecays = 2 }, values with { DecayThreshold = 0.5 }, values with { EmbeddingRange = 1 }, values.With("alpha", "2"), values.With("beta", "1"),
            values with { RecurrentInit = RecurrentInit.Identity },
        ], other => Assert.Equal(Of(values), Of(other)));
        Assert.All(
        [
            values with { Cell = Cell.Gru }, values with { Hidden = 9 }, values with { Layers = 1 }, values with { BatchSize = 5 },
            values with { Window = 6 }, values with { EvaluationBatchSize = 2 }, values with { TrainTokens = 100 },
        ], other => Assert.NotEqual(Of(values), Of(other)));
        Assert.NotEqual(StackShape.Of("data", values), StackShape.Of("other data", values));
    }

    /// <summary>Every hyper-parameter is on one side or the other: one that is added later has to be thought of.</summary>
    [Fact]
    public void Every_hyper_parameter_is_either_shared_or_a_run_s_own()
    {
        string[] shared = ["trainTokens", "batchSize", "window", "evaluationBatchSize", "cell", "hidden", "layers"];
        string[] own =
        [
            "seed", "dropout", "layerDropout", "embeddingRange", "recurrentInit", "learningRate", "learningRateDecay", "clip",
            "weightDecay", "epochs", "stopAfterDecays", "decayThreshold",
        ];
        string[] alone =
        [
            "variationalDropout", "embeddingDropout", "recurrentDropout", "candidateDropout", "weightDropout", "zoneoutHidden",
            "zoneoutMemory", "layerNorm",
        ];
        var known = HyperParameters.Keys.Except(ArTar.Workbench.Regularization.Regularizers.Known.Select(r => r.Coefficient));
        Assert.Equal(shared.Concat(own).Concat(alone).Order(), known.Order());
    }

    [Theory]
    [InlineData("variationalDropout=true")]
    [InlineData("embeddingDropout=0.1")]
    [InlineData("recurrentDropout=0.1")]
    [InlineData("candidateDropout=0.1")]
    [InlineData("weightDropout=0.1")]
    [InlineData("zoneoutHidden=0.1")]
    [InlineData("zoneoutMemory=0.1")]
    [InlineData("layerNorm=true")]
    [InlineData("memoryAlpha=1")]
    [InlineData("memoryBeta=1")]
    public void Runs_with_techniques_of_others_are_trained_alone(string setting)
    {
        var with = Small.Values.With([setting]);
        HyperParameters[] rows = [Small.Values, with, with with { Seed = 2 }, Small.Values with { Seed = 2 }];
        Assert.Equal([[rows[0], rows[3]], [rows[1]], [rows[2]]], StackShape.Group(rows, Of, _ => 9));
        var stabilized = Small.Values.With(["normStabilizer=1"]);
        Assert.Single(StackShape.Group([Small.Values, stabilized], Of, _ => 9)); // a function of the output
    }

    [Theory]
    [InlineData(6, 33, new[] { 6 })]
    [InlineData(33, 33, new[] { 33 })]
    [InlineData(34, 33, new[] { 17, 17 })]
    [InlineData(33, 16, new[] { 11, 11, 11 })]
    [InlineData(5, 2, new[] { 2, 2, 1 })]
    [InlineData(3, 1, new[] { 1, 1, 1 })]
    [InlineData(2, 0, new[] { 1, 1 })]
    public void Stacks_are_of_even_sizes_and_none_is_too_large(int runs, int most, int[] sizes)
    {
        var stacks = StackShape.Group(Enumerable.Range(0, runs), _ => Of(Small.Values), _ => most);
        Assert.Equal(sizes, stacks.Select(s => s.Length));
        Assert.Equal(Enumerable.Range(0, runs), stacks.SelectMany(s => s));
    }

    [Fact]
    public void Runs_of_other_shapes_make_other_stacks()
    {
        var (small, large) = (Small.Values, Small.Values with { Hidden = 9 });
        HyperParameters[] rows = [small, large, small with { Seed = 2 }, large with { Clip = 3 }];
        var stacks = StackShape.Group(rows, Of, shape => shape.Hidden == 9 ? 1 : 5);
        Assert.Equal([[rows[0], rows[2]], [rows[1]], [rows[3]]], stacks);
    }
}
