using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ArTar.Workbench.Display;
using ArTar.Workbench.Models;
using ArTar.Workbench.Regularization;

namespace ArTar.Workbench.Training;

/// <summary>
/// Everything that decides a training run besides its data. The defaults are the paper's recipe for its medium model;
/// "assumed" marks a value that our copy of the paper does not show.
/// </summary>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed record HyperParameters
{
    /// <summary>Recurrent cell (section 3; GRU and tanh RNN in table 6).</summary>
    public Cell Cell { get; init; } = Cell.Lstm;

    /// <summary>Units of each recurrent layer and width of the embedding, H. Medium model: 650.</summary>
    public int Hidden { get; init; } = 650;

    /// <summary>Number of recurrent layers.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Dropout dp, a probability: on word vectors and on the last layer's output.</summary>
    public double Dropout { get; init; } = 0.5;

    /// <summary>Dropout dph, a probability: between recurrent layers. The digit is assumed.</summary>
    public double LayerDropout { get; init; } = 0.5;

    /// <summary>The embedding starts uniform in [-range, range]. The digit is assumed.</summary>
    public double EmbeddingRange { get; init; } = 0.1;

    /// <summary>How the recurrent matrices start: uniform (the paper), or the identity (Le et al. 2015) for the tanh RNN.</summary>
    public RecurrentInit RecurrentInit { get; init; }

    /// <summary>Sequences trained side by side, B. Assumed: the default of the public baseline that the paper builds on.</summary>
    public int BatchSize { get; init; } = 20;

    /// <summary>Steps of back-propagation through time, T. Assumed, as the batch size.</summary>
    public int Window { get; init; } = 35;

    /// <summary>Sequences evaluated side by side; 1 gives slightly better figures. Assumed.</summary>
    public int EvaluationBatchSize { get; init; } = 10;

    /// <summary>First learning rate of stochastic gradient descent without momentum. Assumed.</summary>
    public double LearningRate { get; init; } = 20;

    /// <summary>The learning rate is divided by this each time validation does not improve on its best (section 3).</summary>
    public double LearningRateDecay { get; init; } = 4;

    /// <summary>Gradients are rescaled when their global L2 norm exceeds this. Assumed: 10; the public baseline uses 0.25.</summary>
    public double Clip { get; init; } = 10;

    /// <summary>L2 on all weights: this times the weight is added to its gradient. The exponent is assumed.</summary>
    public double WeightDecay { get; init; } = 1e-7;

    /// <summary>Passes over the training split. Assumed.</summary>
    public int Epochs { get; init; } = 80;

    /// <summary>
    /// The run ends once its learning rate has been divided so often, as nothing moves any more then; 0 trains all epochs. Ours: the paper
    /// says nothing of a rule.
    /// </summary>
    public int StopAfterDecays { get; init; }

    /// <summary>Train on the first so many tokens of the training split; 0 takes all.</summary>
    public int TrainTokens { get; init; }

    /// <summary>Seed of initial weights and dropout masks.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Coefficients of the regularizers by key, such as <c>alpha</c> (AR) and <c>beta</c> (TAR); see
    /// <see cref="Regularizers.Known"/>. One that is absent is 0.
    /// </summary>
    public ImmutableSortedDictionary<string, double> Regularization { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>A regularizer's coefficient, 0 when none is set.</summary>
    public double Coefficient(string key) => Regularization.GetValueOrDefault(key);

    /// <summary>All keys that <see cref="With(string, string)"/> understands.</summary>
    public static IEnumerable<string> Keys =>
        Node(new()).Select(entry => entry.Key).Where(key => key != RegularizationKey)
            .Concat(Regularizers.Known.Select(r => r.Coefficient));

    /// <summary>Whether two ways of writing a key mean the same one: case, hyphens and underscores do not matter.</summary>
    public static bool IsSameKey(string key, string other) => Plain(key) == Plain(other);

    /// <summary>A copy with one value changed, as <c>--set epochs=3</c> asks for.</summary>
    /// <param name="key">A key of <see cref="Keys"/>, in any case, with or without hyphens and underscores.</param>
    /// <param name="value">The value as text.</param>
    /// <exception cref="WorkbenchException">Unknown key (the nearest one is named) or a value of another kind.</exception>
    public HyperParameters With(string key, string value)
    {
        var known = Keys.FirstOrDefault(k => IsSameKey(k, key)) ?? throw new WorkbenchException(
            $"Unknown hyper-parameter '{key}'; did you mean '{Nearest.To(key, Keys)}'? Known are {string.Join(", ", Keys)}.");
        var node = Node(this);
        var parsed = Parse(value);
        if (Regularizers.Known.Any(r => r.Coefficient == known))
            node[RegularizationKey]![known] = parsed;
        else
            node[known] = parsed;
        try
        {
            // An enumeration would take "lstm,gru" for both at once.
            if (!value.Contains(','))
                return FromNode(node);
        }
        catch (JsonException)
        {
        }
        var now = Node(new())[known]?.ToJsonString() ?? "0.0";
        throw new WorkbenchException($"{known}={value}: expected a value like {now.Trim('"')}{Choices(known)}.");
    }

    /// <summary>A copy with several values changed, each given as <c>key=value</c>.</summary>
    /// <exception cref="WorkbenchException">As <see cref="With(string, string)"/>, or an item without an equals sign.</exception>
    public HyperParameters With(IEnumerable<string> settings) => settings.Aggregate(this, (values, setting) =>
        setting.Split('=', 2) is [{ Length: > 0 } key, { Length: > 0 } value]
            ? values.With(key.Trim(), value.Trim())
            : throw new WorkbenchException($"'{setting}' is not a setting; expected key=value, such as epochs=3."));

    /// <summary>Checks all values together.</summary>
    /// <returns>This record.</returns>
    /// <exception cref="WorkbenchException">Names every fault, not only the first.</exception>
    public HyperParameters Validated()
    {
        var faults = new List<string>();
        void Check(bool holds, string key, object value, string expected)
        {
            if (!holds)
                faults.Add(FormattableString.Invariant($"{key}={value}: expected {expected}"));
        }
        void Whole(string key, int value, int from, int to) => Check(value >= from && value <= to, key, value, $"a whole number from {from} to {to}");
        void Positive(string key, double value) => Check(value > 0 && double.IsFinite(value), key, value, "a number above 0");
        void NotNegative(string key, double value) => Check(value >= 0 && double.IsFinite(value), key, value, "0 or a number above 0");

        Whole("hidden", Hidden, 1, 8192);
        Whole("layers", Layers, 1, 16);
        Whole("batchSize", BatchSize, 1, 4096);
        Whole("window", Window, 1, 4096);
        Whole("evaluationBatchSize", EvaluationBatchSize, 1, 4096);
        Whole("epochs", Epochs, 1, 100_000);
        Whole("stopAfterDecays", StopAfterDecays, 0, 1000);
        Whole("trainTokens", TrainTokens, 0, int.MaxValue);
        Check(Dropout is >= 0 and < 1, "dropout", Dropout, "a probability of at least 0 and below 1");
        Check(LayerDropout is >= 0 and < 1, "layerDropout", LayerDropout, "a probability of at least 0 and below 1");
        NotNegative("embeddingRange", EmbeddingRange);
        Check(RecurrentInit == RecurrentInit.Uniform || Cell == Cell.Tanh, "recurrentInit", "identity", "cell=tanh with it, the only cell in which one matrix maps h_(t-1) to h_t");
        Positive("learningRate", LearningRate);
        Check(LearningRateDecay >= 1 && double.IsFinite(LearningRateDecay), "learningRateDecay", LearningRateDecay, "1 or a number above 1");
        Positive("clip", Clip);
        NotNegative("weightDecay", WeightDecay);
        foreach (var (key, value) in Regularization)
        {
            NotNegative(key, value);
            Check(Regularizers.Known.Any(r => r.Coefficient == key), key, value,
                $"a known regularizer, one of {string.Join(", ", Regularizers.Known.Select(r => r.Coefficient))}; one that a notebook defined is known there only");
        }
        return faults.Count == 0 ? this : throw new WorkbenchException(
            $"The hyper-parameters do not hold together:\n  {string.Join("\n  ", faults)}");
    }

    /// <summary>
    /// The values that differ from the defaults, as <c>key=value</c> in a fixed order: what identifies a run, so that a
    /// value added later with a default changes no existing run's identity.
    /// </summary>
    public IReadOnlyList<string> Changes()
    {
        var defaults = Node(new());
        return Node(this)
            .Where(entry => entry.Key != RegularizationKey && entry.Value!.ToJsonString() != defaults[entry.Key]!.ToJsonString())
            .Select(entry => $"{entry.Key}={Text(entry.Value!)}")
            .Concat(Regularization.Where(c => c.Value != 0).Select(c => FormattableString.Invariant($"{c.Key}={c.Value}")))
            .ToList();
    }

    /// <summary>All values as <c>key=value</c> but the seed and the regularizers' coefficients.</summary>
    public IReadOnlyList<string> AllValues() =>
        [.. Node(this).Where(entry => entry.Key is not (RegularizationKey or "seed")).Select(entry => $"{entry.Key}={Text(entry.Value!)}")];

    /// <summary>All values beside those of the paper's recipe, as notebooks show them; what is as in the recipe is grey.</summary>
    public string ToHtml()
    {
        string[] Cells(HyperParameters values) => [.. values.AllValues(), $"seed={values.Seed}", .. Regularizers.Known.Select(r => FormattableString.Invariant($"{r.Coefficient}={values.Coefficient(r.Coefficient)}"))];
        var rows = Cells(this).Zip(Cells(new()), (ours, recipe) => (string[])[.. ours.Split('=', 2), recipe.Split('=', 2)[1]]).ToList();
        return Html.Table(["", "value", "recipe"], rows, isMuted: (row, _) => row >= 0 && rows[row][1] == rows[row][2]).ToHtml();
    }

    /// <summary>What differs from the paper's recipe, as <c>key=value</c>.</summary>
    public override string ToString() => Changes() is { Count: > 0 } changes ? string.Join(' ', changes) : "the paper's recipe";

    private const string RegularizationKey = "regularization";

    private static JsonObject Node(HyperParameters values) => JsonSerializer.SerializeToNode(values, Json.Compact)!.AsObject();

    private static HyperParameters FromNode(JsonObject node) => node.Deserialize<HyperParameters>(Json.Compact)!;

    private static string Text(JsonNode node) => node.ToJsonString().Trim('"');

    private static string Plain(string key) => key.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    private static JsonNode Parse(string value)
    {
        try
        {
            return JsonNode.Parse(value) ?? value;
        }
        catch (JsonException)
        {
            return value;
        }
    }

    private static string Choices(string key) => key switch
    {
        "cell" => Choices<Cell>(),
        "recurrentInit" => Choices<RecurrentInit>(),
        _ => "",
    };

    private static string Choices<T>() where T : struct, Enum => $", one of {string.Join(", ", Enum.GetNames<T>().Select(n => n.ToLowerInvariant()))}";
}
