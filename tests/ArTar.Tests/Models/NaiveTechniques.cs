using ArTar.Workbench.Kernels;
using ArTar.Workbench.Models;
using ArTar.Workbench.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Models;

/// <summary>
/// The model with the techniques of others as plain loops in double precision over steps, columns and units: the definitions, one
/// number at a time. Entry [t, b, j] of an array of activations stands at (t * B + b) * H + j.
/// </summary>
internal sealed class NaiveTechniques(HyperParameters v, int V, IReadOnlyDictionary<string, double[]> w, long[] tokens, long[] targets, int B)
{
    private readonly int T = tokens.Length / B, H = v.Hidden, G = v.Cell switch { Cell.Lstm => 4, Cell.Gru => 3, _ => 1 };

    /// <summary>Everything that chance decides in a window; null for what is off. By layer where the technique acts in a layer.</summary>
    public sealed record Masks(double[]? Words, double[]? Input, double[]?[] Between, double[]? Output, double[]?[] Weight,
        double[]?[] Recurrent, double[]?[] Candidate, double[]?[] KeepHidden, double[]?[] KeepMemory);

    /// <summary>What a window comes to: mean cross-entropy, penalties by their keys, all of the last layer's h, the state at the end.</summary>
    public sealed record Outcome(double Loss, Dictionary<string, double> Penalties, double[] Raw, double[][] LastHidden, double[][] LastMemory);

    /// <summary>Draws from libtorch's generator what the model draws, in its order.</summary>
    public Masks Draw(long seed)
    {
        using var scope = NewDisposeScope();
        manual_seed(seed);
        double[]? Drawn(double p, params long[] shape) => p == 0 ? null : empty(shape).bernoulli_(1 - p).div_(1 - p).Numbers();
        double[]? Kept(double p) => p == 0 ? null : empty([T, B, H], ScalarType.Bool).bernoulli_(p).Numbers();
        double[]? Steps(double p) => p == 0 ? null : nn.functional.dropout(ones(T, B, H), p).Numbers();
        double[]? Plain(double p) => v.VariationalDropout && p > 0
            ? [.. Enumerable.Repeat(Drawn(p, B, H)!, T).SelectMany(m => m)] : Steps(p);
        var words = Drawn(v.EmbeddingDropout, V, 1);
        var input = Plain(v.Dropout);
        var layers = Enumerable.Range(0, v.Layers).Select(layer => (
            Between: layer > 0 ? Plain(v.LayerDropout) : null,
            Weight: v.WeightDropout == 0 ? null : nn.functional.dropout(ones(G * H, H), v.WeightDropout).Numbers(),
            Recurrent: Drawn(v.RecurrentDropout, B, H),
            Candidate: Drawn(v.CandidateDropout, T, B, H),
            Hidden: Kept(v.ZoneoutHidden), Memory: Kept(v.ZoneoutMemory))).ToList();
        return new(words, input, [.. layers.Select(l => l.Between)], Plain(v.Dropout), [.. layers.Select(l => l.Weight)],
            [.. layers.Select(l => l.Recurrent)], [.. layers.Select(l => l.Candidate)], [.. layers.Select(l => l.Hidden)],
            [.. layers.Select(l => l.Memory)]);
    }

