using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ArTar.Workbench.Models;

/// <summary>
/// The paper's language model: embedding, dropout, recurrent layers with dropout between them, dropout, and a decoder
/// that shares the embedding's weight (tied weights, so the embedding is H wide) and adds a bias.
/// </summary>
/// <remarks>Time comes first everywhere: tokens are [T, B], activations [T, B, H].</remarks>
public sealed class LanguageModel : Module
{
    // The field names are the names in a checkpoint: embedding.weight, rnn.weight_ih_l0, ..., decoder_bias.
    private readonly Embedding embedding;
    private readonly Parameter decoder_bias;
    private readonly Module rnn;
    private readonly CellNorm? norm;
    private readonly RecurrentLoop loop;

    /// <summary>Builds the model; its weights are drawn from libtorch's default generator.</summary>
    /// <param name="cell">The recurrent cell.</param>
    /// <param name="vocabulary">Number of tokens, V.</param>
    /// <param name="hidden">Units in a layer and width of the embedding, H.</param>
    /// <param name="layers">Number of recurrent layers; the paper uses 2.</param>
    /// <param name="dropout">Dropout dp, on word vectors and on the last layer's output.</param>
    /// <param name="layerDropout">Dropout dph, between recurrent layers.</param>
    /// <param name="embeddingRange">The embedding starts uniform in [-range, range]; the paper's digit, 0.1, is assumed.</param>
    /// <param name="recurrentInit">How the recurrent matrices start; the identity is for the tanh RNN.</param>
    public LanguageModel(
        Cell cell, int vocabulary, int hidden, int layers = 2,
        double dropout = 0, double layerDropout = 0, double embeddingRange = 0.1, RecurrentInit recurrentInit = RecurrentInit.Uniform)
        : this(new(), cell, vocabulary, hidden, layers, dropout, layerDropout, embeddingRange, recurrentInit)
    {
    }

