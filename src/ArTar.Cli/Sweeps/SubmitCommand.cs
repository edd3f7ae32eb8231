using ArTar.Workbench.Tables;

namespace ArTar.Cli.Sweeps;

/// <summary><c>artar sweep submit</c>: plans a sweep, starts it and returns.</summary>
internal static class SubmitCommand
{
    public static Command Create()
    {
        var given = new Argument<string>("SPEC")
        {
            Description = "a YAML or JSON file; the same between braces; or a sentence, such as \"all tables, 5 seeds, profile baseline\" "
                + "or \"alpha=0|1|2, beta=0|1, 3 seeds\"",
        };
        var engine = Options.Word("--engine", "where to train: local (in the background of this machine) or slurm", "ENGINE", "local",
            ("local", "local"), ("slurm", "slurm"));
        Option<string[]> Several(string name, string description, string help) =>
            new(name) { Description = description, HelpName = help, DefaultValueFactory = _ => [] };
        var name = Options.Text("--name", "name of the sweep; made from the spec when it is not given", "NAME");
        var profile = Options.Text("--profile", CommonOptions.Profile().Description + "; default: the spec's", "NAME");
        var seeds = Options.WholeIfGiven("--seeds", "seeds of each row, from 1 on; default: the spec's", 1, SweepSpec.MostSeeds);
        var (data, set) = (CommonOptions.Data("the spec's, else the profile's"), CommonOptions.Set());
        var (runs, hours) = (Options.WholeIfGiven("--max-runs", "refuse a spec that makes more runs",
            most: SweepBudget.MostRuns),
            Options.Number("--max-hours", "begin no row once so many hours of training are used up", "H",
                hours => hours is >= 0 and <= SweepBudget.MostHours, "a number of hours from 0 to 1,000,000,000"));
        var (jobs, threads, retries) = (Options.WholeIfGiven("--jobs",
            "rows side by side on this machine; default one a core, with GPUs one a GPU", most: RunResources.MostRuns),
            Options.WholeIfGiven("--threads", "threads of each row", most: RunResources.MostThreads),
            Options.WholeIfGiven("--retries", "further attempts at a row that failed; default 3", most: RunResources.MostRetries));
        var (device, every) = (Options.Text("--device", "where to compute: cpu, cuda or cuda:1", "DEVICE"),
            Options.SecondsIfGiven("--checkpoint-every", "seconds between checkpoints within an epoch; default 60"));
        var stack = Options.WholeIfGiven("--stack",
            "rows trained together as one job, at most; here 0 takes as many as fit on a GPU, on a CPU one; SLURM trains so many in a "
                + "task, default one", most: RunResources.MostRuns);
        var precision = CommonOptions.Precision();
        var kernels = CommonOptions.KernelsIfGiven();
        var patience = Options.SecondsIfGiven("--patience",
            "seconds without a sign of life after which a process on another machine is taken for dead; default 60");
        var (partition, time, gpus, memory, account) = (Options.Text("--partition", "SLURM: partition", "NAME"),
            Options.Text("--time", "SLURM: time limit of a task; a row that needs longer resumes in a further one", "D-HH:MM:SS"),
            Options.Text("--gpus", "SLURM: GPUs of a task", "GPUS"), Options.Text("--mem", "SLURM: memory of a task", "SIZE"),
            Options.Text("--account", "SLURM: account", "NAME"));
        var (atOnce, before) = (Options.WholeIfGiven("--at-once", "SLURM: tasks at the same time at most", most: SweepBudget.MostRuns),
            Options.WholeIfGiven("--signal-before",
                "SLURM: seconds before the time limit at which a row saves a checkpoint and is queued again; default 120", least: 1,
                most: SlurmOptions.MostSignalBefore));
        var (options, setup) = (Several("--sbatch", "SLURM: a further option of sbatch, such as --sbatch=--qos=long; may be repeated",
            "OPTION"), Several("--setup",
            "SLURM: a line of shell before the program starts, such as \"module load cuda\"; may be repeated", "LINE"));
        var dry = Options.Flag("--dry-run", "only list the rows, and for SLURM the options and the script");
        var command = new Command("submit", "Plan a sweep, start it and return. It is found again by its name, from any shell.")
        {
            given, engine, name, profile, data, seeds, set, runs, hours, jobs, threads, device, kernels, stack, precision, retries, every,
            patience, partition, time, gpus, memory, account, atOnce, before, options, setup, dry,
        };
        command.SetAction(parsed =>
        {
            var workspace = Workspace.Find();
            var spec = SpecReader.Read(parsed.GetRequiredValue(given));
            var (resources, slurm) = (spec.Resources, spec.Slurm);
            spec = spec with
            {
                Name = parsed.GetValue(name) ?? spec.Name,
                // Options win over the spec.
                Profile = parsed.GetValue(profile) is { } scale ? Profile.Get(scale).Name : spec.Profile,
                Data = parsed.GetValue(data) ?? spec.Data,
                Seeds = parsed.GetValue(seeds) ?? spec.Seeds,
                Set = [.. spec.Set, .. CommonOptions.CheckedSettings(parsed.GetRequiredValue(set), "--seeds")],
                Budget = new() { Runs = parsed.GetValue(runs) ?? spec.Budget.Runs, Hours = parsed.GetValue(hours) ?? spec.Budget.Hours },
                Resources = resources with
                {
                    Jobs = parsed.GetValue(jobs) ?? resources.Jobs, Threads = parsed.GetValue(threads) ?? resources.Threads,
                    Device = parsed.GetValue(device) ?? resources.Device, Kernels = parsed.GetValue(kernels) ?? resources.Kernels,
                    Retries = parsed.GetValue(retries) ?? resources.Retries,
                    CheckpointEvery = parsed.GetValue(every) ?? resources.CheckpointEvery,
                    Patience = parsed.GetValue(patience) ?? resources.Patience, Stack = parsed.GetValue(stack) ?? resources.Stack,
                    Precision = parsed.GetResult(precision) is { Implicit: false } ? parsed.GetValue(precision) : resources.Precision,
                },
                Slurm = slurm with
                {
                    Partition = parsed.GetValue(partition) ?? slurm.Partition, Time = parsed.GetValue(time) ?? slurm.Time,
                    Gpus = parsed.GetValue(gpus) ?? slurm.Gpus,
                    Memory = parsed.GetValue(memory) ?? slurm.Memory, Account = parsed.GetValue(account) ?? slurm.Account,
                    AtOnce = parsed.GetValue(atOnce) ?? slurm.AtOnce, SignalBefore = parsed.GetValue(before) ?? slurm.SignalBefore,
                    Options = [.. slurm.Options, .. parsed.GetRequiredValue(options)],
                    Setup = [.. slurm.Setup, .. parsed.GetRequiredValue(setup)],
                },
            };
            var place = parsed.GetRequiredValue(engine);
            // A cluster has a place for every task: rows share one only where that is asked for.
            resources = place == "slurm" ? spec.Resources with { Jobs = 1, Stack = Math.Max(1, spec.Resources.Stack) } : spec.Resources;
            var plan = SweepPlan.Of(workspace, spec with { Resources = resources.Resolved() }, place);
            CommonOptions.CheckKernels(parsed.GetValue(kernels) == KernelChoice.Fast,
                plan.Plans.SelectMany(p => p.Runs).Select(r => r.Values));
            Tell(plan, spec.Resources.Jobs);
            return parsed.GetValue(dry) ? DryRun(plan) : Submit(plan);
        });
        return command.WithExamples(
            "artar sweep submit \"table 1, 3 seeds\"",
            "artar sweep submit \"alpha=0|1|2, beta=0|1|2, profile laptop\" --name grid --max-runs 10",
            "artar sweep submit \"learningRate=1.0..30.0:log, dropout=0.1..0.6, 20 samples\"",
            "artar sweep submit paper.yaml --engine slurm --partition gpu --gpus 1 --time 08:00:00 --sbatch=--qos=long");
    }

