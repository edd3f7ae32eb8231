using ArTar.Workbench.Stack;
using TorchSharp;

namespace ArTar.Tests.Stack;

[Collection(TorchTests.Name)]
public class GraphicsCardTests
{
    [Fact]
    public void The_driver_s_answer_is_read()
    {
        Assert.Equal(new("NVIDIA H100 80GB HBM3", 80994L << 20), GraphicsCard.Parse("NVIDIA H100 80GB HBM3, 80994"));
        Assert.Null(GraphicsCard.Parse("No devices were found"));
        Assert.Null(GraphicsCard.Parse("NVIDIA, [N/A]"));
        Assert.Null(GraphicsCard.Parse(""));
    }

    [Fact]
    public void A_processor_is_none() => Assert.Null(GraphicsCard.Find(torch.CPU));

    [Fact]
    public void The_card_that_is_here_has_a_name_and_memory()
    {
        if (!Stacks.HasGpu)
            return; // GpuTests says so
        var card = GraphicsCard.Find(torch.CUDA)!;
        Assert.NotEmpty(card.Name);
        Assert.InRange(card.FreeMemory, 1L << 28, 1L << 44);
    }
}
