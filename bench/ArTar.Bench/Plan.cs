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
internal static class Plan
{
    /// <summary>Measures all of a scale.</summary>
    public static Results Run(Scale scale, IReadOnlyList<Side> sides, int threads)
    {
        var folder = Directory.CreateTempSubdirectory("artar-bench-").FullName;
        try
        {
            var results = new Results { Conditions = Conditions.Here(threads) };
            var (steps, schedule) = (new Steps(folder, threads), new Schedule());
            foreach (var c in Compared(scale))
            {
                var budget = BudgetOf(scale, c);
                // All sides start, warm up and take turns; below the least number of rounds large models take longer.
                schedule.Add(c.ToString(), 1.5 * (sides.Count + 1) + budget.Seconds, () => results.Steps.Add(steps.Measure(c, sides, budget)));
                if (sides.Count > 1 && IsChecked(scale, c))
                    schedule.Add($"{c}: do all do the same?", 2 * sides.Count, () => results.Agreements.AddRange(steps.Check(c, sides)));
            }
            var ours = sides.Where(s => s.Engine == Engine.Workbench).ToList();
            if (ours.Count > 0)
                foreach (var c in Penalised(scale))
                {
                    var (budget, pairs) = scale switch
                    {
                        Scale.Smoke => (Budget.Smoke, 1),
                        Scale.Quick => (new Budget(8, 0.3, 0.8), 1),
                        _ => (new Budget(c.Hidden > 200 ? 60 : 40, c.Hidden > 200 ? 0.8 : 0.3), 4),
                    };
                    schedule.Add($"cost of AR + TAR, {c}", budget.Seconds + 4 * pairs, () => results.PenaltyCosts.Add(PenaltyCost.Measure(steps, ours[0], c, budget, pairs)));
                }
            schedule.Run();
            results.Conditions = results.Conditions with { Sides = steps.Versions };
            return results;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static readonly Cell[] cells = [Cell.Lstm, Cell.Gru, Cell.Tanh];

    /// <summary>The rows of the comparison.</summary>
    private static IEnumerable<Configuration> Compared(Scale scale)
    {
        Configuration Of(Cell cell, int hidden, int vocabulary = 10_000) => new() { Cell = cell, Hidden = hidden, Vocabulary = vocabulary, Dropout = hidden == 1500 ? 0.65 : 0.5 };
        static Configuration Evaluated(Configuration c) => c with { Mode = Mode.Evaluate, Batch = 10, Alpha = 0, Beta = 0 };
        switch (scale)
        {
            case Scale.Smoke:
                foreach (var cell in cells)
                {
                    yield return Tiny(cell).Regularized();
                    yield return Evaluated(Tiny(cell)) with { Batch = 4 };
                }
                break;
            case Scale.Quick:
                yield return Of(Cell.Lstm, 200).Regularized();
                yield return Of(Cell.Lstm, 650).Regularized();
                break;
            case Scale.Usual:
                foreach (var hidden in new[] { 200, 650, 1500 })
                    yield return Of(Cell.Lstm, hidden).Regularized();
                foreach (var hidden in new[] { 200, 650 })
                    yield return Of(Cell.Lstm, hidden, 33_278).Regularized();
                foreach (var hidden in new[] { 200, 650 })
                    yield return Of(Cell.Lstm, hidden);
                foreach (var cell in new[] { Cell.Gru, Cell.Tanh })
                    foreach (var hidden in new[] { 200, 650 })
                        yield return Of(cell, hidden).Regularized();
                foreach (var hidden in new[] { 200, 650, 1500 })
                    yield return Evaluated(Of(Cell.Lstm, hidden));
                yield return Evaluated(Of(Cell.Lstm, 650, 33_278));
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

    private static IEnumerable<Configuration> Penalised(Scale scale) => scale switch
    {
        Scale.Smoke => [Tiny(Cell.Lstm)],
        Scale.Quick => [new() { Hidden = 200 }],
        _ => [new() { Hidden = 200 }, new() { Hidden = 650 }],
    };

    private static Configuration Tiny(Cell cell) => new() { Cell = cell, Hidden = 8, Vocabulary = 50, Batch = 4, Window = 5 };

    private static bool IsChecked(Scale scale, Configuration c) =>
        c.Mode == Mode.Train && c.IsRegularized && (scale != Scale.Quick || c.Hidden == 200);

    private static Budget BudgetOf(Scale scale, Configuration c) => scale switch
    {
        Scale.Smoke => Budget.Smoke,
        Scale.Quick => new(c.Hidden > 200 ? 16 : 10, c.Hidden > 200 ? 0.8 : 0.4, 0.8),
        _ => new(c.Flops > 1e11 ? 40 : c.Flops > 2e10 ? 25 : 15, c.Flops > 1e11 ? 2 : c.Flops > 2e10 ? 0.8 : 0.4),
    };
}
