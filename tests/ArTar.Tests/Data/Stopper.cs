using ArTar.Workbench;

namespace ArTar.Tests.Data;

/// <summary>Stops the work once it has reported this much, as Ctrl+C would.</summary>
internal sealed class Stopper(CancellationTokenSource stop, long after) : IProgress<Progress>
{
    public void Report(Progress value)
    {
        if (value.Done >= after) stop.Cancel();
    }
}
