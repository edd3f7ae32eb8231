using System.Diagnostics;
using System.Globalization;

namespace ArTar.Bench;

/// <summary>The clocks of the benchmark, and how much of the processor others used: they make a measurement worthless.</summary>
internal static class Processor
{
    private const int Clock = 100; // the kernel counts in hundredths of a second

    /// <summary>Seconds on the clock, or of the processor in this process.</summary>
    public static double Now(bool processorTime) =>
        processorTime ? Environment.CpuUsage.TotalTime.TotalSeconds : Stopwatch.GetElapsedTime(0).TotalSeconds;

    /// <summary>Pages that the kernel has given a process so far without reading them from a disk; null where that is not known.</summary>
    public static long? PageFaults(int process)
    {
        var counters = $"/proc/{process}/stat";
        if (!File.Exists(counters))
            return null;
        // pid (name) state ppid pgrp session tty tpgid flags minflt ...; a name may hold blanks.
        var text = File.ReadAllText(counters);
        return long.Parse(text[(text.LastIndexOf(')') + 2)..].Split(' ')[7], CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Seconds that all processes together have used, on all cores, and that a hypervisor took; null where that is not known.
    /// </summary>
    public static double? Used()
    {
        const string counters = "/proc/stat";
        if (!File.Exists(counters))
            return null;
        // cpu  user nice system idle iowait irq softirq steal …
        var fields = File.ReadLines(counters).First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        return (fields[0] + fields[1] + fields[2] + fields[5] + fields[6] + fields[7]) / Clock;
    }
}
