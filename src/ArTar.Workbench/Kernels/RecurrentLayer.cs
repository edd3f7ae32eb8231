using ArTar.Workbench.Models;

namespace ArTar.Workbench.Kernels;

/// <summary>
/// One recurrent layer over a window, forward and back, without automatic differentiation: the products with the input
/// are one large product before the steps, the products for the weights' gradients are large ones after them, and only the
/// products with the state remain in the loop over time.
/// </summary>
/// <remarks>
/// x and h are [T, B, H]; the gates' sums are [T, B, G*H] with libtorch's order of gates. All members of the team call
/// <see cref="Forward"/> and <see cref="Backward"/> together. A cell says what it does with the sums of H units of one
/// sequence at one step.
/// </remarks>
internal abstract unsafe class RecurrentLayer : IDisposable
{
    private readonly Team team;
    private readonly MatrixProduct product;
    private readonly int gates;
    private readonly Weight inputWeight, stateWeight, inputBias, stateBias;
    private readonly StateProduct stateProduct, backProduct;
    private readonly Buffer fromInput, fromState, back, droppedWeight, read, readGradient;

    /// <param name="gates">G, the number of sums a unit needs.</param>
    /// <param name="weights">The layer's weights.</param>
    /// <param name="size">Steps, sequences and units.</param>
    /// <param name="techniques">Techniques of others.</param>
    /// <param name="team">Who computes.</param>
    /// <param name="product">How products are computed.</param>
    protected RecurrentLayer(int gates, LayerWeights weights, WindowSize size, Techniques techniques, Team team, MatrixProduct product)
    {
        (this.gates, this.team, this.product, Size) = (gates, team, product, size);
        (inputWeight, stateWeight, inputBias, stateBias) = weights;
        stateProduct = new(size.Batch, size.Hidden, gates * size.Hidden, team);
        backProduct = new(size.Batch, gates * size.Hidden, size.Hidden, team);
        fromInput = new((long)size.Rows * gates * size.Hidden);
        fromState = new((long)size.Batch * gates * size.Hidden);
        back = new((long)size.Batch * size.Hidden);
        States = new((long)(size.Steps + 1) * size.Batch * size.Hidden);
        droppedWeight = new(techniques.WeightDropout > 0 ? stateWeight.Length : 0);
        read = new(techniques.RecurrentDropout > 0 ? (long)(size.Steps + 1) * size.Batch * size.Hidden : 0);
        readGradient = new(techniques.RecurrentDropout > 0 ? (long)size.Batch * size.Hidden : 0);
    }

    protected WindowSize Size { get; }

    /// <summary>Techniques of others, in the window that comes.</summary>
    public CellMasks Masks { protected get; set; }

    /// <summary>h before the window and after each of its steps, [1 + T, B, H].</summary>
    public Buffer States { get; }

    /// <summary>The cell state c in the same way, for a cell that has one.</summary>
    public virtual Buffer? Memories => null;

    /// <summary>h after each step, [T, B, H].</summary>
    public float* Output => (float*)States + (long)Size.Batch * Size.Hidden;

    /// <summary>What the state sees of the gates' gradients, [T, B, G*H], where that is not what the input sees.</summary>
    protected virtual float* StateGradients => fromInput;

    /// <summary>Runs over a window; <see cref="States"/> begins with the state before it.</summary>
    public void Forward(int rank, float* input, int steps)
    {
        var (batch, hidden, sums) = (Size.Batch, Size.Hidden, gates * Size.Hidden);
        product.Multiply(rank, new(input, steps * batch, hidden), inputWeight.Matrix(sums, hidden).T, new(fromInput, steps * batch, sums),
            Start.Bias(inputBias.Value));
        DropWeight(rank, stateWeight.Value, droppedWeight);
        stateProduct.PackMatrix(rank, ReadWeight.T);
        var (from, to) = team.Share(rank, hidden, VectorMath.Width);
        Read(0, from, to);
        team.Barrier();
        for (var t = 0; t < steps; t++)
        {
            stateProduct.Multiply(rank, new(fromState, batch, sums), Start.Bias(stateBias.Value), fromTheRight: t % 2 == 1);
            team.Barrier();
            for (var b = 0; b < batch; b++)
                Activate(t * batch + b, (float*)fromInput + (long)(t * batch + b) * sums, (float*)fromState + (long)b * sums, from, to);
            Read(t + 1, from, to);
            team.Barrier();
        }
    }

