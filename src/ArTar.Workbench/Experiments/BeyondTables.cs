namespace ArTar.Workbench.Experiments;

/// <summary>
/// Tables of our own that ask what the paper leaves open. Their values are meant for the profile <c>laptop</c>. To change one or to add
/// one, edit the list below; nothing else needs to know.
/// </summary>
public static class BeyondTables
{
    private const string Both = "alpha=2 beta=1";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<PaperTable> All { get; } =
    [
        new()
        {
            Key = "surface",
            Title = "AR and TAR over both coefficients",
            Question = "Where is the best pair of coefficients, and is it smaller than the best of each alone?",
            Data = "ptb",
            Rows = [.. from alpha in Coefficients from beta in Coefficients
                select new Row($"alpha={alpha}+beta={beta}", $"alpha = {alpha}, beta = {beta}", $"size=medium alpha={alpha} beta={beta}", alpha + beta == 0 ? null : "alpha=0+beta=0")],
            Map = new("alpha (AR)", "beta (TAR)", "Darker is better; the best pair is bold. The left column is TAR alone, the bottom row AR alone.",
                row => (Part(row, 0, "alpha="), Part(row, 1, "beta="))),
        },
        new()
        {
            Key = "sizes",
            Title = "The gain over the size of the model",
            Question = "Does the gain fall as the model grows?",
            Data = "ptb",
            GainOver = PaperTable.Parameters,
            Rows = [.. Pair("small", "small", "size=small"), .. Pair("medium", "medium", "size=medium"), .. Pair("middle", "middle", "size=middle"), .. Pair("large", "large", "size=large")],
        },
        new()
        {
            Key = "data",
            Title = "The gain over the amount of training text",
            Question = "Does regularization gain more where there is less to learn from?",
            Data = "ptb",
            GainOver = "trainTokens",
            Rows = [.. new[] { 37_500, 75_000, 150_000, 300_000 }.SelectMany(tokens => Pair(
                $"tokens={tokens}", FormattableString.Invariant($"{tokens:N0} tokens"), $"size=medium trainTokens={tokens}"))],
        },
        new()
        {
            Key = "rivals",
            Title = "AR and TAR beside weight decay and dropout",
            Question = "Do AR and TAR gain more than turning up what is there already, at the same budget?",
            Data = "ptb",
            Rows =
            [
                new("plain", "as it is", "size=medium"),
                new("ar+tar", "AR + TAR", $"size=medium {Both}", "plain"),
                .. new[] { "1E-06", "1E-05", "1E-04" }.Select(decay => new Row($"weightDecay={decay}", $"L2 weight decay {decay}", $"size=medium weightDecay={decay}", "plain")),
                .. new[] { "0.2", "0.4", "0.5" }.Select(dropout => new Row(
                    $"dropout={dropout}", $"dropout {dropout}", $"size=medium dropout={dropout} layerDropout={dropout}", "plain")),
            ],
        },
        new()
        {
            Key = "tanh",
            Title = "What a tanh RNN needs",
            Question = "What does it take to train a plain tanh RNN: learning rate, clipping, AR and TAR, a start at the identity?",
            Data = "ptb",
            Rows = [.. from rate in new[] { 20, 5, 1 } from clip in new[] { "0.25", "1" } from variant in Variants
                select new Row($"lr={rate}+clip={clip}+{variant.Id}", $"rate {rate}, clip {clip}, {variant.Label}",
                    $"size=medium cell=tanh learningRate={rate} clip={clip} {variant.Settings}".TrimEnd(), variant.Id == "plain" ? null : $"lr={rate}+clip={clip}+plain")],
            Map = new("learning rate, clip norm", "", "Darker is better; the best cell is bold, white ones lie at least half as much again above it, grey ones have no result. "
                + "Read a column upwards for what a penalty or another start adds at one rate and clip norm.",
                row => ($"{Part(row, 0, "lr=")}, {Part(row, 1, "clip=")}", row.Label.Split(", ")[2])),
        },
    ];

    private static int[] Coefficients => [0, 1, 2, 4, 6];

    /// <summary>What a row's id says in one of its parts.</summary>
    private static string Part(Row row, int part, string key) => row.Id.Split('+')[part][key.Length..];

    private static (string Id, string Label, string Settings)[] Variants =>
    [
        ("plain", "plain", ""), ("ar", "AR", "alpha=2"), ("tar", "TAR", "beta=1"), ("ar+tar", "AR + TAR", Both), ("identity", "identity start", "recurrentInit=identity"),
    ];

    private static Row[] Pair(string id, string label, string settings) =>
        [new(id, $"LSTM, {label}", settings), new($"{id}+ar+tar", $"LSTM, {label}, AR + TAR", $"{settings} {Both}", id)];
}
