using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ArTar.Tests.CommandLine;

/// <summary>Tables, from training to what is printed.</summary>
public sealed class TableTests : IDisposable
{
    private readonly Artar artar = new();

    public void Dispose() => artar.Dispose();

    private Said Table(int number, params string[] arguments) => artar.Run(["table", $"{number}", .. Artar.Tiny, .. arguments]);

    private static string F2(double value) => value.ToString("F2", CultureInfo.InvariantCulture);

    [Fact]
    public void Markdown_shows_what_the_runs_stored()
    {
        var said = Table(1, "--rows", "alpha=0,alpha=2", "--format", "markdown");
        Assert.Equal(0, said.Code);
        var (zero, two) = (artar.Folder("lstm8-seed1"), artar.Folder("alpha2"));
        var (v0, v2) = (Artar.Perplexity(zero, "valid"), Artar.Perplexity(two, "valid"));
        static string Sign(double value) => (value >= 0 ? "+" : "") + F2(value);
        static string Train(string folder) => F2(Math.Exp(Artar.Summary(folder)["lastEpoch"]!["trainLoss"]!.GetValue<double>()));

        // Time and speed are the machine's; 8,298 = 794 * 8 + 794 + 2 * 4 * (2 * 64 + 2 * 8) parameters.
        var text = Regex.Replace(said.Output, @"[\d.]+ s \| [\d,]+ \|", "T | S |");
        string[] expected =
        [
            "**Table 1. AR alone** (profile quick, on synthetic)",
            "",
            "| row | params | valid | test | gain | gain % | train | time | tokens/s |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
            $"| alpha = 0 | 8K | {F2(v0)} | {F2(Artar.Perplexity(zero, "test"))} |  |  | {Train(zero)} | T | S |",
            $"| alpha = 2 | 8K | {F2(v2)} | {F2(Artar.Perplexity(two, "test"))} | {Sign(v0 - v2)} | {Sign(100 * (v0 - v2) / v0)} | {Train(two)} | T | S |",
        ];
        Assert.Equal(expected, text.Split('\n').Take(6));
        foreach (var part in new[] { "- best possible (ideal model): valid ", "- data: synthetic, hash ", "profile quick; seed 1;", "learningRate=10",
            "- set by hand: epochs=2 hidden=8 trainTokens=3000 batchSize=10", "- assumed, as these digits are not legible in the text of the paper that we have: the six values of alpha", "- measured on cpu, 1 thread, ", "libtorch 2.", "workbench " })
            Assert.Contains(part, text, StringComparison.Ordinal);
    }

    /// <summary>What a file says counts wherever no option says otherwise; an older word for axes is read here, too.</summary>
    [Fact]
    public void A_file_says_what_options_say()
    {
        string Listed(string file, params string[] arguments)
        {
            File.WriteAllText(Path.Combine(artar.Home, "idea.yaml"), file);
            return Listing(["table", Path.Combine(artar.Home, "idea.yaml"), "--dry-run", .. arguments]);
        }
        string Listing(params string[] arguments)
        {
            var said = artar.Run(arguments);
            Assert.Equal(("", 0), (said.Errors.Contains("artar: ", StringComparison.Ordinal) ? said.Errors : "", said.Code));
            return said.Output;
        }
        const string file = "tables: 1\nrows: [alpha=0, alpha=2]\nset: {epochs: 2, hidden: 8}\ndata: synthetic\nprofile: laptop\nseeds: 2\n";
        string[] options = ["table", "1", "--dry-run", "--data", "synthetic", "--profile", "laptop"];
        Assert.Equal(Listing([.. options, "--rows", "alpha=0,alpha=2", "--set", "epochs=2", "hidden=8", "--seeds", "2"]), Listed(file));
        Assert.Equal(Listing([.. options, "--rows", "alpha=1", "--set", "epochs=3", "hidden=8"]), Listed(file, "--rows", "alpha=1", "--set", "epochs=3", "--seeds", "1"));
        Assert.Equal(Listed("axes: {alpha: [0, 1]}"), Listed("grid: {alpha: [0, 1]}"));
    }

