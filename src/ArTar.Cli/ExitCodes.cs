namespace ArTar.Cli;

/// <summary>What the program says to scripts; <c>artar --help</c> and docs/command-line.md explain them.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>A fault that the user can mend.</summary>
    public const int UserError = 1;

    /// <summary>The command line does not fit the command.</summary>
    public const int UsageError = 2;

    /// <summary>A run diverged, failed or ran out of memory. In a table a diverged row is a result and does not count.</summary>
    public const int RunFailed = 3;

    /// <summary>An exception that nobody expected.</summary>
    public const int Defect = 4;

    /// <summary>Another process has taken over the run that this one trained; nothing of it is lost.</summary>
    public const int TakenOver = 5;

    /// <summary>Stopped by Ctrl+C or SIGTERM; the same command goes on.</summary>
    public const int Interrupted = 130;
}
