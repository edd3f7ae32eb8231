using System.Diagnostics;
using System.Runtime.Versioning;
using ArTar.Workbench;

namespace ArTar.Tests.Files;

/// <summary>Files that a person named: what is there already is more than its content.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class NamedFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public NamedFileTests() => Requires.That(!OperatingSystem.IsWindows(), "a Unix", "links, pipes and modes are tried");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_link_stays_and_what_it_points_to_is_written()
    {
        File.WriteAllText(folder["target"], "old");
        File.CreateSymbolicLink(folder["middle"], "target");
        File.CreateSymbolicLink(folder["link"], folder["middle"]);
        AtomicFile.WriteNamed(folder["link"], "new");
        Assert.Equal("new", File.ReadAllText(folder["target"]));
        Assert.Equal(folder["middle"], new FileInfo(folder["link"]).LinkTarget);
        Assert.Equal("target", new FileInfo(folder["middle"]).LinkTarget);
    }

    [Fact]
    public void A_file_keeps_who_may_read_it()
    {
        File.WriteAllText(folder["secret"], "old");
        File.SetUnixFileMode(folder["secret"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        AtomicFile.WriteNamed(folder["secret"], "new");
        Assert.Equal(("new", UnixFileMode.UserRead | UnixFileMode.UserWrite), (File.ReadAllText(folder["secret"]), File.GetUnixFileMode(folder["secret"])));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task A_pipe_gets_the_text_and_stays_a_pipe()
    {
        Process.Start("mkfifo", folder["pipe"]).WaitForExit();
        var read = Task.Run(() => File.ReadAllText(folder["pipe"]), TestContext.Current.CancellationToken);
        AtomicFile.WriteNamed(folder["pipe"], "through");
        Assert.Equal("through", await read);
        Assert.True(PlainFile.WaitsOrEnds(folder["pipe"]));
    }

    [Fact]
    public void A_device_stays_a_device()
    {
        AtomicFile.WriteNamed("/dev/null", "nothing");
        Assert.True(PlainFile.WaitsOrEnds("/dev/null"));
        Assert.False(PlainFile.WaitsOrEnds(folder.Path));
        Assert.ThrowsAny<IOException>(() => AtomicFile.WriteNamed("/dev/full", "too much"));
    }
}
