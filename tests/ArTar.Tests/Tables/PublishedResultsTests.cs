using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;

namespace ArTar.Tests.Tables;

/// <summary>What is committed in results/: tables that people read, and the runs that they were computed from.</summary>
public class PublishedResultsTests
{
    private static string Results => Path.Combine(TestData.Repository, "results");

    public static TheoryData<string> Tables => [.. Directory.EnumerateFiles(Results, "table-*.csv").Select(path => Path.GetFileNameWithoutExtension(path)!)];

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_table_is_what_its_runs_come_to(string name)
    {
        var (table, profile) = (KnownTables.Named(name.Split('-')[1]), Profile.Get(name.Split('-')[2]));
        var plan = TablePlan.For(table, profile, Corpora.FactsOf(table.Data, new("")), [], [], seeds: table.Id == "tanh" ? 1 : 3);
        var report = TableReport.Build(plan, new RunStore(Path.Combine(Results, "runs")));
        Assert.Equal(File.ReadAllText(Path.Combine(Results, name + ".csv")), TableDocument.Report(report).Csv);
        Assert.Equal(report.Completeness.All, report.Completeness.Ended);
    }

    [Fact]
    public void Every_run_has_its_own_name_and_holds_no_weights()
    {
        var runs = new RunStore(Path.Combine(Results, "runs")).All().ToList();
        Assert.NotEmpty(runs);
        Assert.All(runs, run =>
        {
            Assert.Equal(run.Id, run.Configuration.Id); // the name is made of every value and the data's hash
            var (summary, metrics) = (run.ReadSummary()!, run.ReadMetrics());
            Assert.Equal(["configuration.json", "metrics.jsonl", "summary.json"], Directory.GetFiles(run.Folder).Select(Path.GetFileName).Order());
            if (summary.Status == RunStatus.Diverged)
            {
                Assert.StartsWith($"Diverged in epoch {metrics.Count + 1},", summary.Error, StringComparison.Ordinal);
                return;
            }
            Assert.Equal((summary.LastEpoch!.Epoch, summary.LastEpoch.TrainLoss), (metrics[^1].Epoch, metrics[^1].TrainLoss));
            Assert.Equal(summary.ValidLoss, metrics[summary.BestEpoch - 1].ValidLoss);
            Assert.Equal(summary.ValidLoss, metrics.Min(m => m.ValidLoss));
        });
    }

    /// <summary>So that whoever doubts a figure can train it again: the run by its values, and its circumstances as far as they decide of digits.</summary>
    [Fact]
    public void The_command_that_a_run_is_shown_with_asks_for_that_run()
    {
        var corpora = new Dictionary<string, CorpusFacts>();
        foreach (var run in new RunStore(Path.Combine(Results, "runs")).All())
        {
            List<string> words = [.. Cli.TrainCommand.Typed(run)!.Split(' ')];
            string After(string option) => words[words.IndexOf(option) + 1];
            string[] settings = words.Contains("--set") ? [.. words.Skip(words.IndexOf("--set") + 1)] : [];
            var corpus = corpora.TryGetValue(After("--data"), out var known) ? known : corpora[After("--data")] = Corpora.FactsOf(After("--data"), new(""));
            var asked = Profile.Get(After("--profile")).Configure(corpus, [], settings, int.Parse(After("--seed")));
            Assert.Equal(run.Id, asked.Id);
            var here = run.ReadSummary()!.Circumstances;
            if (here.Device == "cpu")
                Assert.Equal((here.Threads, $"{here.Kernels}"), (int.Parse(After("--threads")), After("--kernels")), Same);
            else
                Assert.Equal(here.Device, After("--device"));
        }
        static bool Same((int, string) one, (int, string) other) => one.Item1 == other.Item1 && one.Item2.Equals(other.Item2, StringComparison.OrdinalIgnoreCase);
    }
}
