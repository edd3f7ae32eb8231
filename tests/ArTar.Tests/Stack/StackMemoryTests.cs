using System.Globalization;
using System.Runtime.InteropServices;
using ArTar.Workbench.Models;
using ArTar.Workbench.Stack;
using ArTar.Workbench.Training;
using static TorchSharp.torch;

namespace ArTar.Tests.Stack;

[Collection(TorchTests.Name)]
public partial class StackMemoryTests
{
    private static StackShape Shape(Cell cell, int hidden, int batch = 20, int window = 35) =>
        StackShape.Of("data", new HyperParameters { Cell = cell, Hidden = hidden, BatchSize = batch, Window = window });

    /// <summary>
    /// The largest memory of its own that the process has during some steps, above what it had before; at sizes at which everything else is small,
    /// but for the buffers of the processor's matrix products. What is freed has to go back to the system at once. Pages of files, such as libtorch's
    /// code, do not count: the system drops and reads them as it likes.
    /// </summary>
    [Theory]
    [InlineData(Cell.Lstm, 200, 8000, 6)]
    [InlineData(Cell.Lstm, 64, 30000, 4)]
    [InlineData(Cell.Gru, 300, 4000, 6)]
    [InlineData(Cell.Tanh, 512, 2000, 8)]
    public void The_estimate_is_about_what_a_stack_takes(Cell cell, int hidden, int vocabulary, int runs)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "counts resident memory as Linux does");
        var values = new HyperParameters { Cell = cell, Hidden = hidden, BatchSize = 16, Window = 20 }.With(["alpha=2", "beta=1"]);
        TakeSteps(values with { Hidden = 2 }, 50, 2); // code is loaded
        _ = SetMallocOption(MmapThreshold, 1 << 20);
        // What other tests left.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _ = TrimMemory(0);
        var before = OwnMemory();
        var peak = before;
        using var done = new CancellationTokenSource();
        var watch = new Thread(() =>
        {
            while (!done.IsCancellationRequested)
            {
                peak = Math.Max(peak, OwnMemory());
                Thread.Sleep(1);
            }
        });
        watch.Start();
        TakeSteps(values, vocabulary, runs);
        done.Cancel();
        watch.Join();
        _ = SetMallocOption(MmapThreshold, 1 << 30); // as for training
        var estimate = StackMemory.Bytes(StackShape.Of("data", values), vocabulary, runs);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"estimated {estimate / 1e6:F0} MB, taken {(peak - before) / 1e6:F0} MB"));
        Assert.InRange((double)(peak - before) / estimate, 0.8, 1.25);
    }

    private static void TakeSteps(HyperParameters values, int vocabulary, int runs)
    {
        var members = Enumerable.Range(0, runs).Select(r => new StackMember(values with { Seed = r }, new())).ToList();
        using var scope = NewDisposeScope();
        using var weights = StackedWeights.Of(runs, r => Trainer.NewModel(members[r].Values, vocabulary, CPU), CPU);
        using var best = weights.Empty();
        using var step = new StackedStep(weights, members, CPU);
        foreach (var weight in best.All.Values)
            weight.zero_();
        var tokens = randint(0, vocabulary, [values.Window, values.BatchSize], int64);
        var state = StackedEvaluation.InitialState(weights, values.BatchSize, CPU);
        for (var i = 0; i < 2; i++)
        {
            var (_, after) = step.Backpropagate(tokens, tokens, state, [.. members.Select(m => (long)m.Values.Seed)]);
            step.Update([.. members.Select(_ => 1.0)]);
            state.Dispose();
            state = after;
        }
        state.Dispose();
    }

    private static long OwnMemory()
    {
        var line = File.ReadLines("/proc/self/status").Single(l => l.StartsWith("RssAnon:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private const int MmapThreshold = -3; // M_MMAP_THRESHOLD of malloc.h

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetMallocOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimMemory(nuint keep);

    [Fact]
    public void More_runs_take_more_and_as_many_fit_as_the_estimate_says()
    {
        var shape = Shape(Cell.Lstm, 650);
        Assert.Equal(0, StackMemory.Fit(shape, 10_000, 100_000_000));
        var fit = StackMemory.Fit(shape, 10_000, 70L << 30);
        Assert.True(StackMemory.Bytes(shape, 10_000, fit) <= 70L << 30);
        Assert.True(StackMemory.Bytes(shape, 10_000, fit + 1) > 70L << 30);
        Assert.InRange(fit, 54, 400); // a table of 18 rows and 3 seeds at the paper's size, on a card of 80 GB
    }

    [Fact]
    public void Logits_of_all_runs_are_in_memory_together_only_as_far_as_a_gibibyte_goes()
    {
        Assert.Equal(38, StackMemory.RunsOfLogits(10_000, 700));
        Assert.Equal(1, StackMemory.RunsOfLogits(300_000, 4096));
    }

    [Fact]
    public void Memory_that_ran_out_is_told_from_other_faults()
    {
        Assert.True(StackMemory.IsExceeded(Assert.ThrowsAny<Exception>(() => empty(1L << 60))));
        Assert.False(StackMemory.IsExceeded(Assert.ThrowsAny<Exception>(() => zeros(2, 3).mm(zeros(2, 3)))));
    }
}
