namespace ArTar.Workbench.Output;

/// <summary>How figures are printed, wherever they are.</summary>
internal static class Printed
{
    /// <summary>The sign of a negative figure where people read it; files for programs have the hyphen.</summary>
    public const char Minus = '−';

    private const double MostInFull = 10_000;

    /// <summary>A perplexity with two decimals, <c>216.48</c>; empty where there is none.</summary>
    public static string Perplexity(double? perplexity) => perplexity is { } p ? Figure(p) : "";

    /// <summary>The same in a list, where an empty place would be overlooked.</summary>
    public static string PerplexityOrDash(double? perplexity) => perplexity is null ? "–" : Perplexity(perplexity);

    /// <summary>A perplexity, or a difference of two, over seeds: <c>186.21 ± 0.42</c>; with three digits where it is hopeless.</summary>
    public static string Figure(double mean, double? deviation = null, int decimals = 2)
    {
        string Text(double value) => value.ToString(Math.Abs(value) < MostInFull ? $"F{decimals}" : "g3", CultureInfo.InvariantCulture)
            .Replace('-', Minus);
        return deviation is { } spread ? $"{Text(mean)} ± {Text(spread)}" : Text(mean);
    }

    /// <summary>A count with groups of three digits: <c>929,589</c>.</summary>
    public static string Count(double count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>The same with what is counted: <c>1 run</c>, <c>2 runs</c>.</summary>
    public static string Count(double count, string what) => $"{Count(count)} {what}{(count == 1 ? "" : "s")}";

    /// <summary>A count of parameters in three digits: <c>13.3M</c>.</summary>
    public static string Millions(long count) => count switch
    {
        >= 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e6:F1}M"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e6:F2}M"),
        >= 1_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e3:F0}K"),
        _ => count.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>A time as <c>7.2 s</c>, <c>14:05</c> or <c>2:03:04</c>.</summary>
    public static string Duration(double seconds)
    {
        if (seconds < 10)
            return string.Create(CultureInfo.InvariantCulture, $"{seconds:F1} s");
        if (seconds > TimeSpan.MaxValue.TotalSeconds)
            return "for ever";
        var time = TimeSpan.FromSeconds(Math.Round(seconds));
        return time.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time:mm\\:ss}")
            : string.Create(CultureInfo.InvariantCulture, $"{time:m\\:ss}");
    }
}
