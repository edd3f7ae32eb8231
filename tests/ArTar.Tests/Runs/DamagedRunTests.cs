using ArTar.Workbench;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Training;

namespace ArTar.Tests.Runs;

/// <summary>What a run's files say is checked as what is typed is.</summary>
public sealed class DamagedRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StoredRun run;

    public DamagedRunTests()
    {
        var store = new RunStore(folder["runs"]);
        var plan = FakedRuns.Plan(1, Training.Small.Corpus(), seeds: 1, rows: ["alpha=2"]);
        FakedRuns.Write(store, plan, (_, _) => 200);
        run = store.All().Single();
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("seconds", "1e308")]
    [InlineData("seconds", "-1")]
    [InlineData("seconds", "\"NaN\"")]
    [InlineData("tokensPerSecond", "1e999")]
    [InlineData("parameters", "-5")]
    [InlineData("bestEpoch", "-1")]
    [InlineData("status", "\"running\"")]
    [InlineData("status", "\"sleeping\"")]
    [InlineData("status", "3")]
    [InlineData("circumstances", "{}")]
    [InlineData("circumstances", "null")]
    public void A_result_that_cannot_be_is_refused(string key, string value)
    {
        FakedRuns.Change(run.Folder, "summary.json", key, value);
        Assert.Contains("summary.json", Assert.Throws<WorkbenchException>(run.ReadSummary).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dataHash", "\"abc\"")]
    [InlineData("dataHash", "\"" + "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ" + "\"")]
    [InlineData("data", "\"\"")]
    [InlineData("data", "\"x\\u0000\"")]
    [InlineData("values", "{\"hidden\":0}")]
    [InlineData("values", "{\"layers\":2000000000}")]
    [InlineData("values", "{\"seed\":1,\"regularization\":{\"a/../../b\":1}}")]
    [InlineData("values", "null")]
    public void A_configuration_that_cannot_be_is_refused(string key, string value)
    {
        FakedRuns.Change(run.Folder, "configuration.json", key, value);
        var fault = Assert.Throws<WorkbenchException>(() => new RunStore(folder["runs"]).Get(run.Id));
        Assert.Contains("configuration.json", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"epoch\":0}")]
    [InlineData("[[[[[[[[")]
    public void Metrics_that_cannot_be_are_refused(string line)
    {
        File.WriteAllText(Path.Combine(run.Folder, "metrics.jsonl"), line + "\n");
        Assert.Contains("metrics.jsonl", Assert.Throws<WorkbenchException>(run.ReadMetrics).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_stands_twice_is_refused()
    {
        var path = Path.Combine(run.Folder, "summary.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("{\n", "{\n  \"seconds\": 1,\n", StringComparison.Ordinal));
        Assert.Throws<WorkbenchException>(run.ReadSummary);
    }

    [Fact]
    public void A_coefficient_that_only_a_notebook_knows_is_read()
    {
        var values = new HyperParameters { Regularization = System.Collections.Immutable.ImmutableSortedDictionary<string, double>.Empty.Add("gamma", 0.5) };
        var known = new RunStore(folder["runs"]).GetOrCreate(run.Configuration with { Values = values });
        Assert.Equal(0.5, new RunStore(folder["runs"]).Get(known.Id).Configuration.Values.Coefficient("gamma"));
    }

    [Fact]
    public void Every_published_run_is_read()
    {
        var runs = new RunStore(Path.Combine(TestData.Repository, "results", "runs")).All().ToList();
        Assert.NotEmpty(runs);
        Assert.All(runs, r => Assert.True(r.ReadSummary() is { LastEpoch: var last } && (last is null || r.ReadMetrics()[^1].Epoch == last.Epoch)));
    }
}
