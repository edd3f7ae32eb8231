using System.Text.Json;
using ArTar.Workbench;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;

namespace ArTar.Cli;

/// <summary>How far a run has come, as a line of <c>--progress json</c> tells it; what does not apply is left out.</summary>
internal sealed record RunEvent
{
    /// <summary><c>step</c> (a few a second), <c>epoch</c>, <c>notice</c> or <c>end</c>.</summary>
    public required string Event { get; init; }

    /// <summary>The epoch that is trained (step) or done (epoch), from 1.</summary>
    public int? Epoch { get; init; }

    public int? Epochs { get; init; }

    /// <summary>Windows done in the epoch.</summary>
    public int? Window { get; init; }

    public int? Windows { get; init; }

    /// <summary>In the epoch so far, or in the whole epoch.</summary>
    public double? TrainPerplexity { get; init; }

    public double? ValidPerplexity { get; init; }

    public double? BestValidPerplexity { get; init; }

    public double? TokensPerSecond { get; init; }

    /// <summary>Done part of the whole training, from 0 to 1.</summary>
    public double? Fraction { get; init; }

    /// <summary>How the run ended.</summary>
    public RunStatus? Status { get; init; }

    public string? Text { get; init; }

    public static RunEvent Of(TrainingProgress progress)
    {
        var position = progress.Position;
        return new()
        {
            Event = "step",
            Epoch = position.Epoch + 1,
            Epochs = progress.Epochs,
            Window = position.Window,
            Windows = progress.Windows,
            TrainPerplexity = Finite(Math.Exp(position.Sums.Loss / position.Sums.Tokens)),
            ValidPerplexity = position.Epochs is [.., var last] ? Finite(last.ValidPerplexity) : null,
            BestValidPerplexity = Finite(Math.Exp(position.BestLoss)),
            TokensPerSecond = progress.TokensPerSecond,
            Fraction = progress.Fraction,
        };
    }

    public static RunEvent Of(EpochMetrics epoch, int epochs, double best) => new()
    {
        Event = "epoch",
        Epoch = epoch.Epoch,
        Epochs = epochs,
        TrainPerplexity = Finite(epoch.TrainPerplexity),
        ValidPerplexity = Finite(epoch.ValidPerplexity),
        BestValidPerplexity = Finite(best),
        TokensPerSecond = epoch.TokensPerSecond,
        Fraction = (double)epoch.Epoch / epochs,
    };

    public static RunEvent Of(RunSummary summary) => new() { Event = "end", Status = summary.Status, Text = summary.Error };

    public static RunEvent Notice(string text) => new() { Event = "notice", Text = text };

    public string ToLine() => JsonSerializer.Serialize(this, Json.Compact);

    /// <summary>Null for a line that is none of ours.</summary>
    public static RunEvent? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<RunEvent>(line, Json.Compact);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
