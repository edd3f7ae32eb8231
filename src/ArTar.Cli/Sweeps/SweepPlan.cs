using ArTar.Workbench.Tables;

namespace ArTar.Cli.Sweeps;

/// <summary>
/// A sweep that is planned and checked, and not written down: a dry run shows it, submission writes it down, so that the one refuses what
/// the other does.
/// </summary>
internal sealed class SweepPlan
{
    private SweepPlan(Workspace workspace, SweepSpec spec, string engine, IReadOnlyList<TablePlan> plans)
    {
        Folder = FolderFor(workspace, spec);
        (Workspace, Spec, Engine, Plans) = (workspace, spec with { Name = Path.GetFileName(Folder) }, engine, plans);
        Rows = RowsOf(plans);
    }

    /// <summary>The workspace whose runs it trains.</summary>
    public Workspace Workspace { get; }

    /// <summary>What was asked for, with its name.</summary>
    public SweepSpec Spec { get; }

    /// <summary>Where it is trained: <c>local</c> or <c>slurm</c>.</summary>
    public string Engine { get; }

    /// <summary>The folder that it will have.</summary>
    public string Folder { get; }

    /// <summary>The tables that it fills.</summary>
    public IReadOnlyList<TablePlan> Plans { get; }

    /// <summary>Its rows.</summary>
    public IReadOnlyList<StoredRow> Rows { get; }

    /// <summary>The data sets, by name.</summary>
    public required IReadOnlyDictionary<string, Corpus> Texts { get; init; }

    /// <summary>Plans a sweep.</summary>
    /// <exception cref="WorkbenchException">The spec does not hold together, exceeds its budget, needs what is not there, or its name is
    /// taken.</exception>
    public static SweepPlan Of(Workspace workspace, SweepSpec spec, string engine)
    {
        if (engine == "local")
            spec.RequireProcessors();
        else
        {
            spec.Slurm.RequireFree();
            SlurmTime.Require(spec.Slurm);
        }
        _ = LibTorch.CheckedDevice(spec.Resources.Device);
        var texts = new Dictionary<string, Corpus>();
        var plan = new SweepPlan(workspace, spec, engine, spec.Plans(workspace, texts)) { Texts = texts };
        if (spec.Budget.Runs is { } most && plan.Rows.Count > most)
            throw new WorkbenchException(
                $"The sweep has {plan.Rows.Count} runs, its budget is {most}. Ask for fewer rows or seeds, or raise budget: runs.");
        RunStore store = new(workspace);
        RunRequirements.Check([.. plan.Plans.SelectMany(p => p.Planned).Where(p => !store.HasEnded(p.Configuration.Id))],
            engine == "local" ? spec.Resources : null, workspace.Runs);
        SweepSignature.Check();
        return plan;
    }

    /// <summary>What is said of a name that another sweep has.</summary>
    public static WorkbenchException Taken(string name) => new(
        $"There is a sweep '{name}' already: 'artar sweep status {name}' shows it, 'artar sweep retry {name}' resumes it. Give "
            + "another name with --name for a new one.");

    private static List<StoredRow> RowsOf(IReadOnlyList<TablePlan> plans)
    {
        var found = new List<StoredRow>();
        var known = new HashSet<string>();
        foreach (var plan in plans)
            foreach (var planned in plan.Planned)
                if (planned.Configuration.Id is var id && known.Add(id))
                    found.Add(new()
                    {
                        Run = id,
                        Label = (plans.Count > 1 ? $"table {plan.Table.Id}: " : "") + planned.Label,
                        Work = planned.Work,
                        Configuration = planned.Configuration,
                    });
        return found;
    }

    private static string FolderFor(Workspace workspace, SweepSpec spec)
    {
        string At(string name) => Path.Combine(workspace.Sweeps, name);
        if (spec.Name is { } given)
            return !Path.Exists(At(SweepName.Checked(given))) ? At(given) : throw Taken(given);
        var made = SweepName.From(spec.ToString().Replace(" (", "", StringComparison.Ordinal));
        return At(Enumerable.Range(1, int.MaxValue).Select(i => i == 1 ? made : $"{made}-{i}").First(name => !Path.Exists(At(name))));
    }
}
