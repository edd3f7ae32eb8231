using System.Diagnostics;

namespace ArTar.Bench;

/// <summary>What the workers may use of this machine.</summary>
/// <param name="Python">The Python that has PyTorch.</param>
/// <param name="Avx2">Hold every side to AVX2, on a processor that has AVX-512.</param>
internal sealed record Machine(string Python = Machine.SystemPython, bool Avx2 = false)
{
    /// <summary>The one that Debian's python3-torch belongs to.</summary>
    public const string SystemPython = "/usr/bin/python3";

    // What somebody set for other programs would set the peers wrongly.
    private static readonly string[] foreign =
    [
        "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS", "MKL_ENABLE_INSTRUCTIONS", "ONEDNN_MAX_CPU_ISA",
        "ATEN_CPU_CAPABILITY", "LD_PRELOAD", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_",
    ];

    // mallopt(3): large buffers come from the heap, and the heap is not given back.
    private static readonly (string Name, string Value)[] tuned =
    [
        ("MALLOC_MMAP_THRESHOLD_", "4294967296"), ("MALLOC_TRIM_THRESHOLD_", "8589934592"), ("MALLOC_TOP_PAD_", "67108864"),
    ];

    private static readonly (string Name, string Value)[] avx2 =
    [
        ("DOTNET_EnableAVX512", "0"), ("ATEN_CPU_CAPABILITY", "avx2"), ("OPENBLAS_CORETYPE", "Haswell"),
        ("MKL_ENABLE_INSTRUCTIONS", "AVX2"), ("ONEDNN_MAX_CPU_ISA", "AVX2"),
    ];

    /// <summary>Sets a worker's environment.</summary>
    /// <param name="environment">What it starts with.</param>
    /// <param name="keepMemory">Let the allocator keep freed memory.</param>
    public void Prepare(IDictionary<string, string?> environment, bool keepMemory)
    {
        foreach (var name in foreign)
            environment.Remove(name);
        foreach (var (name, value) in (keepMemory ? tuned : []).Concat(Avx2 ? avx2 : []))
            environment[name] = value;
    }

    /// <summary>Whether that Python has PyTorch and NumPy.</summary>
    public bool HasPyTorch()
    {
        if (!File.Exists(Python))
            return false;
        using var check = Process.Start(
            new ProcessStartInfo(Python,
                ["-c", "from importlib.util import find_spec; exit(not (find_spec('numpy') and find_spec('torch')))"]))!;
        check.WaitForExit();
        return check.ExitCode == 0;
    }
}
