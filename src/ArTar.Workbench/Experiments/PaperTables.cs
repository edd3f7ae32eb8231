namespace ArTar.Workbench.Experiments;

/// <summary>The paper's tables. To change a table or to add one, edit the list below; nothing else needs to know.</summary>
public static class PaperTables
{
    private const string AssumedJoint = "alpha=2 and beta=1 for AR + TAR together (likely, the digits are lost)";

    /// <summary>All tables, in the paper's order.</summary>
    public static IReadOnlyList<PaperTable> All { get; } =
    [
        new()
        {
            Number = 1,
            Title = "AR alone",
            Question = "Does penalising large activations lower perplexity, and how strong should the penalty be?",
            Data = "ptb",
            Assumed = "the six values of alpha (whole numbers, 0 first)",
            Rows = Ablation("alpha"),
        },
        new()
        {
            Number = 2,
            Title = "TAR alone",
            Question = "Does penalising fast changes of the hidden state lower perplexity, and how strong should the penalty be?",
            Data = "ptb",
            Assumed = "the six values of beta (whole numbers, 0 first)",
            Rows = Ablation("beta"),
        },
        new()
        {
            Number = 3,
            Title = "AR and TAR together, three sizes",
            Question = "Do both help together, and does the gain last as the model grows?",
            Data = "ptb",
            Assumed = AssumedJoint + "; the middle size",
            GainOver = PaperTable.Parameters,
            Rows = [.. Pair("medium", "LSTM, medium", "size=medium"), .. Pair("middle", "LSTM, middle", "size=middle"), .. Pair("large", "LSTM, large", "size=large")],
        },
        new()
        {
            Number = 4,
            Title = "A second corpus, coefficients untuned",
            Question = "Do the coefficients found on one corpus help on another without a search of their own?",
            Data = "wikitext-2",
            Assumed = AssumedJoint,
            Rows = Pair("medium", "LSTM, medium", "size=medium"),
            Cited =
            [
                new("Inan et al. 2016, variational LSTM (tied), h = 650", "28M", "92.3", "87.7"),
                new("Inan et al. 2016, the same + augmented loss", "28M", "91.5", "87.0"),
                new("PyTorch word language model example, LSTM (tied), h = 650", "-", "91.70", "86.68"),
            ],
        },
        new()
        {
            Number = 5,
            Title = "Against the state of the art of its day",
            Question = "How far does a plain LSTM with AR and TAR come beside models built with more machinery?",
            Data = "ptb",
            Assumed = AssumedJoint + "; the middle size",
            Rows =
            [
                new("medium+ar+tar", "LSTM, medium, AR + TAR", "size=medium alpha=2 beta=1"),
                new("middle+ar+tar", "LSTM, middle, AR + TAR", "size=middle alpha=2 beta=1"),
                new("large+ar+tar", "LSTM, large, AR + TAR", "size=large alpha=2 beta=1"),
            ],
            Cited =
            [
                new("Zaremba et al. 2014, LSTM (medium)", "20M", "86.2", "82.7"),
                new("Zaremba et al. 2014, LSTM (large)", "66M", "82.2", "78.4"),
                new("Gal & Ghahramani 2016, variational LSTM (medium)", "20M", "81.9 ± 0.2", "79.7 ± 0.1"),
                new("Gal & Ghahramani 2016, variational LSTM (medium, MC)", "20M", "-", "78.6 ± 0.1"),
                new("Gal & Ghahramani 2016, variational LSTM (large)", "66M", "77.9 ± 0.3", "75.2 ± 0.2"),
                new("Gal & Ghahramani 2016, variational LSTM (large, MC)", "66M", "-", "73.4 ± 0.0"),
                new("Kim et al. 2016, CharCNN", "19M", "-", "78.9"),
                new("Merity et al. 2016, pointer sentinel-LSTM", "21M", "72.4", "70.9"),
                new("Inan et al. 2016, variational LSTM (tied) + augmented loss", "24M", "75.7", "73.2"),
                new("Inan et al. 2016, variational LSTM (tied) + augmented loss", "51M", "71.1", "68.5"),
                new("Zilly et al. 2016, variational RHN (tied)", "23M", "67.9", "65.4"),
                new("Zoph & Le 2016, NAS cell (tied)", "25M", "-", "64.0"),
                new("Zoph & Le 2016, NAS cell (tied)", "54M", "-", "62.4"),
                new("PyTorch word language model example, LSTM (tied), h = 650", "-", "-", "75.96"),
                new("PyTorch word language model example, LSTM (tied), h = 1500", "-", "-", "72.30"),
            ],
        },
        new()
        {
            Number = 6,
            Title = "GRU and tanh RNN",
            Question = "Do coefficients taken from the LSTM help a GRU, and do they make a plain tanh RNN trainable?",
            Data = "ptb",
            Assumed = AssumedJoint,
            Rows = [.. Pair("gru", "GRU", "size=medium cell=gru"), .. Pair("tanh", "tanh RNN", "size=medium cell=tanh")],
        },
        new()
        {
            Number = 7,
            Title = "Text drawn from the model",
            Question = "What does the model write?",
            Data = "wikitext-2",
            Assumed = AssumedJoint,
            Rows = [new("medium+ar+tar", "LSTM, medium, AR + TAR", "size=medium alpha=2 beta=1")],
            ShowsSamples = true,
        },
    ];

    /// <summary>A table by its number.</summary>
    /// <exception cref="WorkbenchException">There is no such table.</exception>
    public static PaperTable Get(int number) => All.FirstOrDefault(t => t.Number == number)
        ?? throw new WorkbenchException($"There is no table {number}; the paper's are 1 to {All.Count}. 'artar tables' lists them.");

    /// <summary>A table by what the command line calls it: a number, or the name of one of <see cref="BeyondTables"/>.</summary>
    /// <exception cref="WorkbenchException">There is no such table.</exception>
    public static PaperTable Named(string id) => All.Concat(BeyondTables.All).FirstOrDefault(t => t.Id.Equals(id, StringComparison.OrdinalIgnoreCase))
        ?? throw new WorkbenchException($"There is no table '{id}'; the paper's are 1 to {All.Count}, others are {string.Join(", ", BeyondTables.All.Select(t => t.Key))}. 'artar tables' lists them.");

    private static Row[] Ablation(string coefficient) =>
        [.. new[] { 0, 1, 2, 4, 6, 8 }.Select(value => new Row(
            $"{coefficient}={value}", $"{coefficient} = {value}", $"size=medium {coefficient}={value}", value == 0 ? null : $"{coefficient}=0"))];

    private static Row[] Pair(string id, string label, string settings) =>
    [
        new(id, label, settings),
        new($"{id}+ar+tar", $"{label}, AR + TAR", $"{settings} alpha=2 beta=1", id),
    ];
}