    /// <summary>The very masks that the fast kernels draw: hashes of an entry's number, of the dropout's number and of the seed.</summary>
    public Masks DrawFast(long seed)
    {
        double[]? Drawn(int place, double p, int length) =>
            p == 0 ? null : [.. Enumerable.Range(0, length).Select(i => (double)new DropoutMask(seed, place, p)[(uint)i])];
        double[]? Kept(int place, double p) => Drawn(place, p, T * B * H)?.Select(m => m == 0 ? 1.0 : 0).ToArray();
        double[]? Plain(int place, double p) => !v.VariationalDropout ? Drawn(place, p, T * B * H)
            : Drawn(place, p, B * H) is { } m ? [.. Enumerable.Repeat(m, T).SelectMany(x => x)] : null;
        double[]?[] Each(Func<int, double[]?> draw) => [.. Enumerable.Range(0, v.Layers).Select(draw)];
        return new(Drawn(63, v.EmbeddingDropout, V), Plain(0, v.Dropout), Each(l => l > 0 ? Plain(1 + l, v.LayerDropout) : null), Plain(1, v.Dropout),
            Each(l => Drawn(64 + 5 * l, v.WeightDropout, G * H * H)), Each(l => Drawn(65 + 5 * l, v.RecurrentDropout, B * H)),
            Each(l => Drawn(66 + 5 * l, v.CandidateDropout, T * B * H)), Each(l => Kept(67 + 5 * l, v.ZoneoutHidden)), Each(l => Kept(68 + 5 * l, v.ZoneoutMemory)));
    }

    /// <summary>Loss and all penalties times their coefficients.</summary>
    public double Objective(Outcome outcome) => outcome.Loss + outcome.Penalties.Sum(p => v.Coefficient(p.Key) * p.Value);

    /// <summary>Runs over the window; without masks as in evaluation.</summary>
    /// <param name="hidden">h before it, [layers][B * H].</param>
    /// <param name="memory">c before it, of an LSTM.</param>
    /// <param name="masks">What is drawn; null for evaluation.</param>
    public Outcome Run(double[][] hidden, double[][] memory, Masks? masks)
    {
        var x = new double[T * B * H];
        for (var row = 0; row < T * B; row++)
            for (var j = 0; j < H; j++)
                x[row * H + j] = w["embedding.weight"][tokens[row] * H + j] * (masks?.Words?[tokens[row]] ?? 1) * (masks?.Input?[row * H + j] ?? 1);
        double[] c = [];
        double[][] lastHidden = new double[v.Layers][], lastMemory = new double[v.Layers][];
        for (var layer = 0; layer < v.Layers; layer++)
        {
            if (masks?.Between[layer] is { } between)
                x = [.. x.Zip(between, (value, m) => value * m)];
            (x, c, lastHidden[layer], lastMemory[layer]) = Layer(layer, x, hidden[layer], v.Cell == Cell.Lstm ? memory[layer] : new double[B * H], masks);
        }
        double[] dropped = [.. x.Select((h, i) => h * (masks?.Output?[i] ?? 1))];
        return new(CrossEntropy(dropped), new()
        {
            ["alpha"] = dropped.Average(h => h * h),
            ["beta"] = Steps(x, (now, before) => now.Zip(before, (a, b) => (a - b) * (a - b)).Average()),
            ["normStabilizer"] = Steps(x, (now, before) => Math.Pow(Norm(now) - Norm(before), 2)),
            ["memoryAlpha"] = c.Average(value => value * value),
            ["memoryBeta"] = Steps(c, (now, before) => now.Zip(before, (a, b) => (a - b) * (a - b)).Average()),
        }, x, lastHidden, lastMemory);
    }

