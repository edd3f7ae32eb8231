using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ArTar.Workbench.Models;
using ArTar.Workbench.Training;

namespace ArTar.Bench;

/// <summary>What a step does.</summary>
internal enum Mode
{
    /// <summary>Forward, loss, backward, clip, SGD.</summary>
    Train,

    /// <summary>Forward and loss, without gradient and dropout.</summary>
    Evaluate,
}

/// <summary>One model and what is done with it: what is the same for all sides of a comparison.</summary>
internal sealed record Configuration
{
    public Mode Mode { get; init; }
    public Cell Cell { get; init; }

    /// <summary>Units of a layer, H.</summary>
    public int Hidden { get; init; } = 650;

    /// <summary>Words, V.</summary>
    public int Vocabulary { get; init; } = 10_000;

    /// <summary>Sequences side by side, B.</summary>
    public int Batch { get; init; } = 20;

    /// <summary>Time steps, T.</summary>
    public int Window { get; init; } = 35;

    public int Layers { get; init; } = 2;

    /// <summary>Dropout dp and dph.</summary>
    public double Dropout { get; init; } = 0.5;

    /// <summary>Coefficient of AR.</summary>
    public double Alpha { get; init; }

    /// <summary>Coefficient of TAR.</summary>
    public double Beta { get; init; }

    /// <summary>1 by default: at 20 the softmax saturates and denormal numbers slow down whoever does not flush them.</summary>
    public double LearningRate { get; init; } = 1;

    public double Clip { get; init; } = 0.25;
    public double WeightDecay { get; init; } = 1e-7;

    [JsonIgnore]
    public bool IsRegularized => Alpha != 0 || Beta != 0;

    [JsonIgnore]
    public int Tokens => Batch * Window;

    /// <summary>
    /// Floating-point operations of the matrix products alone: decoder 2*T*B*H*V, each layer 2*T*B*H * 2*gates*H; training
    /// does them three times, forward and for the gradients of input and weight.
    /// </summary>
    [JsonIgnore]
    public double Flops
    {
        get
        {
            var gates = Cell switch { Cell.Lstm => 4, Cell.Gru => 3, _ => 1 };
            var forward = 2.0 * Tokens * Hidden * Vocabulary + Layers * 2.0 * Tokens * Hidden * 2 * gates * Hidden;
            return (Mode == Mode.Train ? 3 : 1) * forward;
        }
    }

    /// <summary>With AR and TAR at the values that the paper's joint rows probably used.</summary>
    public Configuration Regularized() => this with { Alpha = 2, Beta = 1 };

    /// <summary>The same in the library's terms.</summary>
    public HyperParameters ToHyperParameters() => new()
    {
        Cell = Cell,
        Hidden = Hidden,
        Layers = Layers,
        Dropout = Dropout,
        LayerDropout = Dropout,
        BatchSize = Batch,
        EvaluationBatchSize = Batch,
        Window = Window,
        LearningRate = LearningRate,
        LearningRateDecay = 1,
        Clip = Clip,
        WeightDecay = WeightDecay,
        Epochs = 100_000,
        Regularization = new Dictionary<string, double> { ["alpha"] = Alpha, ["beta"] = Beta }.Where(c => c.Value != 0)
            .ToImmutableSortedDictionary(),
    };

    [JsonIgnore]
    public string CellName => Cell switch { Cell.Lstm => "LSTM", Cell.Gru => "GRU", _ => "tanh RNN" };

    public override string ToString() => FormattableString.Invariant(
        $"{CellName} H={Hidden} V={Vocabulary}{(IsRegularized ? " AR+TAR" : "")}{(Mode == Mode.Evaluate ? " evaluated" : "")}");
}
