using ArTar.Workbench.Data;
using ArTar.Workbench.Models;
using static TorchSharp.torch;

namespace ArTar.Workbench.Kernels;

/// <summary>
/// The language model written out for the processor: the same equations as <see cref="LanguageModel"/>, whose weights it
/// uses in place, with the way back by hand and all memory taken once.
/// </summary>
internal sealed unsafe class FastNetwork : IDisposable
{
    // Numbers of the dropouts: 0 and 1 are the word vectors and the output; from 2 on between layers; then whole words; then within cells.
    private const int LayerDropoutPlace = 2, WordsPlace = 63;

    private readonly LanguageModel model;
    private readonly WindowSize size;
    private readonly Team team;
    private readonly MatrixProduct product;
    private readonly Weight embedding;
    private readonly TiedSoftmax softmax;
    private readonly RecurrentLayer[] layers;
    private readonly Buffer[] inputs;
    private readonly Buffer outputGradient, inputGradient, memoryGradient;
    private readonly Tensor raw, dropped;
    private readonly Weight[] weights;
    private long[] tokens = [], targets = [];
    private long seed;
    private bool training;

    /// <param name="model">The model; on the CPU.</param>
    /// <param name="steps">T of the longest window.</param>
    /// <param name="batchSize">B.</param>
    /// <param name="threads">Threads that compute.</param>
    /// <param name="gradients">Whether parameters get a gradient, for <see cref="Backward"/>.</param>
    /// <param name="ofHidden">Coefficients of AR and TAR, for <see cref="Backward"/>.</param>
    /// <param name="ofMemory">Those of AR and TAR of c.</param>
    public FastNetwork(LanguageModel model, int steps, int batchSize, int threads, bool gradients,
        (double Alpha, double Beta) ofHidden = default, (double Alpha, double Beta) ofMemory = default)
    {
        this.model = model;
        size = new(steps, batchSize, model.Hidden);
        team = new(threads);
        product = new(team);
        (Penalties, MemoryPenalties) = (new(ofHidden.Alpha, ofHidden.Beta, team), new(ofMemory.Alpha, ofMemory.Beta, team));
        var named = model.named_parameters().ToDictionary(p => p.name, p => WeightOf(p.parameter, gradients));
        weights = [.. named.Values];
        embedding = named["embedding.weight"];
        softmax = new(embedding, named["decoder_bias"], size.Rows, model.Hidden, team, product);
        layers = [.. Enumerable.Range(0, model.Layers).Select(i => RecurrentLayer.For(
            model.Cell,
            new(named[$"rnn.weight_ih_l{i}"], named[$"rnn.weight_hh_l{i}"], named[$"rnn.bias_ih_l{i}"], named[$"rnn.bias_hh_l{i}"]),
            size, model.Techniques, team, product))];
        long entries = (long)size.Rows * size.Hidden;
        inputs = [.. layers.Select(_ => new Buffer(entries))];
        (outputGradient, inputGradient) = (new(gradients ? entries : 0), new(gradients ? entries : 0));
        memoryGradient = new(ofMemory == default ? 0 : entries);
        if (ofMemory != default)
            ((LstmLayer)layers[^1]).PenaltyGradient = memoryGradient;
        raw = empty(steps, batchSize, model.Hidden).DetachFromDisposeScope();
        dropped = empty(steps, batchSize, model.Hidden).DetachFromDisposeScope();
    }

    /// <summary>AR and TAR of the last <see cref="Backward"/>.</summary>
    public SquarePenalties Penalties { get; }

    /// <summary>The same of the last layer's c.</summary>
    public SquarePenalties MemoryPenalties { get; }

    /// <summary>
    /// The last layer's output of the last window, [T, B, H], raw and dropped, for as long as the next window does not begin:
    /// the caller owns the views, not their memory.
    /// </summary>
    public (Tensor Raw, Tensor Dropped) Output(int steps) => (raw.narrow(0, 0, steps), dropped.narrow(0, 0, steps));

    /// <summary>Runs over a window.</summary>
    /// <param name="window">The window.</param>
    /// <param name="before">The state before it.</param>
    /// <param name="dropoutSeed">Decides the dropout masks; null for no dropout and no gradients.</param>
    /// <returns>The summed cross-entropy in nats, and the state after it, which the caller owns.</returns>
    public (double Loss, RecurrentState After) Forward(Window window, RecurrentState before, long? dropoutSeed)
    {
        (_, _, tokens, targets) = window.Within(model.Vocabulary);
        (training, seed) = (dropoutSeed is not null, dropoutSeed ?? 0);
        for (var i = 0; i < layers.Length; i++)
            layers[i].Masks = new(model.Techniques, i, seed, training);
        LoadState(before.Hidden, "before.Hidden", layer => layer.States);
        if (before.Memory is not null)
            LoadState(before.Memory, "before.Memory", layer => layer.Memories!);
        team.Run(rank => ForwardShare(rank, window.Steps));
        double loss = 0;
        foreach (var part in softmax.Losses[..targets.Length])
            loss += part;
        return (loss, new(
            StateAfter(window.Steps, layer => layer.States),
            before.Memory is null ? null : StateAfter(window.Steps, layer => layer.Memories!)));
    }

