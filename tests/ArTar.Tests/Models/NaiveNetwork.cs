using ArTar.Workbench.Models;

namespace ArTar.Tests.Models;

/// <summary>
/// The language model as plain loops in double precision, one column of text at a time: the definition that libtorch's fused
/// layers are compared with. Gates stand in libtorch's order: input, forget, cell, output for an LSTM; reset, update, new
/// for a GRU, whose reset gate multiplies U h + c, bias included.
/// </summary>
internal sealed class NaiveNetwork(LanguageModel model)
{
    private readonly Dictionary<string, double[]> weights = model.Weights().ToDictionary(w => w.Key, w => w.Value.Numbers());
    private readonly int H = model.Hidden;

    /// <summary>State of one column: [layer][H].</summary>
    public sealed record State(double[][] Hidden, double[][] Memory);

    public State Zeros() => new(Enumerable.Range(0, model.Layers).Select(_ => new double[H]).ToArray(), Enumerable.Range(0, model.Layers).Select(_ => new double[H]).ToArray());

    /// <summary>Reads one token: changes the state, returns the last layer's output h, [H].</summary>
    public double[] Read(long token, State state)
    {
        var x = weights["embedding.weight"].AsSpan((int)token * H, H).ToArray();
        for (var layer = 0; layer < model.Layers; layer++)
        {
            var fromInput = Affine($"rnn.weight_ih_l{layer}", $"rnn.bias_ih_l{layer}", x);
            var fromState = Affine($"rnn.weight_hh_l{layer}", $"rnn.bias_hh_l{layer}", state.Hidden[layer]);
            x = model.Cell switch
            {
                Cell.Lstm => Lstm(fromInput, fromState, state.Memory[layer]),
                Cell.Gru => Gru(fromInput, fromState, state.Hidden[layer]),
                _ => Range(j => Math.Tanh(fromInput[j] + fromState[j])),
            };
            state.Hidden[layer] = x;
        }
        return x;
    }

    /// <summary>Scores of every word of the vocabulary, [V].</summary>
    public double[] Logits(double[] h)
    {
        var (embedding, bias) = (weights["embedding.weight"], weights["decoder_bias"]);
        var logits = new double[bias.Length];
        for (var v = 0; v < logits.Length; v++)
        {
            logits[v] = bias[v];
            for (var j = 0; j < H; j++)
                logits[v] += embedding[v * H + j] * h[j];
        }
        return logits;
    }

    /// <summary>-ln p(target), from the softmax over the logits.</summary>
    public double Surprise(double[] h, long target)
    {
        var logits = Logits(h);
        var sum = 0.0;
        foreach (var logit in logits)
            sum += Math.Exp(logit);
        return Math.Log(sum) - logits[target];
    }

    /// <summary>
    /// Mean cross-entropy of a split read in <paramref name="columns"/> columns. Columns of L tokens hold L - 1 predictions
    /// each; the tokens that fill no column are not read.
    /// </summary>
    public double Loss(ReadOnlySpan<int> tokens, int columns)
    {
        var length = tokens.Length / columns;
        var (sum, predicted) = (0.0, 0);
        for (var b = 0; b < columns; b++)
        {
            var state = Zeros();
            for (var t = b * length; t < (b + 1) * length - 1; t++)
            {
                sum += Surprise(Read(tokens[t], state), tokens[t + 1]);
                predicted++;
            }
        }
        return sum / predicted;
    }

    private double[] Lstm(double[] x, double[] h, double[] memory) => Range(j =>
    {
        var input = Sigmoid(x[j] + h[j]);
        var forget = Sigmoid(x[H + j] + h[H + j]);
        var candidate = Math.Tanh(x[2 * H + j] + h[2 * H + j]);
        var output = Sigmoid(x[3 * H + j] + h[3 * H + j]);
        memory[j] = forget * memory[j] + input * candidate;
        return output * Math.Tanh(memory[j]);
    });

    private double[] Gru(double[] x, double[] h, double[] previous) => Range(j =>
    {
        var reset = Sigmoid(x[j] + h[j]);
        var update = Sigmoid(x[H + j] + h[H + j]);
        var candidate = Math.Tanh(x[2 * H + j] + reset * h[2 * H + j]);
        return (1 - update) * candidate + update * previous[j];
    });

    private double[] Affine(string weightName, string biasName, double[] x)
    {
        var (weight, bias) = (weights[weightName], weights[biasName]);
        var y = new double[bias.Length];
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = bias[i];
            for (var j = 0; j < H; j++)
                y[i] += weight[i * H + j] * x[j];
        }
        return y;
    }

    private double[] Range(Func<int, double> entry)
    {
        var result = new double[H];
        for (var j = 0; j < H; j++)
            result[j] = entry(j);
        return result;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
