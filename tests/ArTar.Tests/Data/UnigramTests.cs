using ArTar.Tests.Training;
using ArTar.Workbench.Data;

namespace ArTar.Tests.Data;

/// <summary>Word frequencies as a language model.</summary>
public sealed class UnigramTests
{
    [Fact]
    public void The_unigram_model_by_counting()
    {
        var corpus = Small.Corpus();
        foreach (var (split, trainTokens) in new[] { (Split.Valid, 0), (Split.Test, 50), (Split.Valid, 10_000) })
        {
            var known = corpus.Train.ToArray().Take(trainTokens > 0 ? trainTokens : int.MaxValue).ToList();
            var product = corpus[split].ToArray().Skip(1).Select(id => (known.Count(k => k == id) + 1.0) / (known.Count + corpus.Vocabulary.Count)).ToList();
            Assert.Equal(Math.Pow(2, -product.Average(Math.Log2)), Unigram.Perplexity(corpus, split, trainTokens), 1e-9);
        }
    }
}