    /// <summary>
    /// Runs back over the window of the last <see cref="Forward"/> and leaves the gradients of its mean cross-entropy plus
    /// AR, TAR and other penalties in the parameters.
    /// </summary>
    /// <param name="ofRaw">Gradient of other penalties by the raw output, [T, B, H]; null for 0.</param>
    /// <param name="ofDropped">Gradient of other penalties by the dropped output.</param>
    /// <returns>The gradient's global L2 norm.</returns>
    public double Backward(Tensor? ofRaw, Tensor? ofDropped)
    {
        var parts = new double[team.Size];
        nint rawPart = ofRaw is null ? 0 : (nint)Address(ofRaw), droppedPart = ofDropped is null ? 0 : (nint)Address(ofDropped);
        team.Run(rank =>
        {
            BackwardShare(rank, (float*)rawPart, (float*)droppedPart);
            parts[rank] = SumOfSquares(rank);
        });
        foreach (var penalties in new[] { Penalties, MemoryPenalties })
            penalties.Conclude(tokens.Length * size.Hidden, size.Batch * size.Hidden);
        return Math.Sqrt(parts.Sum());
    }

    /// <summary>One step of gradient descent: w -= rate (scale * gradient + decay * w).</summary>
    public void Update(double learningRate, double scale, double weightDecay) => team.Run(rank =>
    {
        var step = Vector512.Create((float)-learningRate);
        var (rescale, decay) = (Vector512.Create((float)scale), Vector512.Create((float)weightDecay));
        foreach (var weight in weights)
        {
            var (from, to) = team.Share(rank, weight.Length, VectorMath.Width);
            for (var i = from; i < to; i += VectorMath.Width)
            {
                var w = VectorMath.Load(weight.Value + i, to - i);
                var gradient = Vector512.FusedMultiplyAdd(decay, w, rescale * VectorMath.Load(weight.Gradient + i, to - i));
                VectorMath.Store(Vector512.FusedMultiplyAdd(step, gradient, w), weight.Value + i, to - i);
            }
        }
    });

    private void ForwardShare(int rank, int steps)
    {
        var (rows, hidden) = (steps * size.Batch, size.Hidden);
        var (from, to) = team.Share(rank, rows);
        var (mask, words) = (Mask(0, model.Dropout), Mask(WordsPlace, model.Techniques.EmbeddingDropout));
        for (var row = from; row < to; row++)
        {
            var input = (float*)inputs[0] + (long)row * hidden;
            mask.Apply(embedding.Value + tokens[row] * hidden, input, (long)row * hidden, hidden);
            if (!words.IsNone)
                Scale(input, words[(uint)tokens[row]], 0, hidden);
        }
        team.Barrier();
        for (var i = 0; i < layers.Length; i++)
        {
            layers[i].Forward(rank, inputs[i], steps);
            var last = i + 1 == layers.Length;
            var next = last ? Address(dropped) : (float*)inputs[i + 1];
            mask = last ? Mask(1, model.Dropout) : Mask(LayerDropoutPlace + i, model.LayerDropout);
            mask.Apply(layers[i].Output + (long)from * hidden, next + (long)from * hidden, (long)from * hidden, (to - from) * hidden);
            team.Barrier();
        }
        new ReadOnlySpan<float>(layers[^1].Output + (long)from * hidden, (to - from) * hidden)
            .CopyTo(new(Address(raw) + (long)from * hidden, (to - from) * hidden));
        softmax.Forward(rank, Address(dropped), targets, training);
    }

