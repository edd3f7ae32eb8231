namespace ArTar.Workbench;

/// <summary>
/// A fault that the user can mend: its message names the value, the place, what was expected and what to do.
/// The command line prints the message alone; any other exception type is a defect of the workbench.
/// </summary>
public sealed class WorkbenchException : Exception
{
    /// <summary>Creates the exception with a message meant for the user.</summary>
    public WorkbenchException(string message) : base(message) { }

    /// <summary>Creates the exception with a message meant for the user and the fault that led to it.</summary>
    public WorkbenchException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Name of the known data set to install first, so that a front end can say how; null for another fault.</summary>
    internal string? Missing { get; init; }
}
