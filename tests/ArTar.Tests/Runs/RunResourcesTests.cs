using ArTar.Workbench.Runs;

namespace ArTar.Tests.Runs;

public sealed class RunResourcesTests
{
    [Theory]
    [InlineData("cuda:0", 3, 6, "3 runs side by side on 1 GPU wait for each other")]
    [InlineData("cuda:0", 3, 1, null)] // one run is beside no other
    [InlineData("cuda:0", 1, 6, null)]
    [InlineData("cuda:0", 0, 6, null)]
    [InlineData("cpu", 0, 6, null)]
    [InlineData("cpu", 5000, 10_000, "5,000 runs side by side on ")]
    public void More_runs_side_by_side_than_there_is_room_for_are_told_of(string device, int jobs, int runs, string? said)
    {
        var crowd = new RunResources { Device = device, Jobs = jobs }.CrowdOf(runs);
        Assert.Equal(said is null, crowd is null);
        Assert.StartsWith(said ?? "", crowd ?? "", StringComparison.Ordinal);
    }
}
