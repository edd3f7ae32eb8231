using ArTar.Tests.Stack;
using ArTar.Tests.Training;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Training;
using static TorchSharp.torch;

namespace ArTar.Tests.Runs;

[Collection(TorchTests.Name)]
public sealed class StackRunnerTests : IDisposable
{
    private static readonly Corpus corpus = Small.Corpus();
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Found by the beat while it trains, or only when it is to end.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public void A_run_that_another_process_takes_over_leaves_and_the_others_come_to_their_ends(bool beats)
    {
        var store = new RunStore(folder["runs"]);
        StoredRun[] runs = [.. Stacks.Mixed().Select(values => store.GetOrCreate(
            new() { Data = corpus.Name, DataHash = corpus.Hash, Profile = "test", Values = values.Validated() }))];
        var (steps, notices, ends) = (0, new List<(int Run, string Text)>(), new List<int>());
        var fault = Assert.Throws<TakenOverException>(() => new StackRunner(corpus, CPU)
        {
            Progressed = (at, _) =>
            {
                if (steps++ > 0)
                    return;
                Directory.Move(Path.Combine(runs[1].Folder, "lease-1"), Path.Combine(runs[1].Folder, "lease-2"));
                if (beats)
                    Thread.Sleep(TimeSpan.FromSeconds(4.5));
            },
            Notice = (at, text) => notices.Add((at, text)),
            Ended = (at, _) => ends.Add(at),
        }.Execute(runs, TestContext.Current.CancellationToken));
        Assert.Contains(runs[1].Id, fault.Message, StringComparison.Ordinal);
        Assert.True(fault.InnerException is null, fault.ToString());
        Assert.Equal([0, 2], ends.Order());
        Assert.Contains(notices, n => n.Run == 1 && n.Text.StartsWith("Another process has taken the run over", StringComparison.Ordinal));
        Assert.All([runs[0], runs[2]], run => Assert.Equal(RunStatus.Finished, run.ReadSummary()!.Status));
        Assert.Null(runs[1].ReadSummary());
        Assert.Equal(["lease-2"], Directory.GetDirectories(runs[1].Folder).Select(Path.GetFileName));
    }
}
