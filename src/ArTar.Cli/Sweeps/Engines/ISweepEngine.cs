namespace ArTar.Cli.Sweeps;

/// <summary>Where rows are trained. An engine starts supervisors, asks how they are and stops them; it keeps nothing in memory.</summary>
internal interface ISweepEngine
{
    /// <summary>Sees to it that these rows (numbers from 1) are trained, also after <see cref="Cancel"/>, and returns.</summary>
    /// <returns>What was done, for people.</returns>
    /// <exception cref="WorkbenchException">It cannot be started.</exception>
    string Start(Sweep sweep, IReadOnlyList<int> rows);

    /// <summary>What the engine knows of the sweep now.</summary>
    EngineView Look(Sweep sweep);

    /// <summary>Files with what was said of a row, and by what trains it; they need not be there.</summary>
    IReadOnlyList<string> LogsOf(Sweep sweep, int row) => [sweep.LogOf(row)];

    /// <summary>Asks every row that is being trained to save a checkpoint and stop, and forgets those that wait.</summary>
    string Cancel(Sweep sweep);

    /// <summary>Mends what nobody else does while somebody watches: failed tasks are queued again. Returns what was done.</summary>
    IReadOnlyList<string> Tend(SweepState state) => [];
}

/// <summary>What an engine knows of a sweep; it is a hint, the results in the store are the truth.</summary>
internal sealed record EngineView
{
    /// <summary>A line for people.</summary>
    public required string Text { get; init; }

    /// <summary>Whether anybody works on the sweep; null when that cannot be found out now.</summary>
    public bool? IsAtWork { get; init; }

    /// <summary>Whether a row's attempt is alive; null when the engine cannot tell them apart.</summary>
    public Func<int, bool>? IsRunning { get; init; }

    /// <summary>What the engine has to say about a row that waits.</summary>
    public Func<int, string>? RemarkOn { get; init; }
}

/// <summary>How the command line is started again: the program, and what comes before its arguments.</summary>
/// <param name="Program">Absolute path.</param>
/// <param name="First">First arguments.</param>
internal sealed record SelfCommand(string Program, IReadOnlyList<string> First);
