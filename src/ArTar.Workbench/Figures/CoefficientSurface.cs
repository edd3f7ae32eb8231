using System.Globalization;
using ArTar.Workbench.Experiments;
using Plotly.NET;

namespace ArTar.Workbench.Figures;

/// <summary>Draws perplexity over AR's and TAR's coefficients together.</summary>
public static class CoefficientSurface
{
    /// <summary>A cell for each pair of coefficients, with its value; pairs that were not measured stay empty, the best one is bold.</summary>
    /// <param name="cells">Coefficients and validation perplexity.</param>
    /// <param name="subtitle">Data and scale.</param>
    public static GenericChart Of(IEnumerable<(double Alpha, double Beta, Measure Valid)> cells, string subtitle)
    {
        string Name(double value) => value.ToString(CultureInfo.InvariantCulture);
        var sorted = cells.Where(c => double.IsFinite(c.Valid.Mean)).OrderBy(c => c.Alpha).ThenBy(c => c.Beta).ToList();
        // A column without a cell in its first rows must not put the rows out of order.
        var grid = from beta in sorted.Select(c => c.Beta).Distinct().Order() from alpha in sorted.Select(c => c.Alpha).Distinct()
                   select (Name(alpha), Name(beta), sorted.Where(c => c.Alpha == alpha && c.Beta == beta).Select(c => (Measure?)c.Valid).FirstOrDefault(), "");
        return PerplexityMap.Of("AR and TAR together", subtitle, "alpha (AR)", "beta (TAR)", grid,
            "Darker is better; the best pair is bold. The left column is TAR alone, the bottom row AR alone. Grey cells were not measured.");
    }
}
