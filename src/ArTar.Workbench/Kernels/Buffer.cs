namespace ArTar.Workbench.Kernels;

/// <summary>
/// Floats outside the garbage collector's heap, on a page's border. Nothing is in them until it is written. It lives as long as its owner.
/// </summary>
internal sealed unsafe class Buffer : IDisposable
{
    private float* data;

    public Buffer(long length)
    {
        var bytes = (nuint)Math.Max(length, 1) * sizeof(float);
        data = (float*)NativeMemory.AlignedAlloc(bytes, HugePages.Alignment(bytes));
        HugePages.Ask(data, bytes);
    }

    public static implicit operator float*(Buffer buffer) => buffer.data;

    public void Dispose()
    {
        NativeMemory.AlignedFree(data);
        data = null;
        GC.SuppressFinalize(this);
    }

    ~Buffer() => NativeMemory.AlignedFree(data);
}
