using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using ArTar.Workbench;
using ArTar.Workbench.Models;
using ArTar.Workbench.Regularization;
using ArTar.Workbench.Training;
using CsCheck;

namespace ArTar.Tests.Training;

/// <summary>In the collection because the known regularizers, which other tests add to, belong to the process.</summary>
[Collection(TorchTests.Name)]
public class HyperParametersTests
{
    private static readonly HyperParameters paper = new();

    [Fact]
    public void The_defaults_are_the_paper_s_recipe()
    {
        Assert.Equal((Cell.Lstm, 650, 2, 0.5, 0.5, 0.1), (paper.Cell, paper.Hidden, paper.Layers, paper.Dropout, paper.LayerDropout, paper.EmbeddingRange));
        Assert.Equal((20, 35, 10), (paper.BatchSize, paper.Window, paper.EvaluationBatchSize));
        Assert.Equal((20, 4, 10, 1e-7, 80), (paper.LearningRate, paper.LearningRateDecay, paper.Clip, paper.WeightDecay, paper.Epochs));
        Assert.Equal((0, 0), (paper.Coefficient("alpha"), paper.Coefficient("beta")));
        Assert.Empty(paper.Changes());
        Assert.Same(paper, paper.Validated());
    }

    [Fact]
    public void What_is_assumed_is_so_for_readers_of_the_code_and_of_the_help()
    {
        var comments = XDocument.Load(Path.ChangeExtension(typeof(HyperParameters).Assembly.Location, "xml")).Descendants("member")
            .ToDictionary(m => (string)m.Attribute("name")!, m => m.Value);
        foreach (var parameter in HyperParameter.All.Where(p => !p.IsCoefficient))
        {
            var name = $"{typeof(HyperParameters).FullName}.{char.ToUpperInvariant(parameter.Key[0])}{parameter.Key[1..]}";
            Assert.Equal((parameter.Key, parameter.IsAssumed), (parameter.Key, comments[$"P:{name}"].Contains("assumed", StringComparison.OrdinalIgnoreCase)));
        }
    }

    /// <summary>A value for each key that differs from its default; a key that is added must be added here.</summary>
    public static TheoryData<string, string> OtherValues => new()
    {
        { "cell", "gru" }, { "hidden", "32" }, { "layers", "3" }, { "dropout", "0.25" }, { "layerDropout", "0.125" }, { "embeddingRange", "0.5" }, { "recurrentInit", "identity" },
        { "batchSize", "8" }, { "window", "17" }, { "evaluationBatchSize", "1" }, { "learningRate", "2.5" }, { "learningRateDecay", "2" },
        { "decayThreshold", "0.01" },
        { "clip", "0.25" }, { "weightDecay", "1E-06" }, { "epochs", "3" }, { "stopAfterDecays", "4" }, { "trainTokens", "200000" }, { "seed", "7" }, { "alpha", "2" }, { "beta", "0.5" },
        { "variationalDropout", "true" }, { "embeddingDropout", "0.1" }, { "recurrentDropout", "0.25" }, { "candidateDropout", "0.25" }, { "weightDropout", "0.5" },
        { "zoneoutHidden", "0.05" }, { "zoneoutMemory", "0.5" }, { "layerNorm", "true" }, { "normStabilizer", "50" }, { "memoryAlpha", "1" }, { "memoryBeta", "0.5" },
    };

    [Theory]
    [MemberData(nameof(OtherValues))]
    public void Every_key_can_be_set_and_is_what_identifies_a_run(string key, string value)
    {
        var changed = paper.With(key, value);
        if (key != "recurrentInit") // which has a test of its own: it goes with one cell
            changed.Validated();
        Assert.Equal([$"{key}={value}"], changed.Changes());
        // Case, hyphens and underscores do not matter; a second setting wins.
        var shouted = string.Concat(key.Select(c => char.IsUpper(c) ? $"-{c}" : char.ToUpperInvariant(c).ToString()));
        Assert.Equal(changed.Changes(), paper.With(shouted, value).Changes());
        Assert.Equal(changed.Changes(), paper.With([$"{key.ToLowerInvariant()} = {value}"]).Changes());
        // And it survives being stored; what does not hold together is not read.
        changed = key == "recurrentInit" ? changed.With("cell", "tanh") : changed;
        var json = JsonSerializer.Serialize(changed, Json.Compact);
        Assert.Equal(changed.Changes(), JsonSerializer.Deserialize<HyperParameters>(json, Json.Compact)!.Changes());
    }

