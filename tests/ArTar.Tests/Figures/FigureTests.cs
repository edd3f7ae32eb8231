using System.Numerics;
using System.Text.Json.Nodes;
using ArTar.Tests.Training;
using ArTar.Workbench;
using ArTar.Workbench.Analysis;
using ArTar.Workbench.Data;
using ArTar.Workbench.Display;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Figures;
using ArTar.Workbench.Models;
using ArTar.Workbench.Training;
using Plotly.NET;
using TorchSharp;

namespace ArTar.Tests.Figures;

/// <summary>What the charts hold, read from their JSON as plotly.js does.</summary>
[Collection(TorchTests.Name)]
public sealed class FigureTests : IDisposable
{
    private static readonly Corpus sharedCorpus = Small.Corpus();
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static (JsonNode Layout, JsonArray Traces) Read(GenericChart chart)
    {
        var figure = JsonNode.Parse(new ChartView(chart).ToJson())!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(GenericChart.toFigureJson(chart)), figure)); // Plotly.NET's own
        return (figure["layout"]!, figure["data"]!.AsArray());
    }

    private static JsonNode Named(JsonArray traces, string name) => traces.Single(t => t!["name"]?.GetValue<string>() == name)!;

    private static double[] Numbers(JsonNode? list) => [.. list!.AsArray().Select(v => v!.GetValue<double>())];

    private static string[] Texts(JsonNode? list) => [.. list!.AsArray().Select(v => v!.GetValue<string>())];

    private static void Same(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-6));
    }

    private static string Axis(JsonNode layout, string axis) => layout[axis]!["title"]!["text"]!.GetValue<string>();

    private TableReport Report(int table, int seeds, Corpus? corpus = null)
    {
        var plan = FakedRuns.Plan(table, corpus ?? sharedCorpus, seeds, "laptop");
        var store = new RunStore(folder.Path);
        FakedRuns.Write(store, plan, (row, seed) => 100 + 10 * seed + plan.Table.Rows.ToList().IndexOf(row));
        return TableReport.Build(plan, store);
    }

    [Fact]
    public void The_gain_is_drawn_over_what_grows_seed_by_seed()
    {
        var plan = TablePlan.For(KnownTables.Named("data"), Profile.Get("laptop"), sharedCorpus.Facts, [], [], 3);
        var store = new RunStore(folder.Path);
        // Perplexity 200, and 2 % less for each row's place among the pairs, a point of seed noise in the pair's second.
        FakedRuns.Write(store, plan, (row, seed) => row.Baseline is null ? 200 : 200 - 2 * plan.Table.Rows.ToList().IndexOf(row) + (seed - 2));
        var (layout, traces) = Read(GainFigure.Of(TableReport.Build(plan, store))!);
        Assert.Equal(("training tokens (logarithmic)", "log"), (Axis(layout, "xaxis"), layout["xaxis"]!["type"]!.GetValue<string>()));
        var mean = Named(traces, "mean ± standard deviation");
        Same([37_500, 75_000, 150_000, 300_000], Numbers(mean["x"]));
        Same([1, 3, 5, 7], Numbers(mean["y"]));
        Assert.All(Numbers(mean["error_y"]!["array"]), d => Assert.Equal(0.5, d, 6));
        Same([1.5, 1, 0.5], Numbers(Named(traces, "each seed")["y"])[..3]);
        Assert.Null(GainFigure.Of(Report(1, seeds: 1))); // nothing grows there
        Assert.Null(GainFigure.Of(TableReport.Build(plan with { Rows = [.. plan.Rows.Take(2)] }, store))); // one point is no line
        Assert.Contains(StoredFigures.Of(plan, store, null, TestContext.Current.CancellationToken), f => f.Name == "table-data-laptop-small-gain");
    }

    /// <summary>A logarithmic axis has no place for 0, and 0.25 is no 0.</summary>
    [Fact]
    public void The_gain_over_what_begins_at_0_has_an_even_axis()
    {
        var table = Table.Parse("{axes: {dropout: [0, 0.25, 0.5], kind: {plain: , ar: {alpha: 1}}}, baseline: {kind: plain}, gainOver: dropout}");
        var plan = TablePlan.For(table, Profile.Get("laptop"), sharedCorpus.Facts, [], [], 2);
        var store = new RunStore(folder.Path);
        FakedRuns.Write(store, plan, (row, seed) => row.Baseline is null ? 200 : 190 + seed);
        var (layout, _) = Read(GainFigure.Of(TableReport.Build(plan, store))!);
        Assert.Equal("dropout", Axis(layout, "xaxis"));
        Assert.NotEqual("log", layout["xaxis"]!["type"]?.GetValue<string>());
        Assert.Equal(["0", "0.25", "0.5"], layout["xaxis"]!["ticktext"]!.AsArray().Select(t => t!.GetValue<string>()));
    }

    [Fact]
    public void An_ablation_has_a_curve_over_the_coefficient_with_error_bars_over_seeds()
    {
        var (layout, traces) = Read(TableFigure.Of(Report(1, seeds: 3)));
        Assert.Equal(("alpha, the coefficient of AR", "perplexity"), (Axis(layout, "xaxis"), Axis(layout, "yaxis")));
        var valid = Named(traces, "validation");
        Same([0, 1, 2, 4, 6, 8], Numbers(valid["x"]));
        Same([120, 121, 122, 123, 124, 125], Numbers(valid["y"]));
        Assert.All(Numbers(valid["error_y"]!["array"]), d => Assert.Equal(10, d, 6)); // of 110, 120, 130
        Assert.Equal(117, Numbers(Named(traces, "test")["y"])[0], 6);
    }

    [Fact]
    public void What_others_wrote_is_shown_letter_by_letter_and_what_we_write_keeps_its_markup()
    {
        const string evil = "<a href='http://x'>a</a> &lt;b&gt; <b>c</b> $x$ & d";
        const string shown = "&lt;a href='http://x'>a&lt;/a> &\u200Blt;b&\u200Bgt; &lt;b>c&lt;/b> &#36;x&#36; & d";
        var (layout, traces) = Read(Plot.Of(evil, evil, "h<sub>t</sub>", "y", [new { type = "scatter", name = evil, x = new[] { evil }, y = new double?[1] }]));
        Assert.Equal(shown, Named(traces, shown)["x"]![0]!.GetValue<string>());
        Assert.Equal($"{shown}<br><span style=\"font-size:{Plot.FontSize}px\">{shown}</span>", layout["title"]!["text"]!.GetValue<string>());
        Assert.Equal("h<sub>t</sub>", Axis(layout, "xaxis"));
        Assert.Equal((evil, evil), (layout["meta"]!["title"]!.GetValue<string>(), layout["meta"]!["subtitle"]!.GetValue<string>()));
        Assert.Equal($"Chart: {evil}; x axis ht, y axis y; 1 series with 1 point: {evil} 1.", new ChartView(Plot.Of(evil, "", "h<sub>t</sub>", "y",
            [new { type = "scatter", name = evil, x = new[] { evil }, y = new double?[1] }])).ToString());

        var store = new RunStore(folder.Path);
        var table = Table.Parse("""{title: "T <b>", axes: {"<i>one</i>": {a: {label: "<a href='x'>A</a>", alpha: 1}, b: {alpha: 2}}, two: {c: {beta: 1}, d: {label: "<sup>D</sup>", beta: 2}}}, map: {x: "<i>one</i>", y: two}}""");
        var plan = TablePlan.For(table, Profile.Get("quick"), sharedCorpus.Facts with { Name = "/texts/<b>bold" }, [], [], 1);
        FakedRuns.Write(store, plan, (_, _) => 100);
        foreach (var figure in StoredFigures.Of(plan, store, null, TestContext.Current.CancellationToken))
            Assert.DoesNotMatch("<(?!/?(b|br|sub|sup|extra)>|span style=|/span>)|<b>(?![0-9.]+</b>)|<sup>(?![0-9−])", System.Text.RegularExpressions.Regex.Replace(figure.ToJson().ToJsonString(Json.Compact), "\"meta\":{[^}]*}", ""));
    }

    [Fact]
    public void One_seed_has_no_error_bars()
    {
        var (_, traces) = Read(TableFigure.Of(Report(1, seeds: 1)));
        Assert.All(traces, t => Assert.Null(t!["error_y"]));
    }

    [Fact]
    public void Cited_rows_stand_beside_measured_ones_on_their_own_corpus_only()
    {
        var own = Report(5, 1, sharedCorpus with { Name = "ptb" });
        var (layout, traces) = Read(TableFigure.Of(own));
        Assert.Equal("perplexity", Axis(layout, "xaxis"));
        var cited = Named(traces, "test, cited");
        Assert.Equal(KnownTables.Get(5).Cited.Count, cited["x"]!.AsArray().Count);
        var best = cited["y"]!.AsArray().Select(y => y!.GetValue<string>()).ToList().IndexOf("Zoph & Le 2016, NAS cell (tied), 54M");
        Assert.Equal(62.4, Numbers(cited["x"])[best]);

        var (_, seeds) = Read(TableFigure.Of(Report(5, seeds: 3)));
        Assert.Equal(9, Named(seeds, "each seed, validation")["x"]!.AsArray().Count);
        (_, traces) = Read(TableFigure.Of(Report(5, 1)));
        Assert.DoesNotContain(traces, t => t!["name"]?.GetValue<string>().Contains("cited", StringComparison.Ordinal) == true);
        Assert.Equal(3, Named(traces, "test, measured")["x"]!.AsArray().Count);
    }

    [Fact]
    public void Learning_curves_mark_where_the_learning_rate_falls()
    {
        EpochMetrics[] epochs = [FakedRuns.Epoch(1, 20, 300, 250), FakedRuns.Epoch(2, 20, 200, 260), FakedRuns.Epoch(3, 5, 150, 180)];
        var (layout, traces) = Read(LearningCurves.Of([("plain", [epochs])], "t", "s", bestPossible: 90));
        Assert.Equal(("epoch", "log"), (Axis(layout, "xaxis"), layout["yaxis"]!["type"]!.GetValue<string>()));
        Same([250, 260, 180], Numbers(Named(traces, "plain")["y"]));
        Same([300, 200, 150], Numbers(Named(traces, "plain, training")["y"]));
        Same([3], Numbers(Named(traces, "rate divided")["x"]));
        Same([90, 90], Numbers(Named(traces, "ideal model, validation")["y"]));
    }

    [Fact]
    public void Learning_curves_of_several_seeds_have_a_band_and_end_where_they_diverge()
    {
        EpochMetrics[] one = [FakedRuns.Epoch(1, 20, 300, 250), FakedRuns.Epoch(2, 20, 200, 240), FakedRuns.Epoch(3, 20, double.PositiveInfinity, double.PositiveInfinity)];
        EpochMetrics[] two = [FakedRuns.Epoch(1, 20, 300, 270), FakedRuns.Epoch(2, 20, 200, 240), FakedRuns.Epoch(3, 20, 100, 200)];
        var (_, traces) = Read(LearningCurves.Of([("plain", [one, two])], "t", "s"));
        Same([260, 240], Numbers(Named(traces, "plain")["y"]));
        var band = traces.Single(t => t!["fill"]?.GetValue<string>() == "toself")!;
        Same([260 + Math.Sqrt(200), 240, 240, 260 - Math.Sqrt(200)], Numbers(band["y"]));
    }

    [Fact]
    public void Of_many_learning_curves_the_best_have_names_and_what_is_hopeless_is_cut_off()
    {
        EpochMetrics[] Run(int i) => [FakedRuns.Epoch(1, 20, 900, i == 9 ? 1e21 : 500), FakedRuns.Epoch(2, 20, 200, 100 + i)];
        var (layout, traces) = Read(LearningCurves.Of([.. Enumerable.Range(0, 25).Select(i => ($"row {i}", (IReadOnlyList<IReadOnlyList<EpochMetrics>>)[Run(i)]))], "t", "s"));
        var named = traces.Where(t => t!["showlegend"]?.GetValue<bool>() != false).Select(t => t!["name"]!.GetValue<string>()).ToList();
        Assert.Equal(["20 other rows", "row 0", "row 1", "row 2", "row 3", "row 4", "dashed: training"], named);
        Assert.Equal(25, traces.Count(t => t!["y"]!.AsArray().Count == 2 && !t["name"]!.GetValue<string>().EndsWith("training", StringComparison.Ordinal)));
        Assert.Equal(3000, Math.Pow(10, layout["yaxis"]!["range"]![1]!.GetValue<double>()), 1e-6);
        Assert.Contains("above 3,000", layout["meta"]!["caption"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_says_over_how_many_seeds_its_cells_are()
    {
        var report = Report(1, seeds: 3);
        Assert.Contains("over 3 seeds", report.Conditions, StringComparison.Ordinal);
        var one = report.Rows[0] with { Runs = [.. report.Rows[0].Runs.Select((r, i) => i == 0 ? r : (r.Run, RunStatus.Pending, null))] };
        Assert.EndsWith("mean ± standard deviation over 1 to 3 seeds", (report with { Rows = [one, .. report.Rows.Skip(1)] }).Conditions, StringComparison.Ordinal);
    }

    [Fact]
    public void Norms_are_densities()
    {
        var random = new Random(3);
        HiddenStates States(double scale) => new()
        {
            Norms = [.. Enumerable.Range(0, 500).Select(_ => (float)(scale * random.NextDouble()))], StepNorms = [1, 1, 2],
            MeanMagnitudeByUnit = [0.1f, 0.4f, 0.2f], MeanSquare = 1, MeanSquareStep = 1,
        };
        (string, HiddenStates)[] models = [("plain", States(4)), ("AR", States(1))];
        var (layout, traces) = Read(HiddenStateFigures.Norms(models, "s"));
        Assert.Equal("|h<sub>t</sub>|, L2 norm over units", Axis(layout, "xaxis"));
        Assert.Equal(2, traces.Count);
        foreach (var trace in traces)
        {
            var x = Numbers(trace!["x"]);
            Assert.Equal(1, Numbers(trace["y"]).Sum() * (x[2] - x[1]), 9); // the first and the last are the ends, at 0
        }
        Assert.StartsWith("AR (mean 0.", traces[1]!["name"]!.GetValue<string>(), StringComparison.Ordinal);
        Same([0.4, 0.2, 0.1], Numbers(Read(HiddenStateFigures.Units(models, "s")).Traces[0]!["y"]));
        Assert.Contains("h<sub>t−1</sub>", Axis(Read(HiddenStateFigures.Steps(models, "s")).Layout, "xaxis"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 2.5)]
    [InlineData(1, 4)]
    [InlineData(0.25, 1.75)]
    public void Quantiles_lie_between_neighbours(double part, double expected) => Assert.Equal(expected, HiddenStates.Quantile([3, 1, 4, 2], part), 9);

    [Fact]
    public void Eigenvalues_lie_in_a_plane_of_equal_axes_with_the_unit_circle()
    {
        var matrix = new RecurrentMatrix
        {
            Layer = 0, Identity = new() { Multiple = 0, Distance = 1, DiagonalMass = 0 }, SingularValues = [1, 1],
            Eigenvalues = [Complex.ImaginaryOne, -Complex.ImaginaryOne], Entries = [0, -1, 1, 0],
        };
        var (layout, traces) = Read(RecurrentMatrixFigures.Eigenvalues([("rotation", matrix)], "s"));
        Assert.Equal("y", layout["xaxis"]!["scaleanchor"]!.GetValue<string>());
        var circle = Named(traces, "unit circle");
        Assert.All(Numbers(circle["x"]).Zip(Numbers(circle["y"])), p => Assert.Equal(1, p.First * p.First + p.Second * p.Second, 3));
        Same([1, -1], Numbers(Named(traces, "rotation")["y"]));

        var heat = Read(RecurrentMatrixFigures.HeatMap(matrix, "s")).Traces[0]!;
        Same([0, -1], Numbers(heat["z"]![0]));
        Assert.Equal((-1, 1), (heat["zmin"]!.GetValue<double>(), heat["zmax"]!.GetValue<double>()));
        Same([1, 1], Numbers(Named(Read(RecurrentMatrixFigures.SingularValues([("rotation", matrix)], "s")).Traces, "rotation")["y"]));

        var course = Named(Read(RecurrentMatrixFigures.DistanceToIdentity([("rotation", [(0, matrix), (5, matrix)])], "s")).Traces, "rotation");
        Same([0, 5], Numbers(course["x"]));
        Same([1, 1], Numbers(course["y"]));
    }

    [Fact]
    public void The_turn_to_the_identity_is_signed_and_a_mean_over_seeds()
    {
        using var eye = torch.eye(4);
        using var flip = eye.mul(-2);
        using var quarter = torch.zeros(4, 4);
        quarter[0, 0] = 1; // trace 1, norm 1: a cosine of 1/2
        Assert.Equal([1, -1, 0.5], new[] { eye, flip, quarter }.Select(u => Math.Round(NearestIdentity.Of(u).Cosine, 9)));
        EpochMetrics Epoch(int number, torch.Tensor? matrix) => FakedRuns.Epoch(number, 1, 100, 100) with { Identity = matrix is null ? null : NearestIdentity.Of(matrix) };
        var chart = RecurrentMatrixFigures.TurnToIdentity(
            [("tanh", [[Epoch(1, quarter), Epoch(2, eye)], [Epoch(1, flip), Epoch(2, eye), Epoch(3, eye)]]), ("lstm", [[Epoch(1, null)]])], "s");
        var traces = Read(chart!).Traces;
        Same([-0.25, 1], Numbers(Named(traces, "tanh")["y"]));
        Assert.DoesNotContain(traces, t => t!["name"]?.GetValue<string>() == "lstm");
        Assert.Null(RecurrentMatrixFigures.TurnToIdentity([("lstm", [[Epoch(1, null)]])], "s"));
    }

    [Fact]
    public void Gains_at_the_same_rate_compare_the_lowest_of_each_and_leave_out_what_a_seed_has_not_reached_or_only_guessed_at()
    {
        var store = new RunStore(folder.Path);
        FakedRuns.Write(store, FakedRuns.Plan(6, sharedCorpus, 2, "quick", "gru", "gru+ar+tar"), (_, _) => 100);
        var report = TableReport.Build(FakedRuns.Plan(6, sharedCorpus, 2, "quick", "gru", "gru+ar+tar"), store);
        report = report with { Plan = report.Plan with { Corpus = report.Plan.Corpus with { VocabularySize = 500 } } };
        EpochMetrics[] Course(params (double Rate, double Valid)[] epochs) => [.. epochs.Select((e, i) => FakedRuns.Epoch(i + 1, e.Rate, 100, e.Valid))];
        var chart = RateFigure.Of(report,
        [
            ("GRU", [Course((16, 900), (8, 400), (8, 200), (4, 160), (2, 150)), Course((16, 400), (8, 300), (4, 150), (2, 140))]),
            ("GRU, AR + TAR", [Course((16, 390), (8, 190), (8, 195), (4, 160)), Course((16, 390), (8, 270), (4, 120), (2, 110))]),
        ]);
        var gain = Named(Read(chart!).Traces, "GRU, AR + TAR");
        Assert.Equal(["8", "4"], Texts(gain["x"]));
        Same([7.5, 10], Numbers(gain["y"])); // 5 and 10, 0 and 20
        Same([Math.Sqrt(12.5), Math.Sqrt(200)], Numbers(gain["error_y"]!["array"]));
        Assert.Null(RateFigure.Of(report, [("GRU", []), ("GRU, AR + TAR", [])]));
        Assert.Null(Read(chart!).Layout["yaxis"]!["range"]);
        // What loses more than all does not set the axis, and the caption says so.
        var (layout, _) = Read(RateFigure.Of(report,
        [
            ("GRU", [Course((8, 100), (4, 90)), Course((8, 100), (4, 90))]), ("GRU, AR + TAR", [Course((8, 300), (4, 81)), Course((8, 300), (4, 81))]),
        ])!);
        Same([-100, 20], Numbers(layout["yaxis"]!["range"]));
        Assert.Contains("What is worse than −100 % lies beyond the picture.", layout["meta"]!["caption"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_leaves_what_was_not_measured_empty_and_stands_in_the_order_of_its_axes()
    {
        var store = new RunStore(folder.Path);
        var table = Table.Parse("{axes: {alpha: [0, 2], beta: [0, 1]}}");
        var plan = TablePlan.For(table, Profile.Get("quick"), sharedCorpus.Facts, ["alpha=2+beta=1", "alpha=0+beta=0", "alpha=2+beta=0"], [], 1);
        FakedRuns.Write(store, plan, (row, _) => row.Id switch { "alpha=0+beta=0" => 120, "alpha=2+beta=0" => 110, _ => 100.25 });
        var heat = Read(TableFigure.Of(TableReport.Build(plan, store))).Traces[0]!;
        Assert.Equal(["0", "2"], Texts(heat["x"]));
        Assert.Equal(["0", "1"], Texts(heat["y"]));
        Same([120, 110], Numbers(heat["z"]![0]));
        Assert.Null(heat["z"]![1]![0]);
        Assert.Equal("<b>100.2</b>", heat["text"]![1]![1]!.GetValue<string>().Replace("100.3", "100.2", StringComparison.Ordinal));
    }

    [Fact]
    public void A_choice_without_a_label_stands_on_a_map_with_its_name()
    {
        var store = new RunStore(folder.Path);
        var table = Table.Parse("""{axes: {dropout: [0, 0.2], penalties: {none: {id: "", label: ""}, ar: {label: AR, alpha: 2}}}, map: {x: dropout, y: penalties}}""");
        var plan = TablePlan.For(table, Profile.Get("quick"), sharedCorpus.Facts, [], [], 1);
        FakedRuns.Write(store, plan, (_, _) => 100);
        Assert.Equal(["none", "AR"], Texts(Read(TableFigure.Of(TableReport.Build(plan, store))).Traces[0]!["y"]));
    }

    [Fact]
    public void A_table_over_any_number_is_drawn_as_a_curve()
    {
        var store = new RunStore(folder.Path);
        var plan = TablePlan.For(Table.Parse("{axes: {dropout: [0.4, 0.1, 0.2]}, baseline: {dropout: 0.1}}"), Profile.Get("quick"), sharedCorpus.Facts, [], [], 1);
        FakedRuns.Write(store, plan, (row, _) => 100 + 10 * row.Choices[0].Number);
        var (layout, traces) = Read(TableFigure.Of(TableReport.Build(plan, store)));
        Assert.Equal("dropout", layout["xaxis"]!["title"]!["text"]!.GetValue<string>());
        Same([0.1, 0.2, 0.4], Numbers(traces[0]!["x"]));
        Same([101, 102, 104], Numbers(traces[0]!["y"]));
        Same([101, 101], Numbers(Named(traces, "validation at dropout = 0.1")["y"]));
    }

    [Fact]
    public void A_table_of_pairs_of_choices_is_drawn_as_a_map_that_says_what_diverged()
    {
        var store = new RunStore(folder.Path);
        var plan = TablePlan.For(KnownTables.Named("tanh"), Profile.Get("laptop"), sharedCorpus.Facts, [], [], 1);
        FakedRuns.Write(store, plan, (row, _) => row.Id switch { "lr=5+clip=0.25+ar+tar" => 250, "lr=1+clip=1+identity" => 2000, _ => 300 });
        FakedRuns.Diverge(store.Find(plan.Configuration(plan.Table.Rows.First(r => r.Id == "lr=20+clip=1+plain"), 1))!);
        var (layout, traces) = Read(TableFigure.Of(TableReport.Build(plan, store)));
        var heat = traces[0]!;
        string[] columns = Texts(heat["x"]), variants = Texts(heat["y"]);
        Assert.Equal(["20, 0.25", "20, 1", "5, 0.25", "5, 1", "1, 0.25", "1, 1"], columns);
        Assert.Equal(["plain", "AR", "TAR", "AR + TAR", "identity start"], variants);
        Assert.Null(heat["z"]![0]![1]);
        Assert.Equal("diverged", heat["text"]![0]![1]!.GetValue<string>());
        Assert.Equal("<b>250.0</b>", heat["text"]![3]![2]!.GetValue<string>());
        Assert.Equal(250, heat["zmin"]!.GetValue<double>(), 6);
        Assert.Equal(375, heat["zmax"]!.GetValue<double>(), 6); // 2,000 is as white
        Assert.Equal("learning rate, clip norm", layout["xaxis"]!["title"]!["text"]!.GetValue<string>());

        var surface = TablePlan.For(KnownTables.Named("surface"), Profile.Get("laptop"), sharedCorpus.Facts, [], [], 1);
        FakedRuns.Write(store, surface, (row, _) => 200 + row.Id.Length);
        heat = Read(TableFigure.Of(TableReport.Build(surface, store))).Traces[0]!;
        Assert.Equal(["0", "1", "2", "4", "6"], Texts(heat["x"]));
        Assert.Equal(["0", "1", "2", "4", "6"], Texts(heat["y"]));
    }

    [Fact]
    public void Zipf_counts_the_training_split()
    {
        var (layout, traces) = Read(CorpusFigures.Zipf(sharedCorpus));
        Assert.Equal(("log", "log"), (layout["xaxis"]!["type"]!.GetValue<string>(), layout["yaxis"]!["type"]!.GetValue<string>()));
        var counts = sharedCorpus.Train.ToArray().GroupBy(id => id).Select(g => (double)g.Count()).OrderDescending().ToList();
        var words = Named(traces, "words");
        Same([.. counts], Numbers(words["y"]));
        Assert.Equal("&lt;eos>", Named(traces, "no words: end of line, unknown")["text"]![0]!.GetValue<string>());
    }

    [Fact]
    public void Each_cell_of_the_windows_holds_the_token_at_its_place_in_the_text()
    {
        var heat = Read(CorpusFigures.Windows(sharedCorpus, batchSize: 4, length: 3)).Traces[0]!;
        Assert.Equal(7, heat["z"]!.AsArray().Count);
        foreach (var (places, words) in heat["z"]!.AsArray().Zip(heat["text"]!.AsArray()).Where((_, row) => row != 3))
            Assert.Equal(Numbers(places).Select(p => sharedCorpus.Vocabulary[sharedCorpus.Train.Span[(int)p]].Replace("<", "&lt;", StringComparison.Ordinal)),
                words!.AsArray().Select(w => w!.GetValue<string>()));
        Assert.All(heat["z"]![3]!.AsArray(), Assert.Null); // between the windows
        Same([3, 10, 17, 24], Numbers(heat["z"]![4])); // the second window's first step: columns of 7 tokens
    }
}
