using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Tables;

/// <summary>A table at a scale, on a data set, with seeds: the runs it consists of.</summary>
public sealed record TablePlan
{
    /// <summary>The table.</summary>
    public required Table Table { get; init; }

    /// <summary>The scale.</summary>
    public required Profile Profile { get; init; }

    /// <summary>The data set.</summary>
    public required CorpusFacts Corpus { get; init; }

    /// <summary>The user's changes to every row, each <c>key=value</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Seeds of each row.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [1];

    /// <summary>The rows to run and to show.</summary>
    public required IReadOnlyList<Row> Rows { get; init; }

    /// <summary>Puts a plan together.</summary>
    /// <param name="table">The table.</param>
    /// <param name="profile">The scale.</param>
    /// <param name="corpus">The data set.</param>
    /// <param name="rowIds">Ids of the rows to take; none takes all.</param>
    /// <param name="settings">The user's changes to every row, each <c>key=value</c>.</param>
    /// <param name="seeds">How many seeds, from 1 on.</param>
    /// <exception cref="WorkbenchException">An unknown row or setting.</exception>
    public static TablePlan For(
        Table table, Profile profile, CorpusFacts corpus, IReadOnlyList<string> rowIds, IReadOnlyList<string> settings, int seeds)
    {
        if (seeds < 1)
            throw new WorkbenchException($"seeds {seeds}: expected a whole number of at least 1.");
        return new()
        {
            Table = table,
            Profile = profile,
            Corpus = corpus,
            Settings = settings,
            Seeds = [.. Enumerable.Range(1, seeds)],
            Rows = rowIds.Count == 0 ? table.Rows : [.. rowIds.Distinct().Select(table.RowNamed)],
        };
    }

    /// <summary>Data, scale and the user's changes, for subtitles: <c>ptb, profile laptop with epochs=5</c>.</summary>
    public string Scale => $"{Corpus.Title}, profile {Profile.Name}" + (Settings.Count > 0 ? $" with {string.Join(' ', Settings)}" : "");

    /// <summary>The same with what the figures are means of: <c>ptb, profile laptop; one seed</c>.</summary>
    public string Circumstances => $"{Scale}; {(Seeds.Count > 1 ? $"mean ± standard deviation over {Seeds.Count} seeds" : "one seed")}";

    /// <summary>Says which changes to every row make rows alike, as <c>hidden=64</c> does with sizes; null where none does.</summary>
    internal string? Levelled
    {
        get
        {
            var changes = Rows.Select(r => Profile.Resolved(r.Settings).ToList()).ToList();
            var taken = Setting.ParseAll(Settings).Where(set => changes
                .Select(c => c.LastOrDefault(s => HyperParameters.IsSameKey(s.Key, set.Key)).Value).Distinct().Count() > 1).ToList();
            var said = string.Join(' ', taken.Select(s => $"{s.Key}={s.Value}"));
            return taken.Count == 0 ? null
                : $"{said} is set for every row, so rows that should differ in {string.Join(", ", taken.Select(s => s.Key))} do not.";
        }
    }

    /// <summary>The configuration of a row and a seed.</summary>
    public RunConfiguration Configuration(Row row, int seed) => Profile.Configure(Corpus, row.Settings, Settings, seed);

    /// <summary>The configurations of a row, one for each of <see cref="Seeds"/>; quicker than one by one.</summary>
    public IReadOnlyList<RunConfiguration> Configurations(Row row)
    {
        var first = Configuration(row, Seeds[0]);
        return [.. Seeds.Select(seed => first with { Values = first.Values with { Seed = seed } })];
    }

    /// <summary>Every run of the plan once, row by row; rows that come to the same configuration share one.</summary>
    public IEnumerable<RunConfiguration> Runs => Planned.Select(p => p.Configuration);

    /// <summary>The same with what people read of each.</summary>
    internal IEnumerable<PlannedRun> Planned => Rows
        .SelectMany(row => Configurations(row)
            .Select(c => new PlannedRun(c, Seeds.Count > 1 ? $"{row.Label}, seed {c.Values.Seed}" : row.Label, Corpus)))
        .DistinctBy(p => p.Configuration.Id);
}
