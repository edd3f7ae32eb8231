namespace ArTar.Workbench.Runs;

/// <summary>
/// Who trains a run: <c>progress.json</c> in the lease's folder, written anew every two seconds for as long as the process lives. Readers
/// on other machines tell a living process from a dead one by <see cref="Beat"/>, never by a clock.
/// </summary>
internal sealed record LeaseHolder
{
    /// <summary>The machine, as far as file locks reach: a node's or host's name, and which of its boots.</summary>
    public required string Machine { get; init; }

    /// <summary>The process on that machine.</summary>
    public required int Process { get; init; }

    /// <summary>Grows with every write.</summary>
    public required long Beat { get; init; }

    /// <summary>How far it has come; null before the first step.</summary>
    public RunProgress? Progress { get; init; }

    /// <summary>The machine that this process runs on. Two SLURM nodes on one host count as two.</summary>
    public static string Here { get; } = string.Join(' ', new[]
    {
        Environment.GetEnvironmentVariable("SLURMD_NODENAME") is { Length: > 0 } node ? node : Environment.MachineName,
        File.Exists(LinuxBoot) ? File.ReadAllText(LinuxBoot).Trim() : "",
    }).TrimEnd();

    private const string LinuxBoot = "/proc/sys/kernel/random/boot_id";

    /// <summary>The machine's name alone, for people.</summary>
    [JsonIgnore]
    public string Host => Machine.Split(' ')[0];
}
