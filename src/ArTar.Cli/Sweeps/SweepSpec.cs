using ArTar.Workbench.Tables;

namespace ArTar.Cli.Sweeps;

/// <summary>
/// What a sweep trains: tables, or a grid or random search over hyper-parameters, at a scale and with seeds; and the limits
/// that it keeps. <see cref="SpecReader"/> reads it from a file or a sentence.
/// </summary>
internal sealed record SweepSpec : IJsonOnDeserialized
{
    /// <summary>Seeds of each row at most.</summary>
    public const int MostSeeds = 100_000;

    void IJsonOnDeserialized.OnDeserialized()
    {
        StoredValue.Require(Tables.Concat(Rows).Concat(Set).All(t => t is not null), "tables, rows, set: expected texts");
        StoredValue.Within(Seeds, 1, MostSeeds);
        if (Data is not null)
            StoredValue.DataName(Data);
    }

    /// <summary>Name of the sweep; made from the rest when it is not given.</summary>
    public string? Name { get; init; }

    /// <summary>Tables as the command line names them: the numbers of the paper's, or names such as <c>surface</c>.</summary>
    public IReadOnlyList<string> Tables { get; init; } = [];

    /// <summary>Ids of the rows to take of the one table; none takes all.</summary>
    public IReadOnlyList<string> Rows { get; init; } = [];

    /// <summary>A table of its own, as YAML; null for the ones that <see cref="Tables"/> names.</summary>
    public string? Table { get; init; }

    /// <summary>The scale.</summary>
    public string Profile { get; init; } = "quick";

    /// <summary>Name or folder of the data set; null takes the profile's, else the table's.</summary>
    public string? Data { get; init; }

    /// <summary>Seeds of each row, from 1 on.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>Changes to every row, each <c>key=value</c>.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>What the sweep may use.</summary>
    public SweepBudget Budget { get; init; } = new();

    /// <summary>How each row is trained.</summary>
    public RunResources Resources { get; init; } = new();

    /// <summary>What SLURM is asked for.</summary>
    public SlurmOptions Slurm { get; init; } = new();

    /// <summary>The tables that the sweep fills: those that it names, or one that holds the search.</summary>
    /// <param name="workspace">Where its data lies.</param>
    /// <param name="texts">Takes in the data sets, by name.</param>
    /// <exception cref="WorkbenchException">The spec does not hold together, or its data is not installed.</exception>
    public IReadOnlyList<TablePlan> Plans(Workspace workspace, Dictionary<string, Corpus>? texts = null)
    {
        if (Tables.Count > 0 == Table is not null)
            throw new WorkbenchException(
                $"A sweep is over tables, a grid or a random search: "
                    + $"{(Table is null ? "none of them is given" : "name only one of them")}. Such as 'all tables, 5 seeds, profile "
                        + "baseline' or 'alpha=0|1|2, 3 seeds'.");
        var set = Setting.LastOfEach(Set); // options are laid over the file's
        foreach (var setting in set.Select(Setting.Parse))
            if (OwnTable is { } searched && Searched(searched).FirstOrDefault(k => HyperParameters.IsSameKey(k, setting.Key)) is { } both)
                throw new WorkbenchException(TableReader.SearchedAndSet(both));
        var profile = Workbench.Tables.Profile.Get(Profile);
        var corpora = texts ?? [];
        Corpus CorpusOf(Table table)
        {
            var name = table.DataFor(profile, Data);
            return corpora.TryGetValue(name, out var known) ? known : corpora[name] = Corpora.Load(name, workspace);
        }
        IReadOnlyList<Table> tables = OwnTable is { } own ? [own]
            : [.. Tables.Distinct(StringComparer.OrdinalIgnoreCase).Select(KnownTables.Named)];
        return [.. tables.Select(table => TablePlan.For(table, profile, CorpusOf(table).Facts, Rows, set, Seeds))];
    }

    /// <summary>Checks what this machine has, where it trains the sweep; a cluster's nodes may have more.</summary>
    /// <exception cref="WorkbenchException">It asks for more threads than there are processors.</exception>
    public void RequireProcessors()
    {
        if (Resources.Threads > Environment.ProcessorCount)
            throw new WorkbenchException(
                $"resources: threads: {Resources.Threads}; expected a whole number from 0 to {Environment.ProcessorCount}, " +
                "the processors of this machine.");
    }

    private static IEnumerable<string> Searched(Table table) => table.Axes.Count > 0 ? table.Axes.Select(a => a.Name)
        : table.Rows.SelectMany(r => r.Settings).Distinct().GroupBy(s => s.Key).Where(g => g.Count() > 1).Select(g => g.Key);

    /// <summary>The table of <see cref="Table"/>; read again where the spec was stored.</summary>
    internal Table? OwnTable
    {
        get => field ??= Table is null ? null : Workbench.Tables.Table.Parse(Table);
        init;
    }

