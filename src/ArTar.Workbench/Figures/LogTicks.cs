using ArTar.Workbench.Output;

namespace ArTar.Workbench.Figures;

/// <summary>
/// The ticks of a logarithmic axis: 1, 2 and 5 times powers of ten; where the values lie within less than a decade, round numbers between
/// them; over many decades, some of the powers. Plotly's own ticks between powers of ten are single digits, which read as if they were
/// the value.
/// </summary>
internal static class LogTicks
{
    private const int Fewest = 4, Most = 9;
    private const double Margin = 0.08; // of the logarithm's range, as plotly leaves beside the values

    private static readonly double[] steps =
        [.. Enumerable.Range(-12, 19).SelectMany(p => new[] { 1, 2, 5 }.Select(n => n * Math.Pow(10, p)))];

    /// <summary>Places and words of the ticks for values that are drawn; those that are not above 0 have no place.</summary>
    public static (double[] Places, string[] Words) For(IEnumerable<double> values)
    {
        var drawn = values.Where(v => v > 0 && double.IsFinite(v)).ToList();
        var places = drawn.Count == 0 ? steps : Places(drawn.Min(), drawn.Max());
        return (places, [.. places.Select(Word)]);
    }

    private static double[] Places(double low, double high)
    {
        var margin = Math.Max(Margin * Math.Log(high / low), 0.01);
        (low, high) = (low * Math.Exp(-margin), high * Math.Exp(margin));
        bool IsWithin(double tick) => tick >= low && tick <= high;
        var within = steps.Count(IsWithin);
        var decades = Math.Log10(high / low);
        if (within is >= Fewest and <= Most)
            return steps; // also for whoever zooms in or out
        if (decades > 2)
        {
            var every = (int)Math.Ceiling(decades / Most);
            var first = (int)Math.Ceiling(Math.Log10(low));
            return [.. Enumerable.Range(0, Most + 1).Select(i => Math.Pow(10, first + i * every)).Where(IsWithin)];
        }
        // A step of 1, 2 or 5 times a power of ten, the finest that leaves no more ticks than there is room for.
        var step = Math.Pow(10, Math.Floor(Math.Log10((high - low) / Most)));
        step *= new[] { 1.0, 2, 5, 10 }.First(n => (high - low) / (n * step) <= Most);
        var ticks = Enumerable.Range((int)Math.Ceiling(low / step), Most + 1)
            .Select(i => Math.Round(i * step / Power(step), 6) * Power(step)).Where(IsWithin);
        return [.. steps.Where(s => !IsWithin(s)), .. ticks];
    }

    private static string Word(double place)
    {
        if (place is > 0.9e-6 and < 1e6)
            return place.ToString(place < 1 ? "0.######" : "#,##0.######", CultureInfo.InvariantCulture);
        var times = Math.Round(place / Power(place), 3);
        var power = string.Create(CultureInfo.InvariantCulture, $"{Math.Log10(Power(place)):0}").Replace('-', Printed.Minus);
        return string.Create(CultureInfo.InvariantCulture, $"{(times > 1 ? $"{times}·" : "")}10<sup>{power}</sup>");
    }

    private static double Power(double place) => Math.Pow(10, Math.Floor(Math.Log10(place) + 1e-9));
}
