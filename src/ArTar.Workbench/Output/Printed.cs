using System.Globalization;

namespace ArTar.Workbench.Output;

/// <summary>How figures are printed, wherever they are.</summary>
internal static class Printed
{
    private const double MostInFull = 10_000;

    /// <summary>A perplexity with two decimals, <c>216.48</c>; with three digits where it is hopeless; empty where there is none.</summary>
    public static string Perplexity(double? perplexity) =>
        perplexity?.ToString(perplexity < MostInFull ? "F2" : "g3", CultureInfo.InvariantCulture) ?? "";

    /// <summary>The perplexity of a loss in nats per token.</summary>
    public static string PerplexityOf(double? loss) => Perplexity(loss is { } l ? Math.Exp(l) : null);

    /// <summary>A count with groups of three digits: <c>929,589</c>.</summary>
    public static string Count(double count) => count.ToString("N0", CultureInfo.InvariantCulture);

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
