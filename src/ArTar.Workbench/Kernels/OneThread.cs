using static TorchSharp.torch;

namespace ArTar.Workbench.Kernels;

/// <summary>
/// Until it is disposed, libtorch's operations take the calling thread alone. Its other threads stay awake for a while after each:
/// short ones gain nothing by them, and on a busy processor each waits for threads that wait for their turn.
/// </summary>
internal readonly struct OneThread : IDisposable
{
    private readonly int before;

    private OneThread(int before) => this.before = before;

    /// <summary>From here on.</summary>
    public static OneThread Take()
    {
        var before = get_num_threads();
        set_num_threads(1);
        return new(before);
    }

    /// <summary>As many as before; the default value has taken nothing.</summary>
    public void Dispose()
    {
        if (before > 0)
            set_num_threads(before);
    }
}
