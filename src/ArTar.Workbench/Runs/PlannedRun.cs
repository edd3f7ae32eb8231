using ArTar.Workbench.Data;

namespace ArTar.Workbench.Runs;

/// <summary>A run that a plan consists of.</summary>
/// <param name="Configuration">What is trained on what.</param>
/// <param name="Label">What people read: its row, its seed where there are several.</param>
/// <param name="Corpus">The data set.</param>
internal sealed record PlannedRun(RunConfiguration Configuration, string Label, CorpusFacts Corpus)
{
    /// <summary>How much work it is, in any unit that all runs share: epochs times parameters.</summary>
    public double Work { get; } = Configuration.Values.Epochs * (double)Configuration.Values.CountParameters(Corpus.VocabularySize);
}
