using ArTar.Workbench.Regularization;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Regularization;

[Collection(TorchTests.Name)]
public class PenaltyTests
{
    private static readonly ActivationRegularizer arPenalty = new();
    private static readonly TemporalActivationRegularizer tarPenalty = new();

    [Fact]
    public void AR_and_TAR_agree_with_naive_loops() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 4], Gen.Int[1, 5], Gen.Int[0, 1_000_000]).Sample((T, B, H, seed) =>
        {
            using var scope = NewDisposeScope();
            manual_seed(seed);
            var raw = randn(T, B, H);
            var dropped = nn.functional.dropout(raw, 0.5, training: true);
            var (h, m) = (raw.Numbers(), dropped.Numbers());
            double Raw(int t, int b, int j) => h[(t * B + b) * H + j];

            var (ar, tar) = (0.0, 0.0);
            for (var t = 0; t < T; t++)
                for (var b = 0; b < B; b++)
                    for (var j = 0; j < H; j++)
                    {
                        ar += m[(t * B + b) * H + j] * m[(t * B + b) * H + j];
                        if (t + 1 < T)
                            tar += (Raw(t + 1, b, j) - Raw(t, b, j)) * (Raw(t + 1, b, j) - Raw(t, b, j));
                    }
            Assert.Equal(ar / (T * B * H), Value(arPenalty, raw, dropped), 1e-5);
            Assert.Equal(T == 1 ? 0 : tar / ((T - 1) * B * H), Value(tarPenalty, raw, dropped), 1e-5);
        }, iter: 100, threads: 1);

    [Fact]
    public void A_small_case_by_hand()
    {
        using var scope = NewDisposeScope();
        // T = 3, B = 2, H = 2. Column 0: (1, 2), (3, 2), (3, 5); column 1: (0, 0), (0, 1), (-2, 1).
        var raw = tensor(new float[] { 1, 2, 0, 0, 3, 2, 0, 1, 3, 5, -2, 1 }, [3, 2, 2]);
        var dropped = tensor(new float[] { 2, 0, 0, 0, 6, 0, 0, 2, 0, 10, 0, 0 }, [3, 2, 2]);
        Assert.Equal((4 + 36 + 4 + 100) / 12.0, Value(arPenalty, raw, dropped), 1e-5);
        Assert.Equal((4 + 1 + 9 + 4) / 8.0, Value(tarPenalty, raw, dropped), 1e-6); // of the raw output, over (T - 1)*B*H
    }

    [Fact]
    public void TAR_differs_over_time_not_over_the_batch()
    {
        using var scope = NewDisposeScope();
        var constantInTime = randn(1, 3, 4).expand(5, 3, 4);
        var constantOverBatch = randn(5, 1, 4).expand(5, 3, 4);
        Assert.Equal(0, Value(tarPenalty, constantInTime, constantInTime));
        Assert.True(Value(tarPenalty, constantOverBatch, constantOverBatch) > 0.1);
    }

    [Fact]
    public void TAR_of_a_single_step_is_zero_and_moves_no_weight()
    {
        using var scope = NewDisposeScope();
        var raw = randn(1, 3, 4).requires_grad_();
        Assert.Equal(0, Value(tarPenalty, raw, raw));
        (raw.square().sum() + 5 * tarPenalty.Penalty(raw, raw)).backward();
        Assert.Equal((2 * raw).Numbers(), raw.grad!.Numbers());
    }

    [Fact]
    public void Both_can_be_differentiated()
    {
        // Against the quotient of differences, in double precision: d penalty / d h for every entry of h.
        using var scope = NewDisposeScope();
        manual_seed(5);
        const double step = 1e-6;
        foreach (IRegularizer regularizer in new IRegularizer[] { arPenalty, tarPenalty })
        {
            var h = randn([3, 2, 2], float64).requires_grad_();
            regularizer.Penalty(h, h).backward();
            var quotients = new double[h.numel()];
            for (var i = 0; i < quotients.Length; i++)
            {
                var nudge = zeros(h.numel(), float64);
                nudge[i] = step;
                var (up, down) = (h.detach() + nudge.view(h.shape), h.detach() - nudge.view(h.shape));
                quotients[i] = (Value(regularizer, up, up) - Value(regularizer, down, down)) / (2 * step);
            }
            Tensors.Near(quotients, h.grad!.Numbers(), 1e-7, regularizer.Name);
        }
    }

    private static double Value(IRegularizer regularizer, Tensor raw, Tensor dropped)
    {
        using var scope = NewDisposeScope();
        var penalty = regularizer.Penalty(raw, dropped);
        Assert.Equal(0, penalty.dim());
        return penalty.ToDouble();
    }
}
