using ArTar.Tests.Training;
using ArTar.Workbench;
using ArTar.Workbench.Data;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using ArTar.Workbench.Training;

namespace ArTar.Tests.Runs;

/// <summary>In the collection because the known regularizers, which other tests add to, belong to the process.</summary>
[Collection(TorchTests.Name)]
public class RunConfigurationTests
{
    private static readonly Corpus corpus = Small.Corpus();
    private static readonly RunConfiguration recipe = new() { Data = "small", DataHash = new string('a', 64), Profile = "paper", Values = new() };

    [Fact]
    public void Each_value_each_seed_and_the_data_make_another_run()
    {
        var ids = HyperParametersTests.OtherValues
            .Select(row => recipe with { Values = recipe.Values.With(row.Data.Item1, row.Data.Item2) })
            .Append(recipe)
            .Append(recipe with { DataHash = new string('b', 64) })
            .Concat(Enumerable.Range(8, 20).Select(seed => recipe with { Values = recipe.Values with { Seed = seed } }))
            .Select(c => c.Id).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public void The_profile_s_name_and_values_that_equal_the_defaults_make_no_other_run()
    {
        Assert.Equal(recipe.Id, (recipe with { Profile = "other" }).Id);
        Assert.Equal(recipe.Id, (recipe with { Values = recipe.Values.With(["alpha=0", "beta=0", "hidden=650", "cell=lstm", "learningRate=20.0"]) }).Id);
        var set = recipe with { Values = recipe.Values.With(["alpha=2", "beta=1"]) };
        Assert.Equal(set.Id, (recipe with { Values = recipe.Values.With(["beta=1", "alpha=2.0"]) }).Id);
    }

    /// <summary>Names of folders that users have: they must never change. The hash was computed elsewhere, with sha256sum.</summary>
    [Fact]
    public void Names_are_readable_and_stable()
    {
        Assert.Equal("small-lstm650-seed1-44c2336f", recipe.Id); // of 64 times 'a' and a line feed
        var values = new HyperParameters { Hidden = 200 }.With(["cell=gru", "alpha=2", "beta=0.5", "seed=3"]);
        Assert.StartsWith("my_data-gru200-alpha2-beta0.5-seed3-", (recipe with { Data = "/some/where/My Data", Values = values }).Id, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_name_is_cut_so_that_a_folder_can_have_it_and_stays_one_of_its_own()
    {
        var longest = recipe with { Data = new string('d', 250), Values = new() { Seed = int.MinValue } };
        var other = longest with { Values = longest.Values.With(["alpha=2"]) };
        Assert.StartsWith("ddd", other.Id, StringComparison.Ordinal);
        Assert.Contains("-seed-2147483648-", other.Id, StringComparison.Ordinal);
        Assert.NotEqual(longest.Id, other.Id);
        Assert.InRange(other.Id.Length, 200, 255 - ".0123456789abcdef.partial".Length);
    }

    [Fact]
    public void Rows_that_tables_share_are_one_run()
    {
        string Id(int table, string row) => TablePlan.For(KnownTables.Get(table), Profile.Get("laptop"), corpus.Facts, [row], [], 1).Runs.Single().Id;
        Assert.Single(new[] { Id(1, "alpha=0"), Id(2, "beta=0"), Id(3, "medium") }.Distinct());
        Assert.Single(new[] { Id(3, "medium+ar+tar"), Id(5, "medium+ar+tar"), Id(4, "medium+ar+tar"), Id(7, "medium+ar+tar") }.Distinct());
        Assert.NotEqual(Id(1, "alpha=2"), Id(2, "beta=2"));
        Assert.NotEqual(Id(6, "gru"), Id(6, "tanh"));
    }

    [Fact]
    public void Every_row_of_every_table_holds_together_in_every_profile()
    {
        foreach (var profile in Profile.All)
            foreach (var table in KnownTables.OfPaper)
            {
                var plan = TablePlan.For(table, profile, corpus.Facts, [], [], 3);
                Assert.Equal(table.Rows.Count * 3, plan.Runs.Count()); // no two rows come to the same run
                Assert.All(table.Rows, row => Assert.True(row.Baseline is null || table.Rows.Any(r => r.Id == row.Baseline.Id && r.Baseline is null)));
                Assert.Equal([1, 2, 3], plan.Runs.Select(r => r.Values.Seed).Distinct());
            }
    }

    [Fact]
    public void Every_row_beyond_the_paper_holds_together_at_the_scale_that_it_is_meant_for()
    {
        Assert.All(KnownTables.Beyond, table =>
        {
            var plan = TablePlan.For(table, Profile.Get("laptop"), corpus.Facts, [], [], 2);
            Assert.Equal(table.Rows.Count * 2, plan.Runs.Count());
            Assert.All(table.Rows, row => Assert.True(row.Baseline is null || table.Rows.Any(r => r.Id == row.Baseline.Id && r.Baseline is null)));
            Assert.Same(table, KnownTables.Named(table.Key.ToUpperInvariant()));
        });
        Assert.Equal(25, KnownTables.Named("surface").Rows.Count);
        // What the paper's tables have already is not trained again.
        string[] Runs(string table) => [.. TablePlan.For(KnownTables.Named(table), Profile.Get("laptop"), corpus.Facts, [], [], 1).Runs.Select(r => r.Id)];
        Assert.Equal(5, Runs("surface").Intersect(Runs("1")).Count());
        Assert.Equal(6, Runs("sizes").Intersect(Runs("3")).Count());
        Assert.Equal(2, Runs("tanh").Intersect(Runs("6")).Count());
        Assert.Equal(2, Runs("invasive").Intersect(Runs("3")).Count());
    }

    [Fact]
    public void The_name_of_a_run_says_which_techniques_are_on_and_is_the_name_of_a_folder()
    {
        RunConfiguration Of(params string[] settings) => new()
            { Data = "ptb", DataHash = new string('a', 64), Profile = "laptop", Values = new HyperParameters().With(settings) };
        Assert.StartsWith("ptb-lstm650-alpha2-zoneoutHidden0.05-layerNorm-seed1-", Of("alpha=2", "layerNorm=true", "zoneoutHidden=0.05").Id,
            StringComparison.Ordinal);
        Assert.True(Of("alpha=2.25", "beta=1.125", "normStabilizer=512.5", "memoryAlpha=1.75", "memoryBeta=0.875", "variationalDropout=true",
            "embeddingDropout=0.125", "recurrentDropout=0.375", "candidateDropout=0.375", "weightDropout=0.375", "zoneoutHidden=0.025",
            "zoneoutMemory=0.375", "layerNorm=true").Id.Length < 255);
    }

    [Fact]
    public void Settings_come_after_the_row_and_the_row_after_the_profile()
    {
        var row = KnownTables.Get(3).Rows.Single(r => r.Id == "large+ar+tar");
        var values = Profile.Get("paper").Configure(corpus.Facts, row.Settings, ["hidden=12", "epochs=2"], seed: 5).Values;
        Assert.Equal((12, 2, 0.65, 2, 1, 5, 35), (values.Hidden, values.Epochs, values.Dropout, values.Coefficient("alpha"), values.Coefficient("beta"), values.Seed, values.Window));
        Assert.Throws<WorkbenchException>(() => Profile.Get("paper").Configure(corpus.Facts, row.Settings, ["hidden=0"], 1));
    }

    [Fact]
    public void Unknown_tables_rows_and_profiles_name_what_there_is()
    {
        static string Message(Action action) => Assert.Throws<WorkbenchException>(action).Message;
        Assert.Equal("There is no table 8; the paper's are 1 to 6, and 7, its appendix.", Message(() => KnownTables.Get(8)));
        Assert.StartsWith("There is no table 'surfaces'; the paper's are 1 to 6, and 7, its appendix; others are surface, sizes, ", Message(() => KnownTables.Named("surfaces")), StringComparison.Ordinal);
        Assert.StartsWith("Unknown profile 'labtop'; did you mean 'laptop'? Known are smoke, quick, laptop, small, paper, ", Message(() => Profile.Get("labtop")), StringComparison.Ordinal);
        Assert.Equal(
            "Table 1 has no row 'alpha=3'; did you mean 'alpha=0'? Its rows are alpha=0, alpha=1, alpha=2, alpha=4, alpha=6, alpha=8.",
            Message(() => TablePlan.For(KnownTables.Get(1), Profile.Get("quick"), corpus.Facts, ["alpha=3"], [], 1)));
        Assert.Equal(
            "size=tiny: profile quick has no such size, only small, medium, middle, large.",
            Message(() => Profile.Get("quick").Configure(corpus.Facts, [new("size", "tiny")], [], 1)));
        Assert.Single(TablePlan.For(KnownTables.Get(1), Profile.Get("quick"), corpus.Facts, ["alpha=1", "alpha=1"], [], 1).Rows);
        Assert.Equal("seeds 0: expected a whole number of at least 1.", Message(() => TablePlan.For(KnownTables.Get(1), Profile.Get("quick"), corpus.Facts, [], [], 0)));
    }
}
