using ArTar.Workbench.Claims;
using ArTar.Workbench.Runs;

namespace ArTar.Tests.Claims;

/// <summary>The claim about more complicated techniques: seed 1 chooses a value of each, seeds 2 to 4 decide.</summary>
public sealed class RivalClaimsTests
{
    private static readonly string[] rivals = ["ns50", "vd0.25", "ed0.1", "rd0.25", "zo0.25", "wd0.5", "ln10"];

    // The middle value of each rival is its best with seed 1; perplexity falls by what a rival gains, and with AR + TAR on top.
    private static double Valid(string row, int seed, double ours, double rival, double together) =>
        200 + seed - (row == "plain" ? 0 : row == "plain+ar+tar" ? ours : row.EndsWith("+ar+tar", StringComparison.Ordinal) ? together
            : rival - (seed == 1 && !rivals.Append("c1").Contains(row) ? 5 : 0)) * (1 + 0.01 * seed);

    private static StoredClaims Faked(double ours, double rival, double together, Func<string, int, bool>? isThere = null)
    {
        var runs = new StoredClaims(3);
        foreach (var row in runs.Rows("invasive"))
            for (var seed = 1; seed <= 4; seed++)
                if (isThere is null || isThere(row, seed))
                    runs.Write("invasive", row, seed, Valid(row, seed, ours, rival, together));
        return runs;
    }

    [Theory]
    [InlineData(8, 4, Verdict.Held, "superior")]
    [InlineData(4, 4.2, Verdict.Held, "comparable")] // within one per cent of the plain model's perplexity
    [InlineData(2, 8, Verdict.NotHeld, "not held")]
    public void AR_and_TAR_are_as_good_as_each_rival_at_its_best_value(double ours, double rival, Verdict verdict, string word)
    {
        using var runs = Faked(ours, rival, 10);
        var judged = runs.Verdict("9a");
        Assert.Equal(verdict, judged.Verdict);
        // Several intervals side by side are told together, where one of them lies beyond 0.
        Assert.Equal(9, judged.Notes.Count);
        Assert.StartsWith("8 intervals stand here side by side, each at 95 %; taken together (Holm's correction) these lie beyond 0: norm stabilizer 50, ",
            judged.Notes[^1], StringComparison.Ordinal);
        Assert.Equal((verdict, 8), (runs.VerdictByValues("9a").Verdict, runs.VerdictByValues("9a").Finding!.Columns.Count));
        Assert.Equal([2, 3, 4], judged.Finding!.Seeds.Select(s => s.Seed));
        Assert.Equal([.. rivals, "c1"], judged.Finding.Columns.Select(c => c.Key));
        Assert.Equal(100 * (ours - rival) * 1.02 / 202, judged.Finding.Seeds[0].Values[0], 1e-9);
        Assert.Equal($"7 {word} of 7 rivals", judged.Finding.Direction);
        Assert.StartsWith($"norm stabilizer 50: {word}, ", judged.Notes[0], StringComparison.Ordinal);
        Assert.EndsWith("the paper's own option, it has no part in the verdict", judged.Notes[7], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, Verdict.Held)]
    [InlineData(4, Verdict.Undecided)]
    [InlineData(1, Verdict.NotHeld)]
    public void A_rival_with_AR_and_TAR_on_top_stands_against_the_rival_alone(double together, Verdict verdict)
    {
        using var runs = Faked(8, 4, together);
        Assert.Equal(verdict, runs.Verdict("9b").Verdict);
        Assert.Equal(verdict, runs.VerdictByValues("9b").Verdict);
    }

    [Fact]
    public void One_rival_that_does_better_decides_and_the_papers_own_option_does_not()
    {
        using var runs = Faked(4, 2, 6);
        for (var seed = 2; seed <= 4; seed++)
            runs.Write("invasive", "c1", seed, 180 + seed);
        Assert.Equal(Verdict.Held, runs.Verdict("9a").Verdict);
        for (var seed = 2; seed <= 4; seed++)
            runs.Write("invasive", "wd0.5", seed, 190 + seed);
        var judged = runs.Verdict("9a");
        Assert.Equal((Verdict.NotHeld, "6 superior, 1 not held of 7 rivals"), (judged.Verdict, judged.Finding!.Direction));
    }

    /// <summary>5, 7 and 9 % ahead of one rival of eight is beyond chance alone (p = 0.03) and not among eight; the others scatter around 0.</summary>
    [Fact]
    public void What_one_interval_of_several_says_is_told_with_the_others()
    {
        using var runs = Faked(8, 4, 10);
        for (var seed = 2; seed <= 4; seed++)
            foreach (var row in (string[])["plain+ar+tar", .. rivals, "c1"])
                runs.Write("invasive", row, seed, row == "plain+ar+tar" ? 200 : row == "ln10" ? 210 + 4 * (seed - 2) : 200 + 4 * (seed - 3));
        var judged = runs.Verdict("9a");
        Assert.Equal((Verdict.Undecided, "6 undecided, 1 superior of 7 rivals"), (judged.Verdict, judged.Finding!.Direction));
        Assert.Equal("8 intervals stand here side by side, each at 95 %; taken together (Holm's correction) none of them lies beyond 0", judged.Notes[^1]);
    }

    [Fact]
    public void A_value_at_the_end_of_its_range_may_be_better_still()
    {
        using var runs = Faked(8, 4, 10);
        runs.Write("invasive", "zo0.5", 1, 150);
        Assert.Matches(@"^zoneout 0\.05, 0\.5 on c: superior, .*; the best of its values is the last at one end", runs.Verdict("9a").Notes[4]);
    }

    [Fact]
    public void Missing_runs_are_counted_and_the_rivals_that_are_there_judged()
    {
        using var nothing = new StoredClaims(3);
        var judged = nothing.Verdict("9a");
        Assert.Equal((Verdict.NotRun, "30 of 30 runs missing"), (judged.Verdict, judged.Reason)); // 24 with seed 1, two rows with three
        Assert.Empty(judged.Notes);
        Assert.Equal("artar table invasive --profile laptop --rows plain,plain+ar+tar --seeds 4", judged.Missing[1]);

        // Seed 1 has all values, seeds 2 to 4 one rival only: the others are named, with the values that were chosen.
        using var some = Faked(8, 4, 10, (row, seed) => seed == 1 || row is "plain" or "plain+ar+tar" or "ed0.1");
        judged = some.Verdict("9a");
        Assert.Equal((Verdict.NotRun, "21 of 54 runs missing"), (judged.Verdict, judged.Reason));
        Assert.Equal("artar table invasive --profile laptop --rows ns50,vd0.25,ed0.1,rd0.25,zo0.25,wd0.5,ln10,c1 --seeds 4",
            Assert.Single(judged.Missing));
        Assert.StartsWith("embedding dropout 0.1: superior, ", Assert.Single(judged.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rival_that_diverged_counts_as_the_unigram_model()
    {
        using var runs = Faked(4, 2, 6);
        runs.Write("invasive", "ln10", 3, null);
        var judged = runs.Verdict("9a");
        Assert.Equal(100 * ((4 * 1.03) + (500 - 203)) / 203, judged.Finding!.Seeds[1].Values[6], 1e-9);
        Assert.Contains(judged.Notes, n => n.StartsWith("diverged, and so counted", StringComparison.Ordinal));
    }
}
