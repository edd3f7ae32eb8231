using ArTar.Workbench.Data;
using ArTar.Workbench.Stack;
using ArTar.Workbench.Training;
using CsCheck;
using static TorchSharp.torch;

namespace ArTar.Tests.Stack;

[Collection(TorchTests.Name)]
public class DeviceTextTests
{
    [Fact]
    public void Its_windows_are_those_that_one_run_reads() =>
        Gen.Select(Gen.Int[2, 60], Gen.Int[1, 5], Gen.Int[1, 12], Gen.Int[0, 4]).Sample((column, B, T, tail) =>
        {
            using var scope = NewDisposeScope();
            int[] tokens = [.. Enumerable.Range(0, column * B + tail % B).Select(i => i * 7 % 101)];
            var windows = new Windows(tokens, B, T);
            using var text = new DeviceText(tokens, B, T, int.MaxValue, CPU);
            Assert.Equal((windows.Count, windows.PredictedTokens), (text.Count, text.PredictedTokens));
            for (var i = 0; i < windows.Count; i++)
            {
                var ((inputs, targets), (x, y)) = (text[i], windows[i].ToTensors(CPU));
                Assert.Equal(x.shape, inputs.shape);
                Assert.Equal(x.Numbers(), inputs.Numbers());
                Assert.Equal(y.Numbers(), targets.Numbers());
            }
        }, iter: 50, threads: 1);
}
