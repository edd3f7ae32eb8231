using System.Runtime.Intrinsics.X86;
using ArTar.Workbench.Models;

namespace ArTar.Bench;

/// <summary>How much to measure.</summary>
internal enum Scale
{
    Smoke,
    Quick,
    Usual,
    Full,
}

/// <summary>What is measured at each scale.</summary>
/// <param name="scale">How much.</param>
/// <param name="sides">Who is compared.</param>
/// <param name="threads">Threads of an operation, for every side.</param>
/// <param name="processorTime">Take processor time instead of the clock's, for steps.</param>
/// <param name="machine">What the workers may use of this machine.</param>
internal sealed class Plan(Scale scale, IReadOnlyList<Side> sides, int threads, bool processorTime, Machine machine)
{
    private static readonly Cell[] cells = [Cell.Lstm, Cell.Gru, Cell.Tanh];

    private bool Has(Side side) => sides.Contains(side);

    /// <summary>The sides that a row compares.</summary>
    private List<Side> SidesOf(Configuration c)
    {
        // The plain kernels evaluate as the eager side does.
        var hasPlain = c.Mode == Mode.Train || scale == Scale.Full;
        var hasInference = c.Mode == Mode.Evaluate && c.Cell == Cell.Lstm && c.Hidden % 32 != 0 && Avx512F.IsSupported;
        return [.. sides.Where(side => (side != Sides.Plain || hasPlain) && (side != Sides.Inference || hasInference))];
    }

