using ArTar.Workbench.Output;
using ArTar.Workbench.Tables;

namespace ArTar.Workbench.Figures;

/// <summary>
/// Which part of a page of figures a figure belongs to. It is data alone, as it is stored beside the figure and read again.
/// </summary>
internal sealed record FigureSection
{
    private static readonly JsonSerializerOptions options = new(JsonSerializerDefaults.Web);

    /// <summary>The table's name for commands: <c>1</c>, <c>surface</c>.</summary>
    public required string Table { get; init; }

    /// <summary>Its place among the tables.</summary>
    public required int Place { get; init; }

    /// <summary>Its name.</summary>
    public required string Heading { get; init; }

    /// <summary>The scale.</summary>
    public required string Scale { get; init; }

    /// <summary>The scale's place among the scales, the larger the later.</summary>
    public required int Size { get; init; }

    /// <summary>What the table itself says; null for a figure that stands below it.</summary>
    public FigureText? Text { get; init; }

    /// <summary>The section of a report's figures; the figure of the table itself has a text besides.</summary>
    public static FigureSection Of(TableReport report)
    {
        var table = report.Plan.Table;
        var known = KnownTables.All.Index().Where(t => t.Item.Id == table.Id).Select(t => t.Index)
            .DefaultIfEmpty(KnownTables.All.Count()).First();
        return new()
        {
            Table = table.Id, Place = known, Heading = table.Name, Scale = report.Plan.Scale,
            Size = Profile.All.Select(p => p.Name).ToList().IndexOf(report.Plan.Profile.Name),
        };
    }

    /// <summary>As it is stored.</summary>
    public JsonNode ToJson() => JsonSerializer.SerializeToNode(this, options)!;

    /// <summary>Reads what <see cref="ToJson"/> wrote; null where it is none.</summary>
    public static FigureSection? Read(JsonObject figure)
    {
        try
        {
            return (figure["layout"]?["meta"] as JsonObject)?["section"] is JsonObject section
                ? section.Deserialize<FigureSection>(options) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>What a page says of a table beside its chart.</summary>
/// <param name="Sentences">What it asks and what was found.</param>
/// <param name="Verdicts">What the paper's claims came out as, a line each.</param>
/// <param name="Headers">The table's columns.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Cited">The number of the first row that is cited.</param>
/// <param name="Notes">The circumstances, a line each.</param>
/// <param name="Weight">Rows with a result times their seeds: which scale is shown first.</param>
internal sealed record FigureText(IReadOnlyList<string> Sentences, IReadOnlyList<string> Verdicts, IReadOnlyList<string> Headers,
    IReadOnlyList<IReadOnlyList<string>> Rows, int Cited, IReadOnlyList<string> Notes, int Weight)
{
    private static readonly string[] shown = ["row", "valid", "test", "gain_percent", "remarks"];

    /// <summary>The text of a report.</summary>
    public static FigureText Of(TableReport report)
    {
        var sheet = TableSheet.Of(report).Choose(shown).WithoutEmptyColumns();
        return new([report.Plan.Table.Question, Found(report)], [], [.. sheet.Columns.Select(c => c.Header)],
            [.. sheet.Rows.Select(r => (IReadOnlyList<string>)[.. r.Cells.Select(c => c.Text)])], report.Rows.Count, sheet.Notes,
            report.Rows.Sum(r => r.Valid?.Count ?? 0));
    }

    // The best row, and what it gains.
    private static string Found(TableReport report)
    {
        var rows = report.Rows.Where(r => r.Valid is { Mean: var mean } && double.IsFinite(mean)).ToList();
        if (rows.Count == 0)
            return "No row has a result yet.";
        var seeds = rows.Max(r => r.Valid!.Value.Count);
        var mean = seeds > 1 ? $" (mean over {seeds} seeds)" : " (one seed)";
        var best = rows.MinBy(r => r.Valid!.Value.Mean)!;
        var lowest = $"The lowest validation perplexity is {Printed.Figure(best.Valid!.Value.Mean, decimals: 1)}{mean}, "
            + $"that of {best.Row.Label}";
        return best.GainPercent is { } gain
            ? lowest + $": {Printed.Figure(Math.Abs(gain.Mean), decimals: 1)} % {(gain.Mean < 0 ? "above" : "below")} its baseline's."
            : lowest + (rows.Exists(r => r.GainPercent is not null) ? ", a baseline." : ".");
    }
}