    private static int Submit(SweepPlan plan)
    {
        var sweep = Sweep.Create(plan);
        if (RunEnvironment.Difference(sweep.Rows.Select(r => sweep.Store.Read(r.Run)).Where(r => r.Summary is not null)
            .Select(r => (r.Summary!.Circumstances, r.Run!.Configuration.Values)), plan.Spec.Resources) is { } otherwise)
            Console.Error.WriteLine(otherwise);
        var open = Enumerable.Range(1, sweep.Rows.Count).Where(row => !sweep.Store.HasEnded(sweep.Rows[row - 1].Run)).ToList();
        var done = sweep.Rows.Count - open.Count;
        Console.Out.Write($"Sweep {sweep.Name}: "
            + $"{Printed.Count(sweep.Rows.Count, "run")}{(done > 0 ? $", {done} of them stored already" : "")}.\n");
        Console.Out.Write(open.Count == 0 ? "Nothing is left to train.\n" : SweepCommand.EngineOf(sweep).Start(sweep, open) + "\n");
        Console.Out.Write(CommandName.In($"'artar sweep status {sweep.Name}' shows how far it is; the sweep lies in {sweep.Folder}\n"));
        return ExitCodes.Done;
    }

    private static int DryRun(SweepPlan plan)
    {
        var (store, resources) = (new RunStore(plan.Workspace), plan.Spec.Resources);
        foreach (var row in plan.Rows)
            Console.Out.Write($"{(store.HasEnded(row.Run) ? "stored" : "to train"),-8}  {row.Run}  {row.Label}\n");
        Console.Error.WriteLine($"{Printed.Count(plan.Rows.Count, "run")}: {plan.Spec}; "
            + $"{resources.SideBySide(plan.Rows.Count)} side by side, "
            + $"{Printed.Count(resources.Threads, "thread")} each, on {resources.Device}");
        if (plan.Engine == "slurm")
            Console.Error.WriteLine("\n" + new SlurmEngine(ProcessWorker.Self).Describe(Sweep.Described(plan.Workspace, plan.Spec.Name!,
                plan.Spec, plan.Engine, plan.Rows)));
        return ExitCodes.Done;
    }

    /// <summary>Says what is probably not meant, and what was read.</summary>
    private static void Tell(SweepPlan plan, int jobs)
    {
        var (resources, forSlurm) = (plan.Spec.Resources, plan.Spec.Slurm.Given().ToList());
        if (plan.Engine == "local" && forSlurm.Count > 0)
            Console.Error.WriteLine($"For SLURM alone, and left aside by the engine local: {string.Join(", ", forSlurm)}.");
        if (plan.Engine == "slurm" && jobs > 0)
            Console.Error.WriteLine("For the engine local alone, and left aside: jobs. On SLURM atOnce limits the tasks at the same time.");
        if (plan.Engine == "local" && resources.CrowdOf(plan.Rows.Count) is { } crowd)
            Console.Error.WriteLine(crowd);
        CommonOptions.Tell(plan.Plans);
        foreach (var (_, text) in plan.Texts.Where(t => Path.IsPathRooted(t.Value.Name)))
        {
            CommonOptions.Tell(text);
            foreach (var line in CorpusReading.Lines(text))
                Console.Error.WriteLine(line);
        }
    }
}
