namespace ArTar.Tests.Stack;

/// <summary>Says where stacks are not tested on the device that they are for.</summary>
[Collection(TorchTests.Name)]
public class GpuTests
{
    [Fact]
    public void The_tests_of_stacks_run_on_a_GPU_too() =>
        Assert.SkipUnless(Stacks.HasGpu, "needs an NVIDIA GPU and libtorch with CUDA (docs/platforms.md); the same tests ran on the CPU");
}
