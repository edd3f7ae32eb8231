using System.Text.RegularExpressions;
using ArTar.Workbench;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Stack;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;

namespace ArTar.Tests.Runs;

/// <summary>Stored runs as somebody may have left them: copied, renamed, edited, written by a later version.</summary>
[Collection(TorchTests.Name)]
public sealed class RunReadingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RunStore store;
    private readonly TablePlan plan = FakedRuns.Plan(1, Training.Small.Corpus(), rows: ["alpha=0", "alpha=1", "alpha=8"]);

    public RunReadingTests()
    {
        store = new(folder["runs"]);
        FakedRuns.Write(store, plan, (row, _) => row.Id == "alpha=8" ? 100 : 200);
    }

    public void Dispose() => folder.Dispose();

    private string Folder(string row) => Path.Combine(store.Folder, plan.Configuration(plan.Rows.Single(r => r.Id == row), 1).Id);

    private ReportRow Row(string id) => TableReport.Build(plan, store).Rows.Single(r => r.Row.Id == id);

    [Fact]
    public void A_folder_with_another_run_in_it_is_not_the_result_of_its_name()
    {
        foreach (var file in Directory.EnumerateFiles(Folder("alpha=8")))
            File.Copy(file, Path.Combine(Folder("alpha=1"), Path.GetFileName(file)), overwrite: true);
        Assert.Null(Row("alpha=1").Valid);
        Assert.Equal("damaged", Row("alpha=1").Remark);
        Assert.Equal(100, Row("alpha=8").Valid!.Value.Mean, 1e-9);
        Assert.Contains($"has another run in it than its name says: {Path.GetFileName(Folder("alpha=8"))}",
            Assert.Single(TableReport.Build(plan, store).Faults), StringComparison.Ordinal);
        Assert.False(store.HasEnded(Path.GetFileName(Folder("alpha=1"))));
        Assert.Equal(2, store.All().Count());
        Assert.Contains("has another run in it", Assert.Throws<WorkbenchException>(() => store.Get(Folder("alpha=1"))).Message,
            StringComparison.Ordinal);
        // A name of its own says nothing that could be wrong.
        Directory.Move(Folder("alpha=1"), Path.Combine(store.Folder, "mine"));
        Assert.Equal(8, store.Get("mine").Configuration.Values.Coefficient("alpha"));
        Assert.Equal(RunStatus.Pending, store.Read(Path.GetFileName(Folder("alpha=1"))).Status);
    }

    [Theory]
    [InlineData("summary.json")]
    [InlineData("metrics.jsonl")]
    [InlineData("best.safetensors")]
    [InlineData("lease-1")]
    public void A_run_without_its_configuration_says_so_in_every_list(string left)
    {
        var run = Folder("alpha=1");
        foreach (var file in Directory.EnumerateFiles(run))
            File.Delete(file);
        if (left == "lease-1")
            Directory.CreateDirectory(Path.Combine(run, left));
        else
            File.WriteAllText(Path.Combine(run, left), "");
        var fault = $"'{run}' has {left}, but no file configuration.json that says of which run. Bring that file back, or move the folder elsewhere; the run is then trained anew.";
        Assert.Equal((RunStatus.Damaged, fault), (store.Read(Path.GetFileName(run)).Status, store.Read(Path.GetFileName(run)).Fault));
        Assert.Equal(fault, Assert.Single(store.Readings(), r => r.Fault.Length > 0).Fault);
        Assert.Equal(fault, Assert.Single(TableReport.Build(plan, store).Faults));
        foreach (var ask in new Action[] { () => store.Get(run), () => store.Get(Path.GetFileName(run)), () => store.GetOrCreate(plan.Configuration(plan.Rows.Single(r => r.Id == "alpha=1"), 1)) })
            Assert.Equal(fault, Assert.Throws<WorkbenchException>(ask).Message);
        // A folder in which nothing of a run lies is none.
        Directory.CreateDirectory(Path.Combine(store.Folder, "empty"));
        Assert.Equal(3, store.Readings().Count());
    }

    [Theory]
    [InlineData("summary.json")]
    [InlineData("metrics.jsonl")]
    public void A_result_and_metrics_that_contradict_each_other_are_no_result(string copied)
    {
        File.Copy(Path.Combine(Folder("alpha=8"), copied), Path.Combine(Folder("alpha=1"), copied), overwrite: true);
        Assert.Null(Row("alpha=1").Valid);
        Assert.Equal("damaged", Row("alpha=1").Remark);
        Assert.Contains("has another validation loss than epoch 6 of the metrics", Assert.Single(TableReport.Build(plan, store).Faults),
            StringComparison.Ordinal);
        Assert.Empty(store.MetricsOf(Path.GetFileName(Folder("alpha=1"))));
        // Whoever asks for this one run is told the same.
        var run = store.Get(Folder("alpha=1"));
        Assert.Equal(RunStatus.Damaged, run.Status);
        foreach (var ask in new Action[] { () => run.ReadSummary(), () => run.Export(folder["exported"]) })
            Assert.Contains("has another validation loss", Assert.Throws<WorkbenchException>(ask).Message, StringComparison.Ordinal);
        Assert.NotEmpty(store.MetricsOf(Path.GetFileName(Folder("alpha=8"))));
    }

    [Theory]
    [InlineData("again")]
    [InlineData("gap")]
    [InlineData("turned")]
    public void Metrics_have_each_epoch_once_and_in_order(string change)
    {
        var path = Path.Combine(Folder("alpha=1"), "metrics.jsonl");
        var lines = File.ReadAllLines(path);
        File.WriteAllLines(path, change switch { "again" => [.. lines, .. lines], "gap" => lines.Skip(1), _ => lines.Reverse() });
        Assert.Equal("damaged", Row("alpha=1").Remark);
        Assert.Contains("metrics.jsonl is damaged (expected its epochs from 1 on, each once)", Assert.Single(TableReport.Build(plan, store).Faults),
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_exported_result_is_not_written_over_by_another_one()
    {
        var run = store.Get(Folder("alpha=8"));
        run.Export(folder["exported"]);
        run.Export(folder["exported"]); // the same again
        FakedRuns.Write(store, plan, (_, _) => 150);
        Assert.Contains("has another result of this run", Assert.Throws<WorkbenchException>(() => run.Export(folder["exported"])).Message,
            StringComparison.Ordinal);
        Assert.Equal(100, new RunStore(folder["exported"]).All().Single().ReadSummary()!.ValidPerplexity!.Value, 1e-9);
    }

    [Fact]
    public void A_configuration_that_was_edited_is_another_run()
    {
        var path = Path.Combine(Folder("alpha=1"), "configuration.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"epochs\": 30", "\"epochs\": 31", StringComparison.Ordinal));
        Assert.Equal(RunStatus.Damaged, store.Read(Path.GetFileName(Folder("alpha=1"))).Status);
    }

    /// <summary>A later version of the workbench may say more.</summary>
    [Theory]
    [InlineData("configuration.json")]
    [InlineData("summary.json")]
    [InlineData("metrics.jsonl")]
    public void Keys_of_a_later_version_are_passed_over(string file)
    {
        var path = Path.Combine(Folder("alpha=1"), file);
        File.WriteAllText(path, Regex.Replace(File.ReadAllText(path), @"(?m)^\{", "{\"later\": {\"deep\": [1, null]}, "));
        Assert.Equal(200, Row("alpha=1").Valid!.Value.Mean, 1e-9);
        Assert.Equal(6, store.Get(Folder("alpha=1")).ReadMetrics().Count);
    }

    [Theory]
    [InlineData("\"seconds\": 0", "\"seconds\": 1e308", "seconds is 1E+308; expected a number from 0 to 10000000000")]
    [InlineData("\"seconds\": 0", "\"seconds\": -1", "seconds is -1; expected")]
    [InlineData("\"tokensPerSecond\": 0", "\"tokensPerSecond\": \"NaN\"", "tokensPerSecond is NaN; expected")]
    [InlineData("\"parameters\": 0", "\"parameters\": -5", "parameters is -5; expected")]
    [InlineData("\"status\": \"finished\"", "\"status\": \"pending\"", "status: a run that is not run has no result")]
    [InlineData("\"testLoss\": ", "\"testLoss\": 1e308, \"x\": ", "testLoss is 1E+308; expected")]
    [InlineData("\"validLoss\": ", "\"validLoss\": \"Infinity\", \"x\": ", "validLoss is Infinity; expected")]
    [InlineData("\"validLoss\": ", "\"x\": ", "a finished run needs a validLoss, found none")]
    public void A_result_that_cannot_be_true_is_a_row_that_says_so(string before, string after, string fault)
    {
        var path = Path.Combine(Folder("alpha=1"), "summary.json");
        var text = File.ReadAllText(path);
        Assert.Contains(before, text, StringComparison.Ordinal);
        // lastEpoch has some of the keys, too
        var at = before.StartsWith("\"validLoss", StringComparison.Ordinal) ? text.IndexOf(before, StringComparison.Ordinal)
            : text.LastIndexOf(before, StringComparison.Ordinal);
        File.WriteAllText(path, text[..at] + after + text[(at + before.Length)..]);
        Assert.Equal(("damaged", 100.0), (Row("alpha=1").Remark, Math.Round(Row("alpha=8").Valid!.Value.Mean, 9)));
        var message = Assert.Single(TableReport.Build(plan, store).Faults);
        Assert.Contains(fault, message, StringComparison.Ordinal);
        Assert.DoesNotMatch("(?i)delete|remove", message);
        Assert.Equal(RunStatus.Damaged, store.Get(Folder("alpha=1")).Status);
    }

    [Fact]
    public void Every_published_run_is_the_one_that_its_name_says()
    {
        var published = new RunStore(Path.Combine(TestData.Repository, "results", "runs")).Readings().ToList();
        Assert.True(published.Count > 100);
        Assert.All(published, r => Assert.Equal((true, "", r.Id), (r.HasEnded, r.Fault, r.Run!.Configuration.Id)));
    }

    [Theory]
    [InlineData(2, null, "The stored result was trained otherwise (cpu, 2 threads, plain kernels) than is asked now (cpu, 1 thread, " +
        "fast kernels); what is stored is taken.")]
    [InlineData(1, KernelChoice.Plain, "The stored result was trained otherwise (cpu, 2 threads, plain kernels) than is asked now (cpu, " +
        "1 thread, plain kernels); what is stored is taken.")]
    [InlineData(3, KernelChoice.Plain, null)]
    public void What_was_trained_otherwise_than_is_asked_is_told(int which, KernelChoice? kernels, string? expected)
    {
        Requires.That(KernelChoice.Fast.For(TorchSharp.torch.CPU) == KernelChoice.Fast, "AVX2", "the fast kernels need it");
        var here = store.Get(Folder("alpha=1")).ReadSummary()!.Circumstances;
        Assert.Equal((2, KernelChoice.Plain), (here.Threads, here.Kernels));
        Assert.Equal(expected, RunEnvironment.Difference([(here, new())], new() { Kernels = kernels ?? KernelChoice.Fast, Threads = which == 3 ? 2
            : 1 }));
    }

    [Fact]
    public void A_GPU_is_its_precision_and_not_its_number()
    {
        var cpu = store.Get(Folder("alpha=1")).ReadSummary()!.Circumstances;
        var gpu = cpu with { Device = "cuda:1", Precision = Precision.Tf32 };
        Assert.Null(RunEnvironment.Difference([(gpu, new())], new() { Device = "cuda" }));
        Assert.Equal("1 of 2 stored results were trained otherwise (cuda, tf32) than is asked now (cuda, float32); what is stored is taken.",
            RunEnvironment.Difference([(gpu, new()), (gpu with { Precision = Precision.Fp32 }, new())],
                new() { Device = "cuda", Precision = Precision.Fp32 }));
    }

    [Fact]
    public void What_a_run_needs_until_its_end_is_asked_before_anything_is_created()
    {
        var corpus = Training.Small.Corpus().Facts;
        var empty = new RunStore(folder["other"]);
        string Fault(TablePlan wanted) => Assert.Throws<WorkbenchException>(() => empty.Prepare(wanted.Planned, new())).Message;
        TablePlan With(Func<Workbench.Data.CorpusFacts, Workbench.Data.CorpusFacts> change) => plan with { Corpus = change(corpus) };
        Assert.StartsWith("The test split of 'small' has 19 tokens, too few for 10 columns", Fault(With(c => c with { TestTokens = 19 })),
            StringComparison.Ordinal);
        Assert.StartsWith("The validation split of 'small' has 3 tokens", Fault(With(c => c with { ValidTokens = 3 })),
            StringComparison.Ordinal);
        Assert.Equal(3, Fault(With(c => c with { TrainTokens = 2, ValidTokens = 3, TestTokens = 4 })).Split('\n').Length);
        Assert.False(Directory.Exists(empty.Folder));
        File.WriteAllText(folder["file"], "");
        Assert.Contains("cannot be written to", Assert.Throws<WorkbenchException>(() =>
            new RunStore(folder["file/runs"]).Prepare(plan.Planned, new())).Message, StringComparison.Ordinal);
        // What is stored needs nothing any more.
        Assert.Equal(3, store.Prepare(plan.Planned, new()).Count);
    }
}
