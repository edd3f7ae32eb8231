using ArTar.Workbench.Display;
using ArTar.Workbench.Output;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Runs;

/// <summary>The result of a run that has ended, with its circumstances.</summary>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed record RunSummary : IJsonOnDeserialized
{
    /// <summary>How it ended.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>Trainable parameters, the tied weight counted once.</summary>
    public long Parameters { get; init; }

    /// <summary>Epoch with the lowest validation loss; its weights are kept.</summary>
    public int BestEpoch { get; init; }

    /// <summary>Lowest validation loss, in nats per token.</summary>
    public double? ValidLoss { get; init; }

    /// <summary>Test loss of the best epoch's weights, in nats per token.</summary>
    public double? TestLoss { get; init; }

    /// <summary>Metrics of the last epoch that was finished.</summary>
    public EpochMetrics? LastEpoch { get; init; }

    /// <summary>Perplexity of the ideal model on the validation split, where it is known (generated language).</summary>
    public double? BestPossibleValidPerplexity { get; init; }

    /// <summary>Perplexity of the ideal model on the test split, where it is known.</summary>
    public double? BestPossibleTestPerplexity { get; init; }

    /// <summary>Time of training and validation over all attempts, in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>Training speed, mean over epochs, in tokens per second.</summary>
    public double TokensPerSecond { get; init; }

    /// <summary>The error's text, when the run did not finish.</summary>
    public string? Error { get; init; }

    /// <summary>Where and with what it was run.</summary>
    public required RunEnvironment Circumstances { get; init; }

    void IJsonOnDeserialized.OnDeserialized()
    {
        StoredValue.Require(Status is RunStatus.Finished or RunStatus.Diverged or RunStatus.OutOfMemory or RunStatus.Failed,
            $"status: a run that is {Status.Describe()} has no result");
        StoredValue.Within(Parameters, 0);
        StoredValue.Within(BestEpoch, 0);
        StoredValue.Seconds(Seconds);
        StoredValue.Within(TokensPerSecond, 0);
        if (Status != RunStatus.Finished)
            return;
        StoredValue.Loss(ValidLoss);
        StoredValue.Loss(TestLoss);
    }

    /// <summary>Sees to it that the result is that of a run's epochs; one without metrics says all that a table needs.</summary>
    /// <exception cref="WorkbenchException">It contradicts them.</exception>
    internal RunSummary Of(IReadOnlyList<EpochMetrics> metrics, string path) =>
        metrics.Count == 0 || metrics.FirstOrDefault(m => m.Epoch == BestEpoch)?.ValidLoss == ValidLoss ? this
            : throw new WorkbenchException($"'{path}' has another validation loss than epoch {BestEpoch} of the metrics beside it: one of "
                + "the two is another run's, or was changed. Nothing in this folder is used as long.");

    /// <summary>exp(<see cref="ValidLoss"/>).</summary>
    [JsonIgnore]
    public double? ValidPerplexity => ValidLoss is { } loss ? Math.Exp(loss) : null;

    /// <summary>exp(<see cref="TestLoss"/>).</summary>
    [JsonIgnore]
    public double? TestPerplexity => TestLoss is { } loss ? Math.Exp(loss) : null;

    /// <summary>The result as notebooks show it.</summary>
    public string ToHtml() => View.ToHtml();

    /// <summary>The result as text.</summary>
    public override string ToString() => View.ToString();

    private Html View
    {
        get
        {
            List<(string, string)> items =
            [
                ("status", Status.Describe()),
                ("parameters", Parameters.ToString("N0", CultureInfo.InvariantCulture)),
                ("best epoch", BestEpoch.ToString(CultureInfo.InvariantCulture)),
                ("validation perplexity", Printed.PerplexityOrDash(ValidPerplexity)),
                ("test perplexity", Printed.PerplexityOrDash(TestPerplexity)),
                ("time", Printed.Duration(Seconds)),
                ("tokens/s", TokensPerSecond.ToString("N0", CultureInfo.InvariantCulture)),
            ];
            if (BestPossibleValidPerplexity is { } best)
                items.Insert(5, ("best possible validation", Printed.PerplexityOrDash(best)));
            if (Error is { } error)
                items.Add(("error", error));
            return Html.List(items);
        }
    }
}
