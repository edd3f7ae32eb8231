using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Tables;

/// <summary>A scale to run the tables at. How its values were chosen, and what had been seen by then, stands in docs/results.md.</summary>
public sealed record Profile
{
    /// <summary>Key of a row that names one of <see cref="Sizes"/>.</summary>
    internal const string Size = "size";

    /// <summary>The sizes that every profile has.</summary>
    internal static IReadOnlyList<string> SizeNames { get; } = ["small", "medium", "middle", "large"];

    /// <summary>Name on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>One line for listings.</summary>
    public required string Description { get; init; }

    /// <summary>The recipe at this scale.</summary>
    public required HyperParameters Values { get; init; }

    /// <summary>
    /// What <c>size=small</c> (ours), <c>size=medium</c>, <c>size=middle</c> and <c>size=large</c> (the paper's) of a row mean here, as
    /// <c>key=value</c> separated by blanks.
    /// </summary>
    public required IReadOnlyDictionary<string, string> Sizes { get; init; }

    /// <summary>The data set that is taken in place of the paper's, or null to take the paper's.</summary>
    public string? Data { get; init; }

    /// <summary>The data set to train on.</summary>
    /// <param name="usual">The paper's.</param>
    /// <param name="asked">The user's wish, which wins; null or empty for none.</param>
    public string DataFor(string usual, string? asked = null) => asked is { Length: > 0 } ? asked : Data ?? usual;

    /// <summary>All profiles, the smallest first.</summary>
    public static IReadOnlyList<Profile> All { get; } =
    [
        new()
        {
            Name = "smoke",
            Description = "a few steps on the generated language: whether everything runs; its figures mean nothing",
            Values = new()
            {
                Hidden = 16, Dropout = 0.2, LayerDropout = 0.2, BatchSize = 5, Window = 20, LearningRate = 10, Clip = 0.25, Epochs = 2,
                TrainTokens = 1500,
            },
            Sizes = Of("hidden=12", "hidden=16", "hidden=20", "hidden=24"),
            Data = "synthetic",
        },
        new()
        {
            Name = "quick",
            Description = "generated language, seconds a row: to see the machinery work",
            Values = new()
            {
                Hidden = 96, Dropout = 0.2, LayerDropout = 0.2, BatchSize = 20, Window = 20,
                LearningRate = 10, LearningRateDecay = 2, Clip = 0.25, Epochs = 30,
            },
            Sizes = Of("hidden=64", "hidden=96", "hidden=128", "hidden=192"),
            Data = "synthetic",
        },
        new()
        {
            Name = "laptop",
            Description = "part of the real data on a CPU, minutes a row: small models that overfit, as the paper's do without AR and TAR",
            Values = new()
            {
                Hidden = 200, Dropout = 0.3, LayerDropout = 0.3, BatchSize = 10, LearningRate = 20, Clip = 0.25, Epochs = 16,
                TrainTokens = 150_000,
            },
            Sizes = SmallSizes,
        },
        new()
        {
            Name = "small",
            Description = "all of the real data with a small LSTM, trained until little moves: one or two hours a row on a core",
            Values = new()
            {
                Hidden = 200, Dropout = 0.3, LayerDropout = 0.3, LearningRate = 20, Clip = 0.25, Epochs = 80, DecayThreshold = 0.005,
                StopAfterDecays = 4,
            },
            Sizes = SmallSizes,
        },
        new()
        {
            Name = "paper",
            Description = "the paper's recipe as assumed; its clip norm of 10 throws the LSTM off in its first steps",
            Values = new(),
            Sizes = PaperSizes,
        },
        new()
        {
            Name = "baseline",
            Description = "the same with the public baseline's clip norm of 0.25 and 40 epochs; for a GPU or a long night",
            Values = new() { Clip = 0.25, Epochs = 40 },
            Sizes = PaperSizes,
        },
    ];

    private static Dictionary<string, string> SmallSizes => Of("hidden=100", "hidden=200", "hidden=300", "hidden=400 dropout=0.4");

    // 13.3M, 20.1M and 51.0M parameters at V = 10,000. The middle size is assumed; large and its dropout are stated.
    private static Dictionary<string, string> PaperSizes => Of("hidden=325", "hidden=650", "hidden=850", "hidden=1500 dropout=0.65");

    private static Dictionary<string, string> Of(params IEnumerable<string> sizes) => SizeNames.Zip(sizes).ToDictionary();

    /// <summary>A profile by its name.</summary>
    /// <exception cref="WorkbenchException">There is no such profile.</exception>
    public static Profile Get(string name) => All.FirstOrDefault(p => p.Name == name)
        ?? throw new WorkbenchException(
            $"Unknown profile '{name}'{Nearest.Guess(name, All.Select(p => p.Name))} Known are "
                + $"{string.Join(", ", All.Select(p => p.Name))}.");

    /// <summary>
    /// What is trained on what at this scale: the profile's values, then what a row changes, then the user's settings, then the seed.
    /// </summary>
    /// <param name="corpus">The data set to train on.</param>
    /// <param name="changes">What the row changes; <c>size</c> names one of the profile's sizes.</param>
    /// <param name="settings">The user's changes, each <c>key=value</c>.</param>
    /// <param name="seed">The seed.</param>
    public RunConfiguration Configure(CorpusFacts corpus, IEnumerable<Setting> changes, IEnumerable<string> settings, int seed)
    {
        var values = Values.With(Resolved(changes)).With(settings) with { Seed = seed };
        return new() { Data = corpus.Name, DataHash = corpus.Hash, Profile = Name, Values = values.Validated() };
    }

    /// <summary>A row's changes with what its size means at this scale.</summary>
    internal IEnumerable<Setting> Resolved(IEnumerable<Setting> changes)
    {
        string Meaning(string name) => Sizes.GetValueOrDefault(name) ?? throw new WorkbenchException(
            $"{Size}={name}: profile {Name} has no such size, only {string.Join(", ", Sizes.Keys)}.");
        return changes.SelectMany(s => s.Key == Size ? Meaning(s.Value).Split(' ').Select(Setting.Parse) : [s]);
    }
}
