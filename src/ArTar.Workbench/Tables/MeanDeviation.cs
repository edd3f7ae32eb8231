using ArTar.Workbench.Output;

namespace ArTar.Workbench.Tables;

/// <summary>Mean and spread of a figure over seeds.</summary>
/// <param name="Mean">Mean over the seeds that have a figure.</param>
/// <param name="Deviation">Standard deviation over them (n - 1 in the denominator); 0 for one.</param>
/// <param name="Count">Seeds that have a figure.</param>
public readonly record struct MeanDeviation(double Mean, double Deviation, int Count)
{
    /// <summary>Summarises figures; null when there is none.</summary>
    public static MeanDeviation? Of(IEnumerable<double> figures)
    {
        var all = figures.ToList();
        if (all.Count == 0)
            return null;
        var mean = all.Average();
        var deviation = all.Count > 1 ? Math.Sqrt(all.Sum(x => (x - mean) * (x - mean)) / (all.Count - 1)) : 0;
        return new(mean, deviation, all.Count);
    }

    /// <summary>The mean, and the deviation where there are several seeds: <c>186.21 ± 0.42</c>.</summary>
    public override string ToString() => Printed.Figure(Mean, Count > 1 ? Deviation : null);
}
