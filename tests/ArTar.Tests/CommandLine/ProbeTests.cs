using System.Globalization;
using System.Text.Json.Nodes;

namespace ArTar.Tests.CommandLine;

/// <summary><c>artar probe</c>: what a trained model's hidden states are like.</summary>
public sealed class ProbeTests(TrainedRun trained) : IDisposable
{
    private readonly Artar artar = trained.OnOwnText();

    public void Dispose() => artar.Dispose();

    [Fact]
    public void People_and_programs_read_the_same_numbers()
    {
        string[] probe = ["probe", "text-lstm", "--split", "test", "--windows", "5", "--threads", "1"];
        var said = artar.Run(probe);
        Assert.Equal((0, ""), (said.Code, said.Errors));
        var model = Assert.Single(JsonNode.Parse(artar.Run([.. probe, "--format", "json"]).Output)!.AsArray())!;
        Assert.Equal(("lstm", 8, "test"), (model["cell"]!.GetValue<string>(), model["hidden"]!.GetValue<int>(), model["split"]!.GetValue<string>()));
        Assert.InRange(model["mean_square"]!.GetValue<double>(), 0, 1); // of h, which lies between -1 and 1
        string Text(string key) => model[key]!.GetValue<double>().ToString("G5", CultureInfo.InvariantCulture);
        Assert.Matches($@"AR's penalty +{Text("mean_square")}\n", said.Output);
        Assert.Matches($@"TAR's penalty +{Text("mean_square_step")}\n", said.Output);
        Assert.Contains($"test split of text, {model["steps"]!.GetValue<int>():N0} steps, without dropout", said.Output, StringComparison.Ordinal);
        var quantiles = model["norm_quantiles"]!.AsObject().Select(q => q.Value!.GetValue<double>()).ToList();
        Assert.Equal(quantiles.Order(), quantiles);
    }

    [Fact]
    public void Its_figures_are_drawn_without_a_browser_where_no_picture_is_asked_for()
    {
        var file = Path.Combine(artar.Home, "norms.json");
        var said = artar.Run("probe", "text-lstm", "--windows", "2", "--figure", file);
        Assert.Equal(0, said.Code);
        Assert.StartsWith($"Figure: {file}\n", said.Errors, StringComparison.Ordinal);
        Assert.NotEmpty(JsonNode.Parse(File.ReadAllText(file))!["data"]!.AsArray());
    }
}
