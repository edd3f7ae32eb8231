using ArTar.Tests.Training;
using ArTar.Workbench.Data;
using ArTar.Workbench.Models;
using ArTar.Workbench.Regularization;
using ArTar.Workbench.Stack;
using ArTar.Workbench.Training;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace ArTar.Tests.Stack;

/// <summary>A run goes from a stack to a stack, from a stack to itself, and back, at any moment.</summary>
[Collection(TorchTests.Name)]
public sealed class StackResumeTests : IDisposable
{
    private static readonly Corpus corpus = Small.Corpus(train: 4 * 33) with { Valid = Small.Corpus(seed: 2).Valid };
    private static readonly HyperParameters[] rows = [.. Stacks.Mixed().Select((r, i) => r with { Epochs = 3 + i })];
    private const int Windows = 7;
    private const double Tolerance = 2e-4;

    private readonly TemporaryFolder folder = new();
    public void Dispose() => folder.Dispose();

    /// <summary>
    /// A kill finds the checkpoints of some moment, and those of the runs saved last may be older by a while. Whatever it is, the runs go
    /// on from there and end as if nothing had been.
    /// </summary>
    [Fact]
    public void A_stack_killed_at_any_moment_ends_as_if_it_never_was()
    {
        using var whole = Stacks.Trainer(rows, corpus);
        var expected = whole.RunToEnd();
        Gen.Select(Gen.Int[1, 20].Array[1, 3], Gen.Int[0, 3], Gen.Int[0, 8]).Sample((kills, late, delay) =>
        {
            Directory.Delete(folder["."], recursive: true);
            Directory.CreateDirectory(folder["."]);
            foreach (var kill in kills)
            {
                using var stack = FromFiles();
                var window = 0;
                var wanted = new HashSet<int>();
                void Save(int member)
                {
                    if (!stack.Present.Contains(member))
                        return;
                    if (stack.Members[member].BestPosition is not null)
                        stack.SaveBest(member, folder[$"{member}.best"]);
                    stack.Save(member, folder[$"{member}.last"]);
                }
                stack.RunFor(kill + delay, new()
                {
                    // At the first moment all runs but one are saved, then comes the kill: that one has an older checkpoint, or none.
                    Window = () =>
                    {
                        window++;
                        for (var member = 0; member < 3; member++)
                            if (window == kill || window == Math.Max(1, kill - delay))
                                if (member != late || window != kill)
                                    Save(member);
                    },
                    End = ended =>
                    {
                        foreach (var member in ended)
                            Save(member);
                    },
                });
            }
            using var last = FromFiles();
            var actual = last.RunToEnd();
            for (var r = 0; r < 3; r++)
            {
                Stacks.Same(whole.Members[r].Position.Epochs, last.Members[r].Position.Epochs, Tolerance);
                Stacks.Same(expected[r], actual[r], 1e-3, $"run {r} after kills at {string.Join(", ", kills)}");
                Assert.Equal(whole.Members[r].Position.BestEpoch, last.Members[r].BestPosition!.Epoch);
            }
        }, iter: 12, threads: 1);
    }

    [Theory]
    [MemberData(nameof(Stacks.DevicesAndCells), MemberType = typeof(Stacks))]
    public void A_run_begun_in_a_stack_goes_on_alone(string device, Cell cell)
    {
        // A plain step on a GPU draws other masks.
        var values = Stacks.Mixed(cell, dropout: device == "cpu").Select(r => r with { Epochs = 4 }).ToArray();
        using var stack = Stacks.Trainer(values, corpus, device);
        stack.RunFor(Windows + 3);
        for (var r = 0; r < 3; r++)
        {
            stack.Save(r, folder["last"]);
            stack.SaveBest(r, folder["best"]);
            using var checkpoint = Checkpoint.Load(folder["last"]);
            using var goesOn = Stacks.Alone(values[r], corpus, checkpoint, device);
            using var alone = Stacks.Alone(values[r], corpus, device: device);
            Assert.Equal((1, 3), (goesOn.Position.Epoch, goesOn.Position.Window));
            goesOn.RunToEnd();
            alone.RunToEnd();
            Stacks.Same(alone.Position.Epochs, goesOn.Position.Epochs, Tolerance);
            Stacks.Same(alone.Model.Weights().ToDictionary(w => w.Key, w => w.Value.Numbers()),
                goesOn.Model.Weights().ToDictionary(w => w.Key, w => w.Value.Numbers()), 1e-3, $"run {r}");
            using var best = Checkpoint.Load(folder["best"]);
            Assert.Equal((1, 0, 1), (best.Position.Epoch, best.Position.Window, best.Position.BestEpoch));
            using var model = best.BuildModel(Stacks.On(device));
            Assert.Equal(best.Position.BestLoss, Evaluation.Loss(model, corpus.Valid, 3, 5, Stacks.On(device), KernelChoice.Plain,
                cancellation: TestContext.Current.CancellationToken), 1e-5);
        }
    }

