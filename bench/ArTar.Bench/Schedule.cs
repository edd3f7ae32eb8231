using System.Diagnostics;
using ArTar.Workbench;

namespace ArTar.Bench;

/// <summary>What is to be measured, one part after the other, with the time left on standard error.</summary>
/// <param name="chosen">Only parts whose name contains one of these; all without any.</param>
internal sealed class Schedule(IReadOnlyList<string> chosen)
{
    private readonly List<(string Label, double Seconds, Action Work)> parts = [];

    /// <summary>Adds a part.</summary>
    /// <param name="label">What it measures.</param>
    /// <param name="seconds">How long it will take, roughly.</param>
    /// <param name="work">Measures it.</param>
    public void Add(string label, double seconds, Action work)
    {
        if (chosen.Count == 0 || chosen.Any(text => label.Contains(text, StringComparison.OrdinalIgnoreCase)))
            parts.Add((label, seconds, work));
    }

    /// <summary>Does all parts.</summary>
    /// <param name="afterPart">Called after each of them.</param>
    public void Run(Action afterPart)
    {
        var (clock, planned) = (Stopwatch.StartNew(), parts.Sum(p => p.Seconds));
        if (parts.Count == 0)
            throw new WorkbenchException($"--only '{string.Join(',', chosen)}' fits nothing that is measured at this scale.");
        var (done, live) = (0.0, !Console.IsErrorRedirected);
        foreach (var (i, (label, seconds, work)) in parts.Index())
        {
            // What has been done says how the plan's seconds compare with the clock's.
            var left = (planned - done) * (done > 0.1 * planned ? clock.Elapsed.TotalSeconds / done : 1);
            var line = $"{i + 1}/{parts.Count}  {label}, about {Duration(left)} left";
            Console.Error.Write(live ? $"\r{line}\u001b[K" : line + "\n");
            work();
            afterPart();
            done += seconds;
        }
        if (live)
            Console.Error.Write("\r\u001b[K");
    }

    private static string Duration(double seconds) => seconds < 100 ? $"{seconds:0} s" : $"{seconds / 60:0} min";
}
