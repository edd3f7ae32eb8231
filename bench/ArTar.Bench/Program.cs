using System.CommandLine;
using System.Runtime.Intrinsics;
using System.Text.Json;
using ArTar.Bench;
using ArTar.Bench.Devices;
using ArTar.Bench.Micro;
using ArTar.Cli;
using ArTar.Workbench;
using ArTar.Workbench.Stack;

if (args is ["worker", var assignment])
{
    Worker.Run(JsonSerializer.Deserialize<Assignment>(assignment, Json.Compact)!);
    return 0;
}
if (args is ["device-worker", var steps])
{
    DeviceWorker.Run(JsonSerializer.Deserialize<DeviceAssignment>(steps, Json.Compact)!);
    return 0;
}
if (args is ["micro", .. var others])
{
    MicroBenchmarks.Run(others);
    return 0;
}

var quick = new Option<bool>("--quick") { Description = "training steps of the LSTM alone, in under a minute" };
var full = new Option<bool>("--full")
{
    Description = "every cell, size and vocabulary, with and without AR + TAR, and more rounds; an hour",
};
var smoke = new Option<bool>("--smoke") { Description = "tiny models, seconds: that everything works; the figures mean nothing" };
var threads = new Option<int>("--threads") { Description = "threads of an operation, on every side; 0 takes every core", HelpName = "N" };
var processorTime = new Option<bool>("--processor-time")
{
    Description = "one thread, and its processor time instead of the clock's: the ratios that a busy machine still gives",
};
var chosen = new Option<string[]>("--sides")
{
    Description = $"what to compare, as ours,eager; by default all, with --quick {string.Join(',', Sides.Quick.Select(s => s.Id))}; known "
        + $"are {string.Join(", ", Sides.All.Where(s => s.Engine != Engine.Limit).Select(s => s.Id))}",
    HelpName = "ID,ID",
};
var only = new Option<string[]>("--only")
{
    Description = "only parts whose name contains one of these: 'steps: GRU', cost, denormal, scaling, tables, commands",
    HelpName = "TEXT,TEXT",
};
var output = new Option<string?>("--out") { Description = "the file for all results as JSON; by default one in bench/results",
    HelpName = "FILE" };
var from = new Option<string[]>("--from") { Description = "measure nothing; show the results in these files, parts of one measurement",
    HelpName = "FILE" };
