namespace ArTar.Workbench.Tables;

/// <summary>What a run gained over its baseline's run of the same seed.</summary>
/// <param name="Points">Perplexity points on the validation split; positive is better.</param>
/// <param name="Percent">The same in percent of the baseline's perplexity.</param>
public sealed record SeedGain(double Points, double Percent);
