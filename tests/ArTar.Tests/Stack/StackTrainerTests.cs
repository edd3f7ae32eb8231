using ArTar.Tests.Training;
using ArTar.Workbench.Data;
using ArTar.Workbench.Models;
using ArTar.Workbench.Stack;
using ArTar.Workbench.Training;
using TorchSharp;

namespace ArTar.Tests.Stack;

/// <summary>Runs of a stack are the runs that <see cref="Trainer"/> trains alone, from their first epoch to their end.</summary>
[Collection(TorchTests.Name)]
public class StackTrainerTests
{
    /// <summary>Rounding differs, and some sixty steps stretch it; training changes the figures by far more.</summary>
    private const double Tolerance = 2e-4;

    // Validation in another language soon gets worse: learning rates fall, at other epochs for each run.
    private static readonly Corpus corpus = Small.Corpus(train: 4 * 33) with { Valid = Small.Corpus(seed: 2).Valid };

    [Theory]
    [InlineData(Cell.Lstm)]
    [InlineData(Cell.Gru)]
    [InlineData(Cell.Tanh)]
    public void Each_run_has_the_schedule_the_figures_and_the_weights_that_it_has_alone(Cell cell)
    {
        var rows = Stacks.Mixed(cell).Select((r, i) => r with { Epochs = 8 - 2 * i, StopAfterDecays = i == 1 ? 2 : 0, DecayThreshold = i == 2 ? 0.05 : 0 }).ToArray();
        using var stack = Stacks.Trainer(rows, corpus);
        var (steps, epochs, ends) = (new int[3], new List<(int Member, EpochMetrics Metrics, bool Best)>(), new List<int>());
        var bestLosses = new double[3];
        var weights = stack.RunToEnd(new()
        {
            Step = (member, progress) =>
            {
                steps[member]++;
                Assert.Equal((steps[member], 7), (progress.Position.Step, progress.Windows));
            },
            Epoch = (member, metrics, best) => epochs.Add((member, metrics, best)),
            End = ended =>
            {
                ends.AddRange(ended);
                foreach (var (member, loss) in ended.Zip(stack.BestLosses(Split.Valid, ended)))
                    bestLosses[member] = loss;
            },
        });
        Assert.Equal([0, 1, 2], ends.Order());
        for (var r = 0; r < rows.Length; r++)
        {
            using var alone = Stacks.Alone(rows[r], corpus);
            var best = new List<bool>();
            alone.Run((_, isBest) => best.Add(isBest), _ => { }, TestContext.Current.CancellationToken);
            var position = stack.Members[r].Position;
            static (long, int, int) Place(TrainingPosition p) => (p.Step, p.Decays, p.BestEpoch);
            Assert.Equal(Place(alone.Position), Place(position));
            Assert.Equal(position.Step, steps[r]);
            Stacks.Same(alone.Position.Epochs, position.Epochs, Tolerance);
            Assert.Equal(best, epochs.Where(e => e.Member == r).Select(e => e.Best));
            Assert.Equal(position.Epochs, epochs.Where(e => e.Member == r).Select(e => e.Metrics));
            Assert.Equal(position.BestLoss, bestLosses[r], 1e-6);
            Stacks.Same(alone.Model.Weights().ToDictionary(w => w.Key, w => w.Value.Numbers()), weights[r], 1e-3, $"run {r}");
        }
        Assert.Contains(epochs, e => !e.Best);
    }

    /// <summary>On every device: the masks are the run's own, whoever is beside it and wherever it lies.</summary>
    [Theory]
    [MemberData(nameof(Stacks.DevicesAndCells), MemberType = typeof(Stacks))]
    public void Companions_do_not_matter(string device, Cell cell)
    {
        var rows = Stacks.Mixed(cell);
        IReadOnlyList<EpochMetrics> EpochsOf(int member, params HyperParameters[] together)
        {
            using var stack = Stacks.Trainer(together, corpus, device);
            stack.RunToEnd();
            return stack.Members[member].Position.Epochs;
        }
        var alone = EpochsOf(0, rows[0]);
        Assert.NotEqual(0, rows[0].Dropout);
        Stacks.Same(alone, EpochsOf(0, rows), Tolerance);
        Stacks.Same(alone, EpochsOf(2, rows[1], rows[2], rows[0]), Tolerance);
        Stacks.Same(alone, EpochsOf(1, rows[2], rows[0]), Tolerance);
        var other = EpochsOf(0, rows[0] with { Seed = 99 });
        Assert.All(other.Zip(alone), pair => Assert.True(Math.Abs(pair.First.ValidLoss - pair.Second.ValidLoss) > Tolerance));
    }

