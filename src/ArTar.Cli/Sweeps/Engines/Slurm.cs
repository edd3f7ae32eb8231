using System.ComponentModel;
using System.Text.RegularExpressions;


namespace ArTar.Cli.Sweeps;

/// <summary>SLURM's own commands, called as programs; nothing passes a shell.</summary>
internal static partial class Slurm
{
    private const int DefaultMaxArraySize = 1001;
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(30);

    /// <summary>What a command said.</summary>
    /// <param name="Code">Exit code; -1 when it did not end in time.</param>
    /// <param name="Output">Standard output.</param>
    /// <param name="Errors">Standard error.</param>
    internal sealed record Answer(int Code, string Output, string Errors)
    {
        /// <summary>Whether the controller did not answer in time: it may have done what it was asked for all the same.</summary>
        public bool IsMissing => Code < 0 || Code > 0 && Errors.Contains("timed out", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Runs a command of SLURM.</summary>
    /// <exception cref="WorkbenchException">It is not there.</exception>
    public static Answer Run(string command, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true,
            RedirectStandardError = true };
        // Settings of a job that this process may run in, or of the user's other work, are not this sweep's.
        foreach (var name in start.Environment.Keys.Where(IsForeign).ToList())
            start.Environment.Remove(name);
        start.Environment["SLURM_BITSTR_LEN"] = "0"; // lists of tasks in full
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception) when (command == "sacct")
        {
            return new(-1, "", "sacct is not installed"); // many clusters do without
        }
        catch (Win32Exception e)
        {
            throw new WorkbenchException(
                $"'{command}' was not found: the SLURM engine needs SLURM's commands (sbatch, squeue, scancel, scontrol) on this machine, "
                    + "as on a cluster's login node. --engine local trains here.", e);
        }
        using (process)
        {
            process.StandardInput.Close();
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            if (!process.WaitForExit(patience))
            {
                process.Kill(entireProcessTree: true);
                return new(-1, "", $"{command} gave no answer within {patience.TotalSeconds:0} s");
            }
            return new(process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult().Trim());
        }
    }

    /// <summary>Has a running task of this job queued again.</summary>
    public static Answer Requeue(string job) => Run("scontrol", "requeue", job);

    /// <summary>SLURM's name of the task that this process runs in, such as <c>17_3</c>; null outside SLURM.</summary>
    public static string? CurrentTask => Environment.GetEnvironmentVariable("SLURM_ARRAY_JOB_ID") is { Length: > 0 } job
        ? $"{job}_{Environment.GetEnvironmentVariable("SLURM_ARRAY_TASK_ID")}" : null;

    /// <summary>The cluster's limit on array indices: they are below it.</summary>
    /// <exception cref="WorkbenchException">SLURM's commands are not there.</exception>
    public static int MaxArraySize => MaxArray().Match(Run("scontrol", "show", "config").Output) is { Success: true } found
        ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : DefaultMaxArraySize;

    /// <summary>The same; SLURM's own default where its commands are not there, so that a dry run does without.</summary>
    public static int MaxArraySizeOrUsual
    {
        get
        {
            try
            {
                return MaxArraySize;
            }
            catch (WorkbenchException)
            {
                return DefaultMaxArraySize;
            }
        }
    }

    private static bool IsForeign(string name) =>
        name.StartsWith("SBATCH_", StringComparison.Ordinal) || name.StartsWith("SQUEUE_", StringComparison.Ordinal)
        || name.StartsWith("SCANCEL_", StringComparison.Ordinal) || name.StartsWith("SLURM_", StringComparison.Ordinal)
            && name is not ("SLURM_CONF" or "SLURM_CLUSTERS");

    [GeneratedRegex(@"^MaxArraySize\s*=\s*(\d+)", RegexOptions.Multiline)]
    private static partial Regex MaxArray();
}
