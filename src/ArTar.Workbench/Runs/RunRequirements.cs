using ArTar.Workbench.Data;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Runs;

/// <summary>
/// What a run needs until its very end, checked before its first step: what the last one lacks, a test split that is long enough, say,
/// would otherwise cost all the training before it.
/// </summary>
internal static class RunRequirements
{
    private const string Train = "training", Cut = " (trainTokens)";
    private const int WeightFiles = 4; // best, last, the one before, and the one that is being written

    /// <summary>Checks what some runs need on this machine.</summary>
    /// <param name="planned">The runs.</param>
    /// <param name="resources">How they are trained; null where another machine does that.</param>
    /// <param name="folder">The folder that their folders go into.</param>
    /// <exception cref="WorkbenchException">Names every fault.</exception>
    public static void Check(IReadOnlyList<PlannedRun> planned, RunResources? resources, string folder)
    {
        if (planned.Count == 0)
            return;
        if (resources is not null)
            LibTorch.DeviceNamed(resources.Device);
        var largest = planned.Max(WeightBytes);
        var faults = planned.SelectMany(p => OfText(p.Configuration.Values, p.Corpus)).Distinct().ToList();
        if (resources is { Device: "cpu" } && 2 * largest > Disk.Memory) // weights and their gradients
            faults.Add(string.Create(CultureInfo.InvariantCulture,
                $"The largest model has {largest / sizeof(float):N0} parameters: training needs ") +
                $"more than {Disk.Size(2 * largest)} of memory, this machine has {Disk.Size(Disk.Memory)}. Take fewer units or layers.");
        if (resources?.SideBySide(planned.Count) is { } jobs && jobs > RunResources.MostJobs)
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"{jobs:N0} runs side by side need more memory than the ")
                + string.Create(CultureInfo.InvariantCulture,
                    $"{Disk.Size(Disk.Memory)} of this machine, even of small models: expected at most {RunResources.MostJobs:N0}."));
        if (Disk.Fault(folder) is { } fault)
            faults.Add(fault);
        else if (Disk.FreeSpace(folder) is { } free && free < WeightFiles * largest)
            faults.Add($"'{folder}' has {Disk.Size(free)} free, a run's checkpoints need {Disk.Size(WeightFiles * largest)}. " +
                "Make room, or choose another workspace.");
        if (faults.Count > 0)
            throw new WorkbenchException(string.Join('\n', faults));
    }

    /// <summary>The same of one run's text, by whoever opens it.</summary>
    /// <exception cref="WorkbenchException">Names every fault.</exception>
    public static void Check(HyperParameters values, CorpusFacts corpus)
    {
        if (OfText(values, corpus).ToList() is { Count: > 0 } faults)
            throw new WorkbenchException(string.Join('\n', faults));
    }

    private static IEnumerable<string> OfText(HyperParameters values, CorpusFacts corpus)
    {
        var train = values.TrainTokens > 0 ? Math.Min(values.TrainTokens, corpus.TrainTokens) : corpus.TrainTokens;
        (string Split, int Tokens, int Columns, string Key)[] splits =
        [
            (Train, train, values.BatchSize, "batchSize"),
            ("validation", corpus.ValidTokens, values.EvaluationBatchSize, "evaluationBatchSize"),
            ("test", corpus.TestTokens, values.EvaluationBatchSize, "evaluationBatchSize"),
        ];
        return splits.Where(s => s.Tokens / s.Columns < 2).Select(s => string.Create(CultureInfo.InvariantCulture,
            $"The {s.Split} split of '{corpus.Title}' has {s.Tokens:N0} " +
                $"tokens{(s.Tokens < corpus.TrainTokens && s.Split == Train ? Cut : "")}, ") +
            string.Create(CultureInfo.InvariantCulture,
                $"too few for {s.Columns:N0} columns: each needs at least 2, one to read and one to predict. ") +
            $"Take more text or a smaller {s.Key}.");
    }

    private static long WeightBytes(PlannedRun planned) =>
        sizeof(float) * planned.Configuration.Values.CountParameters(planned.Corpus.VocabularySize);
}