    /// <summary>Runs back over the window, from the gradient of <see cref="Output"/> to those of the weights and of the input.</summary>
    public void Backward(int rank, float* input, float* outputGradient, float* inputGradient, int steps)
    {
        var (batch, hidden, sums) = (Size.Batch, Size.Hidden, gates * Size.Hidden);
        backProduct.PackMatrix(rank, ReadWeight);
        var (from, to) = team.Share(rank, hidden, VectorMath.Width);
        for (var t = steps - 1; t >= 0; t--)
        {
            var last = t == steps - 1;
            for (var b = 0; b < batch; b++)
            {
                var row = t * batch + b;
                if (!last && !Masks.Read.IsNone)
                    AddRead(b, from, to);
                Differentiate(row, last, (float*)fromInput + (long)row * sums, outputGradient + (long)row * hidden,
                    (float*)back + (long)b * hidden, from, to);
            }
            // The state before the window is cut off from its gradient.
            if (t > 0)
            {
                var gradients = new Matrix(StateGradients + (long)t * batch * sums, batch, sums);
                for (var gate = 0; gate < sums; gate += hidden)
                    backProduct.PackState(gradients, gate + from, gate + to);
                team.Barrier();
                if (Masks.Read.IsNone)
                    backProduct.Multiply(rank, new(back, batch, hidden), PassesBy ? Start.Existing : default, fromTheRight: t % 2 == 1);
                else
                    backProduct.Multiply(rank, new(readGradient, batch, hidden), default, fromTheRight: t % 2 == 1);
            }
            team.Barrier();
        }
        var ofInput = new Matrix(fromInput, steps * batch, sums);
        var ofState = new Matrix(StateGradients, steps * batch, sums);
        product.Multiply(rank, ofInput.T, new(input, steps * batch, hidden), new(inputWeight.Gradient, sums, hidden));
        product.Multiply(rank, ofState.T, ReadState(0) with { Rows = steps * batch }, new(stateWeight.Gradient, sums, hidden));
        product.Multiply(rank, ofInput, inputWeight.Matrix(sums, hidden), new(inputGradient, steps * batch, hidden));
        SumRows(rank, ofInput, inputBias.Gradient);
        SumRows(rank, ofState, stateBias.Gradient);
        team.Barrier();
        DropWeight(rank, stateWeight.Gradient, stateWeight.Gradient);
    }

    private void DropWeight(int rank, float* source, float* target)
    {
        if (Masks.Weight.IsNone)
            return;
        var (from, to) = team.Share(rank, stateWeight.Length, VectorMath.Width);
        Masks.Weight.Apply(source + from, target + from, from, to - from);
        team.Barrier();
    }

    /// <summary>W_hh as the cell reads it, [G*H, H].</summary>
    private Matrix ReadWeight =>
        new(Masks.Weight.IsNone ? stateWeight.Value : droppedWeight, gates * Size.Hidden, Size.Hidden);

    /// <summary>h as step t reads it, [B, H].</summary>
    private Matrix ReadState(int t) =>
        new((Masks.Read.IsNone ? (float*)States : read) + (long)t * Size.Batch * Size.Hidden, Size.Batch, Size.Hidden);

    private void Read(int t, int from, int to)
    {
        if (!Masks.Read.IsNone)
            for (var b = 0; b < Size.Batch; b++)
                Masks.Read.Apply((float*)States + (long)(t * Size.Batch + b) * Size.Hidden + from, ReadState(t).At(b, from),
                    b * Size.Hidden + from, to - from);
        stateProduct.PackState(ReadState(t), from, to);
    }

