namespace ArTar.Workbench;

/// <summary>
/// A fault that the user can mend: its message names the value, the place, what was expected and what to do.
/// The command line prints the message alone; any other exception type is a defect of the workbench.
/// </summary>
/// <param name="message">The message, meant for the user.</param>
/// <param name="inner">The fault that led to it.</param>
public sealed class WorkbenchException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Name of the known data set to install first, so that a front end can say how; null for another fault.</summary>
    internal string? Missing { get; init; }
}
