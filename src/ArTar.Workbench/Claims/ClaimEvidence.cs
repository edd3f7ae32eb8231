using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Models;

namespace ArTar.Workbench.Claims;

/// <summary>A run that a claim is decided by.</summary>
internal sealed record ClaimRun
{
    /// <summary>The row.</summary>
    public required Row Row { get; init; }

    /// <summary>The seed.</summary>
    public required int Seed { get; init; }

    /// <summary>The run's name.</summary>
    public required string Run { get; init; }

    /// <summary>How far it has come.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>Its result, once it has ended.</summary>
    public required RunSummary? Summary { get; init; }

    /// <summary>Trainable parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>What is trained on what.</summary>
    public required RunConfiguration Configuration { get; init; }

    /// <summary>Whether it has a result: one that diverged has one, too.</summary>
    public bool HasEnded => Status is RunStatus.Finished or RunStatus.Diverged;

    /// <summary>Validation perplexity of a run that finished.</summary>
    public double? ValidPerplexity => Status == RunStatus.Finished ? Summary?.ValidPerplexity : null;

    /// <summary>Test perplexity of a run that finished.</summary>
    public double? TestPerplexity => Status == RunStatus.Finished ? Summary?.TestPerplexity : null;
}

/// <summary>What a claim's test may look at: runs that have all ended.</summary>
internal sealed class ClaimEvidence(
    IReadOnlyList<ClaimRun> runs, Func<RunConfiguration, (double Valid, double Test)> unigram, Func<ClaimRun, NearestIdentity> identity)
{
    private readonly Dictionary<(Row Row, int Seed), ClaimRun> byPlace =
        runs.DistinctBy(r => (r.Row, r.Seed)).ToDictionary(r => (r.Row, r.Seed));

    /// <summary>The runs.</summary>
    public IReadOnlyList<ClaimRun> Runs => runs;

    /// <summary>The rows, as the tables have them.</summary>
    public IReadOnlyList<Row> Rows { get; } = [.. runs.Select(r => r.Row).Distinct()];

    /// <summary>The coefficient of a penalty in a row, the same for all seeds.</summary>
    public double Strength(Row row, string coefficient) => byPlace[(row, Seeds[0])].Configuration.Values.Coefficient(coefficient);

    /// <summary>The rows by their coefficients, the smallest first.</summary>
    public IEnumerable<Row> By(params string[] coefficients) =>
        coefficients.Reverse().Aggregate(Rows.AsEnumerable(), (rows, c) => rows.OrderBy(row => Strength(row, c)));

    /// <summary>Whether there is such a run.</summary>
    public bool Has(Row row, int seed) => byPlace.ContainsKey((row, seed));

    /// <summary>The seeds, in order.</summary>
    public IReadOnlyList<int> Seeds { get; } = [.. runs.Select(r => r.Seed).Distinct().Order()];

    public string Run(Row row, int seed) => byPlace[(row, seed)].Run;

    public long Parameters(Row row) => byPlace[(row, Seeds[0])].Parameters;

    /// <summary>Validation perplexity; the unigram model's for a run that diverged.</summary>
    public double Valid(Row row, int seed) => Perplexity(row, seed).Valid;

    /// <summary>Test perplexity; the unigram model's for a run that diverged.</summary>
    public double Test(Row row, int seed) => Perplexity(row, seed).Test;

    /// <summary>How close the recurrent matrix of the best checkpoint is to a multiple of the identity.</summary>
    public NearestIdentity Identity(Row row, int seed) => identity(byPlace[(row, seed)]);

    /// <summary>Gain of a row over its baseline with the same seed, in per cent of the baseline's validation perplexity.</summary>
    public double Gain(Row row, int seed) => Percent(Valid(row, seed), Valid(row.Baseline!, seed));

    /// <summary>The same on the test split.</summary>
    public double TestGain(Row row, int seed) => Percent(Test(row, seed), Test(row.Baseline!, seed));

    /// <summary>The row with the lowest mean validation perplexity over the other seeds; the first of equals.</summary>
    public Row BestWithout(int seed, IEnumerable<Row> rows) =>
        rows.MinBy(row => Seeds.Where(s => s != seed).Average(s => Valid(row, s)))!;

    private (double Valid, double Test) Perplexity(Row row, int seed)
    {
        var run = byPlace[(row, seed)];
        if (run.Status == RunStatus.Diverged)
            return unigram(run.Configuration);
        return run.Summary is { ValidPerplexity: { } valid, TestPerplexity: { } test } && double.IsFinite(valid) && double.IsFinite(test)
            ? (valid, test)
            : throw new WorkbenchException(
                $"Run {run.Run} is finished, but its losses are no figures to compare. Once its folder lies elsewhere, it is "
                    + "trained anew.");
    }

    private static double Percent(double ours, double baseline) => 100 * (baseline - ours) / baseline;
}
