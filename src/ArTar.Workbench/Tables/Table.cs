using ArTar.Workbench.Training;

namespace ArTar.Workbench.Tables;

/// <summary>
/// A table as data: what is trained, along which axes the rows differ, what is cited beside them. The paper's and our own are the files in
/// <c>tables/</c>; one of your own is written like them (<c>tables/README.md</c>) and read by <see cref="Parse"/> or <see cref="Load"/>.
/// </summary>
public sealed record Table
{
    /// <summary>Stands in <see cref="GainOver"/> for the number of trainable parameters.</summary>
    public const string Parameters = "parameters";

    /// <summary>Number of the table in the paper, from 1; 0 for one that is not the paper's.</summary>
    public int Number { get; init; }

    /// <summary>Its name where it has no number: <c>surface</c>.</summary>
    public string Key { get; init; } = "own";

    /// <summary>Whether a text can be a <see cref="Key"/>: names of files are made from it.</summary>
    internal static bool IsKey(string? key) =>
        key?.Length is > 0 and <= 60 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>What the command line and files call it: the number, or the name of one that is not the paper's.</summary>
    public string Id => IsOfPaper ? FormattableString.Invariant($"{Number}") : Key;

    /// <summary>One line for listings.</summary>
    public required string Title { get; init; }

    /// <summary>Whether it is one of the paper's, which has figures of its own for the rows.</summary>
    public bool IsOfPaper => Number > 0;

    /// <summary>What captions call it: <c>Table 1. AR alone</c>, or the title alone of what is no table of the paper.</summary>
    public string Name => IsOfPaper && ShowsSamples ? $"The paper's appendix. {Title}" : IsOfPaper ? $"Table {Number}. {Title}" : Title;

    /// <summary>The question that the table answers.</summary>
    public required string Question { get; init; }

    /// <summary>The data set of the paper: <c>ptb</c> or <c>wikitext-2</c>.</summary>
    public required string Data { get; init; }

    /// <summary>Whether a file of one's own names the data set, which then wins over the profile's.</summary>
    public bool IsDataChosen { get; init; }

    /// <summary>The data set that its rows are trained on.</summary>
    /// <param name="profile">The scale, which may have one of its own.</param>
    /// <param name="asked">The user's wish, which wins; null for none.</param>
    public string DataFor(Profile profile, string? asked = null) =>
        profile.DataFor(Data, asked is null or "" && IsDataChosen ? Data : asked);

    /// <summary>In what the rows differ; a row has a choice on each.</summary>
    public required IReadOnlyList<Axis> Axes { get; init; }

    /// <summary>The rows that are trained.</summary>
    public required IReadOnlyList<Row> Rows { get; init; }

    /// <summary>Rows of other publications.</summary>
    public IReadOnlyList<CitedRow> Cited { get; init; } = [];

    /// <summary>What is assumed, because our copy of the paper does not show it.</summary>
    public string Assumed { get; init; } = "";

    /// <summary>
    /// What grows from row to row, for a chart of the gain over it: <see cref="Parameters"/>, or a hyper-parameter such as
    /// <c>trainTokens</c>.
    /// Null for none.
    /// </summary>
    public string? GainOver { get; init; }

    /// <summary>Which axes run across and up in a map of its perplexities; null where it is shown otherwise.</summary>
    public TableMap? Map { get; init; }

    /// <summary>True when the table shows text drawn from the trained model.</summary>
    public bool ShowsSamples { get; init; }

    /// <summary>Rows that a random search was asked to draw; those that came twice are one row. 0 for other tables.</summary>
    public int Samples { get; init; }

    /// <summary>True for a search: rows without a baseline, of which the best is asked for.</summary>
    public bool IsSearch { get; init; }

    /// <summary>The one axis of a table that steps through the values of a number; null for others.</summary>
    public Axis? Ablation => Axes is [{ Parameter.IsNumber: true } axis] ? axis : null;

    /// <summary>Reads a table as the files in <c>tables/</c> have it.</summary>
    /// <exception cref="WorkbenchException">Names every fault with its line.</exception>
    public static Table Parse(string yaml) => TableReader.Read(yaml, "the table");

    /// <summary>Reads a table from a file.</summary>
    /// <exception cref="WorkbenchException">There is no such file, or as <see cref="Parse"/>.</exception>
    public static Table Load(string path) => TableReader.Read(Yaml.TextOf(path), path).CalledAs(path);

