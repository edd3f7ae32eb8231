using System.Globalization;
using System.Text;

namespace ArTar.Workbench.Sweeps;

/// <summary>SLURM's side of a sweep as text: job scripts, sbatch's options, lists of array tasks. Nothing here runs anything.</summary>
internal static class JobScript
{
    /// <summary>Variables of the submitting shell that a job is given; all others, secrets among them, stay behind.</summary>
    private static readonly string[] exported = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "SLURM_CONF", "MODULEPATH"];

    /// <summary>The script that a task of an array runs: it sets the surroundings and becomes the program, so that signals reach it.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="self">The command line on the cluster's shared file system.</param>
    /// <param name="offset">What is added to a task's number to make a row's.</param>
    public static string Text(Sweep sweep, SelfCommand self, int offset)
    {
        var script = new StringBuilder("#!/bin/bash\n");
        script.Append(CultureInfo.InvariantCulture, $"# Sweep {sweep.Name}: a task of this array trains the row whose number is the task's{(offset > 0 ? $" plus {offset}" : "")}.\n");
        script.Append("# Before the time limit SLURM sends USR2; the program saves a checkpoint and has the task queued again.\n");
        script.Append("set -euo pipefail\n");
        script.Append(CultureInfo.InvariantCulture, $"export ARTAR_HOME={Quoted(sweep.Workspace.Root)}\n");
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } dotnet)
            script.Append(CultureInfo.InvariantCulture, $"export DOTNET_ROOT={Quoted(dotnet)}\n");
        foreach (var line in sweep.Header.Spec.Slurm.Setup)
            script.Append(line).Append('\n');
        string[] command = [self.Program, .. self.First, "sweep", "supervise", sweep.Name];
        script.Append(CultureInfo.InvariantCulture, $"exec {string.Join(' ', command.Select(Quoted))} --row \"$((SLURM_ARRAY_TASK_ID + {offset}))\"\n");
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
            "--parsable", $"--job-name={name}", $"--array={Ranges(tasks)}{(atOnce > 0 ? FormattableString.Invariant($"%{atOnce}") : "")}", "--requeue", "--open-mode=append",
            // SLURM takes the whole path for a pattern, a relative one's folder too.
            $"--chdir={sweep.Folder}", $"--output={sweep.Logs.Replace("%", "%%", StringComparison.Ordinal)}/slurm-%A_%a.log",
            FormattableString.Invariant($"--signal=B:USR2@{slurm.SignalBefore}"),
            FormattableString.Invariant($"--cpus-per-task={Math.Max(1, resources.Threads)}"), "--ntasks=1",
            $"--export={string.Join(',', exported)}",
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

    /// <summary>Numbers as SLURM writes them: <c>1-4,7</c>.</summary>
    public static string Ranges(IEnumerable<int> numbers)
    {
        var parts = new List<(int From, int To)>();
        foreach (var number in numbers.Distinct().Order())
            if (parts is [.., var last] && last.To == number - 1)
                parts[^1] = (last.From, number);
            else
                parts.Add((number, number));
        return string.Join(',', parts.Select(p => p.From == p.To ? FormattableString.Invariant($"{p.From}") : FormattableString.Invariant($"{p.From}-{p.To}")));
    }

    /// <summary>The numbers of such a text; a limit behind a percent sign is left aside.</summary>
    public static IEnumerable<int> Numbers(string ranges)
    {
        foreach (var part in ranges.Split('%')[0].Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var (from, step) = part.Split(':') is [var range, var every] ? (range, int.TryParse(every, CultureInfo.InvariantCulture, out var s) ? s : 1) : (part, 1);
            var ends = from.Split('-');
            if (int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first) && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last))
                for (var number = first; number <= last; number += Math.Max(1, step))
                    yield return number;
        }
    }

    /// <summary>A word for bash that stands for exactly this text, on one line whatever it holds.</summary>
    public static string Quoted(string text)
    {
        if (text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '=' or ',' or ':' or '@' or '+'))
            return text;
        if (!text.Any(char.IsControl))
            return $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
        // Control characters by their bytes, so that none of them ends a line or a comment.
        var quoted = new StringBuilder("$'");
        foreach (var rune in text.EnumerateRunes())
            if (rune.Value is '\'' or '\\')
                quoted.Append('\\').Append(rune);
            else if (System.Text.Rune.IsControl(rune))
                foreach (var b in Encoding.UTF8.GetBytes(rune.ToString()))
                    quoted.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
            else
                quoted.Append(rune);
        return quoted.Append('\'').ToString();
    }
}
