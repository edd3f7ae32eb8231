using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;

namespace ArTar.Workbench.Tables;

/// <summary>How much of a table has results at a scale.</summary>
/// <param name="Profile">The scale.</param>
/// <param name="Rows">Rows of the table.</param>
/// <param name="Measured">Rows with a result for at least one seed.</param>
/// <param name="Seeds">
/// The fewest and the most seeds, counted from 1 on, that a measured row has, and what most rows have: what is shown where nobody says how
/// many.
/// </param>
internal sealed record TableCoverage(Profile Profile, int Rows, int Measured, (int Least, int Usual, int Most) Seeds)
{
    /// <summary>The scales at which each table has any result, on the data that the profile or the table names.</summary>
    /// <param name="tables">The tables.</param>
    /// <param name="factsOf">What the data set of a name is; asked once for each, and only where there are runs on it.</param>
    /// <param name="data">The data set, where the user chose one.</param>
    /// <param name="stores">Where results may lie; each run counts once.</param>
    public static ILookup<Table, TableCoverage> Of(IEnumerable<Table> tables, Func<string, CorpusFacts> factsOf, string? data,
        params IReadOnlyList<RunStore> stores)
    {
        var runs = stores.SelectMany(s => s.Names()).ToHashSet(StringComparer.Ordinal);
        var corpora = new Dictionary<string, CorpusFacts>();
        bool HasEnded(string run) => runs.Contains(run) && stores.Any(s => s.HasEnded(run));

        TableCoverage? At(Table table, Profile profile)
        {
            var name = table.DataFor(profile, data);
            // Only where it may be: a folder's text has to be read for it.
            if (data is null && !runs.Any(r => r.StartsWith(name + "-", StringComparison.Ordinal)))
                return null;
            var corpus = corpora.TryGetValue(name, out var known) ? known : corpora[name] = factsOf(name);
            var seeds = table.Rows.Select(row => SeedsOf(profile.Configure(corpus, row.Settings, [], seed: 1), HasEnded))
                .Where(count => count > 0).ToList();
            return seeds.Count == 0 ? null : new(profile, table.Rows.Count, seeds.Count, (seeds.Min(), Usual(seeds), seeds.Max()));
        }
        return tables.SelectMany(table => Profile.All.Select(profile => (table, Coverage: At(table, profile))))
            .Where(c => c.Coverage is not null)
            .ToLookup(c => c.table, c => c.Coverage!);
    }

    /// <summary>As listings print it: <c>laptop 6 of 6 rows (3 seeds)</c>.</summary>
    public override string ToString() =>
        $"{Profile.Name} {Measured} of {Rows} {(Rows == 1 ? "row" : "rows")} "
            + $"({(Seeds.Least == Seeds.Most ? "" : $"{Seeds.Least} to ")}{Seeds.Most} {(Seeds.Most == 1 ? "seed" : "seeds")})";

    // Of equals the larger.
    private static int Usual(IEnumerable<int> seeds) => seeds.CountBy(s => s).MaxBy(s => (s.Value, s.Key)).Key;

    private static int SeedsOf(RunConfiguration first, Func<string, bool> hasEnded)
    {
        var count = 0;
        while (hasEnded((first with { Values = first.Values with { Seed = count + 1 } }).Id))
            count++;
        return count;
    }
}
