using ArTar.Workbench.Models;
using static TorchSharp.torch;

namespace ArTar.Workbench.Stack;

/// <summary>
/// The weights of R models of one shape, by their names in a <see cref="LanguageModel"/>: each [R, ...], the models' own tensors one after
/// the other.
/// </summary>
internal sealed class StackedWeights : IDisposable
{
    private readonly Dictionary<string, Tensor> tensors;

    private StackedWeights(Cell cell, int layers, Dictionary<string, Tensor> tensors) =>
        (Cell, Layers, this.tensors) = (cell, layers, tensors);

    /// <summary>The recurrent cell.</summary>
    public Cell Cell { get; }

    /// <summary>Number of recurrent layers.</summary>
    public int Layers { get; }

    /// <summary>R, the number of models.</summary>
    public int Runs => (int)Embedding.shape[0];

    /// <summary>Number of tokens, V.</summary>
    public int Vocabulary => (int)Embedding.shape[1];

    /// <summary>Units in a layer, H.</summary>
    public int Hidden => (int)Embedding.shape[2];

    /// <summary>Embedding and decoder weight, [R, V, H].</summary>
    public Tensor Embedding => tensors["embedding.weight"];

    /// <summary>The decoder's bias, [R, V].</summary>
    public Tensor DecoderBias => tensors["decoder_bias"];

    /// <summary>Every weight by its name.</summary>
    public IReadOnlyDictionary<string, Tensor> All => tensors;

    /// <summary>A weight of a recurrent layer: W_ih and W_hh [R, G*H, H], biases [R, G*H].</summary>
    /// <param name="name"><c>weight_ih</c>, <c>weight_hh</c>, <c>bias_ih</c> or <c>bias_hh</c>.</param>
    /// <param name="layer">Recurrent layer, from 0.</param>
    public Tensor OfLayer(string name, int layer) => tensors[$"rnn.{name}_l{layer}"];

    /// <summary>Puts models of one shape together, one after the other.</summary>
    /// <param name="runs">R.</param>
    /// <param name="make">Makes the model of a run; it is disposed here.</param>
    /// <param name="device">Where the weights shall lie.</param>
    public static StackedWeights Of(int runs, Func<int, LanguageModel> make, Device device)
    {
        StackedWeights? weights = null;
        for (var r = 0; r < runs; r++)
        {
            using var model = make(r);
            weights ??= new(model.Cell, model.Layers, model.named_parameters().ToDictionary(p => p.name,
                p => empty([runs, .. p.parameter.shape], device: device).DetachFromDisposeScope()));
            weights.Put(r, model);
        }
        return weights ?? throw new ArgumentException("A stack needs a run at least.", nameof(runs));
    }

    /// <summary>Takes a run's weights from a model.</summary>
    public void Put(int run, LanguageModel model)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
            tensors[name].select(0, run).copy_(parameter);
    }

    /// <summary>Copies a run's weights into a model of its own.</summary>
    public void CopyTo(LanguageModel model, int run)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
            parameter.copy_(tensors[name].select(0, run));
    }

    /// <summary>Copies a run's weights from another stack of the same runs.</summary>
    public void Take(StackedWeights other, int run)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (name, weight) in tensors)
            weight.select(0, run).copy_(other.tensors[name].select(0, run));
    }

    /// <summary>Room for as many weights; what is in them is not defined.</summary>
    public StackedWeights Empty() => new(Cell, Layers, tensors.ToDictionary(t => t.Key, t => empty_like(t.Value).DetachFromDisposeScope()));

    /// <summary>A copy of some runs' weights.</summary>
    /// <param name="runs">Their numbers, int64.</param>
    public StackedWeights Select(Tensor runs) => new(Cell, Layers, tensors.ToDictionary(t => t.Key, t => Selected(t.Value, runs)));

    /// <summary>Keeps some runs only; the memory of the others is free afterwards.</summary>
    /// <param name="runs">Their numbers, int64.</param>
    public void Keep(Tensor runs)
    {
        foreach (var (name, weight) in tensors.ToList())
        {
            tensors[name] = Selected(weight, runs);
            weight.Dispose();
        }
    }

    private static Tensor Selected(Tensor weight, Tensor runs)
    {
        using var noGradient = no_grad();
        return weight.index_select(0, runs).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        foreach (var tensor in tensors.Values)
            tensor.Dispose();
    }
}
