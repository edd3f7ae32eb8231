using ArTar.Workbench.Training;

namespace ArTar.Workbench.Runs;

/// <summary>
/// Who trains a run, and how far it has come: <c>progress.json</c> in the lease's folder, written anew every two seconds for as long as
/// the process lives. Readers on other machines tell a living process from a dead one by <see cref="Beat"/>, never by a clock.
/// </summary>
public sealed record RunProgress
{
    /// <summary>The machine, as far as file locks reach: a node's or host's name, and which of its boots.</summary>
    public required string Machine { get; init; }

    /// <summary>The process on that machine.</summary>
    public required int Process { get; init; }

    /// <summary>Grows with every write.</summary>
    public required long Beat { get; init; }

    /// <summary>The epoch that is trained, from 1; 0 before the first step.</summary>
    public int Epoch { get; init; }

    /// <summary>Epochs in all.</summary>
    public int Epochs { get; init; }

    /// <summary>Windows done in the epoch.</summary>
    public int Window { get; init; }

    /// <summary>Windows in an epoch.</summary>
    public int Windows { get; init; }

    /// <summary>Training loss of the epoch so far, in nats per token.</summary>
    public double? TrainLoss { get; init; }

    /// <summary>Validation loss of the last whole epoch, in nats per token.</summary>
    public double? ValidLoss { get; init; }

    /// <summary>Lowest validation loss so far, in nats per token.</summary>
    public double? BestValidLoss { get; init; }

    /// <summary>Training speed, in tokens per second.</summary>
    public double TokensPerSecond { get; init; }

    /// <summary>Done part of the whole training, from 0 to 1.</summary>
    public double Fraction { get; init; }

    /// <summary>Time until the run's end, in seconds, as far as one can tell.</summary>
    public double? SecondsLeft { get; init; }

    /// <summary>The machine that this process runs on. Two SLURM nodes on one host count as two.</summary>
    public static string Here { get; } = string.Join(' ', new[]
    {
        Environment.GetEnvironmentVariable("SLURMD_NODENAME") is { Length: > 0 } node ? node : Environment.MachineName,
        File.Exists(LinuxBoot) ? File.ReadAllText(LinuxBoot).Trim() : "",
    }).TrimEnd();

    private const string LinuxBoot = "/proc/sys/kernel/random/boot_id";

    /// <summary>The machine's name alone, for people.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Host => Machine.Split(' ')[0];

    internal RunProgress With(TrainingProgress told, double? secondsLeft) => this with
    {
        Epoch = told.Position.Epoch + 1,
        Epochs = told.Epochs,
        Window = told.Position.Window,
        Windows = told.Windows,
        TrainLoss = Finite(told.Position.Sums.Loss / told.Position.Sums.Tokens),
        ValidLoss = told.Position.Epochs is [.., var last] ? Finite(last.ValidLoss) : null,
        BestValidLoss = Finite(told.Position.BestLoss),
        TokensPerSecond = told.TokensPerSecond,
        Fraction = told.Fraction,
        SecondsLeft = secondsLeft,
    };

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
