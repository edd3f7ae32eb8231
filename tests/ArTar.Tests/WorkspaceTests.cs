using ArTar.Workbench;

namespace ArTar.Tests;

public class WorkspaceTests
{
    [Fact]
    public void Found_from_a_folder_below_the_repository() =>
        Assert.True(File.Exists(Path.Combine(Workspace.Find().Root, "global.json")));
}
