namespace ArTar.Workbench.Data;

/// <summary>The model that knows how often each word occurs and nothing else: what a language model that failed is as good as.</summary>
public static class Unigram
{
    /// <summary>
    /// Its perplexity on a split, over every token but the split's first, as a language model's. Frequencies come from the training tokens;
    /// each word of the vocabulary is counted once more than it occurs (Laplace), so that none is impossible.
    /// </summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="split">The split to predict.</param>
    /// <param name="trainTokens">How many of the training tokens are known, from the first on; 0 for all.</param>
    public static double Perplexity(Corpus corpus, Split split, int trainTokens = 0)
    {
        var known = corpus.Trained(trainTokens).Span;
        var counts = new double[corpus.Vocabulary.Count];
        Array.Fill(counts, 1);
        foreach (var id in known)
            counts[id]++;
        var all = Math.Log(known.Length + counts.Length);
        var tokens = corpus[split].Span[1..];
        var surprise = 0.0;
        foreach (var id in tokens)
            surprise += all - Math.Log(counts[id]);
        return Math.Exp(surprise / tokens.Length);
    }
}
