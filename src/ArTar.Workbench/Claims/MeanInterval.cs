using ArTar.Workbench.Tables;

namespace ArTar.Workbench.Claims;

/// <summary>A mean over seeds with the interval that holds the true one with 95 %, by Student's t, two-sided.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">The interval's upper end.</param>
/// <param name="Chance">Two-sided p: how often a mean at least so far from zero comes about by chance where the true one is zero.</param>
internal readonly record struct MeanInterval(double Mean, double Low, double High, double Chance)
{
    /// <summary>The most figures that <see cref="Of"/> takes.</summary>
    public const int MostFigures = 31;

    // 97.5 % quantiles for 1, 2, ... degrees of freedom; a test integrates the density up to each.
    private static readonly double[] quantiles =
    [
        12.70620, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.30600, 2.26216, 2.22814,
        2.20099, 2.17881, 2.16037, 2.14479, 2.13145, 2.11991, 2.10982, 2.10092, 2.09302, 2.08596,
        2.07961, 2.07387, 2.06866, 2.06390, 2.05954, 2.05553, 2.05183, 2.04841, 2.04523, 2.04227,
    ];

    /// <summary>How many standard errors the interval reaches to each side.</summary>
    /// <param name="freedom">Degrees of freedom, 1 to 30: one less than the figures.</param>
    public static double Quantile(int freedom) => freedom >= 1 && freedom <= quantiles.Length ? quantiles[freedom - 1]
        : throw new ArgumentOutOfRangeException(nameof(freedom), freedom, $"expected 1 to {quantiles.Length}");

    /// <summary>Mean and interval of 2 to 31 figures.</summary>
    public static MeanInterval Of(IReadOnlyCollection<double> figures)
    {
        var measure = MeanDeviation.Of(figures) ?? throw new ArgumentException("expected at least two figures", nameof(figures));
        var error = measure.Deviation / Math.Sqrt(measure.Count);
        var half = Quantile(measure.Count - 1) * error;
        return new(measure.Mean, measure.Mean - half, measure.Mean + half,
            error > 0 ? TwoSided(measure.Mean / error, measure.Count - 1) : measure.Mean == 0 ? 1 : 0);
    }

    /// <summary>The part of Student's t distribution that lies further from zero than t (Abramowitz and Stegun 26.7.3 and 4).</summary>
    /// <param name="t">A mean in standard errors.</param>
    /// <param name="freedom">Degrees of freedom, 1 or more.</param>
    internal static double TwoSided(double t, int freedom)
    {
        var angle = Math.Atan(Math.Abs(t) / Math.Sqrt(freedom));
        var (cosine, isOdd) = (Math.Cos(angle), freedom % 2 == 1);
        var (term, sum) = (isOdd ? cosine : 1, 0.0);
        for (var k = isOdd ? 1 : 0; k < freedom - 1; k += 2)
        {
            sum += term;
            term *= cosine * cosine * (k + 1) / (k + 2);
        }
        return 1 - (isOdd ? (angle + Math.Sin(angle) * sum) * 2 / Math.PI : Math.Sin(angle) * sum);
    }

    /// <summary>
    /// Which of several means differ from zero when all of them are looked at together: Holm's rule, which keeps the chance that any of
    /// them is called different wrongly at 5 % or below.
    /// </summary>
    /// <param name="means">Those that are there.</param>
    /// <param name="planned">How many there are to be, if that is more: what differs now still does then, whatever the others are.</param>
    public static IReadOnlyList<bool> Holm(IReadOnlyList<MeanInterval> means, int planned = 0)
    {
        var (differs, holds, missing) = (new bool[means.Count], true, Math.Max(0, planned - means.Count));
        foreach (var (rank, (at, mean)) in means.Index().OrderBy(m => m.Item.Chance).Index())
            differs[at] = holds &= mean.Chance <= 0.05 / (means.Count + missing - rank);
        return differs;
    }

    /// <summary>The verdict on a claim that the true mean has this sign.</summary>
    /// <param name="side">1 when the claim is that it is positive, -1 when negative.</param>
    public Verdict Sign(int side)
    {
        var (near, far) = side > 0 ? (Low, High) : (-High, -Low);
        return near > 0 ? Verdict.Held : far < 0 ? Verdict.NotHeld : Verdict.Undecided;
    }
}
