using ArTar.Workbench;

namespace ArTar.Tests.Data;

/// <summary>Notes each activity once it is reported.</summary>
internal sealed class Listener(List<string> activities) : IProgress<Progress>
{
    public void Report(Progress value) => activities.Add(value.Activity);
}
