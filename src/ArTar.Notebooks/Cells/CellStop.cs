namespace ArTar.Notebooks.Cells;

/// <summary>
/// Stops one cell, step by step: its token is cancelled; its own code ends at its next check; what it waits for is abandoned and threads
/// that sleep are woken; and a call that cannot be interrupted at all is left behind, to end when it will.
/// </summary>
internal sealed class CellStop
{
    // Library code that has asked for the token stops by itself: a training step on a large model takes seconds. The cell's own code may
    // ask for it, too, and is given a moment to put things away.
    private static readonly TimeSpan heededPatience = TimeSpan.FromSeconds(10), heededGrace = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(0.1), untilLeft = TimeSpan.FromSeconds(0.6),
        pause = TimeSpan.FromSeconds(0.02);

    // Not disposed: an interrupt that comes with the cell's end may still cancel it, and it holds nothing.
    private CancellationTokenSource Source { get; } = new();

    private readonly TaskCompletionSource left = new();
    private readonly object gate = new();
    private readonly HashSet<Thread> threads = [];
    private readonly HashSet<Thread> woken = [];
    private long requestedAt;
    private volatile bool isForced;
    private bool isArmed, hasEnded;

    public CellStop() => Interrupt = new(Source.Token);

    /// <summary>Whether the cell was to be stopped.</summary>
    public bool IsRequested => Volatile.Read(ref requestedAt) != 0;

    /// <summary>Cancelled when the cell is to stop.</summary>
    public CancellationToken Token => Source.Token;

    /// <summary>The same for the library's calls.</summary>
    public Workbench.Interrupt Interrupt { get; }

    /// <summary>Completes when the cell is left to itself, whatever it still does.</summary>
    public Task Left => left.Task;

    /// <summary>Whether the cell was left while it was in a call that does not end.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Ends the calling code if the cell is to stop.</summary>
    public void ThrowIfDue()
    {
        var at = Volatile.Read(ref requestedAt);
        if (at != 0 && (isForced || !Interrupt.IsHeeded || Stopwatch.GetElapsedTime(at) > heededGrace))
            throw new OperationCanceledException(Source.Token);
    }

    /// <summary>Ends the calling code if the cell was left.</summary>
    public void ThrowIfLeft()
    {
        if (left.Task.IsCompleted)
            throw new OperationCanceledException(Source.Token);
    }

    /// <summary>Stops the cell; returns at once. Called again, it waits for nothing more.</summary>
    /// <param name="ended">Completes when the cell has ended.</param>
    public void Request(Task ended)
    {
        lock (gate)
        {
            isForced = IsRequested;
            // Nothing of what the cell left running needs to be stopped once it is over.
            if (IsRequested || hasEnded)
                return;
            CellChecks.Arm();
            isArmed = true;
            Volatile.Write(ref requestedAt, Stopwatch.GetTimestamp());
        }
        // Threads of their own, since the cell may have taken all others. What is registered with the token is code of the cell, which may
        // never return.
        new Thread(Source.Cancel) { IsBackground = true }.Start();
        new Thread(() => Pursue(ended)) { IsBackground = true }.Start();
    }

    private void Pursue(Task ended)
    {
        // Whether the code heeds its token may show only now.
        while (!isForced && Since(requestedAt) < (Interrupt.IsHeeded ? heededPatience : patience))
            if (ended.Wait(pause))
                return;
        isForced = true;
        var forcedAt = Stopwatch.GetTimestamp();
        while (Since(forcedAt) < untilLeft)
        {
            Wake();
            if (ended.Wait(pause))
                return;
            // One that waits for something without holding a thread is left at once: nothing of it runs.
            if (!HasThreads)
                break;
        }
        IsBusy = HasThreads;
        left.TrySetResult();
    }

    /// <summary>The cell has ended, though what it started may still run.</summary>
    public void End()
    {
        lock (gate)
        {
            hasEnded = true;
            DisarmIfOver();
        }
    }

    /// <summary>A thread begins to run code of the cell.</summary>
    public void Enter(Thread thread) => Locked(() => threads.Add(thread));

    /// <summary>A thread runs other code again.</summary>
    public void Leave(Thread thread)
    {
        var wasWoken = Locked(() =>
        {
            threads.Remove(thread);
            DisarmIfOver();
            return woken.Remove(thread);
        });
        // One that was woken while it did not sleep wakes at its next wait, which would be somebody else's.
        if (wasWoken)
            Swallow(() => Thread.Sleep(1));
    }

    private bool HasThreads
    {
        get
        {
            lock (gate)
                return threads.Count > 0;
        }
    }

    private void Wake()
    {
        lock (gate)
            foreach (var thread in threads)
                // Threads that a library keeps for itself wait for work, and would die of it.
                if ((thread.IsThreadPoolThread || thread.Name == CellThread.Name)
                    && thread.ThreadState.HasFlag(System.Threading.ThreadState.WaitSleepJoin))
                {
                    woken.Add(thread);
                    thread.Interrupt();
                }
    }

    private void DisarmIfOver()
    {
        if (!isArmed || !hasEnded || threads.Count > 0)
            return;
        isArmed = false;
        CellChecks.Disarm();
    }

    private static TimeSpan Since(long timestamp) => Stopwatch.GetElapsedTime(timestamp);

    // Called where nothing may be thrown, by threads that may be woken while they wait for the lock.
    private T Locked<T>(Func<T> work)
    {
        var result = default(T)!;
        while (!Swallow(() =>
        {
            lock (gate)
                result = work();
        }))
        {
        }
        return result;
    }

    private static bool Swallow(Action wait)
    {
        try
        {
            wait();
            return true;
        }
        catch (ThreadInterruptedException)
        {
            return false;
        }
    }
}
