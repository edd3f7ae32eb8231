using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace ArTar.Notebooks.Cells;

/// <summary>
/// What the compiled code of every cell calls in each of its loops and functions (<see cref="CheckWriter"/> puts that there), so that
/// it can be stopped wherever it is. Cells themselves have no use for it.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class CellChecks
{
    // How many stopped cells have code that still runs: as long as there is none a check costs one comparison.
    private static int armed;

    internal static void Arm() => Interlocked.Increment(ref armed);

    internal static void Disarm() => Interlocked.Decrement(ref armed);

    /// <summary>Called once in every turn of a loop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Loop()
    {
        if (Volatile.Read(ref armed) != 0)
            CellContext.Current?.Stop.ThrowIfDue();
    }

    /// <summary>Called at the start of every function: one that calls itself without end must not take the process with it.</summary>
    public static void Call()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        Loop();
    }

    /// <summary>Called in the conditions of queries.</summary>
    public static bool Pass()
    {
        Loop();
        return true;
    }

    /// <summary>Called after a cell has waited, and between its statements: it may have been left behind meanwhile.</summary>
    public static void Resume() => CellContext.Current?.Stop.ThrowIfLeft();
}