    private void BackwardShare(int rank, float* rawPart, float* droppedPart)
    {
        var (rows, hidden) = (tokens.Length, size.Hidden);
        var (from, to) = team.Share(rank, rows * hidden, VectorMath.Width);
        float* gradient = outputGradient, below = inputGradient;
        if (layers[^1] is LstmLayer { PenaltyGradient: not null } last)
        {
            var memory = (float*)last.Memories + (long)size.Batch * hidden;
            new Span<float>((float*)memoryGradient + from, to - from).Clear();
            MemoryPenalties.AddActivation(rank, memory, memoryGradient, rows * hidden, from, to);
            MemoryPenalties.AddTemporal(rank, memory, memoryGradient, rows * hidden, size.Batch * hidden, from, to);
        }
        softmax.Backward(rank, Address(dropped), gradient, rows);
        Add(gradient, droppedPart, from, to);
        Penalties.AddActivation(rank, Address(dropped), gradient, rows * hidden, from, to);
        Mask(1, model.Dropout).Apply(gradient + from, gradient + from, from, to - from);
        Add(gradient, rawPart, from, to);
        Penalties.AddTemporal(rank, Address(raw), gradient, rows * hidden, size.Batch * hidden, from, to);
        team.Barrier();
        for (var i = layers.Length - 1; i >= 0; i--)
        {
            layers[i].Backward(rank, inputs[i], gradient, below, rows / size.Batch);
            var mask = i > 0 ? Mask(LayerDropoutPlace + i - 1, model.LayerDropout) : Mask(0, model.Dropout);
            mask.Apply(below + from, below + from, from, to - from);
            team.Barrier();
            var above = gradient;
            gradient = below;
            below = above;
        }
        // The tied weight: the decoder's gradient is there, the word vectors' is added. Members share its columns.
        var (left, right) = team.Share(rank, hidden, VectorMath.Width);
        var words = Mask(WordsPlace, model.Techniques.EmbeddingDropout);
        for (var row = 0; row < rows; row++)
        {
            if (!words.IsNone)
                Scale(gradient + (long)row * hidden, words[(uint)tokens[row]], left, right);
            Add(embedding.Gradient + tokens[row] * hidden, gradient + (long)row * hidden, left, right);
        }
        team.Barrier();
    }

    private double SumOfSquares(int rank)
    {
        const int run = 4096; // single precision within a run, double over the runs
        double sum = 0;
        foreach (var weight in weights)
        {
            var (from, to) = team.Share(rank, weight.Length, VectorMath.Width);
            for (var begin = from; begin < to; begin += run)
            {
                var end = Math.Min(begin + run, to);
                var part = Vector512<float>.Zero;
                for (var i = begin; i < end; i += VectorMath.Width)
                {
                    var g = VectorMath.Load(weight.Gradient + i, end - i);
                    part = Vector512.FusedMultiplyAdd(g, g, part);
                }
                sum += Vector512.Sum(part);
            }
        }
        return sum;
    }

    private static void Add(float* target, float* source, int from, int to)
    {
        if (source == null)
            return;
        for (var i = from; i < to; i += VectorMath.Width)
            VectorMath.Store(VectorMath.Load(target + i, to - i) + VectorMath.Load(source + i, to - i), target + i, to - i);
    }

    private static void Scale(float* x, float factor, int from, int to)
    {
        for (var i = from; i < to; i += VectorMath.Width)
            VectorMath.Store(VectorMath.Load(x + i, to - i) * factor, x + i, to - i);
    }

    private DropoutMask Mask(int place, double probability) => new(
        seed, place, training ? probability : 0, model.Techniques.VariationalDropout ? size.Batch * size.Hidden : int.MaxValue);

    private void LoadState(Tensor state, string name, Func<RecurrentLayer, Buffer> where)
    {
        Shape.Require(state, name, "layers B H", ("layers", layers.Length), ("B", size.Batch), ("H", size.Hidden));
        var entries = size.Batch * size.Hidden;
        for (var i = 0; i < layers.Length; i++)
            new ReadOnlySpan<float>(Address(state) + (long)i * entries, entries).CopyTo(new((float*)where(layers[i]), entries));
    }

    private Tensor StateAfter(int steps, Func<RecurrentLayer, Buffer> where)
    {
        var entries = size.Batch * size.Hidden;
        var state = empty(layers.Length, size.Batch, size.Hidden).DetachFromDisposeScope();
        for (var i = 0; i < layers.Length; i++)
            new ReadOnlySpan<float>((float*)where(layers[i]) + (long)steps * entries, entries)
                .CopyTo(new(Address(state) + (long)i * entries, entries));
        return state;
    }

    private static Weight WeightOf(Tensor parameter, bool withGradient)
    {
        if (withGradient)
        {
            using var noGradient = no_grad();
            parameter.grad = zeros_like(parameter).DetachFromDisposeScope();
        }
        using var gradient = withGradient ? parameter.grad : null;
        foreach (var tensor in new[] { parameter, gradient })
            if (tensor is not null)
                HugePages.Ask(Address(tensor), (nuint)tensor.numel() * sizeof(float));
        return new((nint)Address(parameter), gradient is null ? 0 : (nint)Address(gradient), (int)parameter.numel());
    }

    /// <summary>Where a tensor on the CPU, contiguous and of float32, lies.</summary>
    private static float* Address(Tensor tensor) =>
        (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));

    public void Dispose()
    {
        foreach (var layer in layers)
            layer.Dispose();
        foreach (var input in inputs)
            input.Dispose();
        softmax.Dispose();
        outputGradient.Dispose();
        inputGradient.Dispose();
        memoryGradient.Dispose();
        raw.Dispose();
        dropped.Dispose();
        product.Dispose();
        team.Dispose();
    }
}
