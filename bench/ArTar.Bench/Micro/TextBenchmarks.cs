using ArTar.Workbench;
using ArTar.Workbench.Data;
using BenchmarkDotNet.Attributes;

namespace ArTar.Bench.Micro;

/// <summary>Reading a text of one's own of 1.2 million words, 7 MB.</summary>
public class TextBenchmarks
{
    private const int Words = 1_000_000;
    private string home = "", folder = "";
    private Windows windows = new(new int[4], 2, 1);

    [GlobalSetup]
    public void Setup()
    {
        home = Directory.CreateTempSubdirectory("artar-bench-").FullName;
        folder = Commands.WriteText(Path.Combine(home, "text"), 10_000, Words, Words / 10, Words / 10);
        windows = new(Tokenised().Train, 20, 35);
    }

    [GlobalCleanup]
    public void Cleanup() => Directory.Delete(home, recursive: true);

    [Benchmark]
    public Corpus Tokenised() => Corpora.Load(folder, new(home));

    [Benchmark]
    public Window OneWindow() => windows[7];
}
