using System.Globalization;
using ArTar.Workbench.Training;
using TorchSharp;

namespace ArTar.Tests.Training;

[Collection(TorchTests.Name)]
public class MemoryTests
{
    /// <summary>
    /// 2,000 steps with AR and TAR, carried state and validation now and then. A step's tensors come to some 2 MB, so that
    /// keeping even one of the larger ones would show; the count of living tensors shows the smaller ones.
    /// </summary>
    [Fact]
    public void Memory_stays_flat_over_two_thousand_steps()
    {
        var corpus = Small.Corpus(train: 2 * (250 * 8 + 1), vocabulary: 1000);
        var values = (Small.Values with { Hidden = 24, BatchSize = 2, Window = 8, Epochs = 8 }).With(["alpha=2", "beta=1"]);
        LibTorch.Prepare(threads: 1);
        using var trainer = Small.Trainer(values, corpus);
        trainer.RunTo(200);
        var (memory, tensors) = (ResidentMemory(), LiveTensors());
        trainer.RunTo(1000);
        Assert.Equal(tensors, LiveTensors());
        trainer.RunTo(2000);
        Assert.Equal(tensors, LiveTensors());
        var growth = (double)ResidentMemory() / memory - 1;
        TestContext.Current.TestOutputHelper!.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{memory / 1e6:F0} MB after 200 steps, {growth:P2} more after 2,000; {tensors} tensors alive"));
        Assert.True(growth < 0.05, $"resident memory grew by {growth:P1} from step 200 to step 2,000");
    }

    private static long ResidentMemory()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        return Environment.WorkingSet;
    }

    /// <summary>Before the garbage collector has helped: tensors have an owner that lets go of them, not a finalizer.</summary>
    private static long LiveTensors() => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
}
