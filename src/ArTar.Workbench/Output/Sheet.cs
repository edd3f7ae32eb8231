namespace ArTar.Workbench.Output;

/// <summary>What people read of a report: a title, rows under columns, and notes. Each format has one writer of sheets.</summary>
/// <param name="Columns">The columns.</param>
/// <param name="Rows">The rows.</param>
internal sealed record Sheet(IReadOnlyList<Column> Columns, IReadOnlyList<SheetRow> Rows)
{
    /// <summary>What is shown; empty for none.</summary>
    public string Title { get; init; } = "";

    /// <summary>At which scale and on what, in a few words; empty for none.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>What the figures mean and what they depend on, a line each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Whether columns that hold nothing are shown: somebody has asked for each of them by its name.</summary>
    public bool KeepsEmpty { get; init; }

    /// <summary>Title and subtitle in a line.</summary>
    public string Heading => Subtitle.Length == 0 ? Title : $"{Title} ({Subtitle})";

    /// <summary>A sheet of words alone, the columns as they are named.</summary>
    public static Sheet Of(IReadOnlyList<Column> columns, IEnumerable<IReadOnlyList<Cell>> rows) =>
        new(columns, [.. rows.Select(r => new SheetRow(r))]);

    /// <summary>Whether columns that hold nothing are shown: also where no column holds anything, as nothing would be left.</summary>
    internal bool ShowsEmpty => KeepsEmpty || Rows.All(r => r.Cells.All(c => c.Text.Length == 0));

    /// <summary>The columns that hold something.</summary>
    public Sheet WithoutEmptyColumns() => ShowsEmpty ? this
        : Take([.. Enumerable.Range(0, Columns.Count).Where(c => Rows.Any(r => r.Cells[c].Text.Length > 0))]);

    /// <summary>These columns, in this order.</summary>
    /// <exception cref="WorkbenchException">There is no such column.</exception>
    public Sheet Choose(IReadOnlyList<string> keys) => Take([.. keys.Select(Place)]);

    private int Place(string key)
    {
        var places = Columns.Index()
            .Where(c => c.Item.Key.Equals(key, StringComparison.OrdinalIgnoreCase)
                || c.Item.Header.Equals(key, StringComparison.OrdinalIgnoreCase)).ToList();
        return places.Count > 0 ? places[0].Index
            : throw new WorkbenchException(
                $"There is no column '{key}'; expected some of {string.Join(", ", Columns.Select(c => c.Key))}.");
    }

    private Sheet Take(IReadOnlyList<int> places) => this with
    {
        Columns = [.. places.Select(p => Columns[p])],
        Rows = [.. Rows.Select(r => r with { Cells = [.. places.Select(p => r.Cells[p])] })],
    };

    /// <summary>Figures with so many decimals.</summary>
    public Sheet Rounded(int decimals) =>
        this with { Rows = [.. Rows.Select(r => r with { Cells = [.. r.Cells.Select(c => c.Rounded(decimals))] })] };

    /// <summary>Whether a cell holds the best figure of its column; what is muted does not compete.</summary>
    public bool IsBest(SheetRow row, int column)
    {
        var sign = Columns[column].Best;
        double? Score(SheetRow r) => r.Tone == Tone.Muted ? null : sign * r.Cells[column].Mean;
        return sign != 0 && Score(row) is { } score && Rows.Count(r => Score(r) is not null) > 1 && Rows.Max(Score) == score;
    }
}