    [Theory]
    [MemberData(nameof(Stacks.Devices), MemberType = typeof(Stacks))]
    public void A_run_that_diverges_changes_nothing_of_the_others_and_keeps_its_last_whole_position(string device)
    {
        var rows = Stacks.Mixed();
        var wild = rows[1] with { LearningRate = 1e30, Clip = 1e30 };
        using var calm = Stacks.Trainer([rows[0], rows[2]], corpus, device);
        var expected = calm.RunToEnd();
        using var stack = Stacks.Trainer([rows[0], wild, rows[2]], corpus, device);
        var (left, whole) = (new List<int>(), stack.Members[1].Position);
        var actual = stack.RunToEnd(new()
        {
            Step = (member, progress) => whole = member == 1 ? progress.Position : whole,
            End = left.AddRange,
        });
        Assert.Equal(1, left[0]);
        Assert.NotNull(stack.Members[1].Divergence);
        Assert.Equal(whole, stack.Members[1].Position);
        Assert.True(double.IsFinite(whole.Sums.Loss));
        Stacks.Same(expected[0], actual[0], 1e-5, "the first");
        Stacks.Same(expected[1], actual[2], 1e-5, "the last");
        Stacks.Same(calm.Members[0].Position.Epochs, stack.Members[0].Position.Epochs, 1e-5);

        using var alone = Stacks.Alone(wild, corpus);
        var fault = Assert.Throws<DivergedException>(() => alone.RunToEnd());
        // Both met it in the same window; at the end of float32's range one order of adding says 1e29 where another says NaN.
        static string Place(DivergedException fault) => fault.Message.Split("cross-entropy")[0];
        if (device == "cpu")
            Assert.Equal(Place(fault), Place(stack.Members[1].Divergence!));
        Assert.Equal(alone.Position.Step, whole.Step);
        Stacks.Same(alone.Model.Weights().ToDictionary(w => w.Key, w => w.Value.Numbers()), actual[1], 1e-3, "the one that diverged");
    }

    [Fact]
    public void A_run_that_is_withdrawn_stops_where_it_is_and_changes_nothing_of_the_others()
    {
        var rows = Stacks.Mixed();
        using var without = Stacks.Trainer([rows[0], rows[2]], corpus);
        var expected = without.RunToEnd();
        using var stack = Stacks.Trainer(rows, corpus);
        stack.RunFor(3);
        stack.Withdraw(1);
        var stands = (stack.Members[1].Position, stack.WeightsOf(1));
        var left = new List<int>();
        var actual = stack.RunToEnd(new() { End = left.AddRange });
        Assert.Equal(1, left[0]);
        Assert.Equal(stands.Position, stack.Members[1].Position);
        Stacks.Same(stands.Item2, actual[1], 0, "the withdrawn");
        Stacks.Same(expected[0], actual[0], 1e-5, "the first");
        Stacks.Same(expected[1], actual[2], 1e-5, "the last");
    }

    [Fact]
    public void When_all_diverge_the_stack_ends_at_once()
    {
        using var stack = Stacks.Trainer(Stacks.Mixed().Select(r => r with { LearningRate = 1e30, Clip = 1e30 }), corpus);
        var windows = 0;
        stack.RunToEnd(new() { Window = () => windows++ });
        Assert.InRange(windows, 1, 4);
        Assert.All(stack.Members, m => Assert.NotNull(m.Divergence));
    }

    [Fact]
    public void Cancelling_stops_within_a_step_and_in_validation()
    {
        using var stack = Stacks.Trainer(Stacks.Mixed(), corpus);
        stack.RunFor(3);
        Assert.All(stack.Members, m => Assert.Equal((0, 3), (m.Position.Epoch, m.Position.Window)));
        stack.RunFor(4); // the epoch's last window: the validation that follows is cut off
        Assert.All(stack.Members, m => Assert.Equal((0, 7), (m.Position.Epoch, m.Position.Window)));
        stack.RunFor(1);
        Assert.All(stack.Members, m => Assert.Equal((1, 1), (m.Position.Epoch, m.Position.Window)));
    }

    [Fact]
    public void Runs_that_have_nothing_left_to_train_leave_first()
    {
        using var folder = new TemporaryFolder();
        using var done = Stacks.Alone(Stacks.Mixed()[2], corpus);
        done.Run((_, best) => { if (best) done.Save(folder["best"]); }, _ => { }, TestContext.Current.CancellationToken);
        done.Save(folder["done"]);
        using var last = Checkpoint.Load(folder["done"]);
        using var best = Checkpoint.Load(folder["best"]);
        using var stack = new StackTrainer([new(Stacks.Mixed()[0]), new(Stacks.Mixed()[2], last, best)], corpus, torch.CPU);
        var windows = 0;
        stack.RunToEnd(new() { Window = () => windows++, End = ended => Assert.Equal(windows == 0 ? [1] : [0], ended) });
        Assert.Equal(21, windows);
    }

    [Fact]
    public void Runs_that_cannot_share_a_stack_are_refused()
    {
        var fault = Assert.Throws<ArgumentException>(() => Stacks.Trainer([Small.Values, Small.Values with { Hidden = 9 }]));
        Assert.Contains("Runs of a stack share data, batch and sizes", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>Tensors have an owner that lets go of them, not a finalizer.</summary>
    [Fact]
    public void No_tensor_is_left_behind()
    {
        static long Living() => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        void Train()
        {
            using var stack = Stacks.Trainer(Stacks.Mixed(), corpus);
            stack.RunFor(2);
            var living = Living();
            stack.RunFor(3);
            Assert.Equal(living, Living());
            stack.RunToEnd();
        }
        Train();
        var before = Living();
        Train();
        Assert.Equal(before, Living());
    }
}
