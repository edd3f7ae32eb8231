using ArTar.Workbench.Display;
using ArTar.Workbench.Output;

namespace ArTar.Workbench.Data;

/// <summary>The three parts of a corpus.</summary>
public enum Split
{
    /// <summary>What the weights are fitted to.</summary>
    Train,

    /// <summary>What the learning rate and the coefficients are chosen by.</summary>
    Valid,

    /// <summary>What the chosen model sees once, at the end.</summary>
    Test,
}

/// <summary>A text in three splits, as token ids.</summary>
/// <param name="Name">What <see cref="Corpora.Load"/> finds it by: <c>"ptb"</c>, or a folder's full path.</param>
/// <param name="Vocabulary">The tokens that the ids stand for.</param>
/// <param name="Train">Ids of the training split, [N].</param>
/// <param name="Valid">Ids of the validation split, [N].</param>
/// <param name="Test">Ids of the test split, [N].</param>
/// <param name="Hash">SHA-256 in hex of the text that decided the ids; two corpora with one hash hold the same ids.</param>
/// <param name="Floor">The best perplexity that any model can reach, where it is known; null for natural text.</param>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed record Corpus(
    string Name, Vocabulary Vocabulary, ReadOnlyMemory<int> Train, ReadOnlyMemory<int> Valid, ReadOnlyMemory<int> Test, string Hash,
    EntropyFloor? Floor = null)
{
    /// <summary>What a person should know of a text of their own: what in it is probably not what they think.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>All but the text.</summary>
    public CorpusFacts Facts => new(Name, Hash, Vocabulary.Count, Train.Length, Valid.Length, Test.Length, Floor);

    /// <summary>What it is called in tables and figures: <c>"ptb"</c>, or the folder's own name.</summary>
    public string Title => Facts.Title;

    /// <summary>The ids of one split, [N].</summary>
    public ReadOnlyMemory<int> this[Split split] => split switch { Split.Train => Train, Split.Valid => Valid, _ => Test };

    /// <summary>The training tokens that a run sees: the first so many, or all for 0.</summary>
    internal ReadOnlyMemory<int> Trained(int trainTokens) => trainTokens > 0 ? Train[..Math.Min(trainTokens, Train.Length)] : Train;

    /// <summary>Name, sizes and the best possible perplexity, as notebooks show them.</summary>
    public string ToHtml() => View.ToHtml();

    /// <summary>Name, sizes and the best possible perplexity, as text.</summary>
    public override string ToString() => View.ToString();

    private Html View => Html.Table(
        Floor is null ? ["split", "tokens"] : ["split", "tokens", "best possible perplexity"],
        Enum.GetValues<Split>().Select(split =>
        {
            List<string> cells = [split.ToString().ToLowerInvariant(), Printed.Count(this[split].Length)];
            if (Floor is { } floor)
                cells.Add(Printed.Perplexity(floor.BestPerplexity(split)));
            return cells;
        }),
        $"{Title}, vocabulary {Printed.Count(Vocabulary.Count)}");

    internal static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

/// <summary>
/// What a generated language allows at best. A model that knows the language gives each token its true probability; the
/// mean surprise of that is the language's entropy rate, and over one finite split it comes out a little above or below.
/// </summary>
/// <param name="NatsPerToken">The entropy rate of the language, exact, in nats.</param>
/// <param name="Train">The ideal model's perplexity on the training split.</param>
/// <param name="Valid">The ideal model's perplexity on the validation split.</param>
/// <param name="Test">The ideal model's perplexity on the test split.</param>
public sealed record EntropyFloor(double NatsPerToken, double Train, double Valid, double Test)
{
    /// <summary>The perplexity of the language itself: exp of the entropy rate.</summary>
    public double Perplexity => Math.Exp(NatsPerToken);

    /// <summary>
    /// The ideal model's perplexity on one split, over every token but the split's first. A model can go below it only by
    /// having seen the split.
    /// </summary>
    public double BestPerplexity(Split split) => split switch { Split.Train => Train, Split.Valid => Valid, _ => Test };
}
