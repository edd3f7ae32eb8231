namespace ArTar.Cli.Sweeps;

/// <summary>Tasks of a sweep that are submitted as one array.</summary>
/// <param name="Offset">What is added to a task's number to make a row's.</param>
/// <param name="Tasks">Numbers of the tasks, from 1.</param>
/// <param name="AtOnce">Tasks at the same time at most; 0 for no limit.</param>
internal sealed record JobArray(int Offset, IReadOnlyList<int> Tasks, int AtOnce)
{
    /// <summary>Puts rows into arrays.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="rows">Numbers of rows, of a stack's its first one's.</param>
    /// <param name="maxArraySize">The cluster's limit on tasks' numbers, which are below it.</param>
    public static IReadOnlyList<JobArray> Of(Sweep sweep, IEnumerable<int> rows, int maxArraySize)
    {
        var (width, limit) = (maxArraySize - 1, sweep.Header.Spec.Slurm.AtOnce); // numbers from 1
        var parts = rows.GroupBy(row => (row - 1) / width).ToList();
        return [.. parts.Select(part => new JobArray(part.Key * width, [.. part.Select(row => row - part.Key * width)],
            limit == 0 ? 0 : Math.Max(1, limit / parts.Count)))];
    }
}
