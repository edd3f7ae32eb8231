namespace ArTar.Workbench.Experiments;

/// <summary>A table of the paper as data: what is trained, what each row changes, what is cited beside it.</summary>
public sealed record PaperTable
{
    /// <summary>Number of the table in the paper, from 1; 0 for a table of one's own.</summary>
    public int Number { get; init; }

    /// <summary>Name on the command line of one that is not the paper's: <c>surface</c>.</summary>
    public string Key { get; init; } = "own";

    /// <summary>What the command line and files call it: the number, or the name of one that is not the paper's.</summary>
    public string Id => IsOfPaper ? FormattableString.Invariant($"{Number}") : Key;

    /// <summary>One line for listings.</summary>
    public required string Title { get; init; }

    /// <summary>Whether it is one of the paper's, which has figures of its own for the rows.</summary>
    public bool IsOfPaper => Number > 0;

    /// <summary>What captions call it: <c>Table 1. AR alone</c>, or the title alone of a table of one's own.</summary>
    public string Name => IsOfPaper ? $"Table {Number}. {Title}" : Title;

    /// <summary>The question that the table answers.</summary>
    public required string Question { get; init; }

    /// <summary>The data set of the paper: <c>ptb</c> or <c>wikitext-2</c>.</summary>
    public required string Data { get; init; }

    /// <summary>The rows that are trained.</summary>
    public required IReadOnlyList<Row> Rows { get; init; }

    /// <summary>Rows of other publications.</summary>
    public IReadOnlyList<CitedRow> Cited { get; init; } = [];

    /// <summary>What is assumed, because our copy of the paper does not show it.</summary>
    public string Assumed { get; init; } = "";

    /// <summary>Stands in <see cref="GainOver"/> for the number of trainable parameters.</summary>
    public const string Parameters = "parameters";

    /// <summary>What grows from row to row, for a chart of the gain over it: <see cref="Parameters"/>, or a hyper-parameter such as <c>trainTokens</c>. Null for none.</summary>
    public string? GainOver { get; init; }

    /// <summary>The two choices that its rows are the pairs of, for a map of perplexities; null where they are no pairs.</summary>
    public TableMap? Map { get; init; }

    /// <summary>True when the table shows text drawn from the trained model.</summary>
    public bool ShowsSamples { get; init; }
}

/// <summary>A trained row of a table. The paper's own cells for it are lost in our copy, and so never shown.</summary>
/// <param name="Id">Key on the command line: <c>alpha=2</c>.</param>
/// <param name="Label">What tables print.</param>
/// <param name="Settings">What the row changes, as <c>key=value</c> separated by blanks; <c>size=</c> names one of the profile's sizes.</param>
/// <param name="Baseline">Id of the row that its gain is measured against; null for a baseline.</param>
public sealed record Row(string Id, string Label, string Settings, string? Baseline = null);

/// <summary>A row that another publication reports: perplexities, printed as published.</summary>
/// <param name="Label">Authors, year and model.</param>
/// <param name="Parameters">Parameters as published: <c>24M</c>.</param>
/// <param name="Valid">Validation perplexity, "-" when none is given.</param>
/// <param name="Test">Test perplexity, "-" when none is given.</param>
public sealed record CitedRow(string Label, string Parameters, string Valid, string Test);

/// <summary>A table as a map: what runs across, what runs up, and where each row lies.</summary>
/// <param name="X">Name of the choice across.</param>
/// <param name="Y">Name of the choice up.</param>
/// <param name="Caption">How to read the map.</param>
/// <param name="Place">Both choices of a row, as the axes print them.</param>
public sealed record TableMap(string X, string Y, string Caption, Func<Row, (string X, string Y)> Place);
