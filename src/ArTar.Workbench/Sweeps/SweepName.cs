namespace ArTar.Workbench.Sweeps;

/// <summary>Names of sweeps: of their folders, of SLURM's jobs, and what one types.</summary>
internal static class SweepName
{
    private const int Longest = 60;

    /// <summary>The name, if it is one.</summary>
    /// <exception cref="WorkbenchException">It is none; the message says what one is.</exception>
    public static string Checked(string name) => name.Length is > 0 and <= Longest && char.IsAsciiLetterOrDigit(name[0]) && name.All(IsAllowed) ? name
        : throw new WorkbenchException($"'{name}' is no name for a sweep: expected letters of ASCII, digits, '-', '_' and '.', a letter or a digit first, at most {Longest} characters.");

    /// <summary>A name made from any text.</summary>
    public static string From(string text)
    {
        var name = string.Join('-', new string([.. text.Select(c => IsAllowed(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries)).TrimStart('-', '.', '_');
        return name.Length == 0 ? "sweep" : name[..Math.Min(name.Length, Longest - 4)];
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';
}
