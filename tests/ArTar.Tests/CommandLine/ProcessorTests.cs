using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ArTar.Tests.CommandLine;

/// <summary>The same training on processors with less: .NET can be told to leave instructions alone.</summary>
public class ProcessorTests
{
    [Fact]
    public void Without_AVX_512_and_without_AVX2_a_run_comes_to_the_same_but_for_rounding()
    {
        var all = Train("fast");
        var less = Train("fast", ("DOTNET_EnableAVX512", "0"), ("DOTNET_EnableAVX512F", "0"));
        var none = Train("plain", ("DOTNET_EnableAVX2", "0"), ("DOTNET_EnableFMA", "0"));
        Assert.Equal(3, all.Count);
        Assert.True(all[0] - all[^1] > 0.3, "nothing was learnt, so this shows nothing");
        Assert.All(all.Zip(less), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
        Assert.All(all.Zip(none), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    /// <summary>As where there are vectors of 128 bits alone, on ARM: the same loops, put together from those.</summary>
    [Fact]
    public void The_loops_are_right_with_short_vectors()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!,
        [
            "-noColor", "-method", "*.A_product_is_the_sum_that_defines_it", "-method", "*.Evaluation_agrees_with_the_plain_one",
            "-method", "*.Loss_state_and_every_gradient_agree_with_a_loop_in_double_precision_masks_included",
        ])
        { RedirectStandardOutput = true };
        start.Environment["DOTNET_EnableAVX"] = "0";
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, said);
        Assert.Contains("Total: 5, Errors: 0, Failed: 0, Skipped: 0", said, StringComparison.Ordinal);
    }

    /// <summary>Losses by epoch of a small LSTM without dropout, whose widths fill no vector.</summary>
    private static List<double> Train(string kernels, params (string, string)[] environment)
    {
        using var artar = new Artar();
        var said = Artar.Finish(artar.Start(
            ["train", "--threads", "1", "--set", "epochs=3", "hidden=45", "trainTokens=4000", "batchSize=7", "dropout=0", "layerDropout=0"], environment));
        Assert.True(said.Code == 0, said.Errors);
        Assert.Contains($"1 thread, {kernels} kernels", said.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        var metrics = Assert.Single(Directory.GetFiles(artar.Runs, "metrics.jsonl", SearchOption.AllDirectories));
        return [.. File.ReadLines(metrics).Select(line => JsonNode.Parse(line)!["trainLoss"]!.GetValue<double>())];
    }
}
