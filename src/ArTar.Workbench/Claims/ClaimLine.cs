namespace ArTar.Workbench.Claims;

/// <summary>A claim's figures of one seed, as CSV has them; a claim without figures has one line.</summary>
internal sealed record ClaimLine(
    string Claim, string Statement, string Verdict, string Reason, string Unit, double? Mean, double? Low, double? High, double? TestMean,
    double? TestLow, double? TestHigh,
    int? Seed, string Figures, string Runs, string Commands, string Notes)
{
    /// <summary>The lines of a verdict, in full precision.</summary>
    public static IEnumerable<ClaimLine> Of(ClaimVerdict judged)
    {
        var (found, interval, test) = (judged.Finding, judged.Finding?.Interval, judged.Finding?.TestInterval);
        ClaimLine Line(int? seed, string figures, IEnumerable<string> runs) => new(
            judged.Claim.Number, judged.Claim.Statement, ClaimVerdict.Words(judged.Verdict), judged.Reason, found?.Unit ?? "",
            interval?.Mean, interval?.Low, interval?.High, test?.Mean, test?.Low, test?.High,
            seed, figures, string.Join(' ', runs), string.Join("; ", judged.Commands), string.Join("; ", judged.Notes));
        string Figures(SeedFigures seed) =>
            string.Join(' ', found.Columns.Zip(seed.Values, (c, v) => $"{c.Key}={v.ToString("R", CultureInfo.InvariantCulture)}"));
        return found is null ? [Line(null, "", judged.Runs.Select(r => r.Run).Distinct())]
            : found.Seeds.Select(s => Line(s.Seed, Figures(s), s.Runs));
    }
}
