using ArTar.Workbench.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ArTar.Bench;

/// <summary>
/// The yardstick: the tied language model and its training step as one writes them in eager TorchSharp, without any care for
/// speed and with libtorch's own settings. It shares no code with the library.
/// </summary>
internal sealed class EagerModel : Module
{
    private readonly Configuration values;
    private readonly Embedding embedding;
    private readonly Parameter decoder_bias;
    private readonly Module rnn;
    private readonly optim.Optimizer optimizer;
    private Tensor hidden;
    private Tensor? memory;

    public EagerModel(Configuration values) : base(nameof(EagerModel))
    {
        this.values = values;
        var (size, layers, dropout) = (values.Hidden, values.Layers, values.Layers > 1 ? values.Dropout : 0);
        rnn = values.Cell switch
        {
            Cell.Lstm => LSTM(size, size, layers, dropout: dropout),
            Cell.Gru => GRU(size, size, layers, dropout: dropout),
            _ => RNN(size, size, layers, NonLinearities.Tanh, dropout: dropout),
        };
        embedding = Embedding(values.Vocabulary, size);
        init.uniform_(embedding.weight!, -0.1, 0.1);
        decoder_bias = Parameter(zeros(values.Vocabulary));
        RegisterComponents();
        optimizer = optim.SGD(parameters(), values.LearningRate, weight_decay: values.WeightDecay);
        hidden = zeros(layers, values.Batch, size);
        memory = values.Cell == Cell.Lstm ? zeros(layers, values.Batch, size) : null;
        train(values.Mode == Mode.Train);
    }

    /// <summary>One training step on token ids, [T, B] each.</summary>
    /// <returns>The cross-entropy.</returns>
    public double Step(Tensor inputs, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var (raw, dropped, loss) = Forward(inputs, targets);
        var objective = loss;
        if (values.Alpha != 0)
            objective += values.Alpha * dropped.pow(2).mean();
        if (values.Beta != 0)
            objective += values.Beta * (raw[TensorIndex.Slice(1)] - raw[TensorIndex.Slice(null, -1)]).pow(2).mean();
        optimizer.zero_grad();
        objective.backward();
        nn.utils.clip_grad_norm_(parameters(), values.Clip);
        optimizer.step();
        return loss.ToDouble();
    }

    /// <summary>The cross-entropy of token ids, [T, B] each.</summary>
    /// <param name="inputs">The words.</param>
    /// <param name="targets">The words that follow them.</param>
    /// <param name="gradients">Whether libtorch is to prepare for gradients, which nobody asks for.</param>
    public double Evaluate(Tensor inputs, Tensor targets, bool gradients)
    {
        using var scope = NewDisposeScope();
        using var mode = set_grad_enabled(gradients);
        return Forward(inputs, targets).Loss.ToDouble();
    }

    /// <summary>Whether the recurrent layers compute the same without gradients as with them; see <see cref="Sides.Inference"/>.</summary>
    /// <param name="inputs">Words to try it with, [T, B].</param>
    public bool IsRightWithoutGradients(Tensor inputs)
    {
        using var scope = NewDisposeScope();
        Tensor Raw(bool gradients)
        {
            using var mode = set_grad_enabled(gradients);
            Forget();
            return Recur(embedding.call(inputs)).detach();
        }
        var isRight = allclose(Raw(gradients: false), Raw(gradients: true), rtol: 1e-4, atol: 1e-5);
        Forget();
        return isRight;
    }

    /// <summary>Starts a text anew.</summary>
    public void Forget()
    {
        hidden.zero_();
        memory?.zero_();
    }

    private (Tensor Raw, Tensor Dropped, Tensor Loss) Forward(Tensor inputs, Tensor targets)
    {
        var words = functional.dropout(embedding.call(inputs), values.Dropout, training);   // [T, B, H]
        var raw = Recur(words);                                                              // [T, B, H]
        var dropped = functional.dropout(raw, values.Dropout, training);
        var logits = functional.linear(dropped, embedding.weight!, decoder_bias);            // [T, B, V]
        return (raw, dropped, functional.cross_entropy(logits.view(-1, values.Vocabulary), targets.view(-1)));
    }

    private Tensor Recur(Tensor words)
    {
        Tensor raw, next, nextMemory;
        if (rnn is LSTM lstm)
        {
            (raw, next, nextMemory) = lstm.call(words, (hidden, memory!));
            memory!.Dispose();
            memory = nextMemory.detach().MoveToOuterDisposeScope();
        }
        else
            (raw, next) = rnn is GRU gru ? gru.call(words, hidden) : ((RNN)rnn).call(words, hidden);
        hidden.Dispose();
        hidden = next.detach().MoveToOuterDisposeScope();
        return raw;
    }
}
