using System.Diagnostics;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Experiments;
using ArTar.Workbench.Training;
using TorchSharp;

var threads = int.Parse(args[1]);
LibTorch.Prepare(threads);
var ws = Workspace.Find();
var profile = Profile.Get(args[0]);
var table = PaperTables.Get(int.Parse(args[2]));
var corpus = Corpora.Load(args[3], ws);
Console.WriteLine($"{corpus.Name} V={corpus.Vocabulary.Count} train={corpus[Split.Train].Length} valid={corpus[Split.Valid].Length} floor={corpus.Floor?.BestPerplexity(Split.Valid)}");
var plan = TablePlan.For(table, profile, corpus, args[4] == "all" ? [] : args[4].Split(','), args[5..], 1);
var store = new RunStore(ws);
var runner = new Runner(corpus, torch.CPU);
foreach (var config in plan.Runs)
{
    Console.WriteLine(config.Id);
    var sw = Stopwatch.StartNew();
    var s = runner.Execute(store.GetOrCreate(config), null, e => Console.WriteLine($"  {e.Epoch} lr {e.LearningRate:g3} train {e.TrainPerplexity:f1} valid {e.ValidPerplexity:f1} {e.Seconds:f1}s {e.TokensPerSecond:f0} tok/s norm {e.GradientNorm:f2} {string.Join(" ", e.Penalties)}"));
    Console.WriteLine($"  {s.Status} valid {s.ValidPerplexity:f2} test {s.TestPerplexity:f2} {s.Error} mem {s.Circumstances.PeakMemory >> 20} MB {sw.Elapsed.TotalSeconds:f0}s");
}
