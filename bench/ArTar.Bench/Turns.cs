using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ArTar.Bench;

/// <summary>
/// A worker's end of the conversation. The benchmark writes <c>run 5</c>, the worker does five steps and answers with a line of
/// JSON, the seconds of each; between turns it waits and uses no processor. The end of its input ends it.
/// </summary>
/// <param name="about">Versions to report, and what else is to be known.</param>
/// <param name="processorTime">Take the process's own processor time instead of the clock's.</param>
internal sealed class Turns(IReadOnlyDictionary<string, string> about, bool processorTime)
{
    private readonly List<double> seconds = [];
    private int wanted;
    private double started;

    /// <summary>Tells that everything is set up, and waits for the first turn.</summary>
    /// <param name="remark">What a reader of the figures has to know, if anything.</param>
    /// <returns>Whether there is one.</returns>
    public bool Begin(string? remark = null)
    {
        Write(remark is null ? about : new Dictionary<string, string>(about) { [Peer.Remark] = remark });
        return Wait();
    }

    /// <summary>Takes down a step that is done; at the end of a turn answers and waits for the next one.</summary>
    /// <param name="counts">False for a step that did something else besides.</param>
    /// <returns>Whether to go on.</returns>
    public bool StepDone(bool counts = true)
    {
        var elapsed = Now - started;
        if (counts)
            seconds.Add(elapsed);
        if (seconds.Count >= wanted)
        {
            Write(new { seconds });
            if (!Wait())
                return false;
        }
        started = Now;
        return true;
    }

    private double Now => Processor.Now(processorTime);

    private bool Wait()
    {
        seconds.Clear();
        if (Console.In.ReadLine()?.Split(' ') is not ["run", var count])
            return false;
        wanted = int.Parse(count, CultureInfo.InvariantCulture);
        started = Now;
        return true;
    }

    /// <summary>Answers with a line of JSON.</summary>
    public static void Write(object answer)
    {
        Console.Out.WriteLine(JsonSerializer.Serialize(answer, Workbench.Json.Compact));
        Console.Out.Flush();
    }
}