    /// <summary>Measures all of it.</summary>
    /// <param name="chosen">Only parts whose name contains one of these; all without any.</param>
    /// <param name="store">Told the results so far after every part, so that whoever interrupts it keeps them.</param>
    public Results Run(IReadOnlyList<string> chosen, Action<Results> store)
    {
        var folder = Directory.CreateTempSubdirectory("artar-bench-").FullName;
        try
        {
            var results = new Results { Conditions = Conditions.Here(threads) with { ProcessorTime = processorTime, Avx2 = machine.Avx2 }, Scale = scale };
            var (steps, schedule) = (new Steps(folder, threads, processorTime, machine), new Schedule(chosen));
            AddSteps(schedule, steps, results);
            if (Has(Sides.Ours) && scale != Scale.Quick)
            {
                AddPenaltyCost(schedule, results);
                AddDenormals(schedule, steps, results);
                AddScaling(schedule, steps, results);
                AddTables(schedule, steps, results, folder);
                AddCommands(schedule, results, folder);
            }
            schedule.Run(() =>
            {
                results.Conditions = results.Conditions with { Sides = steps.Versions };
                store(results);
            });
            return results;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void AddSteps(Schedule schedule, Steps steps, Results results)
    {
        foreach (var c in Compared())
        {
            var budget = scale switch
            {
                Scale.Smoke => Budget.Smoke,
                Scale.Quick => new(c.Hidden > 200 ? 8 : 5, c.Hidden > 200 ? 0.8 : 0.4, 0.6),
                Scale.Full => new(c.Flops > 1e11 ? 40 : c.Flops > 2e10 ? 25 : 15, c.Flops > 1e11 ? 2 : c.Flops > 2e10 ? 0.8 : 0.4),
                _ => new(c.Flops > 1e11 ? 25 : c.Flops > 2e10 ? 18 : 10, c.Flops > 1e11 ? 1 : c.Flops > 2e10 ? 0.7 : 0.3, 0.8),
            };
            // All sides start, warm up and take turns.
            var taking = SidesOf(c);
            schedule.Add($"steps: {c}", (budget.WarmUp + 1) * (taking.Count + 1) + budget.Seconds,
                () => results.Steps.Add(steps.Measure(c, taking, budget)));
            if (taking.Count > 1 && c.Mode == Mode.Train && c.IsRegularized && (scale == Scale.Full || c.Hidden <= 200))
                schedule.Add($"steps: {c}, do all sides do the same?", 2 * taking.Count,
                    () => results.Agreements.AddRange(steps.Check(c, taking)));
        }
    }

    private void AddPenaltyCost(Schedule schedule, Results results)
    {
        var seconds = scale switch { Scale.Smoke => 0, Scale.Full => 60, _ => 30 };
        Configuration[] configurations = scale == Scale.Smoke ? [Tiny(Cell.Lstm)] : [new() { Hidden = 200 }, new() { Hidden = 650 }];
        foreach (var c in configurations)
            schedule.Add($"cost of AR + TAR: {c}", seconds + 3,
                () => results.PenaltyCosts.Add(PenaltyCost.Measure(c, threads, seconds, processorTime)));
    }

    private void AddDenormals(Schedule schedule, Steps steps, Results results)
    {
        var c = scale == Scale.Smoke ? Tiny(Cell.Lstm) : new Configuration { Hidden = 200 };
        // The eager side is there for contrast, and slow.
        foreach (var side in new[] { Sides.Ours,
            Sides.Eager }.Where(side => Has(side) && (side == Sides.Ours || scale is Scale.Full or Scale.Smoke)))
        {
            var count = scale == Scale.Smoke ? 20 : 300;
            schedule.Add($"denormal numbers: {side.Label}", count * (side == Sides.Ours ? 0.12 : 0.4),
                () => results.Denormals.Add(DenormalCost.Measure(steps, side, c, count)));
        }
    }

    private void AddScaling(Schedule schedule, Steps steps, Results results)
    {
        var of = scale == Scale.Smoke ? Tiny(Cell.Lstm) : new Configuration { Hidden = 200 }.Regularized();
        var budget = scale == Scale.Smoke ? Budget.Smoke : scale == Scale.Full ? new Budget(40, 0.3, 0.7) : new(7, 0.1, 0.3);
        foreach (var (varied, values, with) in scale == Scale.Smoke ? Scaling.Series.Take(1) : Scaling.Series)
        {
            int[] taken = scale == Scale.Smoke ? [1, 2] : values;
            schedule.Add($"scaling: {varied}", budget.Seconds + 1.5 * taken.Length,
                () => results.Scaling.AddRange(
                    Scaling.Measure(steps, Sides.Ours, varied, taken.Select(value => (value, with(of, value))), budget)));
        }
    }

    private void AddTables(Schedule schedule, Steps steps, Results results, string folder)
    {
        var (rows, epochs) = scale switch { Scale.Smoke => ((int[])[1], 1), Scale.Full => ([1, 2, 4, 6], 16), _ => ([1, 3, 6], 2) };
        var home = Directory.CreateDirectory(Path.Combine(folder, "table")).FullName;
        schedule.Add("tables", rows.Sum() * (3 + 2.5 * epochs) * 2,
            () => results.Tables.AddRange(TableTime.Measure(steps, home, rows, epochs, threads,
                new[] { Sides.PyTorchTuned, Sides.EagerTuned }.FirstOrDefault(Has), scale == Scale.Smoke)));
    }

    private void AddCommands(Schedule schedule, Results results, string folder)
    {
        var (times, tokens, runs) = scale == Scale.Smoke ? (1, 1000, 12) : (7, 1_000_000, 1002);
        string Home(string name) => Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        schedule.Add("commands: start", 1 + 0.6 * times, () => results.Others.AddRange(Commands.Starts(Home("start"), times)));
        schedule.Add("commands: tokenising", 1 + 0.5 * times,
            () => results.Others.AddRange(Commands.Tokenising(Home("tokenising"), tokens, times)));
        schedule.Add("commands: reports", 1 + 0.7 * times, () => results.Others.AddRange(Commands.Reports(Home("reports"), runs, times)));
    }

    /// <summary>The rows of the comparison.</summary>
    private IEnumerable<Configuration> Compared()
    {
        Configuration Of(Cell cell, int hidden, int vocabulary = 10_000) =>
            new() { Cell = cell, Hidden = hidden, Vocabulary = vocabulary, Dropout = hidden == 1500 ? 0.65 : 0.5 };
        static Configuration Evaluated(Configuration c) => c with { Mode = Mode.Evaluate, Batch = 10, Alpha = 0, Beta = 0 };
        switch (scale)
        {
            case Scale.Smoke:
                yield return Tiny(Cell.Lstm).Regularized();
                yield return Evaluated(Tiny(Cell.Gru));
                break;
            case Scale.Quick:
                yield return Of(Cell.Lstm, 200).Regularized();
                yield return Of(Cell.Lstm, 650).Regularized();
                break;
            case Scale.Usual:
                foreach (var hidden in new[] { 200, 650, 1500 })
                    yield return Of(Cell.Lstm, hidden).Regularized();
                yield return Of(Cell.Lstm, 650, 33_278).Regularized();
                yield return Of(Cell.Lstm, 650);
                foreach (var cell in new[] { Cell.Gru, Cell.Tanh })
                    foreach (var hidden in new[] { 200, 650 })
                        yield return Of(cell, hidden).Regularized();
                foreach (var hidden in new[] { 200, 650 })
                    yield return Evaluated(Of(Cell.Lstm, hidden));
                foreach (var cell in new[] { Cell.Gru, Cell.Tanh })
                    yield return Evaluated(Of(cell, 650));
                break;
            default:
                foreach (var cell in cells)
                    foreach (var vocabulary in new[] { 10_000, 33_278 })
                        foreach (var hidden in new[] { 200, 650, 1500 })
                        {
                            var plain = Of(cell, hidden, vocabulary);
                            yield return plain.Regularized();
                            yield return plain;
                            yield return Evaluated(plain);
                        }
                break;
        }
    }

    private static Configuration Tiny(Cell cell) => new() { Cell = cell, Hidden = 8, Vocabulary = 50, Batch = 4, Window = 5 };
}