    [Fact]
    public void A_run_begun_alone_goes_on_in_a_stack()
    {
        var starts = new List<StackStart>();
        foreach (var row in rows)
        {
            using var alone = Stacks.Alone(row, corpus);
            alone.RunTo(Windows + 3, _ => alone.Save(folder["best"])); // the first epoch is the best so far
            alone.Save(folder["last"]);
            starts.Add(new(row, Checkpoint.Load(folder["last"]), Checkpoint.Load(folder["best"])));
        }
        using var stack = new StackTrainer(starts, corpus, CPU);
        starts.ForEach(s => { s.Last!.Dispose(); s.Best!.Dispose(); });
        var actual = stack.RunToEnd();
        for (var r = 0; r < 3; r++)
        {
            using var alone = Stacks.Alone(rows[r], corpus);
            alone.RunToEnd();
            Stacks.Same(alone.Position.Epochs, stack.Members[r].Position.Epochs, Tolerance);
            Stacks.Same(alone.Model.Weights().ToDictionary(w => w.Key, w => w.Value.Numbers()), actual[r], 1e-3, $"run {r}");
        }
    }

    /// <summary>
    /// Memory that runs out in the middle of a step leaves every run at its last step: saved, the runs go on in two halves and end as they
    /// would have.
    /// </summary>
    [Fact]
    public void When_memory_runs_out_the_stack_is_halved_and_goes_on()
    {
        var greedy = new Greedy();
        Regularizers.Add(greedy);
        var values = rows.Select(r => r.With([$"{greedy.Coefficient}=1"])).ToArray();
        using var whole = Stacks.Trainer(values, corpus);
        var expected = whole.RunToEnd();

        greedy.Calls = 0;
        greedy.FailsAfter = 3 * (Windows + 3) + 1; // the second run's penalty in the fourth window of the second epoch
        using (var stack = Stacks.Trainer(values, corpus))
        {
            var fault = Assert.ThrowsAny<Exception>(() => stack.RunToEnd());
            Assert.True(StackMemory.IsExceeded(fault), fault.ToString());
            Assert.All(stack.Members, m => Assert.Equal((1, 3), (m.Position.Epoch, m.Position.Window)));
            foreach (var member in stack.Present)
            {
                stack.Save(member, folder[$"{member}.last"]);
                stack.SaveBest(member, folder[$"{member}.best"]);
            }
        }
        greedy.FailsAfter = int.MaxValue;
        foreach (var half in new[] { new[] { 0, 1 }, [2] })
        {
            using var stack = FromFiles(values, half);
            var actual = stack.RunToEnd();
            foreach (var (at, member) in half.Index())
            {
                Stacks.Same(whole.Members[member].Position.Epochs, stack.Members[at].Position.Epochs, Tolerance);
                Stacks.Same(expected[member], actual[at], 1e-3, $"run {member}");
            }
        }
    }

    private sealed class Greedy : IRegularizer
    {
        public int Calls { get; set; }
        public int FailsAfter { get; set; } = int.MaxValue;
        public string Name => "GREEDY";
        public string Coefficient => "gamma";
        public Tensor Penalty(Tensor raw, Tensor dropped) => Calls++ >= FailsAfter ? empty(1L << 60) : raw.square().mean();
    }

    [Fact]
    public void A_run_that_has_finished_an_epoch_comes_with_its_best_weights()
    {
        using var alone = Stacks.Alone(rows[0], corpus);
        alone.RunTo(Windows + 1);
        alone.Save(folder["last"]);
        using var last = Checkpoint.Load(folder["last"]);
        Assert.Throws<ArgumentException>(() => new StackTrainer([new(rows[0], last)], corpus, CPU));
    }

    [Fact]
    public void What_has_left_or_is_not_there_yet_cannot_be_saved()
    {
        using var stack = Stacks.Trainer(rows, corpus);
        stack.RunFor(1);
        Assert.Throws<InvalidOperationException>(() => stack.SaveBest(0, folder["best"]));
        stack.RunToEnd();
        Assert.Throws<InvalidOperationException>(() => stack.Save(0, folder["last"]));
    }

    private StackTrainer FromFiles() => FromFiles(rows, [0, 1, 2]);

    private StackTrainer FromFiles(HyperParameters[] values, int[] members)
    {
        Checkpoint? Read(string name) => File.Exists(folder[name]) ? Checkpoint.Load(folder[name]) : null;
        var starts = members.Select(r => new StackStart(values[r], Read($"{r}.last"), Read($"{r}.best"))).ToList();
        var stack = new StackTrainer(starts, corpus, CPU);
        starts.ForEach(s => { s.Last?.Dispose(); s.Best?.Dispose(); });
        return stack;
    }
}
