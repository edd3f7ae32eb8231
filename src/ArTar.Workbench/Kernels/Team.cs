namespace ArTar.Workbench.Kernels;

/// <summary>
/// Threads that run the same function at the same time, each on its share of the work, and meet at barriers. The calling
/// thread is member 0. Shares depend on nothing but the number of members, so results do not, either.
/// </summary>
/// <remarks>
/// A training step is hundreds of short pieces of work with a barrier after each, so members wait for each other awake:
/// handing such a piece to a thread pool would take longer than the piece. Between steps they sleep.
/// </remarks>
internal sealed class Team : IDisposable
{
    private const int SpinsBeforeYield = 4000;

    private readonly SemaphoreSlim[] begin;
    private Action<int> work = _ => { };
    private Exception? fault;
    private int arrived, generation, running;
    private volatile bool ended;

    /// <param name="size">Members, the caller among them.</param>
    public Team(int size)
    {
        Size = size;
        begin = [.. Enumerable.Range(0, size).Select(_ => new SemaphoreSlim(0))];
        for (var member = 1; member < size; member++)
        {
            var rank = member;
            new Thread(() => Serve(rank)) { IsBackground = true, Name = $"kernel {rank}" }.Start();
        }
    }

    /// <summary>Number of members.</summary>
    public int Size { get; }

    /// <summary>Runs the function once for every member, at the same time; returns when all are done.</summary>
    public void Run(Action<int> function)
    {
        if (Size == 1)
        {
            function(0);
            return;
        }
        (work, fault, arrived, running) = (function, null, 0, Size);
        foreach (var semaphore in begin.AsSpan(1))
            semaphore.Release();
        Work(0);
        var spinner = new SpinWait();
        while (Volatile.Read(ref running) > 0)
            spinner.SpinOnce(sleep1Threshold: -1);
        if (fault is not null)
            throw new InvalidOperationException("A kernel failed: " + fault.Message, fault);
    }

    /// <summary>Waits until every member has come here; what each wrote before, all see after.</summary>
    public void Barrier()
    {
        if (Size == 1)
            return;
        var now = Volatile.Read(ref generation);
        if (Interlocked.Increment(ref arrived) == Size)
        {
            arrived = 0;
            Volatile.Write(ref generation, now + 1);
            return;
        }
        for (var spins = 0; Volatile.Read(ref generation) == now; spins++)
        {
            if (Volatile.Read(ref fault) is not null)
                throw new OperationCanceledException("Another member of the team failed.");
            if (spins < SpinsBeforeYield)
                Thread.SpinWait(1);
            else
                Thread.Yield(); // a core is missing: somebody else computes
        }
    }

    /// <summary>A member's part of <paramref name="count"/> things, cut at multiples of <paramref name="unit"/>.</summary>
    public (int From, int To) Share(int rank, int count, int unit = 1)
    {
        var units = (count + unit - 1) / unit;
        int Cut(int member) => Math.Min(count, (int)((long)units * member / Size) * unit);
        return (Cut(rank), Cut(rank + 1));
    }

    private void Serve(int rank)
    {
        while (true)
        {
            begin[rank].Wait();
            if (ended)
                return;
            Work(rank);
        }
    }

    private void Work(int rank)
    {
        try
        {
            work(rank);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref fault, e, null);
        }
        Interlocked.Decrement(ref running);
    }

    public void Dispose()
    {
        ended = true;
        foreach (var semaphore in begin.AsSpan(1))
            semaphore.Release();
    }
}
