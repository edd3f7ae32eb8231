using ArTar.Workbench.Stack;

namespace ArTar.Cli.Sweeps;

/// <summary>A row of a sweep as <c>rows.jsonl</c> has it: with all that it trains, of which lists read the first part.</summary>
internal sealed record StoredRow
{
    /// <inheritdoc cref="SweepRow.Run"/>
    public required string Run { get; init; }

    /// <inheritdoc cref="SweepRow.Label"/>
    public required string Label { get; init; }

    /// <inheritdoc cref="SweepRow.Work"/>
    public double Work { get; init; }

    /// <summary>What is trained on what.</summary>
    public required RunConfiguration Configuration { get; init; }

    /// <summary>What it has to share with others to be trained together with them.</summary>
    [JsonIgnore]
    public StackShape Shape => StackShape.Of(Configuration.DataHash, Configuration.Values);
}
