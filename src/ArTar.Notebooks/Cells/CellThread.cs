using System.Collections.Concurrent;
using System.Runtime;

namespace ArTar.Notebooks.Cells;

/// <summary>
/// The one thread that all cells of an engine run on, one after the other. Code after an <c>await</c> comes back to it, and
/// a cell that will not stop by itself can be made to.
/// </summary>
internal sealed class CellThread : IDisposable
{
    // Deep recursion is a thing that students try.
    private const int StackSize = 16 << 20;

    private readonly BlockingCollection<Action> jobs = [];

    /// <summary>Starts the thread.</summary>
    public CellThread() => new Thread(Work, StackSize) { IsBackground = true, Name = "cells" }.Start();

    /// <summary>Runs work on the thread, after what was given before.</summary>
    /// <param name="work">The work; what it awaits is continued on the thread.</param>
    /// <param name="abort">Ends the work by force.</param>
    /// <returns>Completes when the work has ended; cancelled when it was aborted.</returns>
    public Task Run(Func<Task> work, CellAbort abort)
    {
        // Continuations must not run on the cells' thread: one that waits for the next cell would never return.
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        jobs.Add(() => Do(work, abort, ended));
        return ended.Task;
    }

    /// <summary>Lets the thread end after the work that it was given.</summary>
    public void Dispose() => jobs.CompleteAdding();

    private void Work()
    {
        foreach (var job in jobs.GetConsumingEnumerable())
            job();
    }

    private static void Do(Func<Task> work, CellAbort abort, TaskCompletionSource ended)
    {
        Exception? fault = null;
        var pump = new Pump(abort.Release);
        abort.Begin(Thread.CurrentThread);
        try
        {
            ControlledExecution.Run(() => Execute(work, pump), abort.Force);
        }
        catch (Exception e)
        {
            fault = e;
        }
        abort.End();
        pump.Close(drops: fault is not null && abort.IsRequested);
        switch (fault)
        {
            case null: ended.SetResult(); break;
            case OperationCanceledException or ThreadInterruptedException when abort.IsRequested: ended.SetCanceled(); break;
            default: ended.SetException(fault); break;
        }
    }

    private static void Execute(Func<Task> work, Pump pump)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(pump);
        try
        {
            var task = work();
            pump.Until(task);
            task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private sealed class Pump(CancellationToken release) : SynchronizationContext
    {
        private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> posted = [];
        private volatile bool drops;

        public void Until(Task task)
        {
            _ = task.ContinueWith(_ => posted.CompleteAdding(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            foreach (var (callback, state) in posted.GetConsumingEnumerable(release))
                callback(state);
        }

        /// <summary>What the cell left running goes on on any thread, unless the cell was aborted.</summary>
        public void Close(bool drops)
        {
            this.drops = drops;
            posted.CompleteAdding();
        }

        public override void Post(SendOrPostCallback d, object? state)
        {
            try
            {
                posted.Add((d, state));
            }
            catch (InvalidOperationException)
            {
                if (!drops)
                    ThreadPool.QueueUserWorkItem(_ => d(state));
            }
        }

        public override SynchronizationContext CreateCopy() => this;
    }
}

/// <summary>Ends one cell that does not stop by itself: gently where it only awaits, else by aborting its code where it stands.</summary>
internal sealed class CellAbort
{
    private static readonly TimeSpan pause = TimeSpan.FromMilliseconds(50);

    // Not disposed: an interrupt that comes with the cell's end may still cancel them, and they hold nothing.
    private CancellationTokenSource Releasing { get; } = new();

    private CancellationTokenSource Forcing { get; } = new();

    private readonly Lock gate = new();
    private Thread? thread;

    /// <summary>Whether the cell was to be ended.</summary>
    public bool IsRequested => Releasing.IsCancellationRequested;

    /// <summary>Cancelled when what the cell awaits is to be abandoned.</summary>
    public CancellationToken Release => Releasing.Token;

    /// <summary>Cancelled when the cell's code is to be aborted.</summary>
    public CancellationToken Force => Forcing.Token;

    /// <summary>The cell starts on a thread.</summary>
    public void Begin(Thread on)
    {
        lock (gate)
            thread = on;
    }

    /// <summary>The cell has left its thread, which called this.</summary>
    public void End()
    {
        lock (gate)
            thread = null;
        // One that was interrupted while it did not wait is interrupted at its next wait, which would be the next cell's.
        try
        {
            if (IsRequested)
                Thread.Sleep(1);
        }
        catch (ThreadInterruptedException)
        {
        }
    }

    /// <summary>Ends the cell, however long that takes.</summary>
    public async Task RequestAsync(Task ended)
    {
        if (IsRequested)
            return;
        Releasing.Cancel();
        await Task.WhenAny(ended, Task.Delay(pause));
        if (ended.IsCompleted)
            return;
        // This waits for the thread to come out of native code; it does not reach one that sleeps, hence the rest.
        _ = Task.Run(Forcing.Cancel, CancellationToken.None);
        while (await Task.WhenAny(ended, Task.Delay(pause)) != ended)
        {
            lock (gate)
            {
                if (thread is not null && thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin))
                    thread.Interrupt();
            }
        }
    }
}
