using System.Text.Json.Nodes;
using ArTar.Tests.Files;
using ArTar.Workbench;
using ArTar.Workbench.Training;

namespace ArTar.Tests.Training;

/// <summary>What a checkpoint says of itself is checked as what is typed is, before anything is done with it.</summary>
[Collection(TorchTests.Name)]
public sealed class DamagedCheckpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly SafeTensorsFile file;

    public DamagedCheckpointTests()
    {
        using var trainer = Small.Trainer(Small.Values);
        trainer.RunTo(25);
        trainer.Save(folder["checkpoint"]);
        file = new(File.ReadAllBytes(folder["checkpoint"]));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_that_was_only_taken_apart_and_put_together_is_read()
    {
        using var checkpoint = Load();
        Assert.Equal(Small.Values.Changes(), checkpoint.Values.Changes());
    }

    [Theory]
    [InlineData("hyperParameters", "layers", "2000000000", "layers=2000000000: expected a whole number from 1 to 16")]
    [InlineData("hyperParameters", "layers", "-1", "layers=-1: expected a whole number from 1 to 16")]
    [InlineData("hyperParameters", "layers", "2.5", "layers")]
    [InlineData("hyperParameters", "layers", "99999999999999999999", "layers")]
    [InlineData("hyperParameters", "hidden", "0", "hidden=0: expected")]
    [InlineData("hyperParameters", "hidden", "8000", "tensor 'embedding.weight' is Float32 [12, 8]")]
    [InlineData("hyperParameters", "layers", "16", "has no tensor 'rnn.weight_ih_l2'")]
    [InlineData("hyperParameters", "cell", "\"gru\"", "tensor 'rnn.weight_ih_l0' is Float32 [32, 8]")]
    [InlineData("hyperParameters", "cell", "\"elman\"", "cell")]
    [InlineData("hyperParameters", "cell", "0", "cell")]
    [InlineData("hyperParameters", "recurrentInit", "\"identity\"", "recurrentInit=identity: expected cell=tanh")]
    [InlineData("hyperParameters", "dropout", "\"NaN\"", "dropout=NaN: expected")]
    [InlineData("hyperParameters", "dropout", "1", "dropout=1: expected")]
    [InlineData("hyperParameters", "learningRate", "1e999", "learningRate=")]
    [InlineData("hyperParameters", "clip", "\"Infinity\"", "clip=")]
    [InlineData("hyperParameters", "embeddingRange", "5e38", "embeddingRange=5E+38: expected")]
    [InlineData("hyperParameters", "regularization", "{\"alpha\":1e39}", "alpha=1E+39: expected")]
    [InlineData("hyperParameters", "batchSize", "1000000000", "batchSize=1000000000: expected")]
    [InlineData("hyperParameters", "batchSize", "5", "tensor 'state.hidden' is Float32 [2, 4, 8]")]
    [InlineData("hyperParameters", "evaluationBatchSize", "0", "evaluationBatchSize=0: expected")]
    [InlineData("hyperParameters", "window", "-7", "window=-7: expected")]
    [InlineData("hyperParameters", "regularization", "{\"alpha\":-1}", "alpha=-1: expected")]
    [InlineData("hyperParameters", "regularization", "{\"../../x\":1}", "expected a coefficient")]
    [InlineData("hyperParameters", "regularization", "{\"gamma\":\"NaN\"}", "gamma: expected a coefficient")]
    [InlineData("position", "window", "-1", "window is -1; expected a number of at least 0")]
    [InlineData("position", "step", "-9000000000", "step is -9000000000; expected")]
    [InlineData("position", "epoch", "5", "expected metrics of 5 epochs")]
    [InlineData("position", "epoch", "-1", "epoch is -1; expected")]
    [InlineData("position", "bestEpoch", "99", "bestEpoch is 99; expected a number from 0 to 1")]
    [InlineData("position", "bestLoss", "\"NaN\"", "bestLoss is no number")]
    [InlineData("position", "learningRate", "\"NaN\"", "learningRate is NaN; expected")]
    [InlineData("position", "decays", "-1", "decays is -1; expected")]
    [InlineData("position", "epochs", "[null]", "expected metrics of 1 epochs")]
    [InlineData("position", "epochs", "null", "epochs")]
    [InlineData("position", "sums", "{\"tokens\":-5}", "tokens is -5; expected")]
    [InlineData("position", "sums", "{\"seconds\":1e308}", "seconds is 1E+308; expected a number from 0 to 10000000000")]
    [InlineData("", "corpusHash", "\"short\"", "corpusHash is no SHA-256")]
    [InlineData("", "corpusHash", "\"\"", "corpusHash is no SHA-256")]
    [InlineData("", "corpus", "\"\"", "corpus names no data set")]
    [InlineData("", "corpus", "\"a\\u0000b\"", "corpus names no data set")]
    public void Values_that_cannot_be_are_refused(string part, string key, string value, string expected)
    {
        var artar = file.Artar;
        (part.Length == 0 ? artar : artar[part]!.AsObject())[key] = JsonNode.Parse(value);
        file.Artar = artar;
        Assert.Contains(expected, Refused(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("embedding.weight", "shape", "[8,12]", "is Float32 [8, 12]")]
    [InlineData("embedding.weight", "shape", "[96]", "is Float32 [96]")]
    [InlineData("embedding.weight", "shape", "[]", "needs 4 bytes")]
    [InlineData("embedding.weight", "shape", "[12,-8]", "has no shape")]
    [InlineData("embedding.weight", "shape", "[12,8.5]", "has no shape")]
    [InlineData("embedding.weight", "shape", "\"12\"", "has no shape")]
    [InlineData("embedding.weight", "shape", "[1,1,1,1,1,1,1,12,8]", "has no shape")]
    [InlineData("embedding.weight", "shape", "[4000000000,4000000000]", "is larger than any file")]
    [InlineData("embedding.weight", "shape", "[0,70368744177664,70368744177664]", "is larger than any file")]
    [InlineData("embedding.weight", "dtype", "\"F16\"", "has type F16")]
    [InlineData("embedding.weight", "dtype", "\"F64\"", "needs 768 bytes")]
    [InlineData("embedding.weight", "dtype", "7", "lacks its dtype")]
    [InlineData("embedding.weight", "data_offsets", "[0]", "has no data_offsets")]
    [InlineData("embedding.weight", "data_offsets", "[-4,380]", "has no data_offsets")]
    [InlineData("state.hidden", "shape", "[2,8,4]", "tensor 'state.hidden' is Float32 [2, 8, 4]")]
    [InlineData("state.memory", "shape", "[1,8,8]", "tensor 'state.memory' is Float32 [1, 8, 8]")]
    public void Tensors_that_do_not_fit_are_refused(string tensor, string key, string value, string expected)
    {
        file.Header[tensor]![key] = JsonNode.Parse(value);
        Assert.Contains(expected, Refused(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("{\"artar\":5}")]
    [InlineData("{\"artar\":null}")]
    [InlineData("{\"sha256\":\"\"}")]
    [InlineData("{\"sha256\":\"zz\"}")]
    public void Metadata_of_another_kind_is_refused(string metadata)
    {
        file.Header["__metadata__"] = JsonNode.Parse(metadata);
        Refused();
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Weights_that_are_no_numbers_are_refused(float value)
    {
        BitConverter.TryWriteBytes(file.Data.AsSpan(file.Data.Length - 4), value);
        Assert.Contains("no finite numbers", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_for_another_number_of_words_than_the_data_has_are_refused()
    {
        using var checkpoint = Load();
        var artar = file.Artar;
        var synthetic = Workbench.Data.Corpora.FactsOf("synthetic", new(folder.Path));
        (artar["corpus"], artar["corpusHash"]) = ("synthetic", synthetic.Hash);
        file.Artar = artar;
        using var moved = Load();
        var fault = Assert.Throws<WorkbenchException>(() => moved.LoadCorpus(new(folder.Path)));
        Assert.Contains($"holds weights for 12 words, data set 'synthetic' has {synthetic.VocabularySize}", fault.Message, StringComparison.Ordinal);
    }

    private Checkpoint Load()
    {
        File.WriteAllBytes(folder["changed"], file.ToBytes());
        return Checkpoint.Load(folder["changed"]);
    }

    private string Refused()
    {
        var fault = Assert.Throws<WorkbenchException>(() => Load().Dispose());
        Assert.Contains(folder["changed"], fault.Message, StringComparison.Ordinal);
        return fault.Message;
    }
}
