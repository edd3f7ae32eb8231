namespace ArTar.Cli.Sweeps;

/// <summary>Time limits as SLURM writes them.</summary>
internal static class SlurmTime
{
    /// <summary>
    /// Seconds of a limit: <c>90</c> (minutes), <c>90:00</c>, <c>01:30:00</c>, <c>1-12</c> (days and hours), <c>1-12:30</c>,
    /// <c>1-12:30:00</c>. Null where it is none that this knows, such as <c>UNLIMITED</c>, which is SLURM's business.
    /// </summary>
    public static double? Seconds(string limit)
    {
        var (days, rest) = limit.Trim().Split('-') switch
        {
            [var clock] => ((double?)null, clock),
            [var whole, var clock] when Number(whole) is { } d => (d, clock),
            _ => (null, ""),
        };
        var numbers = rest.Split(':').Select(Number).ToList();
        if (numbers.Contains(null))
            return null;
        return (days, numbers) switch
        {
            ({ } d, [{ } h]) => Total(d, h, 0, 0),
            ({ } d, [{ } h, { } m]) => Total(d, h, m, 0),
            ({ } d, [{ } h, { } m, { } s]) => Total(d, h, m, s),
            (null, [{ } m]) => Total(0, 0, m, 0),
            (null, [{ } m, { } s]) => Total(0, 0, m, s),
            (null, [{ } h, { } m, { } s]) => Total(0, h, m, s),
            _ => null,
        };
    }

    /// <summary>The limit that a sweep's tasks get, as its spec or one of sbatch's options says it; null for the partition's.</summary>
    public static string? Of(SlurmOptions slurm) => slurm.Options.Index().Reverse().Select(o => o.Item switch
    {
        _ when o.Item.StartsWith("--time=", StringComparison.Ordinal) => o.Item["--time=".Length..],
        _ when o.Item.StartsWith("-t", StringComparison.Ordinal) && o.Item.Length > 2 => o.Item[2..].TrimStart('='),
        "--time" or "-t" => slurm.Options.ElementAtOrDefault(o.Index + 1),
        _ => null,
    }).FirstOrDefault(t => t is not null) ?? slurm.Time;

    /// <summary>Refuses a limit that leaves no time to train before a task is told that it comes.</summary>
    /// <exception cref="WorkbenchException">It does not.</exception>
    public static void Require(SlurmOptions slurm)
    {
        if (Of(slurm) is { } limit && Seconds(limit) is { } seconds && seconds > 0 && seconds <= slurm.SignalBefore) // 0 is no limit
            throw new WorkbenchException(string.Create(CultureInfo.InvariantCulture,
                $"The time limit {limit} of a task is {seconds:0} s, and {slurm.SignalBefore} s before its limit a task is told to ")
                + "save, and to go on in a further one: it would never train. Give a longer time, or a shorter signalBefore.");
    }

    private static double Total(double days, double hours, double minutes, double seconds) =>
        ((days * 24 + hours) * 60 + minutes) * 60 + seconds;

    private static double? Number(string text) =>
        text.Length is > 0 and <= 9 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
