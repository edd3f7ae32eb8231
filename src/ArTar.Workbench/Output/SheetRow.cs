namespace ArTar.Workbench.Output;

/// <summary>A row of a <see cref="Sheet"/>.</summary>
/// <param name="Cells">A cell for each column.</param>
/// <param name="Tone">How it stands out.</param>
internal sealed record SheetRow(IReadOnlyList<Cell> Cells, Tone Tone = Tone.Plain)
{
    /// <summary>A line is drawn above it.</summary>
    public bool BeginsPart { get; init; }
}
