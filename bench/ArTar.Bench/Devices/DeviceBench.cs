using System.Diagnostics;
using System.Text.Json;
using ArTar.Workbench;
using ArTar.Workbench.Models;
using ArTar.Workbench.Stack;
using ArTar.Workbench.Training;
using TorchSharp;

namespace ArTar.Bench.Devices;

/// <summary>Measures stacks on a GPU beside PyTorch and JAX: one engine after the other, each in a process of its own.</summary>
/// <param name="device"><c>cuda</c>, or <c>cpu</c> for a rehearsal.</param>
/// <param name="tf32">Whether products may round their factors to TF32.</param>
/// <param name="rehearsal">Tiny sizes: that everything works.</param>
/// <param name="python">The Python that has PyTorch and JAX.</param>
internal sealed class DeviceBench(string device, bool tf32, bool rehearsal, string python)
{
    private const int CheckedSteps = 3;

    private static readonly Dictionary<DeviceEngine, string> scripts = new()
    {
        [DeviceEngine.PyTorch] = "device_pytorch.py", [DeviceEngine.Jax] = "device_jax.py",
    };

    // Until something shorter is known to be enough: the median of so many steps is sure to a few per cent.
    private double Seconds => rehearsal ? 0.2 : 1.5;

    /// <summary>Measures.</summary>
    /// <param name="engines">Who takes part; ours does in any case.</param>
    /// <param name="store">Called whenever there is more, so that a measurement that is cut off keeps what it has.</param>
    public DeviceResults Run(IReadOnlyCollection<DeviceEngine> engines, Action<DeviceResults> store)
    {
        var folder = Directory.CreateTempSubdirectory("artar-bench-").FullName;
        try
        {
            var results = new DeviceResults
            {
                Conditions = Conditions.Here(Environment.ProcessorCount), Tf32 = tf32, IsRehearsal = rehearsal,
                Card = (device == "cpu" ? null : GraphicsCard.Find(torch.device(device))?.Name) ?? Conditions.Here(1).Processor,
            };
            var here = engines.Where(HasPackages).ToHashSet();
            foreach (var engine in engines.Except(here))
                Console.Error.WriteLine($"{python} has no {(engine == DeviceEngine.Jax ? "jax" : "torch")}; its column is left out.");
            results.Disagreement = Check(here, folder);
            store(results);

            void Peer(DeviceEngine engine, IEnumerable<DeviceCase> cases) =>
                Try(here, engine, () => Measure(results, [.. cases], folder, store));
            var baseline = Configurations.Select(c => new DeviceCase(DeviceEngine.PyTorch, c, 1)).ToList();
            Peer(DeviceEngine.PyTorch, baseline);
            Measure(results, [
                .. Configurations.Select(c => new DeviceCase(DeviceEngine.Plain, c, 1)),
                .. Configurations.SelectMany(c => Runs.Select(r => new DeviceCase(DeviceEngine.Stack, c, r))),
            ], folder, store);
            Peer(DeviceEngine.Jax, JaxCases);
            Peer(DeviceEngine.PyTorch, baseline[..1]);
            return results;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Does something with an engine of others that takes part; one that fails takes part no more.</summary>
    private static void Try(HashSet<DeviceEngine> here, DeviceEngine engine, Action action)
    {
        try
        {
            if (here.Contains(engine))
                action();
        }
        catch (Exception e) when (e is WorkbenchException or JsonException)
        {
            Console.Error.WriteLine($"{e.Message}\nIts column is left out from here on.");
            here.Remove(engine);
        }
    }

    private IReadOnlyList<int> Runs => rehearsal ? [1, 3] : [1, 6, 18, 33];

    private IReadOnlyList<Configuration> Configurations
    {
        get
        {
            Configuration Size(Cell cell, int hidden) => rehearsal
                ? new Configuration { Cell = cell, Hidden = hidden / 10, Vocabulary = 100, Batch = 4, Window = 7 }.Regularized()
                : new Configuration { Cell = cell, Hidden = hidden }.Regularized();
            return [Size(Cell.Lstm, 650), Size(Cell.Lstm, 200), Size(Cell.Gru, 650), Size(Cell.Gru, 200)];
        }
    }

    // Each is compiled for half a minute: the demands first.
    private IEnumerable<DeviceCase> JaxCases =>
        new[] { (0, ^2), (1, ^1), (2, ^2), (0, Index.Start) }
            .Select(at => new DeviceCase(DeviceEngine.Jax, Configurations[at.Item1], Runs[at.Item2]));

    private void Measure(DeviceResults results, IReadOnlyList<DeviceCase> cases, string folder, Action<DeviceResults> store)
    {
        var vocabulary = cases.Max(c => c.Configuration.Vocabulary);
        var tokens = Path.Combine(folder, "tokens");
        Text.Write(tokens, Text.Generate(cases.Max(c => c.Configuration.Tokens) * 200, vocabulary));
        var work = new DeviceAssignment(device, tf32, Seconds, tokens, cases);
        var greeting = Ask(work, (one, answer) =>
        {
            var seconds = Spread.Of(answer.Seconds);
            results.Measurements.Add(new(one, seconds));
            Console.Error.WriteLine(FormattableString.Invariant(
                $"{one.Engine} {one.Configuration} R={one.Runs}: {1e3 * seconds.Median:0.00} ms"));
            store(results);
        });
        foreach (var (name, version) in greeting.About)
            results.About[name] = version;
        results.ProductRate = greeting.ProductRate ?? results.ProductRate;
        store(results);
    }

    /// <summary>All take some steps from the same weights, without dropout.</summary>
    /// <returns>The largest relative difference to the library's plain step.</returns>
    private double Check(HashSet<DeviceEngine> here, string folder)
    {
        var (tokens, largest) = (Path.Combine(folder, "checked"), 0.0);
        foreach (var cell in new[] { Cell.Lstm, Cell.Gru })
        {
            var c = new Configuration { Cell = cell, Hidden = 64, Vocabulary = 300, Batch = 5, Window = 12, Dropout = 0 }.Regularized();
            var ids = Text.Generate(c.Tokens * 10, c.Vocabulary);
            Text.Write(tokens, ids);
            var checkpoint = Path.Combine(folder, $"{cell}.safetensors");
            using (var trainer = new Trainer(c.ToHyperParameters(), Text.Corpus(ids, c.Vocabulary, c.Batch), torch.CPU))
                trainer.Save(checkpoint);
            IReadOnlyList<double> Losses(DeviceEngine engine, int runs)
            {
                IReadOnlyList<double> losses = [];
                Ask(new(device, tf32, 0, tokens, [new(engine, c, runs)], checkpoint, CheckedSteps), (_, answer) => losses = answer.Losses);
                return losses;
            }
            var expected = Losses(DeviceEngine.Plain, 1);
            void Compare(DeviceEngine engine, int runs)
            {
                foreach (var (e, a) in expected.Zip(Losses(engine, runs)))
                {
                    var difference = Math.Abs(a / e - 1);
                    // Two roundings to 10 bits, averaged over many products.
                    if (!(difference < (tf32 && device != "cpu" ? 1e-3 : 1e-4)))
                        throw new WorkbenchException(
                            $"{engine} does other work than the plain step ({cell}): cross-entropy {a} in place of {e}.");
                    largest = Math.Max(largest, difference);
                }
            }
            Compare(DeviceEngine.Stack, 3);
            Try(here, DeviceEngine.PyTorch, () => Compare(DeviceEngine.PyTorch, 1));
            Try(here, DeviceEngine.Jax, () => Compare(DeviceEngine.Jax, 3));
        }
        return largest;
    }

    private DeviceGreeting Ask(DeviceAssignment work, Action<DeviceCase, DeviceAnswer> answered)
    {
        var json = JsonSerializer.Serialize(work, Json.Compact);
        var start = scripts.TryGetValue(work.Cases[0].Engine, out var script)
            ? new ProcessStartInfo(python, ["-B", Path.Combine(Peer.Repository, "bench", "peers", script), json])
            : new ProcessStartInfo(Environment.ProcessPath!, ["device-worker", json]);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        // The folder of libtorch that bench/gpu/with-libtorch put before what was there is for us alone.
        if (script is not null && Environment.GetEnvironmentVariable("ARTAR_OTHERS_LIBRARY_PATH") is { } theirs)
            start.Environment["LD_LIBRARY_PATH"] = theirs;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        T Answer<T>() => process.StandardOutput.ReadLine() is { } line ? JsonSerializer.Deserialize<T>(line, Json.Compact)! : throw Ended();
        Exception Ended()
        {
            process.WaitForExit();
            return new WorkbenchException($"{work.Cases[0].Engine} ended with {process.ExitCode}: {errors.Result.Trim()}");
        }
        var greeting = Answer<DeviceGreeting>();
        foreach (var one in work.Cases)
            answered(one, Answer<DeviceAnswer>());
        process.WaitForExit();
        return greeting;
    }

    private bool HasPackages(DeviceEngine engine)
    {
        var package = engine == DeviceEngine.Jax ? "jax" : "torch";
        try
        {
            var find = $"from importlib.util import find_spec; exit(not find_spec('{package}'))";
            using var check = Process.Start(new ProcessStartInfo(python, ["-c", find]))!;
            check.WaitForExit();
            return check.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
