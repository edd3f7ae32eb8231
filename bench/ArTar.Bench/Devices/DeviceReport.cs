using System.Globalization;
using ArTar.Workbench.Models;
using Spectre.Console;

namespace ArTar.Bench.Devices;

/// <summary>What was measured on a GPU, for people.</summary>
internal static class DeviceReport
{
    public static void Print(DeviceResults results, IAnsiConsole console) =>
        Report.Print(Sections(results), Circumstances(results), console);

    public static string Markdown(DeviceResults results) => Report.Markdown(Sections(results), Circumstances(results));

    private static IEnumerable<Section> Sections(DeviceResults results)
    {
        yield return Stacks(results);
        if (!results.IsRehearsal && Demands(results) is { Rows.Count: > 0 } demands)
            yield return demands;
    }

    private static Section Stacks(DeviceResults results)
    {
        var rows = results.Measurements.Where(m => m.Case.Engine == DeviceEngine.Stack).Select(stack =>
        {
            var (c, runs) = (stack.Case.Configuration, stack.Case.Runs);
            var (pytorch, plain) = (results.Of(DeviceEngine.PyTorch, c, 1), results.Of(DeviceEngine.Plain, c, 1));
            var jax = results.Of(DeviceEngine.Jax, c, runs);
            return (IReadOnlyList<string>)
            [
                c.ToString(), $"{runs}", Milliseconds(stack), Number(stack.Rate, "0"),
                Milliseconds(pytorch), Milliseconds(plain), Milliseconds(jax),
                Times(stack.Rate / pytorch?.Rate), Times(stack.Rate / jax?.Rate), Share(results, stack),
            ];
        }).ToList();
        List<string> notes =
        [
            "ms: median of a step ± half the distance between its quartiles; a step of a stack is a step of all its runs",
            "PyTorch, one run: a loop with nn.LSTM or nn.GRU, one run at a time, which needs so long for a window of each run in turn",
            "x PyTorch, x JAX: windows a second of all runs together, over theirs",
            "of the product: the step's matrix products, over its time and the rate of a large product in the same call, " +
                $"{Number(results.ProductRate / 1e12, "0.#")} TFLOP/s",
        ];
        notes.Add("the sides do the same work: from the same weights, without dropout, their losses differ by at most " +
            $"{Number(results.Disagreement, "0.0e-0")} of their value in three steps");
        if (Drift(results) is { } drift)
            notes.Add($"the first PyTorch row measured again at the end: {Number(drift, "0.00")} times its first time");
        string[] columns =
        [
            "", "runs", "stack ms", "windows/s", "PyTorch, one run, ms", "plain, one run, ms", "JAX vmap ms",
            "x PyTorch", "x JAX", "of the product",
        ];
        return new("Stacks on a GPU", columns, rows, notes);
    }

    private static Section Demands(DeviceResults results)
    {
        List<IReadOnlyList<string>> rows = [];
        void Add(string what, double demand, double? found, string format, string unit)
        {
            if (found is { } value)
                rows.Add([
                    what, $"at least {Number(demand, format)}{unit}", $"{Number(value, format)}{unit}", value >= demand ? "met" : "missed",
                ]);
        }
        DeviceMeasurement? Stack(int hidden, int runs) => results.Measurements.FirstOrDefault(m =>
            m.Case is { Engine: DeviceEngine.Stack, Configuration.Cell: Cell.Lstm } c
            && c.Configuration.Hidden == hidden && c.Runs == runs);
        double? Against(DeviceEngine engine, int hidden, int runs) => Stack(hidden, runs) is { } stack
            ? stack.Rate / results.Of(engine, stack.Case.Configuration, engine == DeviceEngine.PyTorch ? 1 : runs)?.Rate : null;
        Add("one LSTM of 650, stack / PyTorch", 1, Against(DeviceEngine.PyTorch, 650, 1), "0.0", " x");
        Add("18 LSTMs of 650, stack / PyTorch", 5, Against(DeviceEngine.PyTorch, 650, 18), "0.0", " x");
        Add("18 LSTMs of 650, stack / JAX", 1, Against(DeviceEngine.Jax, 650, 18), "0.0", " x");
        Add("33 LSTMs of 200, stack / PyTorch", 15, Against(DeviceEngine.PyTorch, 200, 33), "0.0", " x");
        Add("18 LSTMs of 650, of the rate of a large product", 15,
            Stack(650, 18) is { } large ? 100 * ShareOf(results, large) : null, "0", " %");
        return new("Demands", ["", "demand", "measured", ""], rows, []);
    }

    private static double ShareOf(DeviceResults results, DeviceMeasurement m) => m.Case.Configuration.Flops * m.Rate / results.ProductRate;

    private static string Share(DeviceResults results, DeviceMeasurement m) =>
        results.ProductRate > 0 ? $"{Number(100 * ShareOf(results, m), "0")} %" : "";

    private static double? Drift(DeviceResults results) => results.Measurements.Where(m => m.Case.Engine == DeviceEngine.PyTorch)
        .GroupBy(m => m.Case).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? twice.Last().Seconds.Median / twice.First().Seconds.Median : null;

    private static string Milliseconds(DeviceMeasurement? m) => m is null ? ""
        : $"{Number(1e3 * m.Seconds.Median, "0.00")} ±{Number(1e3 * (m.Seconds.Upper - m.Seconds.Lower) / 2, "0.00")}";

    private static string Times(double? ratio) => ratio is { } value ? Number(value, "0.0") : "";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Circumstances(DeviceResults results)
    {
        var c = results.Conditions;
        var versions = string.Join(", ", results.About.Select(a => $"{a.Key} {a.Value}"));
        return string.Create(CultureInfo.InvariantCulture, $"Measured {c.Started:yyyy-MM-dd} on {results.Card}, ") +
            $"products in {(results.Tf32 ? "TF32" : "float32")}; {c.OperatingSystem}, .NET {c.DotNet}; " +
            $"{versions}; workbench {c.Workbench}." + (results.IsRehearsal ? " A rehearsal: the figures mean nothing." : "");
    }
}
