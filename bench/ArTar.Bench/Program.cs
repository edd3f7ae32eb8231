using System.CommandLine;
using System.Text.Json;
using ArTar.Bench;
using ArTar.Bench.Micro;
using ArTar.Cli;
using ArTar.Workbench;

if (args is ["worker", var assignment])
{
    Worker.Run(JsonSerializer.Deserialize<Assignment>(assignment, Json.Compact)!);
    return 0;
}
if (args is ["micro", .. var others])
{
    MicroBenchmarks.Run(others);
    return 0;
}

var quick = new Option<bool>("--quick") { Description = "training steps of the LSTM alone, in under a minute" };
var full = new Option<bool>("--full") { Description = "every cell, size and vocabulary, with and without AR + TAR, and more rounds; an hour" };
var smoke = new Option<bool>("--smoke") { Description = "tiny models, seconds: that everything works; the figures mean nothing" };
var threads = new Option<int>("--threads") { Description = "threads of an operation, on every side; 0 takes every core", HelpName = "N" };
var processorTime = new Option<bool>("--processor-time") { Description = "one thread, and its processor time instead of the clock's: the ratios that a busy machine still gives" };
var chosen = new Option<string[]>("--sides")
{
    Description = $"what to compare, as ours,eager; by default all, with --quick {string.Join(',', Sides.Quick.Select(s => s.Id))}; known are {string.Join(", ", Sides.All.Where(s => s.Engine != Engine.Gemm).Select(s => s.Id))}",
    HelpName = "ID,ID",
};
var only = new Option<string[]>("--only") { Description = "only parts whose name contains one of these: 'steps: GRU', cost, denormal, scaling, tables, commands", HelpName = "TEXT,TEXT" };
var output = new Option<string?>("--out") { Description = "the file for all results as JSON; by default one in bench/results", HelpName = "FILE" };
var from = new Option<string[]>("--from") { Description = "measure nothing; show the results in these files, parts of one measurement", HelpName = "FILE" };
var writeDocs = new Option<bool>("--write-docs") { Description = "put the results into docs/performance.md" };
var root = new RootCommand("""
    Measures the workbench beside the same steps in plain TorchSharp and PyTorch, in turns of a few steps each. docs/performance.md says how
    to read the figures. './bench/run micro --filter *Text*' measures single parts with BenchmarkDotNet; its other arguments are that one's.
    """)
{
    quick, full, smoke, only, threads, processorTime, chosen, output, from, writeDocs,
};
root.SetAction(parsed =>
{
    try
    {
        Terminal.Initialize();
        var stored = parsed.GetValue(from) ?? [];
        var results = stored.Length > 0 ? Results.Joined([.. stored.Select(Read)]) : Measure(parsed);
        Report.Print(results, Terminal.Output);
        if (parsed.GetValue(writeDocs))
            Docs.Write(results);
        return 0;
    }
    catch (WorkbenchException e)
    {
        Console.Error.WriteLine($"bench: {e.Message}");
        return 1;
    }
});
return root.Parse(args).Invoke();

Results Measure(ParseResult parsed)
{
    var scale = parsed.GetValue(smoke) ? Scale.Smoke : parsed.GetValue(quick) ? Scale.Quick : parsed.GetValue(full) ? Scale.Full : Scale.Usual;
    var ids = Words(parsed.GetValue(chosen));
    var sides = ids.Count > 0 ? ids.Select(Sides.Get).ToList() : [.. scale == Scale.Quick ? Sides.Quick : Sides.Usual];
    if (sides.Contains(Sides.PyTorch) && !Peer.HasPyTorch)
    {
        Console.Error.WriteLine("There is no PyTorch for /usr/bin/python3; its column is left out. To install: sudo apt-get install python3-torch python3-numpy libopenblas0-openmp");
        sides.Remove(Sides.PyTorch);
    }
    var isBusy = parsed.GetValue(processorTime);
    if (isBusy && parsed.GetValue(threads) > 1)
        throw new WorkbenchException("--processor-time is for one thread: threads that wait for each other use the processor, too.");
    var count = isBusy ? 1 : parsed.GetValue(threads) > 0 ? parsed.GetValue(threads) : scale == Scale.Smoke ? 1 : Environment.ProcessorCount;
    var measured = new Plan(scale, sides, count, isBusy).Run(Words(parsed.GetValue(only)), results => Store(results, PathOf(results, parsed.GetValue(output))));
    Console.Error.WriteLine($"all figures: {PathOf(measured, parsed.GetValue(output))}");
    return measured;
}

static List<string> Words(string[]? values) => [.. (values ?? []).SelectMany(v => v.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

static Results Read(string path)
{
    try
    {
        return JsonSerializer.Deserialize<Results>(File.ReadAllText(path), Json.Indented) ?? throw new JsonException("It is null.");
    }
    catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
    {
        throw new WorkbenchException($"{path} holds no results of this benchmark: {e.Message}", e);
    }
}

static string PathOf(Results results, string? path) =>
    Path.GetFullPath(path ?? Path.Combine(Peer.Repository, "bench", "results", $"{results.Conditions.Started:yyyyMMdd-HHmmss}-{results.Scale.ToString().ToLowerInvariant()}.json"));

static void Store(Results results, string path)
{
    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    AtomicFile.WriteAllText(path, JsonSerializer.Serialize(results, Json.Indented) + "\n");
}
