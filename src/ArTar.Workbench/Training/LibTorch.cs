using System.Text.RegularExpressions;
using ArTar.Workbench.Output;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Workbench.Training;

/// <summary>Settings of the native library that hold for the whole process.</summary>
public static partial class LibTorch
{
    /// <summary>
    /// Loads the native library, which TorchSharp would do by itself: but where that fails it writes pages about its search to standard
    /// output, and not the system's reason.
    /// </summary>
    /// <exception cref="WorkbenchException">It does not load; the message says why.</exception>
    public static void Load()
    {
        try
        {
            TorchLibraries.Load();
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            var reason = e.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1].TrimEnd('.');
            throw new WorkbenchException($"libtorch does not load: {reason}. It lies beside the program, in '{TorchLibraries.Folder}'. " +
                "Build again with ./artar (or dotnet build src/ArTar.slnx); docs/platforms.md lists the systems that work and what "
                    + "they need.", e);
        }
    }

    /// <summary>
    /// Version of the libtorch that is loaded: <c>2.10.0</c>. TorchSharp only knows the one it was built for, not one put in its place.
    /// </summary>
    public static string Version => loadedVersion.Value;

    private static readonly Lazy<string> loadedVersion = new(() =>
        BuildSettings() is { } settings && VersionSetting().Match(settings) is { Success: true } match ? match.Groups[1].Value
            : torch.__version__);

    /// <summary>
    /// Sets the number of threads that an operation may use, makes denormal numbers count as zero and keeps freed memory
    /// for the next step. Call it on the thread that trains, before the first tensor operation.
    /// </summary>
    /// <param name="threads">Threads for one operation; 0 takes every core.</param>
    public static void Prepare(int threads = 0)
    {
        Load();
        set_num_threads(threads > 0 ? threads : Environment.ProcessorCount);
        FlushDenormals();
        KeepFreedMemory();
    }

    /// <summary>Finds a device by name.</summary>
    /// <param name="name"><c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</param>
    /// <exception cref="WorkbenchException">Unknown, or not usable with this build or on this machine.</exception>
    public static Device DeviceNamed(string name)
    {
        _ = CheckedDevice(name);
        Load();
        if (name == "cpu")
            return CPU;
        if (!TryInitializeDeviceType(DeviceType.CUDA) || !cuda.is_available())
            throw new WorkbenchException(
                $"Device '{name}' is not usable: this build has no CUDA, or no NVIDIA driver answers. " +
                "Build with -p:TorchBackend=cuda on a machine with an NVIDIA GPU, or compute on the device cpu.");
        var count = cuda.device_count();
        return NumberOf(name) is not { } number || number < count ? device(name) : throw new WorkbenchException(
            $"Device '{name}' is not there: this machine has {Printed.Count(count, "GPU")}, from cuda:0 on.");
    }

    /// <summary>The name of a device, if there is such a one on any machine.</summary>
    /// <exception cref="WorkbenchException">It does not.</exception>
    internal static string CheckedDevice(string name) => name is "cpu" or "cuda" || NumberOf(name) is not null ? name
        : throw new WorkbenchException($"Unknown device '{name}'; expected cpu, cuda or cuda:1.");

    private static int? NumberOf(string name) => name.StartsWith("cuda:", StringComparison.Ordinal)
        && int.TryParse(name["cuda:".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>
    /// At learning rate 20 the softmax saturates, its tails become denormal floats, and processors compute with those
    /// many times slower. libtorch can flush them to zero, but TorchSharp does not expose that, so its exported C++
    /// function is called by its mangled name. Threads started later inherit the setting. Where the name differs
    /// (Windows, macOS) nothing changes but speed.
    /// </summary>
    private static void FlushDenormals()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            SetFlushDenormal(GlobalContext(), true);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another libtorch: slower in the first epoch, the same results to rounding.
        }
    }

    /// <summary>
    /// The logits of one window are tens of megabytes; by default glibc hands such blocks back to the kernel after each
    /// step and page-faults them in again at the next.
    /// </summary>
    private static void KeepFreedMemory()
    {
        const int trimThreshold = -1, mmapThreshold = -3; // M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = SetMallocOption(mmapThreshold, 1 << 30);
            _ = SetMallocOption(trimThreshold, 1 << 30);
        }
        catch (EntryPointNotFoundException)
        {
            // Not glibc (musl): slower, otherwise the same.
        }
    }

    /// <summary>
    /// What libtorch says of its own build (<c>torch.__config__.show()</c> in Python); null where its mangled name differs. The C++ string
    /// is handed over in the caller's memory; its few hundred bytes of text are never freed, once in a process.
    /// </summary>
    private static string? BuildSettings()
    {
        if (!OperatingSystem.IsLinux()
            || RuntimeInformation.ProcessArchitecture != Architecture.X64) // elsewhere a C++ object is returned in another way
            return null;
        try
        {
            Load();
            ShowConfig(out var text);
            return Marshal.PtrToStringUTF8(text.Characters, (int)text.Length);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException or WorkbenchException)
        {
            return null;
        }
    }

    /// <summary>A <c>std::string</c> of libstdc++: pointer, length and room for a short text.</summary>
    private readonly struct CppString
    {
        public readonly nint Characters;
        public readonly nint Length;
        private readonly long room, moreRoom;
    }

    [GeneratedRegex(@"\bTORCH_VERSION=(\d+(?:\.\d+)+)")]
    private static partial Regex VersionSetting();

    [LibraryImport("libtorch_cpu", EntryPoint = "_ZN2at11show_configB5cxx11Ev")]
    private static partial void ShowConfig(out CppString text);

    [LibraryImport("libtorch_cpu", EntryPoint = "_ZN2at13globalContextEv")]
    private static partial nint GlobalContext();

    [LibraryImport("libtorch_cpu", EntryPoint = "_ZN2at7Context16setFlushDenormalEb")]
    [return: MarshalAs(UnmanagedType.U1)]
    private static partial bool SetFlushDenormal(nint context, [MarshalAs(UnmanagedType.U1)] bool on);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetMallocOption(int option, int value);
}
