using System.Collections.Concurrent;

namespace ArTar.Notebooks.Cells;

/// <summary>The thread that cells start on, one after the other, with room for deep recursion. After an <c>await</c> they go on wherever
/// .NET likes.</summary>
internal sealed class CellThread : IDisposable
{
    /// <summary>By which the thread is known.</summary>
    public const string Name = "cells";

    // Students try deep recursion; what .NET gives by itself is a tenth of that.
    private const int StackSize = 16 << 20;

    private readonly BlockingCollection<Action> jobs = [];

    /// <summary>Starts the thread.</summary>
    public CellThread() => new Thread(Work, StackSize) { IsBackground = true, Name = Name }.Start();

    /// <summary>Starts work on the thread, after what was given before.</summary>
    public void Post(Action work) => jobs.Add(work);

    /// <summary>Lets the thread end after the work that it was given.</summary>
    public void Dispose() => jobs.CompleteAdding();

    private void Work()
    {
        foreach (var job in jobs.GetConsumingEnumerable())
            job();
    }
}
