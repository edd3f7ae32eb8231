using ArTar.Workbench.Runs;

namespace ArTar.Workbench.Claims;

/// <summary>The verdicts of a scale for scripts, as JSON has them.</summary>
internal sealed record ClaimDocument(string Profile, int Seeds, IReadOnlyList<ClaimRecord> Claims);

/// <summary>A claim's verdict with all that it comes from, as JSON has it.</summary>
internal sealed record ClaimRecord(
    string Claim, string Statement, string Test, string Verdict, string Reason, string? Direction, string? Unit,
    ClaimRecord.Ends? Interval, ClaimRecord.Ends? TestInterval,
    IReadOnlyList<ClaimRecord.SeedLine> Seeds, IReadOnlyList<ClaimRecord.RunLine> Runs, IReadOnlyList<string> Commands,
    IReadOnlyList<string> Missing, IReadOnlyList<string> Notes)
{
    internal sealed record Ends(double Mean, double Low, double High, double P)
    {
        public static Ends? Of(MeanInterval? interval) => interval is { } i ? new(i.Mean, i.Low, i.High, i.Chance) : null;
    }

    internal sealed record SeedLine(int Seed, IReadOnlyDictionary<string, double> Figures, IReadOnlyList<string> Runs);

    internal sealed record RunLine(string Row, int Seed, string Run, string Status, double? ValidPerplexity, double? TestPerplexity,
        long Parameters);

    /// <summary>The record of a verdict.</summary>
    public static ClaimRecord Of(ClaimVerdict judged)
    {
        var found = judged.Finding;
        return new(
            judged.Claim.Number, judged.Claim.Statement, judged.Claim.Test, ClaimVerdict.Words(judged.Verdict), judged.Reason,
            found?.Direction, found?.Unit,
            Ends.Of(found?.Interval), Ends.Of(found?.TestInterval),
            [.. (found?.Seeds ?? []).Select(s =>
                new SeedLine(s.Seed, found!.Columns.Zip(s.Values).ToDictionary(f => f.First.Key, f => f.Second), s.Runs))],
            [.. judged.Runs.Select(r =>
                new RunLine(r.Row.Id, r.Seed, r.Run, r.Status.Describe(), r.ValidPerplexity, r.TestPerplexity, r.Parameters))],
            judged.Commands, judged.Missing, judged.Notes);
    }
}