var deviceName = new Option<string?>("--device")
{
    Description = "stacks of runs on a GPU, beside PyTorch and JAX, in place of all else: cuda; cpu with --smoke is its rehearsal",
    HelpName = "NAME",
};
var precision = new Option<Precision>("--precision")
{
    Description = "how the GPU multiplies matrices, on every side: tf32 (the default) or fp32", HelpName = "NAME",
};
var python = new Option<string?>("--python")
{
    Description = $"the Python that has PyTorch, {Machine.SystemPython} by default; with --device also JAX, python3 by default", HelpName = "FILE",
};
var avx2 = new Option<bool>("--avx2") { Description = "hold every side to AVX2, which is what most processors have" };
var writeDocs = new Option<bool>("--write-docs") { Description = "put the results into docs/performance.md" };
var root = new RootCommand("""
    Measures the workbench beside the same steps in plain TorchSharp and PyTorch, in turns of a few steps each. docs/performance.md says how
    to read the figures. './bench/run micro --filter *Text*' measures single parts with BenchmarkDotNet; its other arguments are that one's.
    """)
{
    quick, full, smoke, only, threads, processorTime, avx2, chosen, deviceName, precision, python, output, from, writeDocs,
};
root.SetAction(parsed =>
{
    try
    {
        Terminal.Initialize();
        var stored = parsed.GetValue(from) ?? [];
        if (parsed.GetValue(deviceName) is { } device)
        {
            var onDevice = stored.Length > 0 ? Read<DeviceResults>(stored[0]) : MeasureOn(device, parsed);
            DeviceReport.Print(onDevice, Terminal.Output);
            if (parsed.GetValue(writeDocs))
                Docs.Write(onDevice);
            return 0;
        }
        var results = stored.Length > 0 ? Results.Joined([.. stored.Select(Read<Results>)]) : Measure(parsed);
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
    var scale = parsed.GetValue(smoke) ? Scale.Smoke : parsed.GetValue(quick) ? Scale.Quick : parsed.GetValue(full) ? Scale.Full
        : Scale.Usual;
    var ids = Words(parsed.GetValue(chosen));
    var sides = ids.Count > 0 ? ids.Select(Sides.Get).ToList() : [.. scale == Scale.Quick ? Sides.Quick : Sides.Usual];
    var machine = new Machine(parsed.GetValue(python) ?? Machine.SystemPython, parsed.GetValue(avx2));
    if (machine.Avx2 && Vector512.IsHardwareAccelerated)
        throw new WorkbenchException("--avx2 holds a process to AVX2 from its start on; start the benchmark by ./bench/run.");
    if (sides.Exists(s => s.Engine == Engine.PyTorch) && !machine.HasPyTorch())
    {
        if (parsed.GetValue(python) is { } named)
            throw new WorkbenchException($"{named} has no PyTorch with NumPy.");
        Console.Error.WriteLine($"There is no PyTorch for {Machine.SystemPython}; its columns are left out. docs/performance.md says how "
            + "to get one.");
        sides.RemoveAll(s => s.Engine == Engine.PyTorch);
    }
    var isBusy = parsed.GetValue(processorTime);
    if (isBusy && parsed.GetValue(threads) > 1)
        throw new WorkbenchException("--processor-time is for one thread: threads that wait for each other use the processor, too.");
    var count = isBusy ? 1 : parsed.GetValue(threads) > 0 ? parsed.GetValue(threads) : scale == Scale.Smoke ? 1
        : Environment.ProcessorCount;
    var measured = new Plan(scale, sides, count, isBusy, machine).Run(Words(parsed.GetValue(only)),
        results => Write(results, PathOf(results, parsed.GetValue(output))));
    Console.Error.WriteLine($"all figures: {PathOf(measured, parsed.GetValue(output))}");
    return measured;
}

DeviceResults MeasureOn(string device, ParseResult parsed)
{
    if (device == "cpu" && !parsed.GetValue(smoke))
        throw new WorkbenchException("Stacks are for GPUs; --device cpu is a rehearsal, with --smoke.");
    Dictionary<string, DeviceEngine> peers = new() { ["pytorch"] = DeviceEngine.PyTorch, ["jax"] = DeviceEngine.Jax };
    var named = Words(parsed.GetValue(chosen));
    if (named.FirstOrDefault(n => n != "ours" && !peers.ContainsKey(n)) is { } unknown)
        throw new WorkbenchException($"Unknown side '{unknown}'; with --device known are ours, {string.Join(", ", peers.Keys)}.");
    var engines = peers.Where(p => named.Count == 0 || named.Contains(p.Key)).Select(p => p.Value).ToList();
    var name = $"{DateTime.UtcNow:yyyyMMdd-HHmmss}-{device.Replace(':', '-')}.json";
    var path = Path.GetFullPath(parsed.GetValue(output) ?? Path.Combine(Peer.Repository, "bench", "results", name));
    var bench = new DeviceBench(device, parsed.GetValue(precision) == Precision.Tf32, parsed.GetValue(smoke), parsed.GetValue(python) ?? "python3");
    var measured = bench.Run(engines, results =>
    {
        Write(results, path);
        AtomicFile.WriteAllText(Path.ChangeExtension(path, ".md"), DeviceReport.Markdown(results));
    });
    Console.Error.WriteLine($"all figures: {path}");
    return measured;
}

static List<string> Words(string[]? values) =>
    [.. (values ?? []).SelectMany(v => v.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

static T Read<T>(string path)
{
    try
    {
        return JsonSerializer.Deserialize<T>(File.ReadAllText(path), Json.Indented) ?? throw new JsonException("It is null.");
    }
    catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
    {
        throw new WorkbenchException($"{path} holds no results of this benchmark: {e.Message}", e);
    }
}

static string PathOf(Results results, string? path) =>
    Path.GetFullPath(path ?? Path.Combine(Peer.Repository, "bench", "results",
        $"{results.Conditions.Started:yyyyMMdd-HHmmss}-{results.Scale.ToString().ToLowerInvariant()}.json"));

static void Write<T>(T results, string path)
{
    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    AtomicFile.WriteAllText(path, JsonSerializer.Serialize(results, Json.Indented) + "\n");
}
