using ArTar.Workbench.Data;

namespace ArTar.Workbench.Runs;

/// <summary>A run that a plan consists of.</summary>
internal sealed record PlannedRun
{
    /// <summary>What is trained on what.</summary>
    public required RunConfiguration Configuration { get; init; }

    /// <summary>What people read: its row, its seed where there are several.</summary>
    public required string Label { get; init; }

    /// <summary>The data set.</summary>
    public required CorpusFacts Corpus { get; init; }

    /// <summary>How much work it is, in any unit that all runs share: epochs times parameters.</summary>
    public required double Work { get; init; }

    /// <summary>A run and its work.</summary>
    /// <param name="configuration">What is trained on what.</param>
    /// <param name="label">What people read.</param>
    /// <param name="corpus">The data set.</param>
    public static PlannedRun Of(RunConfiguration configuration, string label, CorpusFacts corpus)
    {
        var values = configuration.Values;
        return new()
        {
            Configuration = configuration,
            Label = label,
            Corpus = corpus,
            Work = values.Epochs * (double)values.CountParameters(corpus.VocabularySize),
        };
    }
}
