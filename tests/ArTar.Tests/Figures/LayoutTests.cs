using System.Numerics;
using ArTar.Workbench;
using ArTar.Workbench.Analysis;
using ArTar.Workbench.Data;
using ArTar.Workbench.Figures;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;

namespace ArTar.Tests.Figures;

/// <summary>Where words and charts lie in every kind of figure, measured in a real Chromium.</summary>
[Collection(TorchTests.Name)]
public sealed class LayoutTests : IDisposable
{
    // A page's chart; a column of a two-column paper, with its title or not; a whole page of it. How high on paper, in millimetres.
    private static readonly (string Name, FigureSize Size, double Highest)[] sizes =
    [
        ("default", new(), double.PositiveInfinity),
        ("84 mm", FigureSize.Parse("84mm", null), 200),
        ("84 mm, no title", FigureSize.Parse("84mm", 8) with { HasTitle = false, IsSerif = true }, 200),
        ("174 mm", FigureSize.Parse("174mm", 9), 220),
    ];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static Chromium Browser()
    {
        var found = Chromium.Find();
        Requires.That(found is not null, "Chromium", "sudo apt-get install chromium fonts-dejavu-core");
        return Chromium.Start(found, cancellation: TestContext.Current.CancellationToken);
    }

    private static void Check(IEnumerable<Figure> figures, double more = 0)
    {
        using var browser = Browser();
        List<string> faults = [];
        foreach (var figure in figures)
            foreach (var (name, size, highest) in sizes)
                faults.AddRange(DrawnFigure.Faults(browser, figure, size, highest + more).Select(f => $"{figure.Name}, {name}: {f}"));
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public void Every_figure_of_every_table_is_legible_on_a_page_and_on_paper()
    {
        var workspace = new Workspace(folder.Path);
        var store = RunStore.In(Path.Combine(Workspace.Repository!, "results"), workspace);
        var coverage = TableCoverage.Of(KnownTables.All, name => Corpora.FactsOf(name, workspace), null, store);
        var plans = KnownTables.All.SelectMany(table => coverage[table].Select(there =>
            TablePlan.For(table, there.Profile, Corpora.FactsOf(table.DataFor(there.Profile), workspace), [], [], there.Seeds.Usual))).ToList();
        Assert.True(plans.Count > 10, $"{plans.Count} tables");
        Check(plans.SelectMany(p => StoredFigures.Of(p, store, null, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public void Long_names_are_broken_and_many_rows_are_told_apart()
    {
        var corpus = Corpora.Load(Corpora.Synthetic, new(folder.Path), cancellation: TestContext.Current.CancellationToken).Facts;
        IEnumerable<Figure> Of(string table, Func<Row, double> perplexity)
        {
            var plan = TablePlan.For(Table.Parse(table), Profile.Get("quick"), corpus, [], [], 2);
            var store = new RunStore(Path.Combine(folder.Path, Guid.NewGuid().ToString("N")));
            FakedRuns.Write(store, plan, (row, seed) => perplexity(row) + seed);
            return StoredFigures.Of(plan, store, null, TestContext.Current.CancellationToken);
        }
        var names = string.Join(", ", Enumerable.Range(1, 12).Select(i => $"r{i}: {{label: \"an idea with a long name that says it all, number {i}\", dropout: 0.{i}}}"));
        Check([
            .. Of($"{{axes: {{rows: {{{names}}}}}}}", row => 100 + row.Id.Length),
            .. Of($"{{axes: {{rows: {{{names}}}, alpha: [0, 2, 4]}}, map: {{x: alpha, y: rows}}}}", row => 100 + row.Id.Length),
            .. Of("{axes: {alpha: [0, 1, 2, 3, 4, 5, 6, 7, 8]}}", row => 209 + row.Choices[0].Number / 10),
            .. Of("{axes: {learningRate: [0.001, 0.01, 0.1, 1, 10, 100]}}", row => Math.Exp(row.Choices[0].Number)),
        ], more: 70);
    }

    [Fact]
    public void What_cells_of_a_map_say_of_missing_runs_fits_into_them()
    {
        var corpus = Corpora.Load(Corpora.Synthetic, new(folder.Path), cancellation: TestContext.Current.CancellationToken).Facts;
        var plan = TablePlan.For(Table.Parse("{axes: {alpha: [0, 1, 2, 3, 4, 6, 8], beta: [0, 1, 2]}, map: {x: alpha, y: beta}}"),
            Profile.Get("quick"), corpus, [], [], 3);
        var store = new RunStore(Path.Combine(folder.Path, "runs"));
        RunStatus?[] statuses = [RunStatus.Finished, RunStatus.Diverged, RunStatus.Failed, null];
        foreach (var (i, row) in plan.Rows.Index())
            foreach (var (j, seed) in plan.Seeds.Index())
                if (statuses[i * (j + 1) % statuses.Length] is { } status)
                    FakedRuns.Write(store, plan.Configuration(row, seed), status == RunStatus.Finished ? FakedRuns.Finished(100 + i) : FakedRuns.Ended(status));
        Check(StoredFigures.Of(plan, store, null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Figures_of_texts_states_and_matrices_are_legible()
    {
        var corpus = Corpora.Load(Corpora.Synthetic, new(folder.Path), cancellation: TestContext.Current.CancellationToken);
        var random = new Random(1);
        float[] Draw(int count, double scale) => [.. Enumerable.Range(0, count).Select(_ => (float)(scale * random.NextDouble()))];
        List<RecurrentMatrix> matrices = [.. Enumerable.Range(0, 2).Select(layer => new RecurrentMatrix
        {
            Layer = layer, Identity = new() { Multiple = 0.5, Distance = 0.9, DiagonalMass = 0.1 }, SingularValues = [.. Enumerable.Range(0, 40).Select(i => 1.5 - i / 40.0)],
            Eigenvalues = [.. Enumerable.Range(0, 40).Select(i => Complex.FromPolarCoordinates(1 - i / 50.0, i))], Entries = [.. Draw(1600, 2).Select(v => v - 1)],
        })];
        List<(string, HiddenStates, IReadOnlyList<RecurrentMatrix>)> models = [.. Enumerable.Range(0, 12).Select(i => ($"tanh, AR + TAR, {i}", new HiddenStates
        {
            Norms = Draw(400, 4 + i), StepNorms = Draw(400, 1 + i), MeanMagnitudeByUnit = Draw(40, 1), MeanSquare = 1, MeanSquareStep = 1,
        }, (IReadOnlyList<RecurrentMatrix>)matrices))];
        Check([
            .. StoredFigures.Of(corpus), .. StoredFigures.Probes("few", models[..2], "laptop on ptb; seed 1", "validation split, no dropout"),
            .. StoredFigures.Probes("many", models, "laptop on ptb; seed 1", "validation split, no dropout"),
            new("distance", RecurrentMatrixFigures.DistanceToIdentity([.. models[..4].Select(m => (m.Item1, (IReadOnlyList<(int, RecurrentMatrix)>)[(0, matrices[0]), (5, matrices[1])]))], "layer 1")),
        ]);
    }
}
