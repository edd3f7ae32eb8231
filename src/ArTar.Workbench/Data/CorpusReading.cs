namespace ArTar.Workbench.Data;

/// <summary>What was read of a data set, in a line for each split: the sizes that people compare with those of others.</summary>
internal static class CorpusReading
{
    /// <summary>The lines.</summary>
    /// <param name="corpus">The data set.</param>
    /// <param name="columns">Sequences side by side in training and in evaluation, which leave a rest; null to leave it out.</param>
    /// <param name="trainTokens">How many of the training tokens are trained on; 0 for all.</param>
    public static IEnumerable<string> Lines(Corpus corpus, (int Train, int Evaluation)? columns = null, int trainTokens = 0)
    {
        foreach (var split in Enum.GetValues<Split>())
        {
            var ids = corpus[split].Span;
            if (ids.IsEmpty)
                continue; // not read
            var isCut = split == Split.Train && trainTokens > 0 && trainTokens < ids.Length;
            var used = isCut ? trainTokens : ids.Length;
            var unknown = corpus.Vocabulary.Unknown is { } id ? 100.0 * ids.Count(id) / ids.Length : 0;
            var side = split == Split.Train ? columns?.Train : columns?.Evaluation;
            yield return string.Create(CultureInfo.InvariantCulture, $"{split.ToString().ToLowerInvariant(),-5}  {ids.Length:N0} tokens, ")
                + (split == Split.Train ? string.Create(CultureInfo.InvariantCulture, $"vocabulary {corpus.Vocabulary.Count:N0}")
                    : string.Create(CultureInfo.InvariantCulture, $"{Different(ids, corpus.Vocabulary.Count):N0} words of the vocabulary"))
                + string.Create(CultureInfo.InvariantCulture, $", {unknown:0.##} % {Vocabulary.UnknownToken}")
                + (isCut ? string.Create(CultureInfo.InvariantCulture, $", the first {used:N0} are trained on") : "")
                + (side is { } b && used / b >= 2 ? string.Create(CultureInfo.InvariantCulture,
                    $", {used - (used / b - 1L) * b:N0} tokens not predicted") : "");
        }
    }

    private static int Different(ReadOnlySpan<int> ids, int vocabulary)
    {
        var met = new bool[vocabulary];
        foreach (var id in ids)
            met[id] = true;
        return met.Count(m => m);
    }
}
