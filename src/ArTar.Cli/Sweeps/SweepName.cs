namespace ArTar.Cli.Sweeps;

/// <summary>Names of sweeps: of their folders, of SLURM's jobs, and what one types.</summary>
internal static class SweepName
{
    private const int Longest = 60;

    /// <summary>The name, if it is one.</summary>
    /// <exception cref="WorkbenchException">It is none; the message says what one is.</exception>
    public static string Checked(string name) => IsReserved(name)
        ? throw new WorkbenchException(
            $"'{name}' is no name for a sweep: files and folders of that name are something else here. Choose another.")
        : name.Length is > 0 and <= Longest && char.IsAsciiLetterOrDigit(name[0]) && name.All(IsAllowed) ? name
        : throw new WorkbenchException(
            $"'{name}' is no name for a sweep: expected letters of ASCII, digits, '-', '_' and '.', a letter or a digit first, at most "
                + $"{Longest} characters.");

    /// <summary>A name made from any text.</summary>
    public static string From(string text)
    {
        while (text.EndsWith(AtomicFile.TemporarySuffix, StringComparison.OrdinalIgnoreCase))
            text = text[..^AtomicFile.TemporarySuffix.Length];
        var name = string.Join('-',
            new string([.. text.Select(c => IsAllowed(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .TrimStart('-', '.', '_');
        name = name[..Math.Min(name.Length, Longest - 4)].TrimEnd('.');
        return name.Length == 0 || IsReserved(name) ? "sweep" : name;
    }

    // What is not whole yet ends so; the others are devices on Windows, whatever follows them, or lose their dot there.
    private static bool IsReserved(string name) =>
        name.EndsWith(AtomicFile.TemporarySuffix, StringComparison.OrdinalIgnoreCase) || name.EndsWith('.')
        || name.Split('.')[0].ToUpperInvariant() is "CON" or "PRN" or "AUX" or "NUL" or ['C', 'O', 'M', >= '0' and <= '9'] or ['L', 'P',
            'T', >= '0' and <= '9'];

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';
}