    /// <summary>The same with techniques of others.</summary>
    internal LanguageModel(
        Techniques techniques, Cell cell, int vocabulary, int hidden, int layers = 2,
        double dropout = 0, double layerDropout = 0, double embeddingRange = 0.1, RecurrentInit recurrentInit = RecurrentInit.Uniform)
        : base(nameof(LanguageModel))
    {
        if ((long)vocabulary * hidden > int.MaxValue / sizeof(float))
            throw new WorkbenchException(
                $"An embedding of {vocabulary} words times {hidden} units is larger than 2 GiB, more than a weight can be here; choose a "
                    + "smaller hidden.");
        (Techniques, Cell, Vocabulary, Hidden, Layers, Dropout) = (techniques, cell, vocabulary, hidden, layers, dropout);
        // One layer has no between; libtorch would warn of it on standard error.
        LayerDropout = layers > 1 ? layerDropout : 0;
        // libtorch draws every weight of these layers from [-1/sqrt(H), 1/sqrt(H)], which is the paper's rule.
        rnn = cell switch
        {
            Cell.Lstm => LSTM(hidden, hidden, layers, dropout: LayerDropout),
            Cell.Gru => GRU(hidden, hidden, layers, dropout: LayerDropout),
            Cell.Tanh => RNN(hidden, hidden, layers, NonLinearities.Tanh, dropout: LayerDropout),
            _ => throw new ArgumentOutOfRangeException(nameof(cell), cell, "expected Lstm, Gru or Tanh"),
        };
        embedding = Embedding(vocabulary, hidden);
        init.uniform_(embedding.weight!, -embeddingRange, embeddingRange).Dispose(); // the alias returned would keep the weight in memory
        decoder_bias = Parameter(zeros(vocabulary));
        norm = techniques.LayerNorm ? new(cell, hidden, layers) : null;
        loop = new(cell, techniques, LayerDropout, norm);
        RegisterComponents();
        // Drawn first and then overwritten: the other weights start as they would without.
        if (recurrentInit == RecurrentInit.Identity)
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            foreach (var (_, weight) in named_parameters().Where(p => p.name.StartsWith("rnn.weight_hh", StringComparison.Ordinal)))
                weight.copy_(eye(hidden));
        }
    }

    /// <summary>Techniques of others.</summary>
    internal Techniques Techniques { get; }

    /// <summary>The recurrent cell.</summary>
    public Cell Cell { get; }

    /// <summary>Number of tokens, V.</summary>
    public int Vocabulary { get; }

    /// <summary>Units in a layer, H.</summary>
    public int Hidden { get; }

    /// <summary>Number of recurrent layers.</summary>
    public int Layers { get; }

    /// <summary>Dropout dp, on word vectors and on the last layer's output.</summary>
    public double Dropout { get; }

    /// <summary>Dropout dph, between recurrent layers; 0 where there is one layer.</summary>
    public double LayerDropout { get; }

    /// <summary>
    /// Trainable numbers of such a model, the tied weight counted once: V*H + V for embedding and decoder, and for each
    /// layer and gate two H*H matrices and two biases of H. An LSTM has 4 gates, a GRU 3, a tanh RNN 1; the paper's medium
    /// model has 6,500,000 + 10,000 + 2 * 4 * (2 * 422,500 + 2 * 650) = 13,280,400.
    /// </summary>
    public static long CountParameters(Cell cell, long vocabulary, long hidden, int layers)
    {
        return vocabulary * hidden + vocabulary + layers * GatesOf(cell) * (2 * hidden * hidden + 2 * hidden);
    }

    /// <summary>
    /// Rows of a cell's weights over H: 4 in an LSTM (input, forget, candidate, output), 3 in a GRU (reset, update, candidate).
    /// </summary>
    internal static long GatesOf(Cell cell) => cell switch { Cell.Lstm => 4, Cell.Gru => 3, _ => 1 };

    /// <summary>The weights of such a model, by name.</summary>
    internal static IEnumerable<(string Name, long[] Shape)> ShapesOf(
        Cell cell, long vocabulary, long hidden, int layers, bool layerNorm = false)
    {
        var gates = GatesOf(cell);
        yield return ("embedding.weight", [vocabulary, hidden]);
        yield return ("decoder_bias", [vocabulary]);
        for (var layer = 0; layer < layers; layer++)
            foreach (var side in new[] { "ih", "hh" })
            {
                yield return ($"rnn.weight_{side}_l{layer}", [gates * hidden, hidden]);
                yield return ($"rnn.bias_{side}_l{layer}", [gates * hidden]);
            }
        if (layerNorm)
            foreach (var (name, size) in CellNorm.ShapesOf(cell, hidden, layers))
                yield return ($"norm.{name}", [size]);
    }

    /// <summary>The state at the start of a text: zeros, [layers, B, H]. The caller owns it.</summary>
    public RecurrentState InitialState(int batchSize)
    {
        Tensor Zeros() => zeros(Layers, batchSize, Hidden, device: decoder_bias.device).DetachFromDisposeScope();
        return new(Zeros(), Cell == Cell.Lstm ? Zeros() : null);
    }

    /// <summary>The weight from h_(t-1), [gates * H, H]; a tanh RNN has one gate, so that it is the whole map.</summary>
    /// <param name="layer">Recurrent layer, from 0.</param>
    public Parameter RecurrentWeight(int layer) => named_parameters().First(p => p.name == $"rnn.weight_hh_l{layer}").parameter;

    /// <summary>Runs the recurrent layers over one window.</summary>
    /// <param name="tokens">Token ids, [T, B], int64.</param>
    /// <param name="state">The state before the window.</param>
    public Activations Forward(Tensor tokens, RecurrentState state)
    {
        Shape.Require(tokens, "tokens", "T B");
        Shape.Require(state.Hidden, "state.Hidden", "layers B H", ("layers", Layers), ("B", tokens.shape[1]), ("H", Hidden));

        var words = Drop(Embed(tokens));                                                               // [T, B, H]
        var (raw, memory, next) = Recur(words, state);                                                 // [T, B, H]
        return new(raw, Drop(raw), next) { Memory = memory };
    }

    private Tensor Drop(Tensor x) => training ? Mask.Drop(x, Dropout, Techniques.VariationalDropout) : x;

    private Tensor Embed(Tensor tokens)
    {
        var words = embedding.call(tokens);
        return !training || Techniques.EmbeddingDropout == 0 ? words
            : words * Mask.Of(Techniques.EmbeddingDropout, words.device, Vocabulary, 1)[tokens];        // [T, B, 1]
    }

    /// <summary>Scores every word of the vocabulary: h W^T + b with the embedding's own weight W.</summary>
    /// <param name="dropped">Dropped output of the last layer, [T, B, H].</param>
    /// <returns>Logits, [T*B, V].</returns>
    public Tensor Decode(Tensor dropped) => functional.linear(dropped.view(-1, Hidden), embedding.weight!, decoder_bias);

    /// <summary>
    /// Without gradients libtorch 2.10 hands an LSTM on a processor with AVX-512 to a kernel of oneDNN that computes something
    /// else where H is no multiple of 32 (see pytorch/pytorch issue 173922). Asked for gradients it takes another one.
    /// </summary>
    private static (Tensor, Tensor, Tensor) InTrainingMode(LSTM lstm, Tensor input, RecurrentState state)
    {
        if (is_grad_enabled() || input.device_type != DeviceType.CPU)
            return lstm.call(input, (state.Hidden, state.Memory!));
        using var gradients = enable_grad();
        var (output, hidden, memory) = lstm.call(input, (state.Hidden, state.Memory!));
        return (output.detach(), hidden.detach(), memory.detach());
    }

    private (Tensor Output, Tensor? Memory, RecurrentState Next) Recur(Tensor input, RecurrentState state)
    {
        if (Techniques.NeedLoop(training))
            return loop.Run(rnn.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter), input, state, training);
        switch (rnn)
        {
            case LSTM lstm:
                var (output, hidden, memory) = InTrainingMode(lstm, input, state);
                return (output, null, new(hidden, memory));
            case GRU gru:
                (output, hidden) = gru.call(input, state.Hidden);
                return (output, null, new(hidden, null));
            default:
                (output, hidden) = ((RNN)rnn).call(input, state.Hidden);
                return (output, null, new(hidden, null));
        }
    }
}

/// <summary>What the recurrent layers made of one window.</summary>
/// <param name="Raw">Output h of the last layer before dropout, [T, B, H]: what TAR looks at.</param>
/// <param name="Dropped">The same after dropout, m ∘ h, [T, B, H]: what AR and the decoder look at.</param>
/// <param name="State">The state after the window, still tied to its gradient.</param>
public readonly record struct Activations(Tensor Raw, Tensor Dropped, RecurrentState State)
{
    /// <summary>The last layer's cell state c at every step, [T, B, H]; null where no penalty looks at it.</summary>
    internal Tensor? Memory { get; init; }
}
