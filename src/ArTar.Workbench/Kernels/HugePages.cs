namespace ArTar.Workbench.Kernels;

/// <summary>
/// Pages of 2 MB for large arrays, where Linux gives them to those who ask: with the usual 4 KB a product that walks down a
/// column of a matrix spends a good part of its time looking up where pages lie, most of all in a virtual machine.
/// </summary>
internal static unsafe partial class HugePages
{
    /// <summary>Bytes of a large page.</summary>
    public const int Page = 2 << 20;

    private const nuint CacheLine = 64;
    private const int WillUse = 14, Collapse = 25; // MADV_HUGEPAGE and MADV_COLLAPSE of sys/mman.h

    /// <summary>The alignment that an array of so many bytes should have.</summary>
    public static nuint Alignment(nuint bytes) => bytes >= Page ? (nuint)Page : CacheLine;

    /// <summary>Asks for large pages, for memory that is still untouched or, by moving it, for memory in use. It may be refused.</summary>
    public static void Ask(void* data, nuint bytes)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var first = ((nuint)data + Page - 1) / Page * Page;
        var last = ((nuint)data + bytes) / Page * Page;
        if (last <= first)
            return;
        try
        {
            _ = Advise((void*)first, last - first, WillUse);
            _ = Advise((void*)first, last - first, Collapse);
        }
        catch (EntryPointNotFoundException)
        {
            // Slower, otherwise the same.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