    /// <summary>Back through the mask on h, to what passed it by.</summary>
    private void AddRead(int b, int from, int to)
    {
        for (var u = from; u < to; u += VectorMath.Width)
        {
            var at = b * Size.Hidden + u;
            var gradient = Masks.Read.Of(VectorMath.Load((float*)readGradient + at, to - u), at);
            if (PassesBy)
                gradient += VectorMath.Load((float*)back + at, to - u);
            VectorMath.Store(gradient, (float*)back + at, to - u);
        }
    }

    /// <summary>Whether part of h's gradient passes the gates by: it is in <c>back</c> already, and the product is added.</summary>
    protected virtual bool PassesBy => !Masks.Hidden.IsNone;

    /// <summary>From the gates' sums to h (and c) for units <paramref name="from"/> to <paramref name="to"/> of one row t*B + b.</summary>
    /// <param name="row">t*B + b.</param>
    /// <param name="sums">The input's part, [G, H]; what the way back needs replaces it.</param>
    /// <param name="state">The state's part, [G, H].</param>
    /// <param name="from">First unit.</param>
    /// <param name="to">Unit to stop before.</param>
    protected abstract void Activate(int row, float* sums, float* state, int from, int to);

    /// <summary>From the gradient of h to those of the gates' sums.</summary>
    /// <param name="row">t*B + b.</param>
    /// <param name="last">At the last step nothing comes from later ones.</param>
    /// <param name="sums">What <see cref="Activate"/> left, [G, H]; the gradients replace it.</param>
    /// <param name="output">Gradient of h as output, [H].</param>
    /// <param name="back">Gradient of h as the next step's state, [H].</param>
    /// <param name="from">First unit.</param>
    /// <param name="to">Unit to stop before.</param>
    protected abstract void Differentiate(int row, bool last, float* sums, float* output, float* back, int from, int to);

    private void SumRows(int rank, Matrix m, float* target)
    {
        var (from, to) = team.Share(rank, m.Columns, VectorMath.Width);
        new Span<float>(target + from, to - from).Clear();
        for (var row = 0; row < m.Rows; row++)
            for (var j = from; j < to; j += VectorMath.Width)
                VectorMath.Store(VectorMath.Load(target + j, to - j) + VectorMath.Load(m.At(row, j), to - j), target + j, to - j);
    }

    public virtual void Dispose()
    {
        stateProduct.Dispose();
        backProduct.Dispose();
        fromInput.Dispose();
        fromState.Dispose();
        back.Dispose();
        States.Dispose();
        droppedWeight.Dispose();
        read.Dispose();
        readGradient.Dispose();
    }

    /// <summary>The layer for a cell.</summary>
    public static RecurrentLayer For(
        Cell cell, LayerWeights weights, WindowSize size, Techniques techniques, Team team, MatrixProduct product) => cell switch
    {
        Cell.Lstm => new LstmLayer(weights, size, techniques, team, product),
        Cell.Gru => new GruLayer(weights, size, techniques, team, product),
        _ => new TanhLayer(weights, size, techniques, team, product),
    };
}

/// <summary>T, B and H of the largest window.</summary>
internal readonly record struct WindowSize(int Steps, int Batch, int Hidden)
{
    /// <summary>T * B.</summary>
    public int Rows => Steps * Batch;
}

/// <summary>A parameter's values and its gradient, both in libtorch's memory.</summary>
internal readonly unsafe record struct Weight(nint Values, nint Gradients, int Length)
{
    public float* Value => (float*)Values;
    public float* Gradient => (float*)Gradients;
    public Matrix Matrix(int rows, int columns) => new(Value, rows, columns);
}

/// <summary>A recurrent layer's weights: W_ih [G*H, H], W_hh [G*H, H] and their biases [G*H].</summary>
internal readonly record struct LayerWeights(Weight Input, Weight State, Weight InputBias, Weight StateBias);
