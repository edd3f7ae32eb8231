using ArTar.Tests.Training;
using ArTar.Workbench;
using ArTar.Workbench.Runs;
using ArTar.Workbench.Tables;
using CsCheck;

namespace ArTar.Tests.Tables;

/// <summary>Tables as people write them. In the collection because the known regularizers belong to the process.</summary>
[Collection(TorchTests.Name)]
public sealed class TableReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Rows_are_all_combinations_with_typed_values_and_a_baseline_found_by_them()
    {
        var table = Table.Parse("""
            title: Dropout beside AR
            set: {size: medium}
            axes:
              dropout: [0.10, .5]
              penalties:
                none: {id: "", label: ""}
                ar: {label: AR, alpha: 2.0}
            baseline: {penalties: none, dropout: 0.5}
            """);
        Assert.Equal(["dropout=0.1", "dropout=0.1+ar", "dropout=0.5", "dropout=0.5+ar"], table.Rows.Select(r => r.Id));
        Assert.Equal(["dropout = 0.1", "dropout = 0.1, AR", "dropout = 0.5", "dropout = 0.5, AR"], table.Rows.Select(r => r.Label));
        Assert.Equal([new("size", "medium"), new("dropout", "0.1"), new("alpha", "2")], table.Rows[1].Settings);
        Assert.Equal(["dropout=0.5", "dropout=0.5", null, "dropout=0.5"], table.Rows.Select(r => r.Baseline?.Id));
        Assert.Equal([0.1, 0.5], table.Axes[0].Choices.Select(c => c.Number));
        Assert.Null(table.Map);
    }

    [Theory]
    [InlineData("{epochs: 3, hidden: 8}")]
    [InlineData("[epochs=3, hidden=8]")]
    public void What_all_rows_have_is_said_by_key_or_as_settings(string set) =>
        Assert.All(Table.Parse($"{{axes: {{alpha: [0, 1]}}, set: {set}}}").Rows, row => Assert.Equal([new("epochs", "3"), new("hidden", "8")], row.Settings.Take(2)));

    [Fact]
    public void Two_axes_of_numbers_are_a_map_and_one_is_an_ablation()
    {
        Assert.Equal([0], Table.Parse("{axes: {alpha: [0, 1], dropout: [0.1, 0.2]}}").Map!.X);
        Assert.Equal("dropout", Table.Parse("{axes: {dropout: [0.1, 0.2]}}").Ablation!.Name);
        Assert.Null(Table.Parse("{axes: {cell: [lstm, gru]}}").Ablation);
    }

    [Fact]
    public void Two_choices_of_an_axis_have_two_labels() =>
        Assert.Contains("kind: 2 choices are called 'the same'; label each otherwise.",
            Fault("{axes: {kind: {a: {alpha: 1, label: the same}, b: {alpha: 2, label: the same}}}}"), StringComparison.Ordinal);

    /// <summary>A value that is written in two ways is one value, so that it is one row and one run.</summary>
    [Fact]
    public void A_value_given_twice_is_refused_however_it_is_written()
    {
        Assert.Contains("line 1, column 16: alpha: 1 is given twice.", Fault("{axes: {alpha: [1, 0, 1.0]}}"), StringComparison.Ordinal);
        foreach (var set in new[] { "{beta: 1, Be_ta: 2}", "[beta=1, BETA=2.0]" })
            Assert.Contains("beta=1 and beta=2: beta can have one value; take one of the two out.", Fault($"{{set: {set}, axes: {{alpha: [0, 1]}}}}"),
                StringComparison.Ordinal);
        foreach (var set in new[] { "{seed: 3}", "[Se_ed=3]" })
            Assert.Contains("seed=3: rows have the seeds from 1 on", Fault($"{{set: {set}, axes: {{alpha: [0, 1]}}}}"), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("alpha=1 and alpha=3: alpha can have one value", Fault("{axes: {alpha: {1: {alpha: 3}, 0: {}}}}"), StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_said_at_once_each_with_its_line_and_the_nearest_word()
    {
        var said = Fault("""
            titel: x
            axes:
              alpha: [0, 1, one]
              penalties: {none: {}, ar: {alhpa: 3}}
            baseline: {alpha: 5, penalty: none}
            set: {epochs: 0}
            gainOver: words
            cited: [{parameters: 20M}]
            """).Split('\n');
        string[] expected =
        [
            "line 1, column 1: unknown key 'titel'; did you mean 'title'?",
            "line 3, column 17: alpha=one: expected 0 or a number above 0.",
            "line 4, column 30: unknown hyper-parameter 'alhpa'; did you mean 'alpha'?",
            "line 5, column 19: unknown value of alpha '5'. Known are 0, 1",
            "line 5, column 22: unknown axis 'penalty'; did you mean 'penalties'?",
            "line 6, column 7: epochs=0: expected a whole number from 1 to 100000.",
            "line 7, column 11: gainOver: 'words' is no number that grows;",
            "line 8, column 9: cited: a row needs a label",
        ];
        Assert.Equal(expected.Length, said.Length);
        Assert.All(expected.Zip(said), line => Assert.StartsWith("the table, " + line.First, line.Second, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{title: x}", "axes: expected in what the rows differ")]
    [InlineData("{axes: {alpha: [1]}}", "alpha: an axis with one value is none; move it to set.")]
    [InlineData("{axes: {alpha: [1, 2]}, set: {alpha: 3}}", "alpha is searched over and set for all rows")]
    [InlineData("{axes: {alpha: [1, 2], ALPHA: [3, 4]}}", "alpha and ALPHA are the same hyper-parameter")]
    [InlineData("{random: 3, samples: 2}", "random: expected hyper-parameters and what to draw")]
    [InlineData("{random: {}, samples: 2}", "random: expected hyper-parameters and what to draw")]
    [InlineData("{axes: {alpha: [1, 2]}, set: 5}", "'5' is not a setting; expected key=value")]
    [InlineData("{axes: {alpha: [1, 2], kind: {a: {}, b: {alpha: 3}}}}", "axes: alpha is set on 2 axes")]
    [InlineData("{axes: {seed: [1, 2]}}", "seed: rows have the seeds from 1 on")]
    [InlineData("{axes: {alpha: [0, 1]}, texts: yes}", "texts: yes; expected true or false.")]
    [InlineData("{random: {alpha: {from: 1, to: 2, log: on}}, samples: 2}", "line 1, column 40: log: on; expected true or false.")]
    [InlineData("{random: {alpha: {from: 1, to: 2, whole: 1}}, samples: 2}", "whole: 1; expected true or false.")]
    [InlineData("{axes: {alpha: [0, 1]}, searchSeed: 2}", "searchSeed: expected together with random")]
    [InlineData("{axes: {alpha: [0, 1]}, number: 3}", "line 1, column 33: number: 3: the rows are not those of table 3 of the paper; take the number out")]
    [InlineData("{axes: {alpha: [0, 1]}, number: 42}", "number: 42: the rows are not those of table 42 of the paper")]
    [InlineData("{axes: {alpha: [0, 1]}, cited: [{label: x, parameters: 24 million}]}", "column 56: cited: parameters: 24 million; expected a number above 0, with k, M or B behind it")]
    [InlineData("{axes: {alpha: [0, 1]}, cited: [{label: x, parameters: 0M}]}", "cited: parameters: 0M; expected")]
    [InlineData("{axes: {alpha: [0, 1]}, cited: [{label: x, parameters: 20MM}]}", "cited: parameters: 20MM; expected")]
    [InlineData("{axes: {alpha: [0, 1]}, cited: [{label: [x]}]}", "label: expected a text.")]
    [InlineData("{axes: {alpha: [0, 1]}, tables: [1]}", "a file names tables, or is a grid or a random search")]
    [InlineData("{axes: {alpha: [0, 1]}, title: }", "title has no value; give it one or take it out.")]
    [InlineData("{tables: 1}", "tables: a file that names tables is none itself; take them by their names.")]
    [InlineData("{axes: {alpha: [0, 1]}, rows: [alpha=0]}", "rows: expected together with one table")]
    [InlineData("{axes: {alpha: [0, 1]}, grid: {beta: [0, 1]}}", "axes and grid mean the same")]
    [InlineData("{grid: {alpha: [1]}}", "alpha: an axis with one value is none")]
    [InlineData("{axes: {kind: {a: {id: x}, b: {id: x}}}}", "2 rows come to the id 'x'")]
    [InlineData("{axes: {kind: {a: 3, b: {}}}}", "expected what it sets")]
    [InlineData("{axes: {alpha: [0, 1]}, cited: [{label: x, valid: \"80,1\"}]}", "cited: valid: 80,1; expected a perplexity above 0")]
    [InlineData("{axes: {alpha: [0, 1]}, cited: [{label: x, test: 1e400}]}", "cited: test: 1e400; expected")]
    [InlineData("{axes: {alpha: [0, 1]}, cited: [{label: x, test: 82.1±0.3}]}", "cited: test: 82.1±0.3; expected")]
    [InlineData("{axes: {alpha: [0, 1]}, cited: [{label: x, test: n/a}]}", "cited: test: n/a; expected")]
    [InlineData("{axes: {alpha: [0, 1]}, baseline: 0}", "baseline: expected an axis and its choice")]
    [InlineData("{axes: {alpha: [0, 1], beta: [0, 1]}, map: {x: alpha, y: alpha}}", "map: expected each axis once")]
    [InlineData("{axes: {alpha: [0, 1], beta: [0, 1]}, map: {x: alpha, y: gamma}}", "unknown axis 'gamma'")]
    public void A_table_that_does_not_hold_together_is_refused(string yaml, string expected) => Assert.Contains(expected, Fault(yaml), StringComparison.Ordinal);

    [Fact]
    public void What_others_published_stands_as_it_was_printed() =>
        Assert.Equal([new("A", "13.3M", "82.10", "-"), new("B", "650K", "-", "81.9 ± 0.2"), new("C", "-", "-", "70")],
            Table.Parse("{grid: {alpha: [0, 1]}, cited: [{label: A, parameters: 13.3M, valid: 82.10}, {label: B, parameters: 650K, test: 81.9 ± 0.2}, {label: C, test: 70}]}").Cited);

    [Fact]
    public void A_file_is_a_table_and_may_say_how_a_sweep_trains_it()
    {
        File.WriteAllText(folder["my idea.yaml"], "profile: laptop\nseeds: 3\nresources: {threads: 2}\naxes: {alpha: [0, 1]}\n");
        var table = KnownTables.Named(folder["my idea.yaml"]);
        Assert.Equal(("my-idea", 2, "synthetic"), (table.Id, table.Rows.Count, table.DataFor(Profile.Get("quick"))));
        Assert.StartsWith("There is no file '", Assert.Throws<WorkbenchException>(() => KnownTables.Named(folder["none.yaml"])).Message, StringComparison.Ordinal);
    }

    /// <summary>The data set that a file names wins over the profile's, the user's wish over both.</summary>
    [Fact]
    public void The_data_set_is_the_user_s_else_the_file_s_else_the_profile_s_else_the_paper_s()
    {
        var (own, paper) = (Table.Parse("{data: mine, axes: {alpha: [0, 1]}}"), KnownTables.Get(4));
        Assert.Equal(["mine", "asked"], [own.DataFor(Profile.Get("quick")), own.DataFor(Profile.Get("quick"), "asked")]);
        Assert.Equal(["synthetic", "wikitext-2", "asked"], [paper.DataFor(Profile.Get("quick")), paper.DataFor(Profile.Get("laptop")), paper.DataFor(Profile.Get("quick"), "asked")]);
    }

    [Fact]
    public void Every_known_table_is_a_file_that_reads_again_as_the_same_rows()
    {
        var corpus = Small.Corpus().Facts;
        Assert.All(KnownTables.All, table =>
        {
            var again = Table.Load(Path.Combine(TestData.Repository, "tables", $"{table.Id}.yaml"));
            string[] Runs(Table t) => [.. TablePlan.For(t, Profile.Get("laptop"), corpus, [], [], 2).Runs.Select(r => r.Id)];
            Assert.Equal(Runs(table), Runs(again));
            Assert.Equal(table.Name, again.Name);
        });
    }

    [Fact]
    public void Any_text_at_all_is_a_table_or_refused_in_plain_words() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["{}[]:,&*!|>'\"#%@-? \n\talphsetx0123.=~"], 0, 80]).Sample(text =>
        {
            foreach (var given in new[] { text, "axes: {" + text + "}", "{axes: {alpha: [0, 1]}, " + text + "}", "{random: {" + text + "}, samples: 3}" })
                try
                {
                    Table.Parse(given);
                }
                catch (WorkbenchException e)
                {
                    Assert.NotEmpty(e.Message);
                }
        }, iter: 2000, threads: 1);

    private static string Fault(string yaml) => Assert.Throws<WorkbenchException>(() => Table.Parse(yaml)).Message;
}
