using System.Collections.Immutable;
using ArTar.Workbench.Display;
using ArTar.Workbench.Models;
using ArTar.Workbench.Regularization;

namespace ArTar.Workbench.Training;

/// <summary>
/// Everything that decides a training run besides its data. The defaults are the paper's recipe for its medium model;
/// "assumed" marks a value that our copy of the paper does not show.
/// </summary>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed record HyperParameters : IJsonOnDeserialized
{
    /// <summary>Recurrent cell (section 3; GRU and tanh RNN in table 6).</summary>
    [Range("the recurrent cell", Source = "section 3, table 6")]
    public Cell Cell { get; init; } = Cell.Lstm;

    /// <summary>Units of each recurrent layer and width of the embedding, H. Medium model: 650.</summary>
    [Range("units of a layer and width of the embedding", 1, 8192, Unit = "units", Source = "the medium model")]
    public int Hidden { get; init; } = 650;

    /// <summary>Number of recurrent layers.</summary>
    [Range("recurrent layers", 1, 16, Source = "section 3")]
    public int Layers { get; init; } = 2;

    /// <summary>Dropout dp, a probability: on word vectors and on the last layer's output.</summary>
    [Range("dropout on word vectors and on the last layer's output", 0, 1, Below = true, Source = "the medium model")]
    public double Dropout { get; init; } = 0.5;

    /// <summary>Dropout dph, a probability: between recurrent layers. The digit is assumed.</summary>
    [Range("dropout between recurrent layers", 0, 1, Below = true, IsAssumed = true)]
    public double LayerDropout { get; init; } = 0.5;

    /// <summary>The embedding starts uniform in [-range, range]. The digit is assumed.</summary>
    [Range("the embedding starts uniform in ± this", IsAssumed = true)]
    public double EmbeddingRange { get; init; } = 0.1;

    /// <summary>How the recurrent matrices start: uniform (the paper), or the identity (Le et al. 2015) for the tanh RNN.</summary>
    [Range("how the recurrent matrices start; the identity is for the tanh RNN", Source = "section 3; Le et al. 2015 for the identity")]
    public RecurrentInit RecurrentInit { get; init; }

    /// <summary>Whether the masks of <see cref="Dropout"/> and <see cref="LayerDropout"/> last a window, not a step.</summary>
    [Range("whether a dropout mask stays the same for all steps of a window", Source = "Gal and Ghahramani 2016", IsTechnique = true)]
    public bool VariationalDropout { get; init; }

    /// <summary>Dropout, a probability: of all of a word's vectors in a window; not in the decoder.</summary>
    [Range("dropout of whole words, all their places in a window", 0, 1, Below = true, Source = "Gal and Ghahramani 2016",
        IsTechnique = true)]
    public double EmbeddingDropout { get; init; }

    /// <summary>Dropout, a probability: on what the cell reads of h_(t-1), one mask a window.</summary>
    [Range("dropout on what the cell reads of h_(t-1), a mask a window", 0, 1, Below = true, Source = "Gal and Ghahramani 2016",
        IsTechnique = true)]
    public double RecurrentDropout { get; init; }

    /// <summary>Dropout, a probability: on the candidate that updates c (LSTM) or h (GRU), one mask a step.</summary>
    [Range("dropout on the candidate that updates the memory, for LSTM and GRU", 0, 1, Below = true, Source = "Semeniuta et al. 2016",
        IsTechnique = true)]
    public double CandidateDropout { get; init; }

    /// <summary>Dropout, a probability: on the entries of the recurrent matrices W_hh, one mask a window.</summary>
    [Range("dropout on the entries of the recurrent matrices, a mask a window", 0, 1, Below = true,
        Source = "Merity, Keskar and Socher 2017", IsTechnique = true)]
    public double WeightDropout { get; init; }

    /// <summary>Zoneout, a probability: that a unit of h keeps its value for a step.</summary>
    [Range("probability that a unit of h keeps its value for a step", 0, 1, Below = true, Source = "Krueger et al. 2016",
        IsTechnique = true)]
    public double ZoneoutHidden { get; init; }

    /// <summary>Zoneout, a probability: that a unit of an LSTM's c keeps its value for a step.</summary>
    [Range("probability that a unit of an LSTM's c keeps its value for a step", 0, 1, Below = true, Source = "Krueger et al. 2016",
        IsTechnique = true)]
    public double ZoneoutMemory { get; init; }

    /// <summary>Whether the sums within the cell, and c, are normalised over the units.</summary>
    [Range("whether the cell's sums, and an LSTM's c, are normalised over the units", Source = "Ba et al. 2016", IsTechnique = true)]
    public bool LayerNorm { get; init; }

    /// <summary>Sequences trained side by side, B. Assumed: the default of the public baseline that the paper builds on.</summary>
    [Range("sequences side by side in training", 1, 4096, Unit = "sequences", Source = "the public baseline that the paper builds on",
        IsAssumed = true)]
    public int BatchSize { get; init; } = 20;

    /// <summary>Steps of back-propagation through time, T. Assumed, as the batch size.</summary>
    [Range("steps of back-propagation through time", 1, 4096, Unit = "tokens", Source = "the public baseline that the paper builds on",
        IsAssumed = true)]
    public int Window { get; init; } = 35;

    /// <summary>Sequences evaluated side by side; 1 gives slightly better figures. Assumed.</summary>
    [Range("sequences side by side in evaluation; 1 gives slightly better figures", 1, 4096, Unit = "sequences",
        Source = "the public baseline that the paper builds on", IsAssumed = true)]
    public int EvaluationBatchSize { get; init; } = 10;

    /// <summary>First learning rate of stochastic gradient descent without momentum. Assumed.</summary>
    [Range("first learning rate", Above = true, IsAssumed = true)]
    public double LearningRate { get; init; } = 20;

    /// <summary>The learning rate is divided by this each time validation does not improve on its best (section 3).</summary>
    [Range("divides the learning rate when validation does not improve", 1, Source = "section 3")]
    public double LearningRateDecay { get; init; } = 4;

    /// <summary>
    /// The share of its best by which an epoch must lower validation perplexity, or else the learning rate is divided; smaller gains are
    /// kept. 0 is the paper's rule. Ours: by that rule a run spends most of its epochs at rates that bring next to nothing any more.
    /// </summary>
    [Range("share by which an epoch must lower validation perplexity, or the rate is divided", 0, 1, Below = true, Source = "ours",
        IsSilent = true)]
    public double DecayThreshold { get; init; }

    /// <summary>Gradients are rescaled when their global L2 norm exceeds this. Assumed: 10; the public baseline uses 0.25.</summary>
    [Range("largest global norm of the gradient", Title = "clip norm", Above = true, IsAssumed = true)]
    public double Clip { get; init; } = 10;

    /// <summary>L2 on all weights: this times the weight is added to its gradient. The exponent is assumed.</summary>
    [Range("L2 on all weights", IsAssumed = true)]
    public double WeightDecay { get; init; } = 1e-7;

    /// <summary>Passes over the training split. Assumed.</summary>
    [Range("passes over the training split, at most", 1, 100_000, Unit = "epochs", IsAssumed = true)]
    public int Epochs { get; init; } = 80;

    /// <summary>
    /// The run ends once its learning rate has been divided so often, as nothing moves any more then; 0 trains all epochs. Ours: the paper
    /// says nothing of a rule.
    /// </summary>
    [Range("the run ends once the learning rate has been divided so often; 0 trains all epochs", 0, 1000, Source = "ours")]
    public int StopAfterDecays { get; init; }

    /// <summary>Train on the first so many tokens of the training split; 0 takes all.</summary>
    [Range("only the first so many training tokens; 0 takes all", 0, int.MaxValue, Title = "training tokens", Source = "ours")]
    public int TrainTokens { get; init; }

    /// <summary>Seed of initial weights and dropout masks.</summary>
    [Range("seed of initial weights and dropout", int.MinValue, int.MaxValue)]
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Coefficients of the regularizers by key, such as <c>alpha</c> (AR) and <c>beta</c> (TAR); see
    /// <see cref="Regularizers.Known"/>. One that is absent is 0.
    /// </summary>
    public ImmutableSortedDictionary<string, double> Regularization { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>A regularizer's coefficient, 0 when none is set.</summary>
    public double Coefficient(string key) => Regularization.GetValueOrDefault(key);

    /// <summary>The regularizers that are on, with their coefficients: a coefficient of 0 drops its regularizer, so that it costs nothing.
    /// </summary>
    internal IReadOnlyList<(IRegularizer Regularizer, double Coefficient)> Penalties =>
        [.. Regularizers.Known.Select(r => (r, Coefficient(r.Coefficient))).Where(p => p.Item2 != 0)];

    /// <summary>The techniques of others that are on.</summary>
    internal Techniques Techniques => new()
    {
        VariationalDropout = VariationalDropout, EmbeddingDropout = EmbeddingDropout, RecurrentDropout = RecurrentDropout,
        CandidateDropout = CandidateDropout, WeightDropout = WeightDropout, ZoneoutHidden = ZoneoutHidden, ZoneoutMemory = ZoneoutMemory,
        LayerNorm = LayerNorm,
        MemoryPenalties = Penalties.Any(p => p.Regularizer is MemoryRegularizer),
    };

    /// <summary>Trainable numbers of the model, the tied weight counted once.</summary>
    /// <param name="vocabulary">Number of tokens, V.</param>
    internal long CountParameters(long vocabulary) =>
        LanguageModel.ShapesOf(Cell, vocabulary, Hidden, Layers, LayerNorm).Sum(s => s.Shape.Aggregate(1L, (size, axis) => size * axis));

    /// <summary>All keys that <see cref="With(string, string)"/> understands.</summary>
    public static IEnumerable<string> Keys => HyperParameter.All.Select(p => p.Key);

    /// <summary>Whether two ways of writing a key mean the same one: case, hyphens and underscores do not matter.</summary>
    public static bool IsSameKey(string key, string other) => Plain(key) == Plain(other);

    /// <summary>A copy with one value changed, as <c>--set epochs=3</c> asks for.</summary>
    /// <param name="key">A key of <see cref="Keys"/>, in any case, with or without hyphens and underscores.</param>
    /// <param name="value">The value as text.</param>
    /// <exception cref="WorkbenchException">Unknown key (the nearest one is named) or a value of another kind.</exception>
    public HyperParameters With(string key, string value) => HyperParameter.Get(key).Set(this, value);

    /// <summary>A copy with several values changed, one after the other.</summary>
    /// <exception cref="WorkbenchException">As <see cref="With(string, string)"/>.</exception>
    public HyperParameters With(IEnumerable<Setting> settings) => settings.Aggregate(this, (values, s) => values.With(s.Key, s.Value));

    /// <summary>A copy with several values changed, each given as <c>key=value</c>.</summary>
    /// <exception cref="WorkbenchException">As <see cref="With(string, string)"/>, an item without an equals sign, or two values of one
    /// key.</exception>
    public HyperParameters With(IEnumerable<string> settings) => With(Setting.ParseAll(settings));

    /// <summary>Checks all values together.</summary>
    /// <returns>This record.</returns>
    /// <exception cref="WorkbenchException">Names every fault, not only the first.</exception>
    public HyperParameters Validated()
    {
        var faults = Faults();
        var known = Regularizers.Known.Select(r => r.Coefficient).ToList();
        faults.AddRange(Regularization.Where(c => !known.Contains(c.Key)).Select(c =>
            $"{c.Key}={Numbers.Text(c.Value)}: expected a known regularizer, one of {string.Join(", ", known)}; "
                + "one that a notebook defined is known there only"));
        return faults.Count == 0 ? this : throw new WorkbenchException(
            $"The hyper-parameters do not hold together:\n  {string.Join("\n  ", faults)}");
    }

    // A coefficient that this process does not know may be a notebook's; its key is a part of the run's name.
    void IJsonOnDeserialized.OnDeserialized()
    {
        List<string> faults = [.. Faults(),
            .. Regularization.Where(c => !Regularizers.IsKey(c.Key) || !(c.Value >= 0 && c.Value <= RangeAttribute.Largest))
                .Select(c => $"{c.Key}: expected a coefficient of 0 or above")];
        StoredValue.Require(faults.Count == 0, string.Join("; ", faults.Distinct()));
    }

    private List<string> Faults()
    {
        var faults = HyperParameter.All.Select(p => p.Fault(this)).OfType<string>().ToList();
        if (RecurrentInit == RecurrentInit.Identity && Cell != Cell.Tanh)
            faults.Add("recurrentInit=identity: expected cell=tanh with it, the only cell in which one matrix maps h_(t-1) to h_t");
        faults.AddRange(TechniqueFaults());
        return faults;
    }

    private IEnumerable<string> TechniqueFaults()
    {
        if (VariationalDropout && Dropout == 0 && (LayerDropout == 0 || Layers == 1))
            yield return "variationalDropout=true: expected a dropout above 0 with it, or a layerDropout above 0 with several layers; "
                + "there is no mask to keep";
        if (CandidateDropout > 0 && Cell == Cell.Tanh)
            yield return $"candidateDropout={Numbers.Text(CandidateDropout)}: expected cell=lstm or cell=gru with it; a tanh RNN has no "
                + "memory that a candidate updates. For its h_(t-1) there is recurrentDropout";
        string[] ofMemory = ["zoneoutMemory", .. Regularizers.Known.OfType<MemoryRegularizer>().Select(r => r.Coefficient)];
        foreach (var parameter in ofMemory.Select(HyperParameter.Get).Where(p => p.Number(this) > 0 && Cell != Cell.Lstm))
            yield return $"{parameter.Key}={parameter.Text(this)}: expected cell=lstm with it, the only cell that has a cell state c";
    }

    /// <summary>
    /// The values that differ from the defaults, as <c>key=value</c> in a fixed order: what identifies a run, so that a
    /// value added later with a default changes no existing run's identity.
    /// </summary>
    public IReadOnlyList<string> Changes() =>
    [
        .. HyperParameter.All.Where(p => !p.IsCoefficient && p.Text(this) != p.Default).Select(p => $"{p.Key}={p.Text(this)}"),
        .. Regularization.Where(c => c.Value != 0).Select(c => $"{c.Key}={Numbers.Text(c.Value)}"),
    ];

    /// <summary>All values but the seed, the regularizers' coefficients and the techniques of others that are off.</summary>
    public IReadOnlyList<Setting> AllValues() =>
        [.. HyperParameter.All.Where(p => !p.IsCoefficient && p.Key != "seed" && !p.IsOff(this))
            .Select(p => new Setting(p.Key, p.Text(this)))];

    /// <summary>All values beside those of the paper's recipe, as notebooks show them; what is as in the recipe is grey.</summary>
    public string ToHtml()
    {
        var rows = HyperParameter.All.Where(p => p.IsCoefficient || !p.IsOff(this))
            .Select(p => (string[])[p.Key, p.Text(this), p.Default]).ToList();
        return Html.Table(["", "value", "recipe"], rows, isMuted: (row, _) => row >= 0 && rows[row][1] == rows[row][2]).ToHtml();
    }

    /// <summary>What differs from the paper's recipe, as <c>key=value</c>.</summary>
    public override string ToString() => Changes() is { Count: > 0 } changes ? string.Join(' ', changes) : "the paper's recipe";

    private static string Plain(string key) =>
        key.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}
