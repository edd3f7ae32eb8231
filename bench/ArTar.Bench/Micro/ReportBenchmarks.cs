using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using BenchmarkDotNet.Attributes;

namespace ArTar.Bench.Micro;

/// <summary>Questions to a store of a thousand runs.</summary>
public class ReportBenchmarks
{
    private string home = "";
    private TablePlan? plan;
    private RunStore? store;

    [Params(102, 1002)]
    public int Runs { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        home = Directory.CreateTempSubdirectory("artar-bench-").FullName;
        (plan, store) = Commands.StoreRuns(home, Runs);
    }

    [GlobalCleanup]
    public void Cleanup() => Directory.Delete(home, recursive: true);

    [Benchmark]
    public TableReport Report() => TableReport.Build(plan!, store!);

    [Benchmark]
    public int ListOfAll() => store!.All().Count(run => run.ReadSummary() is not null);
}
