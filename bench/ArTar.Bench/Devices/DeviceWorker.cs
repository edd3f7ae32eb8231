using System.Diagnostics;
using System.Text.Json;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Stack;
using ArTar.Workbench.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Bench.Devices;

/// <summary>The library's steps on a device, in a process of their own: stacks, and one run at a time by the plain step.</summary>
internal static class DeviceWorker
{
    private const int WarmUp = 8, LeastSteps = 5;

    public static void Run(DeviceAssignment work)
    {
        LibTorch.Prepare();
        var device = LibTorch.DeviceNamed(work.Device);
        (work.Tf32 ? Precision.Tf32 : Precision.Fp32).Apply();
        var tokens = Text.Read(work.Tokens);
        Write(new DeviceGreeting(
            new Dictionary<string, string> { ["libtorch"] = LibTorch.Version }, work.CheckedSteps > 0 ? null : ProductRate(device)));
        foreach (var one in work.Cases)
        {
            var c = one.Configuration;
            var clock = new StepClock(work);
            var corpus = Text.Corpus(tokens, c.Vocabulary, c.Batch);
            if (one.Engine == DeviceEngine.Plain)
                TrainOne(work, one, corpus, device, clock);
            else
                TrainStack(work, one, corpus, device, clock);
            Write(clock.Answer);
            GC.Collect();
        }
    }

    private static void TrainStack(DeviceAssignment work, DeviceCase one, Corpus corpus, Device device, StepClock clock)
    {
        var values = one.Configuration.ToHyperParameters();
        using var start = work.Checkpoint is null ? null : Checkpoint.Load(work.Checkpoint);
        var runs = Enumerable.Range(1, one.Runs).Select(seed => new StackStart(values with { Seed = seed }, start)).ToList();
        using var stack = new StackTrainer(runs, corpus, device);
        using var stop = new CancellationTokenSource();
        try
        {
            stack.Run(new()
            {
                Window = () =>
                {
                    var position = stack.Members[^1].Position;
                    if (!clock.StepDone(position.Sums.Loss / one.Configuration.Tokens, first: position.Window == 1))
                        stop.Cancel();
                },
            }, stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Enough steps.
        }
    }

    private static void TrainOne(DeviceAssignment work, DeviceCase one, Corpus corpus, Device device, StepClock clock)
    {
        using var start = work.Checkpoint is null ? null : Checkpoint.Load(work.Checkpoint);
        using var trainer = new Trainer(one.Configuration.ToHyperParameters(), corpus, device, start, KernelChoice.Plain);
        using var stop = new CancellationTokenSource();
        try
        {
            trainer.Run((_, _) => { }, progress =>
            {
                if (!clock.StepDone(progress.Position.Sums.Loss / one.Configuration.Tokens, first: progress.Position.Window == 1))
                    stop.Cancel();
            }, stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Enough steps.
        }
    }

    /// <summary>The rate of a product of two square matrices, in floating-point operations a second: the best of some.</summary>
    private static double ProductRate(Device device)
    {
        var size = device.type == DeviceType.CUDA ? 8192 : 512;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (a, b) = (randn(size, size, device: device), randn(size, size, device: device));
        var best = double.PositiveInfinity;
        for (var round = 0; round < 5; round++)
        {
            const int products = 10;
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < products; i++)
                using (var product = mm(a, b))
                    if (i == products - 1)
                        product[0, 0].ToSingle(); // waits for the device
            if (round > 0)
                best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalSeconds / products);
        }
        return 2.0 * size * size * size / best;
    }

    private static void Write<T>(T value)
    {
        Console.Out.WriteLine(JsonSerializer.Serialize(value, Json.Compact));
        Console.Out.Flush();
    }

    /// <summary>Times a case's steps until it has enough.</summary>
    private sealed class StepClock(DeviceAssignment work)
    {
        private readonly List<double> seconds = [], losses = [];
        private double sum;
        private int steps;
        private long last, began;

        public DeviceAnswer Answer => new(seconds, losses);

        /// <summary>Takes note of a step; false says that there are enough.</summary>
        /// <param name="sumOfLosses">The epoch's losses so far.</param>
        /// <param name="first">The first step of an epoch also waited for the validation of the one before.</param>
        public bool StepDone(double sumOfLosses, bool first)
        {
            var now = Stopwatch.GetTimestamp();
            if (first)
                sum = 0;
            steps++;
            if (work.CheckedSteps > 0)
                losses.Add(sumOfLosses - sum);
            else if (steps == WarmUp)
                began = now;
            else if (steps > WarmUp && !first)
                seconds.Add(Stopwatch.GetElapsedTime(last, now).TotalSeconds);
            sum = sumOfLosses;
            last = now;
            return work.CheckedSteps > 0 ? steps < work.CheckedSteps
                : steps <= WarmUp || seconds.Count < LeastSteps || Stopwatch.GetElapsedTime(began, now).TotalSeconds < work.Seconds;
        }
    }
}
