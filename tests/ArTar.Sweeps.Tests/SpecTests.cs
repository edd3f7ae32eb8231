using System.Globalization;
using ArTar.Workbench;
using ArTar.Cli.Sweeps;
using ArTar.Workbench.Tables;
using CsCheck;

namespace ArTar.Sweeps.Tests;

/// <summary>What people write a sweep down in.</summary>
public sealed class SpecTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private SweepSpec File_(string name, string text)
    {
        File.WriteAllText(folder[name], text);
        return SpecReader.Read(folder[name]);
    }

    [Fact]
    public void A_sentence_says_the_same_as_yaml_and_json()
    {
        var sentence = SpecReader.Read("all tables, 5 seeds, profile baseline");
        var yaml = File_("all.yaml", "# the whole replication\ntables: all\nseeds: 5\nprofile: baseline\n");
        var json = File_("all.json", """{ "tables": "all", "seeds": 5, "profile": "baseline" }""");
        var inline = SpecReader.Read("{tables: all, seeds: 5, profile: baseline}");
        Assert.Equal(["1", "2", "3", "4", "5", "6", "7"], sentence.Tables);
        Assert.Equal((5, "baseline"), (sentence.Seeds, sentence.Profile));
        Assert.All([yaml, json, inline], s => Assert.Equal(sentence.ToString(), s.ToString()));
        Assert.Equal("all", yaml.Name);
    }

    [Fact]
    public void Tables_have_numbers_or_names()
    {
        var sentence = SpecReader.Read("tables 1 and surface");
        Assert.All([File_("both.yaml", "tables: [1, surface]"), File_("both.json", """{ "tables": ["1", "surface"] }""")], s => Assert.Equal(sentence.Tables, s.Tables));
        Assert.Equal([6, 25], sentence.Plans(new(folder.Path)).Select(p => p.Rows.Count));
    }

    [Fact]
    public void Rows_of_several_tables_are_told_apart_by_the_names_of_the_tables()
    {
        var rows = SweepPlan.Of(new(folder.Path), SpecReader.Read("tables 1 and surface and rivals"), "local").Rows;
        Assert.Equal(["table 1", "table rivals", "table surface"], rows.Select(r => r.Label.Split(':')[0]).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Everything_can_be_said_in_a_file()
    {
        var spec = File_("grid.yaml", """
            grid:
              alpha: [0, 1, 2.5]
              cell: [lstm, gru]
            set:
              epochs: 3
              hidden: 16
            seeds: 2
            budget: {runs: 12, hours: 1.5}
            resources: {threads: 2, retries: 5}
            slurm:
              partition: gpu
              time: "04:00:00"
              gpus: 1
              memory: 8G
              atOnce: 20
              options: [--qos=long]
              setup: module load cuda
            """);
        Assert.All(spec.Plans(new(folder.Path))[0].Runs, run => Assert.Equal((3, 16), (run.Values.Epochs, run.Values.Hidden)));
        Assert.Equal((12, 1.5, 2, 5), (spec.Budget.Runs!.Value, spec.Budget.Hours!.Value, spec.Resources.Threads, spec.Resources.Retries));
        Assert.Equal(("gpu", "04:00:00", "1", "8G", 20), (spec.Slurm.Partition, spec.Slurm.Time, spec.Slurm.Gpus, spec.Slurm.Memory, spec.Slurm.AtOnce));
        var plan = Assert.Single(spec.Plans(new(folder.Path)));
        Assert.Equal(["alpha=0+cell=lstm", "alpha=0+cell=gru", "alpha=1+cell=lstm", "alpha=1+cell=gru", "alpha=2.5+cell=lstm", "alpha=2.5+cell=gru"], plan.Rows.Select(r => r.Id));
        Assert.Equal(12, plan.Runs.Count());
    }

    [Fact]
    public void Random_searches_draw_within_their_ranges_and_the_same_for_the_same_seed() => Gen.Select(Gen.Int[1, 30], Gen.Double[0.1, 5], Gen.Double[6, 100]).Sample((samples, from, to) =>
    {
        var text = FormattableString.Invariant($"learningRate={from:F4}..{to:F4}:log, hidden=8..12, alpha=0|2, {samples} samples");
        var spec = SpecReader.Read(text);
        var rows = spec.Plans(new(folder.Path))[0].Rows;
        Assert.InRange(rows.Count, 1, samples);
        Assert.Equal(rows.Select(r => r.Id), SpecReader.Read(text).Plans(new(folder.Path))[0].Rows.Select(r => r.Id));
        foreach (var values in spec.Plans(new(folder.Path))[0].Runs.Select(r => r.Values))
        {
            Assert.InRange(values.LearningRate, Math.Round(from, 4), Math.Round(to, 4));
            Assert.InRange(values.Hidden, 8, 12);
            Assert.Contains(values.Coefficient("alpha"), new[] { 0.0, 2.0 });
        }
    }, iter: 40);

    [Theory]
    [InlineData("hidden=8..64", true)]
    [InlineData("hidden=8..64:log", true)]
    [InlineData("layers=2..5", true)]
    [InlineData("learningRate=1.0..30:log", false)]
    [InlineData("learningRate=1..30.0", false)]
    [InlineData("alpha=.5..2", false)]
    [InlineData("weightDecay=1e-7..1E-3:log", false)]
    public void A_range_without_point_and_exponent_is_whole(string range, bool whole)
    {
        var values = SpecReader.Read($"{range}, 50 samples").OwnTable!.Rows.Select(r => double.Parse(r.Settings[0].Value, CultureInfo.InvariantCulture));
        Assert.Equal(whole, values.All(v => v == Math.Floor(v)));
    }

    /// <summary>Each whole number of a range is drawn equally often, the first and the last one too.</summary>
    [Fact]
    public void Whole_numbers_are_drawn_evenly_and_each_key_by_itself()
    {
        string[] Drawn(string text, string key) => [.. SpecReader.Read(text).OwnTable!.Rows.Select(r => r.Settings.Single(s => s.Key == key).Value)];
        // Beside a key with countless values no row is drawn twice.
        var layers = Drawn("layers=1..3, dropout=0.0..0.9, 3000 samples", "layers").CountBy(v => v).ToDictionary();
        Assert.All(["1", "2", "3"], v => Assert.InRange(layers[v], 880, 1120)); // 1,000 ± 26: beyond 4 standard deviations
        Assert.Equal(Drawn("layers=1..3, dropout=0.0..0.9, 20 samples", "layers"), Drawn("dropout=0.0..0.9, layers=1..3, 20 samples", "layers"));
        Assert.Equal(Drawn("layers=1..3, dropout=0.0..0.9, 20 samples", "dropout"), Drawn("dropout=0.0..0.9, alpha=0.0..1, 20 samples", "dropout"));
    }

    [Fact]
    public void A_random_search_over_whole_numbers_has_rows() =>
        Assert.All(SpecReader.Read("hidden=8..64, 5 samples").Plans(new(folder.Path))[0].Runs, r => Assert.InRange(r.Values.Hidden, 8, 64));

    [Theory]
    [InlineData("alpha=0|1, alpha=2|3", "'alpha=2|3': alpha is given twice")]
    [InlineData("alpha=0|1, seed=3", "seed=3: rows have the seeds from 1 on, as many as 'seeds' says; take it out.")]
    [InlineData("table 1, seed=3", "seed=3: rows have the seeds from 1 on, as many as 'seeds' says; take it out.")]
    [InlineData("table 1, alhpa=3", "unknown hyper-parameter 'alhpa'; did you mean 'alpha'?")]
    [InlineData("alpha=0|1, 5 samples", "samples: expected together with random, whose rows are drawn; take it out.")]
    [InlineData("alpha=0..1", "samples: a random search needs a number of rows, from 1 to 1000000.")]
    [InlineData("table 1, 0 seeds", "'0 seeds': expected a whole number of seeds from 1 to 100000.")]
    [InlineData("table 1, 200000 seeds", "'200000 seeds': expected a whole number of seeds")]
    [InlineData("table 1, -3 samples", "samples: -3 is for a random search; none is given.")]
    [InlineData("alpha=0|1, 0 samples", "samples: expected together with random")]
    [InlineData("alpha=-2..2, 3 samples", "alpha=-2: expected 0 or a number above 0.")]
    [InlineData("alpha=0|NaN", "alpha=NaN: expected 0 or a number above 0.")]
    [InlineData("table 1, epochs=2, Ep_ochs=3", "'Ep_ochs=3': Ep_ochs is given twice")]
    [InlineData("table 1, 2 seeds, 3 seeds", "'3 seeds': seeds is given twice")]
    [InlineData("table 1, table 2", "'table 2': tables is given twice")]
    [InlineData("all tables, table 2", "'table 2': tables is given twice")]
    [InlineData("table 1, profile smoke, profile quick", "'profile quick': profile is given twice")]
    [InlineData("table 1, data ptb, data synthetic", "'data synthetic': data is given twice")]
    [InlineData("alpha=0..1, 5 samples, 6 samples", "'6 samples': samples is given twice")]
    [InlineData("alpha=0..1, beta=0|1, alpha=2|3, 5 samples", "'alpha=2|3': alpha is given twice")]
    public void A_sentence_gives_a_key_once(string sentence, string expected) =>
        Assert.Contains(expected, Assert.Throws<WorkbenchException>(() => SpecReader.Read(sentence)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("tables: all\nsede: 5", "line 2, column 1: unknown key 'sede'; did you mean 'seeds'?")]
    [InlineData("seeds: 5", "axes: expected in what the rows differ")]
    [InlineData("tables: 1\ngrid: {alpha: [1]}", "name only one of them")]
    [InlineData("grid: {alpha: [0, 1]}\nset: {alpha: 2}", "alpha is searched over and set for all rows")]
    [InlineData("grid: {learning-rate: [5, 10]}\nset: {learningRate: 20}", "learning-rate is searched over and set for all rows")]
    [InlineData("grid: {learning-rate: [5, 10], learningRate: [20]}", "learning-rate and learningRate are the same")]
    [InlineData("grid: {se_ed: [0, 1]}", "line 1, column 8: seed: rows have the seeds from 1 on")]
    [InlineData("grid: {alfa: [0, 1]}", "unknown hyper-parameter 'alfa'; did you mean 'alpha'?")]
    [InlineData("random: {seed: {from: 0, to: 1}}\nsamples: 2", "seed: rows have the seeds from 1 on")]
    [InlineData("grid: {alpha: []}", "alpha has no values")]
    [InlineData("axes: {alpha: [0, 1], bta: [1, 2]}\nset: {epochs: 0}\nsede: 5", "line 3, column 1: unknown key 'sede'")]
    [InlineData("axes: {alpha: [0, 1], bta: [1, 2]}\nset: {epochs: 0}", "line 1, column 23: unknown hyper-parameter 'bta'; did you mean 'beta'?")]
    [InlineData("axes: {alpha: [0, 1], bta: [1, 2]}\nset: {epochs: 0}", "line 2, column 7: epochs=0: expected a whole number from 1 to 100000.")]
    [InlineData("random: {alpha: {from: 2, to: 1}}\nsamples: 3", "random: alpha: expected some values, or from and to with from < to")]
    [InlineData("random: {alpha: {from: 0, to: 1, log: true}}\nsamples: 3", "as it is logarithmic")]
    [InlineData("random: {alpha: [1, 2]}", "a random search needs a number of rows")]
    [InlineData("axes: {alpha: [0, 1]}\ngrid: {beta: [0, 1]}", "axes and grid mean the same")]
    [InlineData("tables: 9", "There is no table '9'")]
    [InlineData("tables: surfaces", "There is no table 'surfaces'")]
    [InlineData("tables: [1, 2]\nrows: [alpha=0]", "expected together with one table")]
    [InlineData("tables: 1\nseeds: many", "seeds")]
    [InlineData("tables: 1\ntables: 2", "'tables' is given twice")]
    [InlineData("tables: &a [1]\nrows: *a", "anchors and aliases are not read")]
    [InlineData("tables: !!python/object/apply:os.system ['touch pwned']", "tags are not read")]
    [InlineData("{tables: !!3.-3[0}", "line 1, column ")]
    [InlineData("tables: [1", "line ")]
    [InlineData("- 1\n- 2", "expected keys and values")]
    [InlineData("tables: 1\nslurm: {partitoin: gpu}", "partitoin")]
    [InlineData("tables: 1\nslurm: {atOnce: }", "line 2, column 17: atOnce has no value")]
    [InlineData("tables: 1\nslurm: {partition: null}", "line 2, column 20: partition has no value")]
    [InlineData("tables: 1\nrows: []", "rows has no value; give it one or take it out.")]
    [InlineData("tables: 1\nrows:", "rows has no value")]
    [InlineData("tables: 1\nrows: ['']", "rows has no value")]
    [InlineData("tables: ''", "tables has no value")]
    [InlineData("tables: 1\nprofile: ' '", "profile has no value")]
    [InlineData("tables: 1\ndata: ''", "data has no value")]
    [InlineData("tables: 1\nname: ''", "name has no value")]
    [InlineData("tables: 1\nresources: {device: ''}", "device has no value")]
    [InlineData("axes: {alpha: [0, 1]}\ntitle: ''", "title has no value")]
    [InlineData("tables: 1\nseeds: 2.5", "line 2, column 8: seeds: 2.5; expected a whole number from 1 to 100000.")]
    [InlineData("tables: 1\nseeds: 0", "line 2, column 8: seeds: 0; expected a whole number from 1 to 100000.")]
    [InlineData("tables: 1\nbudget:\n  runs: 1\n  hours: soon", "line 4, column 10: hours: soon; expected a number from 0 to 1000000000.")]
    [InlineData("tables: 1\nresources:\n  threads: -1", "line 3, column 12: threads: -1; expected a whole number from 0 to 4096.")]
    [InlineData("tables: 1\nresources: {kernels: quick}", "line 2, column 22: unknown kernels 'quick'. Known are fast, plain.")]
    [InlineData("tables: 1\nresources: {precision: tf16}", "line 2, column 24: unknown precision 'tf16'; did you mean 'tf32'? Known are tf32, float32.")]
    [InlineData("tables: [1, [2]]", "line 1, column 13: tables: expected a text.")]
    [InlineData("tables: 1\nseeds: [3]", "line 2, column 8: seeds: expected a whole number from 1 to 100000.")]
    [InlineData("tables: 1\nbudget: {hours: {a: 1}}", "hours: expected a number from 0 to 1000000000.")]
    [InlineData("tables: 1\nresources: {kernels: [fast]}", "kernels: expected one of fast, plain.")]
    [InlineData("axes: {alpha: [0, 1]}\ntexts: [true]", "texts: expected true or false.")]
    [InlineData("axes: {alpha: [0, 1]}\nset:", "line 2, column 5: set has no value; give it one or take it out.")]
    [InlineData("axes: {alpha: [0, [1, 2]]}", "line 1, column 19: expected a single value.")]
    [InlineData("axes: {alpha: [0, 1]}\nset: {size: }", "line 2, column 7: unknown size ''. Known are small, medium, middle, large.")]
    [InlineData("axes: {size: [small, huge]}", "line 1, column 22: unknown size 'huge'")]
    [InlineData("tables: 1\nslurm: {options: [--qos=long, --array=1]}", "line 2, column 31: slurm: options: --array=1: expected none of")]
    [InlineData("axes: {alpha: [0, 1]}\n\"x\\nline 9: forged\": 1", "unknown key 'x␊line 9: forged'")]
    [InlineData("tables: 1\nset: {alhpa: 2}", "line 2, column 7: unknown hyper-parameter 'alhpa'; did you mean 'alpha'?")]
    [InlineData("tables: 1\nset: {epochs: 0}", "line 2, column 7: epochs=0: expected a whole number from 1 to 100000.")]
    [InlineData("tables: 1\nprofile: larg", "line 2, column 10: Unknown profile 'larg'")]
    [InlineData("tables: 1\nseeds: 2,5", "seeds: 2,5; expected a whole number from 1 to 100000.")]
    [InlineData("tables: 1\nbudget: {hours: 1_0}", "hours: 1_0; expected a number from 0 to")]
    [InlineData("tables: 1\nbudget: 3", "budget: expected keys and values.")]
    [InlineData("tables: 1\nresources: {kernels: 1}", "unknown kernels '1'. Known are fast, plain.")]
    [InlineData("tables: 1\nresources: {thread: 2}", "line 2, column 13: unknown key 'thread'; did you mean 'threads'?")]
    [InlineData("tables: 1\nset:\n\talpha: 2", "line 3, column 1: a tab indents this line; YAML wants blanks there.")]
    [InlineData("tables: 1\nset:\n  alpha: 1\n  \tbeta: 2", "line 4, column 3: a tab indents this line")]
    public void Faults_are_named(string yaml, string expected)
    {
        var fault = Assert.Throws<WorkbenchException>(() => File_("bad.yaml", yaml).Plans(new(folder.Path)).SelectMany(p => p.Runs).ToList());
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.False(File.Exists("pwned"));
    }

    [Theory]
    [InlineData("""
        axes: {alpha: [0, one]}
        profile: larg
        seeds: 0
        name: ' '
        budget: {hurs: 3, runs: x}
        resources: {jobs: -1, thread: 2, device: gpu}
        slurm: {atOnce: -1, options: [[]]}
        cited: [{label: x, parameters: 24 million}]
        texts: yes
        samples: 4
        rows: [alpha=0]
        """, "line 1, column 19: alpha=one", "line 2, column 10: Unknown profile 'larg'", "line 3, column 8: seeds: 0", "line 4, column 7: name has no value",
        "line 5, column 10: unknown key 'hurs'; did you mean 'hours'?", "line 5, column 25: runs: x", "line 6, column 19: jobs: -1", "line 6, column 23: unknown key 'thread'; did you mean 'threads'?",
        "line 6, column 42: Unknown device 'gpu'", "line 7, column 17: atOnce: -1", "line 7, column 31: options has no value", "line 8, column 32: cited: parameters: 24 million", "line 9, column 8: texts: yes",
        "line 10, column 10: samples: expected together with random", "line 11, column 7: rows: expected together with one table")]
    [InlineData("""
        random: {alpha: {from: 2, to: 1}, alhpa: [1], beta: {from: 1, to: 2, log: yes}}
        map: {x: alpha}
        gainOver: words
        cited: [{test: n/a}]
        profile: larg
        """, "line 1, column 9: samples: a random search needs a number of rows", "line 1, column 17: random: alpha: expected some values", "line 1, column 35: unknown hyper-parameter 'alhpa'; did you mean 'alpha'?",
        "line 1, column 75: log: yes; expected true or false.", "line 2, column 6: map: expected each axis once", "line 2, column 10: unknown axis 'alpha'", "line 3, column 11: gainOver: 'words'",
        "line 4, column 9: cited: a row needs a label", "line 4, column 16: cited: test: n/a", "line 5, column 10: Unknown profile 'larg'")]
    [InlineData("""
        tables: [1, 9, surfac]
        rows: alpha=0
        set: {alhpa: 1}
        title: x
        seeds:
        """, "line 1, column 13: There is no table '9'", "line 1, column 16: There is no table 'surfac'", "line 2, column 7: rows: expected together with one table", "line 3, column 7: unknown hyper-parameter 'alhpa'", "line 4, column 1: unknown key 'title'",
        "line 5, column 7: seeds has no value")]
    [InlineData("random: {dropout: {from: 0.5, to: 3}, alpha: {from: -1, to: 1}, hidden: {from: 1, to: 1e15}, layers: {from: x, to: 2}}\nsamples: 3\nseeds: 0", "line 1, column 35: dropout=3: expected a number of at least 0 and below 1.",
        "line 1, column 53: alpha=-1: expected", "line 1, column 87: hidden=1000000000000000: expected", "line 1, column 109: from: x; expected a number", "line 3, column 8: seeds: 0")]
    [InlineData("random: {seed: [0, 1]}\nsamples: 3", "line 1, column 10: seed: rows have the seeds")]
    [InlineData("random: x\nsearchSeed: 1.5", "line 1, column 9: random: expected hyper-parameters", "line 2, column 13: searchSeed: 1.5")]
    [InlineData("axes: {alpha: [0, 1]}\nsearchSeed: 1.5", "line 2, column 13: searchSeed: expected together with random")]
    [InlineData("axes: {kind: {a: {epochs: 3, Ep_ochs: 4}, b: {}}}", "line 1, column 15: epochs")]
    [InlineData("axes: {alpha: [0, 0.0]}", "line 1, column 15: alpha: 0 is given twice")]
    [InlineData("axes: {alpha: }", "line 1, column 15: alpha has no values")]
    [InlineData("axes: {alpha: [~, 1]}", "line 1, column 16: expected a value, found none")]
    [InlineData("axes: {alpha: [0, 1], bta: [0, 1]}\nbaseline: {bta: 0}\nmap: {x: alpha, y: bta}\nnumber: 1", "line 1, column 23: unknown hyper-parameter 'bta'")]
    [InlineData("tables: 9\nrows: alpha=0", "line 1, column 9: There is no table '9'")]
    [InlineData("axes: {alpha: [0, 1]}\ntables: [1]", "line 2, column 9: a file names tables, or is a grid or a random search: name only one of them.")]
    [InlineData("tables: 1\nrows: [alpha=0, alpha=3]\nseeds: 0", "line 2, column 17: Table 1 has no row 'alpha=3'; did you mean", "line 3, column 8: seeds: 0")]
    public void All_faults_of_all_parts_are_said_at_once(string yaml, params string[] expected)
    {
        var said = Assert.Throws<WorkbenchException>(() => File_("bad.yaml", yaml)).Message.Split('\n');
        Assert.Equal(expected.Length, said.Length);
        Assert.All(expected.Zip(said), line => Assert.StartsWith($"{folder["bad.yaml"]}, {line.First}", line.Second, StringComparison.Ordinal));
    }

    /// <summary>A sweep, a notebook and the stored sweep read one and the same table.</summary>
    [Theory]
    [InlineData("axes: {alpha: [0, 1], cell: [lstm, gru]}\nbaseline: {alpha: 0}\nseeds: 2", 4)]
    [InlineData("grid: {alpha: [0, 1], cell: [lstm, gru]}\nset: {epochs: 3}\nprofile: smoke", 4)]
    [InlineData("random: {alpha: {from: 0, to: 4, whole: true}, beta: {from: 0.1, to: 4, log: true}}\nsamples: 3\nsearchSeed: 7\nname: drawn", 3)]
    public void A_file_is_the_same_table_wherever_it_is_read(string yaml, int rows)
    {
        var own = File_("my idea.yaml", yaml).OwnTable!;
        var stored = System.Text.Json.JsonSerializer.Deserialize<SweepSpec>(System.Text.Json.JsonSerializer.Serialize(SpecReader.Read(folder["my idea.yaml"]), Json.Compact), Json.Compact)!.OwnTable!;
        static IEnumerable<(string, string, string?)> Rows(Table table) => table.Rows.Select(r => (r.Id, string.Join(' ', r.Settings), r.Baseline?.Id));
        Assert.Equal((rows, "my-idea"), (own.Rows.Count, own.Id));
        Assert.All([KnownTables.Named(folder["my idea.yaml"]), stored], table => Assert.Equal(Rows(own), Rows(table)));
        Assert.Equal(own.Id, KnownTables.Named(folder["my idea.yaml"]).Id);
    }

    [Fact]
    public void A_stored_sweep_whose_table_is_refused_today_is_still_told_of()
    {
        var stored = SpecReader.Read("alpha=0|1, 2 seeds") with { Table = "{axes: {alpha: [0, 1]}, texts: yes}", OwnTable = null };
        Assert.Equal("2 seeds; profile quick", stored.ToString());
    }

    [Fact]
    public void Whole_numbers_may_be_written_with_their_decimals() =>
        Assert.Equal((2, 3), (File_("whole.yaml", "tables: 1\nseeds: 2.0").Seeds, SpecReader.Read("table 1, 3.0 seeds").Seeds));

    /// <summary>Each whole number is as likely as any other, and none is outside of what was said.</summary>
    [Fact]
    public void Whole_numbers_are_drawn_evenly()
    {
        // 3 x 1000 draws with a standard deviation of 26; some 180 of the rows come twice.
        var table = Table.Parse("{random: {layers: {from: 1, to: 3}, hidden: {from: 1, to: 8000}}, samples: 3000}");
        var counts = table.Rows.GroupBy(r => r.Settings.First(s => s.Key == "layers").Value).OrderBy(g => g.Key).Select(g => (g.Key, Count: g.Count())).ToList();
        Assert.Equal(["1", "2", "3"], counts.Select(c => c.Key));
        Assert.All(counts, c => Assert.InRange(c.Count, 850, 1050));
        // Ends that are no whole numbers themselves are not drawn, nor is what lies beyond them.
        Assert.Equal(["layers=2", "layers=3"], Table.Parse("{random: {layers: {from: 1.2, to: 3.7}}, samples: 50}").Rows.Select(r => r.Id).Order());
        Assert.Contains("from < to", Assert.Throws<WorkbenchException>(() => Table.Parse("{random: {layers: {from: 1.2, to: 1.7}}, samples: 5}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_of_keys_changes_no_draw()
    {
        IEnumerable<(string, string)> Drawn(string random) => Table.Parse($"{{random: {{{random}}}, samples: 20}}").Rows
            .Select(r => (r.Settings.First(s => s.Key == "dropout").Value, r.Settings.First(s => s.Key == "layers").Value));
        Assert.Equal(Drawn("dropout: {from: 0.1, to: 0.6}, layers: {from: 1, to: 3}"), Drawn("layers: {from: 1, to: 3}, dropout: {from: 0.1, to: 0.6}"));
    }

    [Fact]
    public void A_sentence_that_is_none_says_what_its_parts_are() =>
        Assert.Contains("'five seeds' is neither a file nor a part of a sweep's sentence.", Assert.Throws<WorkbenchException>(() => SpecReader.Read("table 1, five seeds")).Message, StringComparison.Ordinal);

    /// <summary>Any text is either understood or refused with a message; nothing else comes of it.</summary>
    [Fact]
    public void Any_text_at_all_is_read_or_refused() => Gen.OneOf(Gen.String, Gen.String[Gen.Char["{}[]:,&*!|>'\"#%@-? \n\ttables0123456789.=~"], 0, 60],
        Gen.String[Gen.Char["0123456789.e-:log|, "], 1, 20].Select(text => $"alpha={text}, 3 samples")).Sample(text =>
    {
        foreach (var given in new[] { text, "{" + text, "{tables: 1, name: " + text + "}" })
            try
            {
                SpecReader.Read(given);
            }
            catch (WorkbenchException e)
            {
                Assert.NotEmpty(e.Message);
            }
    }, iter: 3000);
}
