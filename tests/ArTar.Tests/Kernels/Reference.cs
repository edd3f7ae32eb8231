using ArTar.Workbench.Kernels;
using ArTar.Workbench.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Kernels;

/// <summary>The training objective as a plain loop over the steps in double precision, differentiated by libtorch, with given dropout masks.</summary>
internal static class Reference
{
    /// <summary>The same with the very masks that the fast kernels draw.</summary>
    public static (double Loss, Dictionary<string, Tensor> Gradients, Tensor LastState) Differentiate(
        LanguageModel model, long[] tokens, long[] targets, int batch, Tensor hidden, Tensor? memory, long seed, double alpha, double beta)
    {
        Tensor? MaskOf(int place)
        {
            var p = place < 2 ? model.Dropout : model.LayerDropout;
            var mask = new DropoutMask(seed, place, p);
            return p == 0 ? null : tensor(Enumerable.Range(0, tokens.Length * model.Hidden).Select(i => (double)mask[(uint)i]).ToArray());
        }
        return Differentiate(model, tokens, targets, batch, hidden, memory, MaskOf, alpha, beta);
    }

    /// <summary>Loss and the gradients of loss + alpha AR + beta TAR, by the parameters' names. Call it within a dispose scope.</summary>
    /// <param name="maskOf">The masks, T*B*H entries: 0 of the word vectors, 1 of the output, from 2 on between layers; null for none.</param>
    public static (double Loss, Dictionary<string, Tensor> Gradients, Tensor LastState) Differentiate(
        LanguageModel model, long[] tokens, long[] targets, int batch, Tensor hidden, Tensor? memory, Func<int, Tensor?> maskOf, double alpha, double beta)
    {
        var (H, steps) = (model.Hidden, tokens.Length / batch);
        var w = model.Weights().ToDictionary(p => p.Key, p => p.Value.detach().to(float64).requires_grad_());
        Tensor Masked(Tensor x, int place) => maskOf(place) is { } mask ? x * mask.to(float64).view(steps, batch, H) : x;

        var x = Masked(w["embedding.weight"].index_select(0, tensor(tokens)).view(steps, batch, H), 0);
        var last = new List<Tensor>();
        for (var layer = 0; layer < model.Layers; layer++)
        {
            var h = hidden[layer].to(float64);
            var c = memory?[layer].to(float64);
            var outputs = new List<Tensor>();
            for (var t = 0; t < steps; t++)
            {
                var fromInput = nn.functional.linear(x[t], w[$"rnn.weight_ih_l{layer}"], w[$"rnn.bias_ih_l{layer}"]);
                var fromState = nn.functional.linear(h, w[$"rnn.weight_hh_l{layer}"], w[$"rnn.bias_hh_l{layer}"]);
                var (a, b) = (fromInput.chunk(fromInput.shape[1] / H, 1), fromState.chunk(fromInput.shape[1] / H, 1));
                switch (model.Cell)
                {
                    case Cell.Lstm:
                        c = (a[1] + b[1]).sigmoid() * c! + (a[0] + b[0]).sigmoid() * (a[2] + b[2]).tanh();
                        h = (a[3] + b[3]).sigmoid() * c.tanh();
                        break;
                    case Cell.Gru:
                        var z = (a[1] + b[1]).sigmoid();
                        h = (1 - z) * (a[2] + (a[0] + b[0]).sigmoid() * b[2]).tanh() + z * h;
                        break;
                    default:
                        h = (a[0] + b[0]).tanh();
                        break;
                }
                outputs.Add(h);
            }
            last.Add(h);
            x = stack(outputs);
            if (layer + 1 < model.Layers)
                x = Masked(x, 2 + layer);
        }
        var dropped = Masked(x, 1);
        var loss = nn.functional.cross_entropy(nn.functional.linear(dropped.view(-1, H), w["embedding.weight"], w["decoder_bias"]), tensor(targets));
        var objective = loss + alpha * dropped.square().mean();
        if (steps > 1)
            objective += beta * (x.narrow(0, 1, steps - 1) - x.narrow(0, 0, steps - 1)).square().mean();
        objective.backward();
        return (loss.ToDouble(), w.ToDictionary(p => p.Key, p => p.Value.grad!), stack(last));
    }
}
