namespace ArTar.Cli.Sweeps;

/// <summary>SLURM's side of a sweep as text: job scripts, sbatch's options, lists of array tasks. Nothing here runs anything.</summary>
internal static class JobScript
{
    /// <summary>Variables of the submitting shell that a job is given; all others, secrets among them, stay behind.</summary>
    private static readonly string[] exported =
        ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "SLURM_CONF", "BASH_ENV"];

    // Of Lmod and Environment Modules: what is loaded, and how `module` finds its program; and functions of the shell, `module` among them.
    private static readonly string[] exportedPrefixes =
        ["MODULE", "LMOD_", "__LMOD_", "_ModuleTable", "_LMFILES_", "LOADEDMODULES", "BASH_FUNC_"];

    // The lines run as they would in a shell: scripts of conda and of modules stand neither set -e nor set -u. A line of them that fails
    // ends the task, and says so; what fails within a script or a function that they call does not.
    private const string BeforeSetup = """
        artar_failed() { echo "artar: the setup line '$2' failed with exit code $1, so nothing is trained." >&2; trap - EXIT; exit "$1"; }
        trap 'code=$?; if ((${#BASH_SOURCE[@]} == 1)); then artar_failed "$code" "$BASH_COMMAND"; fi' ERR
        trap 'echo "artar: the setup lines ended the task with exit code $?, so nothing is trained." >&2' EXIT

        """;

    private const string AfterSetup = "\ntrap - ERR EXIT\n";

    /// <summary>
    /// The script that a task of an array runs: it sets the surroundings and becomes the program, so that signals reach it.
    /// </summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="self">The command line on the cluster's shared file system.</param>
    /// <param name="offset">What is added to a task's number to make a row's.</param>
    public static string Text(Sweep sweep, SelfCommand self, int offset)
    {
        var script = new StringBuilder("#!/bin/bash\n");
        script.Append(CultureInfo.InvariantCulture,
            $"# Sweep {sweep.Name}: a task of this array trains the row whose number is the "
                + $"task's{(offset > 0 ? $" plus {offset}" : "")}.\n");
        script.Append("# Before the time limit SLURM sends USR2; the program saves a checkpoint and has the task queued again.\n");
        script.Append(CultureInfo.InvariantCulture, $"export ARTAR_HOME={Shell.Quoted(sweep.Workspace.Root)}\n");
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } dotnet)
            script.Append(CultureInfo.InvariantCulture, $"export DOTNET_ROOT={Shell.Quoted(dotnet)}\n");
        if (sweep.Header.Spec.Slurm.Setup is { Count: > 0 } setup)
            script.Append(BeforeSetup).Append(string.Join('\n', setup)).Append(AfterSetup);
        string[] command = [self.Program, .. self.First, "sweep", "supervise", sweep.Name];
        script.Append(CultureInfo.InvariantCulture,
            $"exec {string.Join(' ', command.Select(Shell.Quoted))} --row \"$((SLURM_ARRAY_TASK_ID + {offset}))\" ");
        script.Append(CultureInfo.InvariantCulture, $"--unchanged {sweep.Digest}\n");
        return script.ToString();
    }

    /// <summary>sbatch's options for a part of a sweep.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="name">The job's name.</param>
    /// <param name="tasks">Numbers of the tasks.</param>
    /// <param name="atOnce">Tasks at the same time at most; 0 for no limit.</param>
    public static IReadOnlyList<string> Options(Sweep sweep, string name, IEnumerable<int> tasks, int atOnce)
    {
        var (slurm, resources) = (sweep.Header.Spec.Slurm, sweep.Header.Spec.Resources);
        var options = new List<string>
        {
            "--parsable", $"--job-name={name}", $"--array={Ranges(tasks)}{(atOnce > 0 ? FormattableString.Invariant($"%{atOnce}") : "")}",
            "--requeue", "--open-mode=append",
            // SLURM takes the whole path for a pattern, a relative one's folder too.
            $"--chdir={sweep.Folder}", $"--output={sweep.Logs.Replace("%", "%%", StringComparison.Ordinal)}/slurm-%A_%a.log",
            FormattableString.Invariant($"--signal=B:USR2@{slurm.SignalBefore}"),
            FormattableString.Invariant($"--cpus-per-task={Math.Max(1, resources.Threads)}"), "--ntasks=1",
            $"--export={string.Join(',', exported.Concat(OfModules()))}",
        };
        void Add(string option, string? value)
        {
            if (value is not null)
                options.Add($"--{option}={value}");
        }
        Add("partition", slurm.Partition);
        Add("time", slurm.Time);
        Add("gpus", slurm.Gpus);
        Add("mem", slurm.Memory);
        Add("account", slurm.Account);
        options.AddRange(slurm.Options);
        return options;
    }

    private static IEnumerable<string> OfModules() => Environment.GetEnvironmentVariables().Keys.Cast<string>()
        .Where(name => exportedPrefixes.Any(p => name.StartsWith(p, StringComparison.Ordinal))
            && !name.Any(c => c is ',' or '=' || char.IsWhiteSpace(c)))
        .Order(StringComparer.Ordinal);

    /// <summary>Numbers as SLURM writes them: <c>1-4,7</c>.</summary>
    public static string Ranges(IEnumerable<int> numbers)
    {
        var parts = new List<(int From, int To)>();
        foreach (var number in numbers.Distinct().Order())
            if (parts is [.., var last] && last.To == number - 1)
                parts[^1] = (last.From, number);
            else
                parts.Add((number, number));
        return string.Join(',', parts.Select(p => p.From == p.To ? FormattableString.Invariant($"{p.From}")
            : FormattableString.Invariant($"{p.From}-{p.To}")));
    }

    /// <summary>The numbers of such a text; a limit behind a percent sign is left aside.</summary>
    public static IEnumerable<int> Numbers(string ranges)
    {
        foreach (var part in ranges.Split('%')[0].Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var (from, step) = part.Split(':') is [var range, var every]
                ? (range, int.TryParse(every, CultureInfo.InvariantCulture, out var s) ? s : 1) : (part, 1);
            var ends = from.Split('-');
            if (int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last))
                for (var number = first; number <= last; number += Math.Max(1, step))
                    yield return number;
        }
    }
}
