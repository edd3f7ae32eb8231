using System.ComponentModel;
using System.Diagnostics;
using static TorchSharp.torch;

namespace ArTar.Workbench.Stack;

/// <summary>An NVIDIA GPU as its driver describes it; TorchSharp knows neither its name nor its memory.</summary>
/// <param name="Name">Such as <c>NVIDIA H100 80GB HBM3</c>.</param>
/// <param name="FreeMemory">Bytes that nobody uses at the moment.</param>
internal sealed record GraphicsCard(string Name, long FreeMemory)
{
    /// <summary>
    /// Asks <c>nvidia-smi</c>, which comes with the driver. It counts all GPUs of the machine, CUDA those that
    /// <c>CUDA_VISIBLE_DEVICES</c> names.
    /// </summary>
    /// <param name="device">A CUDA device.</param>
    /// <returns>The card; null where the program is missing or does not know it.</returns>
    public static GraphicsCard? Find(Device device)
    {
        var at = Math.Max(0, device.index);
        var id = Visible is { Length: > 0 } visible ? visible.ElementAtOrDefault(at) : at.ToString(CultureInfo.InvariantCulture);
        return device.type == TorchSharp.DeviceType.CUDA && id is not null
            && Ask("-i", id, "--query-gpu=name,memory.free", "--format=csv,noheader,nounits") is { } line ? Parse(line.Trim()) : null;
    }

    /// <summary>The GPUs that CUDA has here, each as <c>CUDA_VISIBLE_DEVICES</c> names it.</summary>
    public static string[] All() => Visible ?? Ask("--query-gpu=index", "--format=csv,noheader")?.Split('\n', WithoutBlanks) ?? [];

    private const StringSplitOptions WithoutBlanks = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;

    private static string[]? Visible => Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES")?.Split(',', WithoutBlanks);

    private static readonly TimeSpan patience = TimeSpan.FromSeconds(30);

    private static string? Ask(params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo("nvidia-smi", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = process.StandardOutput.ReadToEndAsync();
            if (process.WaitForExit(patience))
                return process.ExitCode == 0 ? output.GetAwaiter().GetResult() : null;
            process.Kill(); // as of a driver that hangs
            return null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Reads <c>NVIDIA H100 80GB HBM3, 80994</c>, the memory in MiB.</summary>
    internal static GraphicsCard? Parse(string line) =>
        line.LastIndexOf(',') is var comma and > 0 && long.TryParse(line.AsSpan(comma + 1), CultureInfo.InvariantCulture, out var mebibytes)
            ? new(line[..comma].Trim(), mebibytes << 20) : null;
}
