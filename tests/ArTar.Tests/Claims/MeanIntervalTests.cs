using ArTar.Workbench.Claims;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;

namespace ArTar.Tests.Claims;

/// <summary>Student's t and the verdict that an interval gives.</summary>
public sealed class MeanIntervalTests
{
    [Fact]
    public void Quantiles_agree_with_the_integrated_density()
    {
        // With x = sqrt(n) tan(u) Student's density is a constant times cos(u)^(n-1).
        static double Integral(int freedom, double to)
        {
            const int steps = 20_000; // Simpson's rule
            double F(int i) => Math.Pow(Math.Cos(to * i / steps), freedom - 1);
            return to / steps / 3 * Enumerable.Range(0, steps / 2).Sum(i => F(2 * i) + 4 * F(2 * i + 1) + F(2 * i + 2));
        }
        for (var freedom = 1; freedom <= 30; freedom++)
        {
            var within = Integral(freedom, Math.Atan(MeanInterval.Quantile(freedom) / Math.Sqrt(freedom))) / Integral(freedom, Math.PI / 2);
            Assert.Equal(0.95, within, 1e-6);
            Assert.Equal(0.05, MeanInterval.TwoSided(-MeanInterval.Quantile(freedom), freedom), 1e-6);
            foreach (var t in new[] { 0.0, 0.3, 1.0, 7.5, 40 })
                Assert.Equal(1 - Integral(freedom, Math.Atan(t / Math.Sqrt(freedom))) / Integral(freedom, Math.PI / 2),
                    MeanInterval.TwoSided(t, freedom), 1e-9);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => MeanInterval.Quantile(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => MeanInterval.Quantile(31));
    }

    [Fact]
    public void An_interval_by_hand_and_zero_at_its_end()
    {
        // 4, 5, 6: standard error 1 / sqrt(3), times 4.30265.
        var interval = MeanInterval.Of([4, 5, 6]);
        Assert.Equal(5, interval.Mean, 1e-12);
        Assert.Equal(5 - 4.30265 / Math.Sqrt(3), interval.Low, 1e-12);
        Assert.Equal(5 + 4.30265 / Math.Sqrt(3), interval.High, 1e-12);
        Assert.Equal((Verdict.Held, Verdict.NotHeld), (interval.Sign(1), interval.Sign(-1)));
        Assert.Equal(Verdict.Undecided, new MeanInterval(1, 0, 2, 0.05).Sign(1)); // zero lies within
        Assert.Equal(Verdict.Undecided, new MeanInterval(1, 0, 2, 0.05).Sign(-1));
        Assert.Equal(Verdict.Undecided, new MeanInterval(0, 0, 0, 1).Sign(1));
    }

    [Fact]
    public void Several_means_are_judged_together_by_Holm()
    {
        static MeanInterval With(double chance) => new(1, 0, 2, chance);
        // 0.05 / 4, / 3, / 2, / 1, from the smallest on; the first that fails takes the rest with it.
        Assert.Equal([true, false, true, false], MeanInterval.Holm([With(0.012), With(0.030), With(0.016), With(0.026)]));
        Assert.Equal([false, false], MeanInterval.Holm([With(0.026), With(0.027)]));
        Assert.Equal([true, true], MeanInterval.Holm([With(0.05), With(0.025)]));
        // Of four that are planned two are there: 0.05 / 4 and / 3, whatever the others are.
        Assert.Equal([true, true], MeanInterval.Holm([With(0.016), With(0.012)], planned: 4));
        Assert.Equal([false, true], MeanInterval.Holm([With(0.017), With(0.012)], planned: 4));
        Assert.Equal([false, false], MeanInterval.Holm([With(0.013), With(0.013)], planned: 4));
        Assert.Equal([true, true], MeanInterval.Holm([With(0.05), With(0.025)], planned: 2));
        Assert.Equal(0, MeanInterval.Of([2, 2, 2]).Chance);
        Assert.Equal(1, MeanInterval.Of([0, 0, 0]).Chance);
    }

    [Fact]
    public void A_figure_that_rounds_to_zero_keeps_its_sign()
    {
        FigureColumn gain = new("gain_percent", "gain %", FigureKind.Percent), perplexity = new("valid", "valid", FigureKind.Perplexity);
        Assert.Equal(["+3.42", "−0.00", "+0.00", "−12.35"], new[] { 3.42, -0.0004, 0, -12.345678 }.Select(gain.Text));
        Assert.Equal("217.95", perplexity.Text(217.949));
    }
}