    [Fact]
    public void Finished_rows_are_skipped()
    {
        Table(1, "--rows", "alpha=1");
        var summary = Path.Combine(artar.Folder("alpha1"), "summary.json");
        var before = File.ReadAllText(summary);
        var said = Table(1, "--rows", "alpha=0,alpha=1");
        Assert.Contains("alpha = 0: epoch 1/2", said.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("alpha = 1: epoch", said.Errors, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(summary));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(140)]
    public void Redirected_output_has_no_control_codes_and_fits(int width)
    {
        var said = Artar.Finish(artar.Start(["table", "5", "--rows", "medium+ar+tar", .. Artar.Tiny], ("COLUMNS", $"{width}")));
        Assert.Equal(0, said.Code);
        Assert.All(said.Output + said.Errors, c => Assert.True(c == '\n' || !char.IsControl(c), $"U+{(int)c:X4}"));
        Assert.All(said.Output.Split('\n'), line => Assert.True(line.Length <= width, line));
        Assert.Contains("cited: Zoph & Le 2016, NAS cell (tied)", said.Output, StringComparison.Ordinal);
        Assert.Matches(@"Kim et al\. 2016, CharCNN +19M +- +78\.9", said.Output);
        // What has no room is named, and nothing goes without a word.
        Assert.Equal(width == 140, said.Output.Split('\n')[2].Contains("tokens/s", StringComparison.Ordinal));
        Assert.Equal(width == 140, !said.Output.Contains("no room for: tokens/s", StringComparison.Ordinal));
        Assert.Equal(["LSTM, medium, AR + TAR: epoch 1/2", "LSTM, medium, AR + TAR: epoch 2/2", $"Figure: {Path.Combine(artar.Home, "figures", "table-5-quick.html")}"],
            said.Errors.TrimEnd().Split('\n').Select(line => Regex.Replace(line, ", train .*", "")));
    }

    [Fact]
    public void Seeds_give_mean_and_deviation()
    {
        Assert.Equal(0, Table(2, "--rows", "beta=0,beta=2", "--seeds", "3").Code);
        double[] Valid(string row) => [.. Enumerable.Range(1, 3).Select(seed => Artar.Perplexity(artar.Folder($"{row}-seed{seed}-"), "valid"))];
        static string Text(double[] values)
        {
            double sum = 0, squares = 0;
            foreach (var v in values)
                sum += v;
            foreach (var v in values)
                squares += Math.Pow(v - sum / values.Length, 2);
            return $"{F2(sum / values.Length)} ± {F2(Math.Sqrt(squares / (values.Length - 1)))}";
        }

        var (plain, tar) = (Valid("lstm8"), Valid("beta2"));
        var markdown = Table(2, "--rows", "beta=0,beta=2", "--seeds", "3", "--stored", "--format", "markdown").Output;
        Assert.Contains($"| beta = 0 | 8K | {Text(plain)} |", markdown, StringComparison.Ordinal);
        var gain = Text([.. plain.Zip(tar, (a, b) => a - b)]);
        Assert.Matches($@"\| beta = 2 \| 8K \| {Regex.Escape(Text(tar))} \| [\d.]+ ± [\d.]+ \| \+?{Regex.Escape(gain)} \|", markdown);

        var lines = Table(2, "--rows", "beta=0,beta=2", "--seeds", "3", "--stored", "--format", "csv").Output.TrimEnd().Split('\n');
        Assert.Equal(7, lines.Length);
        var header = lines[0].Split(',');
        var third = lines[3].Split(',');
        Assert.Equal(header.Length, third.Length);
        Assert.Equal("3", third[Array.IndexOf(header, "seed")]);
        Assert.Equal(plain[2], double.Parse(third[Array.IndexOf(header, "valid_perplexity")], CultureInfo.InvariantCulture));

        var json = JsonNode.Parse(Table(2, "--rows", "beta=0,beta=2", "--seeds", "3", "--stored", "--format", "json").Output)!;
        Assert.Equal([.. plain, .. tar], json["rows"]!.AsArray().Select(r => r!["valid_perplexity"]!.GetValue<double>()));
    }

    [Fact]
    public void Side_by_side_gives_the_same_bits_as_one_after_the_other()
    {
        using var other = new Artar();
        Assert.Equal(0, Table(1, "--rows", "alpha=0,alpha=1,alpha=2", "--jobs", "1").Code);
        Assert.Equal(0, other.Run(["table", "1", .. Artar.Tiny, "--rows", "alpha=0,alpha=1,alpha=2", "--jobs", "3"]).Code);
        foreach (var row in new[] { "lstm8-seed1", "alpha1", "alpha2" })
            Artar.AssertSame(artar.Folder(row), other.Folder(row));
    }

    [Fact]
    public void A_diverged_row_is_shown_as_such_and_the_table_goes_on()
    {
        var said = artar.Run("table", "6", "--rows", "gru,tanh", "--jobs", "1", "--threads", "1", "--set", "epochs=2", "hidden=8", "trainTokens=3000", "learningRate=1e30");
        Assert.Equal(0, said.Code);
        Assert.Matches(@"GRU .*diverged\n", said.Output);
        Assert.Matches(@"tanh RNN .*diverged\n", said.Output);
        Assert.Contains("GRU: diverged, Diverged in epoch 1", said.Errors, StringComparison.Ordinal);
        // It is kept as a result: not even --retry trains it again.
        said = artar.Run("table", "6", "--rows", "gru,tanh", "--retry", "--threads", "1", "--set", "epochs=2", "hidden=8", "trainTokens=3000", "learningRate=1e30");
        Assert.Equal((0, ""), (said.Code, said.Errors));
    }

    [Fact]
    public void Failed_rows_stay_visible_until_retry()
    {
        Table(1, "--rows", "alpha=1");
        var path = Path.Combine(artar.Folder("alpha1"), "summary.json");
        var finished = JsonNode.Parse(File.ReadAllText(path))!;
        var failed = finished.DeepClone();
        failed["status"] = "outOfMemory";
        File.WriteAllText(path, failed.ToJsonString());

        var said = Table(1, "--rows", "alpha=1");
        Assert.Equal(3, said.Code);
        Assert.Matches(@"alpha = 1 .*out of memory\n", said.Output);
        said = Table(1, "--rows", "alpha=1", "--retry");
        Assert.Equal(0, said.Code);
        Assert.Equal(finished["testLoss"]!.ToJsonString(), Artar.Summary(artar.Folder("alpha1"))["testLoss"]!.ToJsonString());
    }

    [Fact]
    public void Table_7_shows_text()
    {
        var said = Table(7);
        Assert.Equal(0, said.Code);
        Assert.Contains("150 words at temperature 1", said.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("<eos> la", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Own_text_is_found_again_by_the_workers()
    {
        OwnText.Write(Path.Combine(artar.Home, "my texts"));
        var said = artar.Run("table", "1", "--rows", "alpha=0", "--data", "my texts", "--threads", "1", "--set", "epochs=1", "hidden=8", "batchSize=4", "evaluationBatchSize=2", "--output", "table.md");
        Assert.Equal((0, ""), (said.Code, said.Output));
        var text = File.ReadAllText(Path.Combine(artar.Home, "table.md"));
        Assert.Contains("data: my texts, hash ", text, StringComparison.Ordinal);
        Assert.Contains("my_texts-lstm8-seed1", Path.GetFileName(Directory.GetDirectories(artar.Runs).Single()), StringComparison.Ordinal);
    }

    /// <summary>Fast is the default and no wish: what the fast kernels do not know is trained by the plain ones, by workers of a table, too.</summary>
    [Theory]
    [InlineData("zoneoutHidden=0.2", "fast")]
    [InlineData("layerNorm=true", "plain")]
    public void A_technique_of_others_takes_the_kernels_that_know_it_unasked(string setting, string kernels)
    {
        var said = artar.Run(["table", "1", "--rows", "alpha=2", .. Artar.Tiny, setting]);
        Assert.Equal((0, true), (said.Code, said.Output.Contains($"{kernels} kernels", StringComparison.Ordinal)));
        var folder = artar.Folder("synthetic");
        Assert.Contains($"-alpha2-{setting.Replace("=true", "", StringComparison.Ordinal).Replace("=", "", StringComparison.Ordinal)}-", folder, StringComparison.Ordinal);
        Assert.Equal(kernels, Artar.Summary(folder)["circumstances"]!["kernels"]!.GetValue<string>());
        var valid = $"valid perplexity {Artar.Perplexity(folder, "valid").ToString("F2", CultureInfo.InvariantCulture)} (";
        Assert.StartsWith(valid, artar.Run("evaluate", folder, "--threads", "1").Output, StringComparison.Ordinal);
        var fast = artar.Run("evaluate", folder, "--threads", "1", "--kernels", "fast");
        Assert.Equal(kernels == "plain" ? 1 : 0, fast.Code);
        Assert.Contains(kernels == "plain" ? "--kernels fast: the fast kernels do not know " : valid, fast.Errors + fast.Output, StringComparison.Ordinal);
        // The same request again finds what it would train.
        Assert.DoesNotContain("trained otherwise", artar.Run(["table", "1", "--rows", "alpha=2", .. Artar.Tiny, setting]).Errors, StringComparison.Ordinal);
        Assert.Equal(0, artar.Run("sample", folder, "--words", "5", "--threads", "1").Code);
        Assert.Equal(0, artar.Run("probe", folder, "--windows", "2").Code);
    }

    [Fact]
    public void Columns_that_are_asked_for_are_shown_also_where_they_hold_nothing()
    {
        Assert.Matches("(?m)^row +valid +gain %$", artar.Run("table", "1", "--stored", "--columns", "row,valid,gain_percent").Output);
        Assert.Contains("| row | valid | test |", artar.Run("table", "1", "--stored", "--columns", "row,valid,test", "--format", "markdown").Output, StringComparison.Ordinal);
        var figure = Path.Combine(artar.Home, "mine.html");
        var said = artar.Run("table", "1", "--stored", "--format", "markdown", "--figure", figure);
        Assert.DoesNotContain("valid |", said.Output, StringComparison.Ordinal);
        Assert.Contains($"'{figure}' was not written: no row has a result to draw.", said.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(figure));
    }

    [Fact]
    public void A_dry_run_lists_and_stores_nothing()
    {
        var said = artar.Run("table", "2", "--dry-run", "--seeds", "2");
        Assert.Equal(0, said.Code);
        Assert.Equal(12, said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(l => l.StartsWith("not run  ", StringComparison.Ordinal)));
        Assert.False(Directory.Exists(artar.Runs));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(140)]
    public void On_a_terminal_progress_is_live_and_the_table_fits(int width)
    {
        const string script = "/usr/bin/script"; // gives a command a terminal of its own
        Requires.That(File.Exists(script), "script", "it is part of util-linux");
        string[] command = ["table", "1", "--rows", "alpha=0", .. Artar.Tiny];
        var said = Artar.Finish(artar.Start(["-qec", $"stty cols {width}; '{Artar.Program}' {string.Join(' ', command)}", "/dev/null"], script, ("NO_COLOR", "1")));
        Assert.Equal(0, said.Code);
        Assert.Contains("\e[?25l", said.Output, StringComparison.Ordinal); // the cursor is hidden while it draws, and shown again
        Assert.True(said.Output.LastIndexOf("\e[?25h", StringComparison.Ordinal) > said.Output.LastIndexOf("\e[?25l", StringComparison.Ordinal));
        Assert.DoesNotMatch("\e\\[[0-9;]*(3[0-9]|9[0-7])[;m]", said.Output); // NO_COLOR
        var plain = System.Text.RegularExpressions.Regex.Replace(said.Output, "\e\\[[0-9;?]*[A-Za-z]", "");
        Assert.All(plain.Split('\n'), line => Assert.True(line.Split('\r').Max(part => part.Length) <= width, line));
        Assert.Matches("alpha = 0 +8K +[0-9.]+ +[0-9.]+", plain);
    }

    /// <summary>The picture that nobody asked for may fail: another user's workspace cannot be written to.</summary>
    [Fact]
    public void A_table_is_shown_where_no_figure_can_be_drawn()
    {
        File.WriteAllText(Path.Combine(artar.Home, "figures"), "a file where the figures should lie");
        var said = artar.Run(["table", "1", "--rows", "alpha=0", .. Artar.Tiny]);
        Assert.Equal(0, said.Code);
        Assert.Contains("alpha = 0", said.Output, StringComparison.Ordinal);
        Assert.Contains("\nNo figure: ", said.Errors, StringComparison.Ordinal);
    }
}
