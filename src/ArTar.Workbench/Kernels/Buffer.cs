using System.Runtime.InteropServices;

namespace ArTar.Workbench.Kernels;

/// <summary>Floats outside the garbage collector's heap, on a cache line's border. Nothing is in them until it is written. It lives as long as its owner.</summary>
internal sealed unsafe class Buffer : IDisposable
{
    private const int CacheLine = 64;
    private float* data;

    public Buffer(long length)
    {
        data = (float*)NativeMemory.AlignedAlloc((nuint)Math.Max(length, 1) * sizeof(float), CacheLine);
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
