using ArTar.Workbench.Tables;

namespace ArTar.Cli.Sweeps;

/// <summary>
/// A table of a sweep as it was submitted: its rows, those that were drawn too, and what its text was. So what a sweep has come to is shown
/// from any folder, also after the text or the table's file was changed or removed.
/// </summary>
internal sealed record StoredTable : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized()
    {
        StoredValue.Within(Seeds, 1, SweepSpec.MostSeeds);
        StoredValue.Require(Table is { Axes: { } axes, Rows: { } rows, Cited: { } cited }
            && axes.All(a => a?.Choices?.All(c => c is not null) == true) && rows.All(r => r is not null) && cited.All(c => c is not null),
            "table: an axis, a choice or a row is null");
        StoredValue.Require(Workbench.Tables.Table.IsKey(Table.Key) && Table.Number is >= 0 and < 100, "table: its key or number is none");
        StoredValue.Require(Rows?.All(r => r is not null) == true
            && Settings?.All(s => s is not null) == true, "rows, settings: expected texts");
        StoredValue.Require(Corpus is { Hash: not null, Name: not null }, "corpus: expected its facts");
    }

    /// <summary>The table.</summary>
    public required Table Table { get; init; }

    /// <summary>The scale.</summary>
    public required string Profile { get; init; }

    /// <summary>The data set.</summary>
    public required CorpusFacts Corpus { get; init; }

    /// <summary>Ids of the rows that are trained.</summary>
    public required IReadOnlyList<string> Rows { get; init; }

    /// <summary>Changes to every row, each <c>key=value</c>.</summary>
    public required IReadOnlyList<string> Settings { get; init; }

    /// <summary>Seeds of each row, from 1 on.</summary>
    public required int Seeds { get; init; }

    /// <summary>How it is written: what is computed from the rest is left out.</summary>
    public static JsonSerializerOptions Format { get; } = new(Json.Compact) { IgnoreReadOnlyProperties = true };

    /// <summary>A plan to be stored.</summary>
    public static StoredTable Of(TablePlan plan) => new()
    {
        Table = plan.Table, Profile = plan.Profile.Name, Corpus = plan.Corpus, Rows = [.. plan.Rows.Select(r => r.Id)],
            Settings = plan.Settings, Seeds = plan.Seeds.Count,
    };

    /// <summary>The plan again.</summary>
    public TablePlan ToPlan() => TablePlan.For(Table, Workbench.Tables.Profile.Get(Profile), Corpus,
        Rows.Count == Table.Rows.Count ? [] : Rows, Setting.LastOfEach(Settings), Seeds);
}
