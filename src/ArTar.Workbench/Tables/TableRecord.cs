namespace ArTar.Workbench.Tables;

/// <summary>
/// A table for scripts: one for each row and seed, and for each cited row, whose figures are its source's text. The order is that of
/// the columns in CSV; docs/command-line.md says what each is.
/// </summary>
internal sealed record TableRecord
{
    public required object Table { get; init; }
    public required string Kind { get; init; }
    public string? Row { get; init; }
    public required string Label { get; init; }
    public string? Run { get; init; }
    public string? Status { get; init; }
    public int? Seed { get; init; }
    public object? Parameters { get; init; }
    public object? ValidPerplexity { get; init; }
    public object? TestPerplexity { get; init; }
    public double? ValidLoss { get; init; }
    public double? TestLoss { get; init; }
    public double? GainPerplexity { get; init; }
    public double? GainPercent { get; init; }
    public int? BestEpoch { get; init; }
    public double? LastTrainPerplexity { get; init; }
    public double? Seconds { get; init; }
    public double? TokensPerSecond { get; init; }
    public double? BestPossibleValid { get; init; }
    public double? BestPossibleTest { get; init; }
    public string? Profile { get; init; }
    public string? Values { get; init; }
    public string? Data { get; init; }
    public string? DataHash { get; init; }
    public string? Started { get; init; }
    public string? Device { get; init; }
    public string? Kernels { get; init; }
    public int? Threads { get; init; }
    public string? Processor { get; init; }
    public string? Os { get; init; }
    public string? Dotnet { get; init; }
    public string? Libtorch { get; init; }
    public string? Workbench { get; init; }
    public long? PeakMemoryBytes { get; init; }
    public string? Error { get; init; }
}
