using System.Runtime.InteropServices;
using ArTar.Workbench.Training;
using TorchSharp;

namespace ArTar.Tests.Training;

[Collection(TorchTests.Name)]
public class LibTorchTests
{
    /// <summary>libtorch says 2.10.0 where TorchSharp's constant says 2.10.0.0: so the first is asked, not the second repeated.</summary>
    [Fact]
    public void The_version_is_the_loaded_librarys_own()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "asked for on Linux, x64, only");
        Assert.Matches(@"^\d+\.\d+\.\d+$", LibTorch.Version);
        Assert.StartsWith(LibTorch.Version + ".", torch.__version__, StringComparison.Ordinal);
    }
}
