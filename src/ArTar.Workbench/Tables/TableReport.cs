using System.Globalization;
using ArTar.Workbench.Display;
using ArTar.Workbench.Regularization;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Tables;

/// <summary>Mean and spread of a figure over seeds.</summary>
/// <param name="Mean">Mean over the seeds that have a figure.</param>
/// <param name="Deviation">Standard deviation over them (n - 1 in the denominator); 0 for one.</param>
/// <param name="Count">Seeds that have a figure.</param>
public readonly record struct MeanDeviation(double Mean, double Deviation, int Count)
{
    /// <summary>Summarises figures; null when there is none.</summary>
    public static MeanDeviation? Of(IEnumerable<double> figures)
    {
        var all = figures.ToList();
        if (all.Count == 0)
            return null;
        var mean = all.Average();
        var deviation = all.Count > 1 ? Math.Sqrt(all.Sum(x => (x - mean) * (x - mean)) / (all.Count - 1)) : 0;
        return new(mean, deviation, all.Count);
    }

    /// <summary>The mean, and the deviation where there are several seeds: <c>186.21 ± 0.42</c>.</summary>
    public override string ToString() => Count > 1
        ? string.Create(CultureInfo.InvariantCulture, $"{Mean:F2} ± {Deviation:F2}")
        : Mean.ToString("F2", CultureInfo.InvariantCulture);
}

/// <summary>What a run gained over its baseline's run of the same seed.</summary>
/// <param name="Points">Perplexity points on the validation split; positive is better.</param>
/// <param name="Percent">The same in percent of the baseline's perplexity.</param>
public sealed record SeedGain(double Points, double Percent);

/// <summary>A row of a table with what was measured so far, over its seeds.</summary>
public sealed record ReportRow
{
    /// <summary>The row.</summary>
    public required Row Row { get; init; }

    /// <summary>Name, status and summary of each seed's run; the summary is null until the run has ended.</summary>
    public required IReadOnlyList<(string Run, RunStatus Status, RunSummary? Summary)> Runs { get; init; }

    /// <summary>Trainable parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Each seed's gain over the baseline row; null without a baseline, or until both runs are finished.</summary>
    public required IReadOnlyList<SeedGain?> Gains { get; init; }

    /// <summary>Mean gain in validation perplexity over the baseline row, seed by seed; positive is better.</summary>
    public MeanDeviation? Gain => MeanDeviation.Of(Gains.OfType<SeedGain>().Select(g => g.Points));

    /// <summary>The same in percent of the baseline's perplexity.</summary>
    public MeanDeviation? GainPercent => MeanDeviation.Of(Gains.OfType<SeedGain>().Select(g => g.Percent));

    private IEnumerable<RunSummary> Finished => Runs.Where(r => r.Status == RunStatus.Finished).Select(r => r.Summary!);

    /// <summary>Validation perplexity of the best epoch, over finished seeds.</summary>
    public MeanDeviation? Valid => MeanDeviation.Of(Finished.Select(s => s.ValidPerplexity!.Value));

    /// <summary>Test perplexity of the best epoch's weights, over finished seeds.</summary>
    public MeanDeviation? Test => MeanDeviation.Of(Finished.Select(s => s.TestPerplexity!.Value));

    /// <summary>Training perplexity of the last epoch, over finished seeds: how far the model overfits.</summary>
    public MeanDeviation? Train => MeanDeviation.Of(Finished.Select(s => s.LastEpoch).OfType<EpochMetrics>().Select(e => e.TrainPerplexity));

    /// <summary>Training and validation time of one seed, in seconds.</summary>
    public MeanDeviation? Seconds => MeanDeviation.Of(Finished.Select(s => s.Seconds));

    /// <summary>Training speed, in tokens per second.</summary>
    public MeanDeviation? TokensPerSecond => MeanDeviation.Of(Finished.Select(s => s.TokensPerSecond));

    /// <summary>What is not finished, in words: <c>diverged</c>, <c>2 of 3 seeds</c>; empty when all is.</summary>
    public string Remark
    {
        get
        {
            var open = Runs.Where(r => r.Status != RunStatus.Finished).GroupBy(r => r.Status).OrderBy(g => g.Key);
            return string.Join(", ", open.Select(g => (Runs.Count > 1 ? $"{g.Count()} of {Runs.Count} " : "") + g.Key.Describe()));
        }
    }
}

