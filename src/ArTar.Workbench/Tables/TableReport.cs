using ArTar.Workbench.Display;
using ArTar.Workbench.Output;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Tables;

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

    /// <summary>The paper's own figures by row, where a reader has filled them in.</summary>
    internal IReadOnlyDictionary<string, PaperCell> Paper { get; init; } = new Dictionary<string, PaperCell>();

    /// <summary>How each row's seeds went, epoch by epoch, for learning curves; a seed that has no epoch yet has none here.</summary>
    /// <param name="store">Where the runs are.</param>
    public IReadOnlyList<(string Name, IReadOnlyList<IReadOnlyList<EpochMetrics>> Seeds)> Courses(RunStore store) =>
        [.. Rows.Select(r =>
            (r.Row.Label, (IReadOnlyList<IReadOnlyList<EpochMetrics>>)[.. r.Runs.Select(run => store.MetricsOf(run.Run))]))];

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
                Parameters = values.CountParameters(plan.Corpus.VocabularySize),
                IsFusible = !values.Techniques.ActBetweenSteps,
                // Seeds are paired, which takes out the spread that they share.
                Gains = [.. ours.Select((run, i) => Gain(run.Summary, theirs?[i].Summary))],
            };
        }
        return new() { Plan = plan, Rows = [.. plan.Rows.Select(Report)], Faults = faults };
    }

    /// <summary>The same where somebody knows more of runs without a result than their folders say: that they failed, say.</summary>
    /// <param name="statusOf">The status of a run, from its name and the status that its folder has.</param>
    internal TableReport Knowing(Func<string, RunStatus, RunStatus> statusOf) => this with
    {
        Rows = [.. Rows.Select(row => row with
        {
            Runs = [.. row.Runs.Select(r => r.Summary is null ? (r.Run, statusOf(r.Run, r.Status), null) : r)],
        })],
    };

    private static SeedGain? Gain(RunSummary? ours, RunSummary? baseline)
    {
        if (ours is not { Status: RunStatus.Finished, ValidPerplexity: { } valid }
            || baseline is not { Status: RunStatus.Finished, ValidPerplexity: { } before })
            return null;
        return new(before - valid, 100 * (before - valid) / before);
    }

    /// <summary>
    /// The table as notebooks show it: rounded, its circumstances folded, cited rows in grey and only beside rows of their own corpus.
    /// </summary>
    public string ToHtml() => Html.Of(Shown.WithoutEmptyColumns()).ToHtml();

    /// <summary>The table as text.</summary>
    public override string ToString() => PlainText.Of(Shown);

    // How fast it went is no result, and two decimals of a perplexity say nothing that seeds have not undone.
    private Sheet Shown
    {
        get
        {
            var sheet = TableSheet.Of(this);
            sheet = sheet.Choose([.. sheet.Columns.Select(c => c.Key).Except(["time", "tokens_per_second"])]).Rounded(1);
            return Plan.Corpus.Name == Plan.Table.Data ? sheet : sheet with { Rows = [.. sheet.Rows.Take(Rows.Count)] };
        }
    }

    /// <summary>Runs that have ended, whatever their status, over all runs.</summary>
    public (int Ended, int All) Completeness =>
        (Rows.Sum(r => r.Runs.Count(run => run.Summary is not null)), Rows.Sum(r => r.Runs.Count));

    /// <summary>Scale and seeds in words, with the seeds that the figures are really over.</summary>
    public string Conditions => Rows.Select(r => r.Valid?.Count).OfType<int>().Distinct().Order().ToList() switch
    {
        [] => Plan.Circumstances,
        [var each] when each == Plan.Seeds.Count => Plan.Circumstances,
        [1] => $"{Plan.Scale}; one seed",
        [var each] => $"{Plan.Scale}; mean ± standard deviation over {each} seeds",
        [var least, .., var most] => $"{Plan.Scale}; mean ± standard deviation over {least} to {most} seeds",
    };

    /// <summary>Perplexity of the ideal model on the validation and test splits; null for natural text.</summary>
    public (double Valid, double Test)? BestPossible => Plan.Corpus.Floor is { } floor
        ? (floor.BestPerplexity(Data.Split.Valid), floor.BestPerplexity(Data.Split.Test))
        : null;

    /// <summary>The circumstances that the measured rows were run under, without repeats.</summary>
    public IEnumerable<string> Circumstances => Rows.SelectMany(r => r.Runs).Select(r => r.Summary?.Circumstances).OfType<RunEnvironment>()
        .Select(c => c.ToString())
        .Distinct();

    /// <summary>The hyper-parameters that all rows share; coefficients only where there are any.</summary>
    public IReadOnlyList<Setting> SharedValues =>
        [.. Values.Where(v => v.ByRow.Distinct().Count() == 1).Select(v => new Setting(v.Key, v.ByRow[0]))];

    /// <summary>Those in which the rows differ, with the value of each row.</summary>
    public IReadOnlyList<(string Key, IReadOnlyList<string> ByRow)> DifferingValues =>
        [.. Values.Where(v => v.ByRow.Distinct().Count() > 1)];

    private IEnumerable<(string Key, IReadOnlyList<string> ByRow)> Values
    {
        get
        {
            var rows = Plan.Rows.Select(row => Plan.Configuration(row, Plan.Seeds[0]).Values).ToList();
            return HyperParameter.All.Where(p => p.Key != "seed" && !rows.TrueForAll(p.IsOff))
                .Select(p => (p.Key, (IReadOnlyList<string>)[.. rows.Select(p.Text)]));
        }
    }
}