    [Fact]
    public void The_identity_is_for_the_tanh_RNN()
    {
        var values = paper.With("recurrentInit", "identity");
        Assert.Equal(RecurrentInit.Identity, values.RecurrentInit);
        Assert.Contains("recurrentInit=identity: expected cell=tanh", Assert.Throws<WorkbenchException>(values.Validated).Message, StringComparison.Ordinal);
        Assert.Equal(["cell=tanh", "recurrentInit=identity"], values.With("cell", "tanh").Validated().Changes());
        Assert.Equal("recurrentInit=zero: expected one of uniform, identity.",
            Assert.Throws<WorkbenchException>(() => paper.With("recurrentInit", "zero")).Message);
    }

    [Theory]
    [InlineData("variationalDropout=true dropout=0 layerDropout=0", "variationalDropout=true: expected a dropout above 0 with it")]
    [InlineData("variationalDropout=true dropout=0 layers=1", "variationalDropout=true: expected a dropout above 0 with it")]
    [InlineData("cell=tanh candidateDropout=0.2", "candidateDropout=0.2: expected cell=lstm or cell=gru with it")]
    [InlineData("cell=gru zoneoutMemory=0.5", "zoneoutMemory=0.5: expected cell=lstm with it")]
    [InlineData("cell=tanh memoryAlpha=2", "memoryAlpha=2: expected cell=lstm with it")]
    [InlineData("cell=gru memoryBeta=1", "memoryBeta=1: expected cell=lstm with it")]
    [InlineData("zoneoutHidden=1", "zoneoutHidden=1: expected a number of at least 0 and below 1")]
    [InlineData("weightDropout=-0.1", "weightDropout=-0.1: expected a number of at least 0 and below 1")]
    public void Techniques_that_make_no_sense_together_are_refused_with_the_remedy(string settings, string message)
    {
        var values = paper.With(settings.Split(' '));
        Assert.Contains(message, Assert.Throws<WorkbenchException>(values.Validated).Message, StringComparison.Ordinal);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<HyperParameters>(JsonSerializer.Serialize(values, Json.Compact), Json.Compact));
    }

    [Theory]
    [InlineData("layerNorm", "yes", "layerNorm=yes: expected one of false, true.")]
    [InlineData("variationalDropout", "1", "variationalDropout=1: expected one of false, true.")]
    public void A_switch_is_true_or_false(string key, string value, string message)
    {
        Assert.Equal(message, Assert.Throws<WorkbenchException>(() => paper.With(key, value)).Message);
        Assert.Equal([$"{key}=true"], paper.With(key, "TRUE").Changes());
        Assert.Empty(paper.With(key, "false").Changes());
    }

    /// <summary>So that tables and documents of runs without them stay what they were.</summary>
    [Fact]
    public void Nothing_is_said_of_techniques_that_are_off()
    {
        Assert.DoesNotContain(paper.AllValues(), v => v.Key is "layerNorm" or "zoneoutHidden" or "weightDropout" or "decayThreshold");
        Assert.Contains(new Setting("zoneoutHidden", "0.1"), paper.With("zoneoutHidden", "0.1").AllValues());
    }

    [Fact]
    public void All_keys_are_tested_above()
    {
        var keys = OtherValues.Select(row => row.Data.Item1);
        Assert.Equal(keys.Order(StringComparer.Ordinal), HyperParameters.Keys.Where(key => key != "gamma").Order(StringComparer.Ordinal)); // gamma is another test's own
        Assert.Equal(19 + 2 + 8 + 3, keys.Count());
    }

    [Theory]
    [InlineData("learningRate", "20")]
    [InlineData("learningRate", "20.0")]
    [InlineData("learningRate", "2e1")]
    [InlineData("epochs", "80.0")]
    [InlineData("dropout", ".5")]
    [InlineData("hidden", "650")]
    [InlineData("cell", "LSTM")]
    [InlineData("alpha", "0")]
    [InlineData("beta", "0.0")]
    [InlineData("beta", "-0")]
    [InlineData("trainTokens", "0")]
    public void Setting_a_value_to_its_default_changes_nothing(string key, string value) => Assert.Empty(paper.With(key, value).Changes());

    [Fact]
    public void A_key_has_one_value_however_key_and_value_are_written()
    {
        Assert.Equal("alpha=1 and AL_PHA=2: alpha can have one value; take one of the two out.",
            Assert.Throws<WorkbenchException>(() => paper.With(["alpha=1", "epochs=2", "AL_PHA=2"])).Message);
        Assert.Equal(["alpha=1"], paper.With(["alpha=1", "Alpha=1.0", "alpha=1e0"]).Changes());
        Assert.Equal(["epochs=3", "al_pha=2"], Setting.LastOfEach(["alpha=1", "epochs=3", "al_pha=2"]));
    }

    [Fact]
    public void The_order_of_settings_does_not_matter()
    {
        string[] settings = [.. OtherValues.Select(row => $"{row.Data.Item1}={row.Data.Item2}")];
        var expected = paper.With(settings).Changes();
        Assert.Equal(settings.Length, expected.Count);
        Gen.Shuffle(settings).Sample(shuffled => Assert.Equal(expected, paper.With(shuffled).Changes()));
    }

    [Fact]
    public void Numbers_are_taken_as_they_are_written() => Gen.Double[0, 1e6].Sample(x =>
        Assert.Equal(x, paper.With("learningRate", x.ToString("R", CultureInfo.InvariantCulture)).LearningRate));

    [Theory]
    [InlineData("epoch", "epochs")]
    [InlineData("rate", "learningRate")]
    [InlineData("learn-rate", "learningRate")]
    [InlineData("batch", "batchSize")]
    [InlineData("aplha", "alpha")]
    [InlineData("dropuot", "dropout")]
    public void An_unknown_key_names_the_nearest(string key, string nearest)
    {
        var fault = Assert.Throws<WorkbenchException>(() => paper.With(key, "1"));
        var keys = string.Join(", ", HyperParameters.Keys);
        Assert.Equal($"Unknown hyper-parameter '{key}'; did you mean '{nearest}'? Known are {keys}.", fault.Message);
    }

    [Theory]
    [InlineData("Alpha", "coefficient of AR")]
    [InlineData("drop_out", "dropout on")]
    public void A_key_that_a_regularizer_of_one_s_own_has_made_ambiguous_is_refused_with_both_meanings(string coefficient, string meaning)
    {
        var own = HyperParameter.Of(new MemoryRegularizer(new ActivationRegularizer(), "mine", coefficient));
        var fault = Assert.Throws<WorkbenchException>(() => HyperParameter.Find(coefficient, HyperParameter.All.Append(own)));
        Assert.StartsWith($"'{coefficient}' means ", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"({meaning}", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"{coefficient} (coefficient of mine)", fault.Message, StringComparison.Ordinal);
        Assert.Equal("beta", HyperParameter.Find("BETA", HyperParameter.All.Append(own))!.Key);
    }

    [Theory]
    [InlineData("epochs", "many", "epochs=many: expected a whole number from 1 to 100000.")]
    [InlineData("epochs", "3.5", "epochs=3.5: expected a whole number from 1 to 100000.")]
    [InlineData("epochs", "99999999999", "epochs=99999999999: expected a whole number from 1 to 100000.")]
    [InlineData("hidden", "\"650\"", "hidden=\"650\": expected a whole number from 1 to 8192.")]
    [InlineData("dropout", "0,5", "dropout=0,5: expected a number of at least 0 and below 1.")]
    [InlineData("dropout", "null", "dropout=null: expected a number of at least 0 and below 1.")]
    [InlineData("dropout", "true", "dropout=true: expected a number of at least 0 and below 1.")]
    [InlineData("clip", "[1]", "clip=[1]: expected a number above 0.")]
    [InlineData("clip", "{\"a\":1,\"a\":2}", "clip={\"a\":1,\"a\":2}: expected a number above 0.")]
    [InlineData("alpha", "two", "alpha=two: expected 0 or a number above 0.")]
    [InlineData("cell", "transformer", "cell=transformer: expected one of lstm, gru, tanh.")]
    [InlineData("cell", "lstm,gru", "cell=lstm,gru: expected one of lstm, gru, tanh.")]
    [InlineData("cell", "gru,tanh", "cell=gru,tanh: expected one of lstm, gru, tanh.")]
    [InlineData("cell", "1", "cell=1: expected one of lstm, gru, tanh.")]
    public void A_value_of_another_kind_is_refused(string key, string value, string message) =>
        Assert.Equal(message, Assert.Throws<WorkbenchException>(() => paper.With(key, value)).Message);

    [Theory]
    [InlineData("epochs")]
    [InlineData("=3")]
    [InlineData("epochs=")]
    [InlineData("")]
    public void A_setting_without_key_or_value_is_refused(string setting) => Assert.Equal(
        $"'{setting}' is not a setting; expected key=value, such as epochs=3.", Assert.Throws<WorkbenchException>(() => paper.With([setting])).Message);

    [Fact]
    public void All_faults_are_reported_together()
    {
        var values = new HyperParameters
        {
            Hidden = 0, Layers = 17, BatchSize = -1, Window = 5000, EvaluationBatchSize = 0, Epochs = 0, TrainTokens = -5, Dropout = 1, LayerDropout = -0.5,
            EmbeddingRange = double.PositiveInfinity, LearningRate = 0, LearningRateDecay = 0.5, Clip = double.NaN, WeightDecay = -1e-7,
        }.With(["alpha=-2"]) with { Cell = Cell.Gru };
        values = values with { Regularization = values.Regularization.SetItem("omega", 1) };
        var known = string.Join(", ", Workbench.Regularization.Regularizers.Known.Select(r => r.Coefficient));
        Assert.Equal($"""
            The hyper-parameters do not hold together:
              hidden=0: expected a whole number from 1 to 8192
              layers=17: expected a whole number from 1 to 16
              dropout=1: expected a number of at least 0 and below 1
              layerDropout=-0.5: expected a number of at least 0 and below 1
              embeddingRange=Infinity: expected 0 or a number above 0, of at most 1e30
              batchSize=-1: expected a whole number from 1 to 4096
              window=5000: expected a whole number from 1 to 4096
              evaluationBatchSize=0: expected a whole number from 1 to 4096
              learningRate=0: expected a number above 0
              learningRateDecay=0.5: expected 1 or a number above 1
              clip=NaN: expected a number above 0
              weightDecay=-1E-07: expected 0 or a number above 0
              epochs=0: expected a whole number from 1 to 100000
              trainTokens=-5: expected a whole number from 0 to 2147483647
              alpha=-2: expected 0 or a number above 0
              omega=1: expected a known regularizer, one of {known}; one that a notebook defined is known there only
            """.ReplaceLineEndings("\n"), Assert.Throws<WorkbenchException>(values.Validated).Message);
    }

    [Theory]
    [InlineData("dropout", "NaN")]
    [InlineData("learningRate", "Infinity")]
    [InlineData("learningRate", "1e999")]
    [InlineData("learningRate", "1e31")]
    [InlineData("embeddingRange", "5e37")]
    [InlineData("beta", "3e300")]
    [InlineData("alpha", "1e-46")]
    [InlineData("learningRate", "1e-60")]
    [InlineData("weightDecay", "NaN")]
    [InlineData("alpha", "NaN")]
    [InlineData("beta", "Infinity")]
    public void Numbers_that_are_none_do_not_pass(string key, string value) =>
        Assert.Contains($"{key}={value}: expected ", Assert.Throws<WorkbenchException>(() => paper.With(key, value).Validated()).Message.Replace("E", "e", StringComparison.Ordinal).Replace("e+", "e", StringComparison.Ordinal), StringComparison.Ordinal);

    /// <summary>Whatever is typed after --set: a value that is taken, or an error for people.</summary>
    [Fact]
    public void Any_text_is_taken_or_refused_with_a_clear_error() =>
        Gen.Select(Gen.OneOf(Gen.Int[0, 17].Select(i => OtherValues.ElementAt(i).Data.Item1), Gen.String), Gen.OneOf(Gen.String, Gen.Double.Select(d => $"{d}"), Gen.String["{}[]\",:01e.- \\ntrue"])).Sample((key, value) =>
        {
            try
            {
                paper.With([$"{key}={value}"]).Validated();
            }
            catch (WorkbenchException fault)
            {
                Assert.NotEmpty(fault.Message);
            }
        }, iter: 5000, threads: 1);
}