    /// <summary>The same with the name of its file, where it has none of its own.</summary>
    internal Table CalledAs(string path) => Key != "own" ? this : this with
    {
        Key = string.Concat(Path.GetFileNameWithoutExtension(path)
            .Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-').Take(60)),
    };

    /// <summary>A row by its id.</summary>
    /// <exception cref="WorkbenchException">There is none; the message names them.</exception>
    internal Row RowNamed(string id) => Rows.FirstOrDefault(r => r.Id == id) ?? throw Lacks(id, Rows);

    /// <summary>What is said of a row that is none of some.</summary>
    internal WorkbenchException Lacks(string id, IEnumerable<Row> rows)
    {
        var ids = rows.Select(r => r.Id).ToList();
        return new($"Table {Id} has no row '{id}'{Nearest.Guess(id, ids)} Its rows are {string.Join(", ", ids)}.");
    }
}

/// <summary>Something in which the rows of a table differ.</summary>
/// <param name="Name">A hyper-parameter's key, <c>size</c>, or a name of its own.</param>
/// <param name="Choices">What there is to choose from, in order.</param>
public sealed record Axis(string Name, IReadOnlyList<Choice> Choices)
{
    /// <summary>The hyper-parameter whose values it steps through; null for named choices.</summary>
    public HyperParameter? Parameter => HyperParameter.Find(Name);

    /// <summary>What charts call it.</summary>
    public string Title => Parameter?.Title ?? Name;
}

/// <summary>A choice on an axis.</summary>
/// <param name="Name">Its name on the axis: a value, or a word.</param>
/// <param name="Id">Its part of a row's id; may be empty.</param>
/// <param name="Label">Its part of a row's label; may be empty.</param>
/// <param name="Settings">What it sets.</param>
public sealed record Choice(string Name, string Id, string Label, IReadOnlyList<Setting> Settings)
{
    /// <summary>Its name as a number; NaN for a word.</summary>
    public double Number => Numbers.TryRead(Name, out double number) ? number : double.NaN;
}

/// <summary>A trained row of a table. The paper's own cells are not legible in the text that we have; a reader can fill them in.</summary>
/// <param name="Id">Key on the command line: <c>alpha=2</c>.</param>
/// <param name="Label">What tables print.</param>
/// <param name="Settings">What the row changes; <c>size</c> names one of the profile's sizes.</param>
/// <param name="Choices">Its choice on each axis of the table.</param>
/// <param name="Baseline">The row that its gain is measured against; null for a baseline.</param>
public sealed record Row(string Id, string Label, IReadOnlyList<Setting> Settings, IReadOnlyList<Choice> Choices, Row? Baseline = null);

/// <summary>A row that another publication reports: perplexities, printed as published.</summary>
/// <param name="Label">Authors, year and model.</param>
/// <param name="Parameters">Parameters as published: <c>24M</c>.</param>
/// <param name="Valid">Validation perplexity, "-" when none is given.</param>
/// <param name="Test">Test perplexity, "-" when none is given.</param>
public sealed record CitedRow(string Label, string Parameters, string Valid, string Test)
{
    /// <summary>Whether a text is a number of parameters, as such rows give it.</summary>
    internal static bool IsCount(string text) => Count(text) > 0;

    /// <summary>A number of parameters such as 226k, 13.3M or 13300000; null where it is none.</summary>
    internal static double? Count(string text)
    {
        var unit = text is [.., 'k' or 'K'] ? 1e3 : text is [.., 'M'] ? 1e6 : text is [.., 'B'] ? 1e9 : 1;
        return Numbers.TryRead(unit > 1 ? text[..^1] : text, out double count) ? unit * count : null;
    }

    /// <summary>A cited perplexity as a number, which may have a deviation behind it; null where it is none.</summary>
    internal static double? Figure(string text) => Numbers.TryRead(text.Split(' ')[0], out double figure) && figure is > 0 and < 1e9
        ? figure : null;
}

/// <summary>A table as a map.</summary>
/// <param name="X">Numbers of the axes that run across, from 0.</param>
/// <param name="Y">Number of the axis that runs up.</param>
/// <param name="Caption">How to read the map.</param>
public sealed record TableMap(IReadOnlyList<int> X, int Y, string Caption);