/// <summary>A table computed from stored runs: it never trains anything.</summary>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed record TableReport
{
    /// <summary>What was asked for.</summary>
    public required TablePlan Plan { get; init; }

    /// <summary>The measured rows.</summary>
    public required IReadOnlyList<ReportRow> Rows { get; init; }

    /// <summary>What is wrong with the runs that cannot be read, one line for each.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>Computes the table from what is stored now.</summary>
    public static TableReport Build(TablePlan plan, RunStore store)
    {
        // By row; rows of the same configuration, and a baseline that is a row too, are read once.
        var faults = new List<string>();
        var runs = new Dictionary<string, (string Run, RunStatus Status, RunSummary? Summary)>();
        var rows = new Dictionary<string, List<(string Run, RunStatus Status, RunSummary? Summary)>>();
        (string Run, RunStatus Status, RunSummary? Summary) Read(RunConfiguration configuration)
        {
            var id = configuration.Id;
            if (runs.TryGetValue(id, out var known))
                return known;
            var run = store.Read(id);
            if (run.Fault.Length > 0)
                faults.Add(run.Fault);
            return runs[id] = (id, run.Status, run.Summary);
        }

        List<(string Run, RunStatus Status, RunSummary? Summary)> RunsOf(Row row) =>
            rows.TryGetValue(row.Id, out var known) ? known : rows[row.Id] = [.. plan.Configurations(row).Select(Read)];

        ReportRow Report(Row row)
        {
            var values = plan.Configuration(row, plan.Seeds[0]).Values;
            var ours = RunsOf(row);
            var theirs = row.Baseline is null ? null : RunsOf(row.Baseline);
            return new()
            {
                Row = row,
                Runs = ours,
                Parameters = Models.LanguageModel.CountParameters(values.Cell, plan.Corpus.VocabularySize, values.Hidden, values.Layers),
                // Seeds are paired, which takes out the spread that they share.
                Gains = [.. ours.Select((run, i) => Gain(run.Summary, theirs?[i].Summary))],
            };
        }
        return new() { Plan = plan, Rows = [.. plan.Rows.Select(Report)], Faults = faults };
    }

    private static SeedGain? Gain(RunSummary? ours, RunSummary? baseline)
    {
        if (ours is not { Status: RunStatus.Finished, ValidPerplexity: { } valid } || baseline is not { Status: RunStatus.Finished, ValidPerplexity: { } before })
            return null;
        return new(before - valid, 100 * (before - valid) / before);
    }

    /// <summary>The table as notebooks show it, what is cited or lost in grey.</summary>
    public string ToHtml() => TableFormats.Html(this).ToHtml();

    /// <summary>The table as text.</summary>
    public override string ToString() => TableFormats.Html(this).ToString();

    /// <summary>Runs that have ended, whatever their status, over all runs.</summary>
    public (int Ended, int All) Completeness =>
        (Rows.Sum(r => r.Runs.Count(run => run.Summary is not null)), Rows.Sum(r => r.Runs.Count));

    /// <summary>Perplexity of the ideal model on the validation and test splits; null for natural text.</summary>
    public (double Valid, double Test)? BestPossible => Plan.Corpus.Floor is { } floor
        ? (floor.BestPerplexity(Data.Split.Valid), floor.BestPerplexity(Data.Split.Test))
        : null;

    /// <summary>The circumstances that the measured rows were run under, without repeats.</summary>
    public IEnumerable<string> Circumstances => Rows.SelectMany(r => r.Runs).Select(r => r.Summary?.Circumstances).OfType<RunEnvironment>()
        .Select(c => c.ToString())
        .Distinct();

    /// <summary>The hyper-parameters that all rows share; coefficients only where there are any.</summary>
    public IReadOnlyList<Setting> SharedValues => [.. Values.Where(v => v.ByRow.Distinct().Count() == 1).Select(v => new Setting(v.Key, v.ByRow[0]))];

    /// <summary>Those in which the rows differ, with the value of each row.</summary>
    public IReadOnlyList<(string Key, IReadOnlyList<string> ByRow)> DifferingValues => [.. Values.Where(v => v.ByRow.Distinct().Count() > 1)];

    private IEnumerable<(string Key, IReadOnlyList<string> ByRow)> Values
    {
        get
        {
            var rows = Plan.Rows.Select(row => Plan.Configuration(row, Plan.Seeds[0]).Values).ToList();
            return HyperParameter.All.Where(p => p.Key != "seed" && (!p.IsCoefficient || rows.Any(r => p.Number(r) != 0)))
                .Select(p => (p.Key, (IReadOnlyList<string>)[.. rows.Select(p.Text)]));
        }
    }
}
