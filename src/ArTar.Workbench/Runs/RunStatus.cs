namespace ArTar.Workbench.Runs;

/// <summary>How far a run has come.</summary>
public enum RunStatus
{
    /// <summary>Nothing is trained yet.</summary>
    Pending,

    /// <summary>A process trains it now.</summary>
    Running,

    /// <summary>Stopped or killed before its end; the same command goes on from its checkpoint.</summary>
    Interrupted,

    /// <summary>All epochs are done and the test split was evaluated.</summary>
    Finished,

    /// <summary>The loss was not finite or absurd.</summary>
    Diverged,

    /// <summary>It did not fit into memory.</summary>
    OutOfMemory,

    /// <summary>It ended with another error.</summary>
    Failed,

    /// <summary>Its files cannot be read, or are those of another run; never stored.</summary>
    Damaged,
}

/// <summary>A status in words.</summary>
public static class RunStatuses
{
    /// <summary>A status as tables and messages print it.</summary>
    public static string Describe(this RunStatus status) => status switch
    {
        RunStatus.Pending => "not run",
        RunStatus.OutOfMemory => "out of memory",
        _ => status.ToString().ToLowerInvariant(),
    };
}