    /// <summary>The table of its own; null also for one that an earlier version took and this one refuses.</summary>
    private Table? Described()
    {
        try
        {
            return OwnTable;
        }
        catch (WorkbenchException)
        {
            return null;
        }
    }

    /// <summary>What the sweep is over, in a few words: <c>tables 1, 2; 3 seeds; profile laptop</c>.</summary>
    public override string ToString() => string.Join("; ", new[]
    {
        Tables.Count == 1 ? $"table {Tables[0]}" : Tables.Count > 1 ? $"tables {string.Join(", ", Tables)}" : "",
        Described() is not { } own ? "" : own.IsSearch && own.Axes.Count > 0
            ? $"grid over {string.Join(", ", own.Axes.Select(a => $"{a.Name} ({a.Choices.Count})"))}" : own.Title,
        Seeds == 1 ? "1 seed" : $"{Seeds} seeds",
        $"profile {Profile}",
        Data is null ? "" : $"data {Path.GetFileName(Data)}",
        Set.Count > 0 ? string.Join(' ', Set) : "",
    }.Where(part => part.Length > 0));
}

/// <summary>What a sweep may use.</summary>
internal sealed record SweepBudget : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized()
    {
        StoredValue.Within(Runs ?? 0, 0, MostRuns, nameof(Runs));
        StoredValue.Within(Hours ?? 0, 0, MostHours, nameof(Hours));
    }

    /// <summary>Runs of a sweep at most: more than its rows and seeds can come to in any file that is written.</summary>
    public const int MostRuns = 10_000_000;

    /// <summary>Hours at most: eleven years on ten thousand processors.</summary>
    public const double MostHours = 1e9;

    /// <summary>The most runs; a spec that comes to more is refused. Null for no limit.</summary>
    public int? Runs { get; init; }

    /// <summary>Hours of training over all rows and attempts; once they are used up no row is begun any more. Null for no limit.</summary>
    public double? Hours { get; init; }
}

/// <summary>What SLURM is asked for; what is null is left to the cluster.</summary>
internal sealed record SlurmOptions : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized()
    {
        StoredValue.Within(AtOnce, 0, SweepBudget.MostRuns);
        StoredValue.Within(SignalBefore, 1, MostSignalBefore);
        StoredValue.Require(Options.Concat(Setup).All(t => t is not null), "options, setup: expected texts");
    }

    /// <summary>The longest time before its end at which SLURM tells a task that it comes, in seconds.</summary>
    public const int MostSignalBefore = 65_535;

    /// <summary>Partition.</summary>
    public string? Partition { get; init; }

    /// <summary>Time limit of a task, in SLURM's way: <c>04:00:00</c>. A row that needs longer goes on in a further task.</summary>
    public string? Time { get; init; }

    /// <summary>GPUs of a task: <c>1</c> or <c>a100:1</c>.</summary>
    public string? Gpus { get; init; }

    /// <summary>Memory of a task: <c>8G</c>.</summary>
    public string? Memory { get; init; }

    /// <summary>Account that is charged.</summary>
    public string? Account { get; init; }

    /// <summary>Tasks that run at the same time at most; 0 for no limit.</summary>
    public int AtOnce { get; init; }

    /// <summary>Seconds before the time limit at which a task saves a checkpoint and is queued again.</summary>
    public int SignalBefore { get; init; } = 120;

    /// <summary>Further options of sbatch, each as one word: <c>--qos=long</c>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Lines of shell before the program starts, such as <c>module load cuda</c>.</summary>
    public IReadOnlyList<string> Setup { get; init; } = [];

    /// <summary>An option of sbatch that the sweep does not give itself: the later one would win, and its tasks would be lost.</summary>
    /// <exception cref="WorkbenchException">It does.</exception>
    public static string Free(string option) => !own.Any(name => option == name
        || option.StartsWith(name.StartsWith("--", StringComparison.Ordinal) ? name + "=" : name, StringComparison.Ordinal)) ? option
        : throw new WorkbenchException($"slurm: options: {option}: expected none of {string.Join(", ", own)}, by which the sweep finds, "
            + "warns and reads its own tasks; take it out.");

    /// <summary>Refuses options that the sweep gives itself.</summary>
    /// <exception cref="WorkbenchException">There is one.</exception>
    public void RequireFree()
    {
        foreach (var option in Options)
            Free(option);
    }

    private static readonly string[] own =
        ["--array", "-a", "--job-name", "-J", "--output", "-o", "--signal", "--wrap", "--parsable", "--test-only"];

    /// <summary>The keys to which something other than the usual is given.</summary>
    public IEnumerable<string> Given() =>
        JsonSerializer.SerializeToNode(this, Json.Compact)!.AsObject()
            .Where(given => !JsonNode.DeepEquals(given.Value, usual[given.Key])).Select(given => given.Key);

    private static readonly JsonObject usual = JsonSerializer.SerializeToNode(new SlurmOptions(), Json.Compact)!.AsObject();
}