    private (double[] H, double[] C, double[] LastH, double[] LastC) Layer(int layer, double[] x, double[] h, double[] c, Masks? masks)
    {
        double[] Of(string name) => w[$"rnn.{name}_l{layer}"];
        double[] fullWeight = Of("weight_hh"), used = masks?.Weight[layer] is { } m ? [.. fullWeight.Zip(m, (a, b) => a * b)] : fullWeight;
        double[] allH = new double[T * B * H], allC = new double[T * B * H];
        (h, c) = ([.. h], [.. c]);
        for (var t = 0; t < T; t++)
            for (var b = 0; b < B; b++)
            {
                double[] before = h[(b * H)..((b + 1) * H)], memory = c[(b * H)..((b + 1) * H)];
                double[] read = [.. before.Select((value, j) => value * (masks?.Recurrent[layer]?[b * H + j] ?? 1))];
                var input = Add(Normed("ih", layer, Times(Of("weight_ih"), x.AsSpan((t * B + b) * H, H))), Of("bias_ih"));
                var state = Add(Normed("hh", layer, Times(used, read)), Of("bias_hh"));
                var updated = new double[H];
                if (v.Cell == Cell.Lstm)
                    for (var j = 0; j < H; j++)
                        updated[j] = Sigmoid(input[H + j] + state[H + j]) * memory[j]
                            + Sigmoid(input[j] + state[j]) * Kept(Math.Tanh(input[2 * H + j] + state[2 * H + j]), j);
                var shown = v.Cell == Cell.Lstm ? Normed("c", layer, updated) : updated;
                for (var j = 0; j < H; j++)
                {
                    var z = v.Cell == Cell.Gru ? Sigmoid(input[H + j] + state[H + j]) : 0;
                    var next = v.Cell switch
                    {
                        Cell.Lstm => Sigmoid(input[3 * H + j] + state[3 * H + j]) * Math.Tanh(shown[j]),
                        Cell.Gru => (1 - z) * Kept(Math.Tanh(input[2 * H + j] + Sigmoid(input[j] + state[j]) * state[2 * H + j]), j) + z * before[j],
                        _ => Math.Tanh(input[j] + state[j]),
                    };
                    var at = (t * B + b) * H + j;
                    allH[at] = h[b * H + j] = Zoned(before[j], next, v.ZoneoutHidden, masks?.KeepHidden[layer], at);
                    allC[at] = c[b * H + j] = Zoned(memory[j], updated[j], v.ZoneoutMemory, masks?.KeepMemory[layer], at);
                }

                double Kept(double candidate, int j) => candidate * (masks?.Candidate[layer]?[(t * B + b) * H + j] ?? 1);
            }
        return (allH, allC, h, c);

        double Zoned(double before, double after, double p, double[]? keeps, int at) =>
            masks is null ? p * before + (1 - p) * after : keeps is not null && keeps[at] == 1 ? before : after;
    }

    private double[] Normed(string place, int layer, double[] x)
    {
        if (!v.LayerNorm)
            return x;
        double[] gain = w[$"norm.gain_{place}_l{layer}"], bias = w[$"norm.bias_{place}_l{layer}"], result = new double[x.Length];
        // A GRU's gates are one group, its candidate another.
        (int From, int To)[] groups = v.Cell == Cell.Gru ? [(0, 2 * H), (2 * H, 3 * H)] : [(0, x.Length)];
        foreach (var (from, to) in groups)
        {
            var mean = x[from..to].Average();
            var deviation = Math.Sqrt(x[from..to].Average(value => (value - mean) * (value - mean)) + 1e-5);
            for (var i = from; i < to; i++)
                result[i] = gain[i] * (x[i] - mean) / deviation + bias[i];
        }
        return result;
    }

    private double CrossEntropy(double[] dropped)
    {
        double sum = 0;
        for (var row = 0; row < T * B; row++)
        {
            double[] scores = [.. Times(w["embedding.weight"], dropped.AsSpan(row * H, H)).Zip(w["decoder_bias"], (a, b) => a + b)];
            sum += Math.Log(scores.Sum(Math.Exp)) - scores[targets[row]];
        }
        return sum / (T * B);
    }

    /// <summary>Mean over columns and pairs of neighbouring steps; 0 where there is one step.</summary>
    private double Steps(double[] all, Func<double[], double[], double> cost) => T == 1 ? 0 : (
        from t in Enumerable.Range(1, T - 1)
        from b in Enumerable.Range(0, B)
        select cost(all[((t * B + b) * H)..((t * B + b + 1) * H)], all[(((t - 1) * B + b) * H)..(((t - 1) * B + b + 1) * H)])).Average();

    private static double Norm(double[] x) => Math.Sqrt(x.Sum(value => value * value));

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double[] Times(double[] matrix, ReadOnlySpan<double> x)
    {
        var result = new double[matrix.Length / x.Length];
        for (var i = 0; i < result.Length; i++)
            for (var j = 0; j < x.Length; j++)
                result[i] += matrix[i * x.Length + j] * x[j];
        return result;
    }
}
