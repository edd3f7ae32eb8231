using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;

namespace ArTar.Workbench.Claims;

/// <summary>A mean over seeds with the interval that holds the true one with 95 %, by Student's t, two-sided.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">The interval's upper end.</param>
internal readonly record struct MeanInterval(double Mean, double Low, double High)
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
        var half = Quantile(measure.Count - 1) * measure.Deviation / Math.Sqrt(measure.Count);
        return new(measure.Mean, measure.Mean - half, measure.Mean + half);
    }

    /// <summary>The verdict on a claim that the true mean has this sign.</summary>
    /// <param name="side">1 when the claim is that it is positive, -1 when negative.</param>
    public Verdict Sign(int side)
    {
        var (near, far) = side > 0 ? (Low, High) : (-High, -Low);
        return near > 0 ? Verdict.Held : far < 0 ? Verdict.NotHeld : Verdict.Undecided;
    }
}
