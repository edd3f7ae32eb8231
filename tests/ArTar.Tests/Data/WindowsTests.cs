using ArTar.Workbench;
using ArTar.Workbench.Data;
using CsCheck;

namespace ArTar.Tests.Data;

public class WindowsTests
{
    private static readonly Gen<(int N, int B, int T)> s_sizes =
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 20], Gen.Int[2, 200], (b, t, column) => (b, t, column))
            .SelectMany(s => Gen.Int[0, s.b - 1].Select(tail => (s.b * s.column + tail, s.b, s.t)));

    [Fact]
    public void Every_token_but_the_first_of_a_column_is_predicted_exactly_once() => s_sizes.Sample((n, b, t) =>
    {
        // Token i has id i, so that an id tells where it came from.
        var windows = new Windows(Enumerable.Range(0, n).ToArray(), b, t);
        var targets = All(windows).SelectMany(window => window.Targets).Order().ToArray();
        var column = n / b;
        var expected = Enumerable.Range(0, column * b).Where(i => i % column != 0).Select(i => (long)i);
        Assert.Equal(expected, targets);
        Assert.Equal(targets.Length, windows.PredictedTokens);
    });

    [Fact]
    public void Targets_are_the_inputs_one_step_later() => s_sizes.Sample((n, b, t) =>
    {
        foreach (var window in All(new Windows(Enumerable.Range(0, n).ToArray(), b, t)))
            Assert.Equal(window.Inputs.Select(id => id + 1), window.Targets);
    });

    [Fact]
    public void Windows_put_together_give_back_each_column_and_only_the_tail_is_lost() => s_sizes.Sample((n, b, t) =>
    {
        var windows = new Windows(Enumerable.Range(0, n).ToArray(), b, t);
        var all = All(windows).ToArray();
        var whole = new List<long>();
        for (var column = 0; column < b; column++)
        {
            for (var w = 0; w < all.Length; w++)
                for (var step = 0; step < all[w].Steps; step++)
                    whole.Add(all[w].Inputs[step * b + column]);
            whole.Add(all[^1].Targets[(all[^1].Steps - 1) * b + column]); // read by nobody, only predicted
        }
        Assert.Equal(Enumerable.Range(0, n - windows.TokensDropped).Select(i => (long)i), whole);
        Assert.InRange(windows.TokensDropped, 0, b - 1);
        Assert.All(all[..^1], window => Assert.Equal(t, window.Steps));
        Assert.InRange(all[^1].Steps, 1, t);
    });

    [Fact]
    public void A_small_case_by_hand()
    {
        int[] tokens = [10, 11, 12, 13, 20, 21, 22, 23, 99];
        var windows = new Windows(tokens, batchSize: 2, length: 2);
        Assert.Equal((2, 1, 6L), (windows.Count, windows.TokensDropped, windows.PredictedTokens));
        Assert.Equal([10L, 20, 11, 21], windows[0].Inputs);
        Assert.Equal([11L, 21, 12, 22], windows[0].Targets);
        Assert.Equal([12L, 22], windows[1].Inputs);
        Assert.Equal([13L, 23], windows[1].Targets);
        Assert.Throws<ArgumentOutOfRangeException>(() => windows[2]);
    }

    [Theory]
    [InlineData(0, 5, "The batch size is 0; it must be at least 1.")]
    [InlineData(2, 0, "The window length (BPTT) is 0; it must be at least 1.")]
    [InlineData(6, 5, "10 tokens are too few for 6 columns: each needs at least 2, one to read and one to predict. Use a smaller batch or more text.")]
    public void Sizes_that_make_no_window_are_refused(int batchSize, int length, string message) =>
        Assert.Equal(message, Assert.Throws<WorkbenchException>(() => new Windows(new int[10], batchSize, length)).Message);

    private static IEnumerable<Window> All(Windows windows) => Enumerable.Range(0, windows.Count).Select(i => windows[i]);
}
