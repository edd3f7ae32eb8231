using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace ArTar.Bench.Micro;

/// <summary>Single parts, measured by BenchmarkDotNet: <c>./bench/run micro --filter '*Tokens*'</c>.</summary>
public static class MicroBenchmarks
{
    /// <summary>Runs what the arguments choose, all without any.</summary>
    public static void Run(IReadOnlyList<string> arguments)
    {
        // In this process: BenchmarkDotNet's own projects would not find the libstdc++ remedy of ours (docs/platforms.md).
        var config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithIterationCount(10).WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Path.Combine(Peer.Repository, "bench", "results", "micro"));
        BenchmarkSwitcher.FromAssembly(typeof(MicroBenchmarks).Assembly)
            .Run(arguments.Count > 0 ? [.. arguments] : ["--filter", "*"], config);
    }
}
