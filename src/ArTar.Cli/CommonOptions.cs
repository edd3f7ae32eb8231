using ArTar.Cli.Sweeps;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Figures;

namespace ArTar.Cli;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    public static Option<string> Profile() => new("--profile")
    {
        Description = $"scale of the experiment: {string.Join(", ", Workbench.Tables.Profile.All.Select(p => p.Name))}",
        HelpName = "NAME",
        DefaultValueFactory = _ => "quick",
    };

    public static Option<string?> Data(string usual = "the profile's, else the table's") => Options.Text("--data",
        $"synthetic, ptb, wikitext-2, or a folder with train, valid and test text; default: {usual}", "NAME-OR-FOLDER");

    /// <summary>Where a stored run's text lies now.</summary>
    public static Option<string?> TextOfRun(string description =
        "where the text lies now that the run was trained on, when it is not found by itself") => new("--data")
    {
        Description = description,
        HelpName = "NAME-OR-FOLDER",
    };

    /// <summary>Says what in a text of one's own is probably not meant.</summary>
    public static void Tell(Corpus corpus)
    {
        foreach (var notice in corpus.Notices)
            Console.Error.WriteLine(notice);
    }

    /// <summary>The results that came with the workspace, in a clone those of the repository; null where there are none.</summary>
    public static RunStore? Published(Workspace workspace) =>
        new RunStore(Path.Combine(workspace.Results, "runs")) is var store && store.Names().Any() ? store : null;

    /// <summary>The one that has most of the table, for whoever did not say which; null where there is none.</summary>
    public static TableCoverage? Fullest(IEnumerable<TableCoverage> scales) => scales.MaxBy(c => (c.Measured, c.Seeds.Usual));

    /// <summary>All scales at which a store has some of a table, the smallest first.</summary>
    /// <param name="store">The store.</param>
    /// <param name="table">The table.</param>
    /// <param name="data">Its data set, where the user chose one.</param>
    /// <param name="workspace">The workspace.</param>
    /// <param name="profile">The scale, where the user chose one.</param>
    public static List<TableCoverage> Coverages(RunStore store, Workbench.Tables.Table table, string? data, Workspace workspace,
        Workbench.Tables.Profile? profile = null) =>
        [.. TableCoverage.Of([table], name => Corpora.FactsOf(name, workspace), data, store)[table]
            .Where(c => profile is null || c.Profile == profile)];

    /// <summary>Says that some of a random search's draws came twice, and which changes make rows alike.</summary>
    public static void Tell(IReadOnlyList<TablePlan> plans)
    {
        foreach (var notice in plans.Select(p => p.Levelled).OfType<string>().Distinct())
            Console.Error.WriteLine(notice);
        foreach (var plan in plans.Where(p => p.Table.Samples > p.Table.Rows.Count))
            Console.Error.WriteLine($"{plan.Table.Samples} samples made {plan.Table.Rows.Count} different rows; wider "
                + "ranges have more.");
    }

    public static Option<string?> From() => Options.Text("--from",
        "take the runs that are stored in this folder, such as results, and train nothing", "FOLDER");

    public static Option<string[]> Set() => Options.Several("--set", "change a hyper-parameter, as epochs=3; may be repeated", "KEY=VALUE");

    public static Option<string> Device() => new("--device")
    {
        Description = "where to compute: cpu, cuda or cuda:1",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => "cpu",
    };

    public static Option<int> Threads() =>
        Threads("threads for one operation; results are bit-identical only for the same number; 0 takes all cores");

    /// <summary>The same where runs are trained, which have one unless it is said otherwise.</summary>
    /// <param name="anyNumber">Whether more than this machine has are taken for all that it has: a task on a cluster's node does not
    /// know.</param>
    public static Option<int> TrainingThreads(bool anyNumber = false) =>
        Threads("threads of each run; 0 takes one, so that a run has the same bits wherever it is trained; more are faster for a "
            + "large model", anyNumber);

    private static Option<int> Threads(string description, bool anyNumber = false) =>
        anyNumber ? Options.Whole("--threads", description, 0, most: RunResources.MostThreads)
        : Options.Whole("--threads", description, 0, most: Environment.ProcessorCount, limit: "the processors of this machine");

    private const string KernelsDescription = "how to compute on a CPU: fast, or plain for libtorch's own operations";

    public static Option<KernelChoice> Kernels() =>
        Options.Word("--kernels", KernelsDescription, "KERNELS", KernelChoice.Fast, ("fast", KernelChoice.Fast),
            ("plain", KernelChoice.Plain));

    /// <summary>The same where a file may have said it.</summary>
    public static Option<KernelChoice?> KernelsIfGiven() =>
        Options.WordIfGiven<KernelChoice?>("--kernels", KernelsDescription, "KERNELS", ("fast", KernelChoice.Fast),
            ("plain", KernelChoice.Plain));

    /// <summary>Fast kernels that somebody asks for by name are not replaced: refuses what they cannot compute.</summary>
    /// <param name="isAsked">Whether they are asked for.</param>
    /// <param name="values">What is to be computed.</param>
    public static void CheckKernels(bool isAsked, params IEnumerable<HyperParameters> values)
    {
        if (isAsked && !values.All(v => KernelChoices.AreFast(v.Techniques)))
            throw new WorkbenchException($"--kernels fast: the fast kernels do not know {KernelChoices.NotFast}. Leave --kernels out: runs "
                + "with it take the plain ones, all others the fast ones.");
    }

    /// <summary>Whether the option is there and says fast.</summary>
    public static bool AsksForFast(this ParseResult parsed, Option<KernelChoice> kernels) =>
        parsed.GetResult(kernels) is { Implicit: false } && parsed.GetValue(kernels) == KernelChoice.Fast;

    public static Option<Workbench.Stack.Precision> Precision() =>
        Options.Word("--precision", "how a GPU multiplies: tf32, several times as fast, or float32",
        "PRECISION", Workbench.Stack.Precision.Tf32, ("tf32", Workbench.Stack.Precision.Tf32), ("float32", Workbench.Stack.Precision.Fp32));

    public static Option<Split> Split(string description) =>
        Options.Word("--split", description, "SPLIT", Workbench.Data.Split.Valid,
            [.. Enum.GetValues<Split>().Select(s => (s.ToString().ToLowerInvariant(), s))]);

    public static Option<int> Seeds(int usual = 1, int least = 1, int most = SweepSpec.MostSeeds,
        string description = "seeds of each row, from 1 on; several give mean ± standard deviation",
        string limit = "") => Options.Whole("--seeds", description, usual, least, most, "K", limit);

    /// <summary>How many runs are one job.</summary>
    public static Option<int> Stack() =>
        Options.Whole("--stack", "runs trained together as one job, at most; 0 takes as many as fit on a GPU, on a CPU one", 0,
            most: RunResources.MostRuns);

    /// <summary>For tests and nervous machines: how often a run is saved within an epoch.</summary>
    public static Option<double> CheckpointEvery() =>
        Options.Seconds("--checkpoint-every", "seconds between checkpoints within an epoch", 60);

    /// <summary>Refuses a figure that cannot be written, before anything long is done for it.</summary>
    public static void CheckFigure(string path)
    {
        if (FigureFile.NeedsBrowser(FigureFile.FormatOf(path)) && Chromium.Find() is null)
            throw new WorkbenchException($"{path}: {Chromium.HowToInstall}");
        CheckFile(path);
    }

    /// <summary>Refuses one file for two things, of which one would be lost.</summary>
    /// <param name="files">What a file is for, and its path; null where there is none.</param>
    public static void CheckApart(params (string What, string? Path)[] files)
    {
        foreach (var same in files.Where(f => f.Path is { } path && !PlainFile.WaitsOrEnds(path)).GroupBy(f => Path.GetFullPath(f.Path!))
            .Where(g => g.Count() > 1))
            throw new WorkbenchException(
                $"{string.Join(" and ", same.Select(s => s.What))} are the same file, '{same.Key}'; name another one for one of them.");
    }

    /// <summary>Refuses a file that cannot be written, before anything long is done for it.</summary>
    public static void CheckFile(string path)
    {
        if (Directory.Exists(path))
            throw new WorkbenchException($"'{path}' is a folder; expected the name of a file to write.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
            throw new WorkbenchException($"'{path}' cannot be written: there is no folder '{folder}'. Make it first.");
        if (Disk.Fault(folder) is { } fault)
            throw new WorkbenchException(fault);
    }

    /// <summary>Refuses a folder that cannot be written into, before anything long is done for it; it need not be there yet.</summary>
    public static string CheckedFolder(string path)
    {
        var folder = Path.GetFullPath(path);
        if (File.Exists(folder))
            throw new WorkbenchException($"'{path}' is a file; expected a folder to write into.");
        return Disk.Fault(folder) is { } fault ? throw new WorkbenchException(fault) : folder;
    }

    public static Argument<string> Trained() => new("RUN") { Description = "a checkpoint file, part of a run's name, or a run's folder" };

    /// <summary>The checkpoint that <see cref="Trained"/> names; for a run the one with the lowest validation loss.</summary>
    public static string CheckpointOf(string name, Workspace workspace)
    {
        if (File.Exists(name))
            return name;
        if (name.EndsWith(".safetensors", StringComparison.Ordinal))
            throw new WorkbenchException($"There is no checkpoint '{Path.GetFullPath(name)}'.");
        var run = new RunStore(workspace).Get(name);
        return File.Exists(run.BestCheckpoint) ? run.BestCheckpoint : throw new WorkbenchException(
            $"Run {run.Id} ({run.Status.Describe()}) has no " + (run.ReadSummary() is null
                ? $"checkpoint of a whole epoch yet. 'artar resume {run.Id}' resumes it."
                : $"stored weights: its result was taken from elsewhere. In a workspace of its own (ARTAR_HOME), 'artar train' "
                    + "trains it again."));
    }

    /// <summary>Refuses what has an option of its own, which would win over it in silence, and two values of one key.</summary>
    public static string[] CheckedSettings(string[] settings, string seedOption)
    {
        static string Key(string setting) => setting.Split('=')[0].Trim();
        if (Setting.Contradiction(settings.Select(Setting.Parse), "--set ") is { } fault)
            throw new WorkbenchException(fault);
        if (settings.FirstOrDefault(s => HyperParameters.IsSameKey(Key(s), "seed")) is { } seed)
            throw new WorkbenchException($"--set {seed}: the seed has an option of its own, {seedOption}.");
        return settings;
    }
}
