namespace ArTar.Workbench.Data;

/// <summary>What tables, figures and the names of runs need of a corpus: all but its text.</summary>
/// <param name="Name">What <see cref="Corpora.Load"/> finds it by: <c>"ptb"</c>, or a folder's full path.</param>
/// <param name="Hash">SHA-256 in hex of the text that decided the ids.</param>
/// <param name="VocabularySize">Number of tokens in the vocabulary, V.</param>
/// <param name="TrainTokens">Tokens of the training split.</param>
/// <param name="ValidTokens">Tokens of the validation split.</param>
/// <param name="TestTokens">Tokens of the test split.</param>
/// <param name="Floor">The best perplexity that any model can reach, where it is known; null for natural text.</param>
public sealed record CorpusFacts(string Name, string Hash, int VocabularySize, int TrainTokens, int ValidTokens, int TestTokens,
    EntropyFloor? Floor = null)
{
    /// <summary>What it is called in tables and figures: <c>"ptb"</c>, or the folder's own name.</summary>
    public string Title => Path.GetFileName(Name);
}
