using ArTar.Workbench;
using ArTar.Workbench.Output;

namespace ArTar.Tests.Output;

/// <summary>One sheet with everything that is hard, in each format.</summary>
public class SheetTests
{
    private static readonly Sheet sheet = new(
        [new("row", Words: true), new("valid") { Best = -1 }, new("gain %") { Key = "gain_percent", Best = 1 }, new("empty"), new("remarks", Words: true)],
        [
            new(["alpha_1 | 50 %", Cell.Figure(216.476, 0.424), Cell.Figure(-1.5, 0.25, signed: true), "", "2 of 3 <eos>"]),
            new(["alpha\\2", Cell.Figure(209.5, 10.0), Cell.Figure(3.25, 0.5, signed: true), "", "\e[1m\n"]),
            new(["cited: A & B", "81.9 ± 0.2", "", "", ""], Tone.Muted) { BeginsPart = true },
        ])
    {
        Title = "Table 1. AR alone",
        Subtitle = "profile quick",
        Notes = ["mean ± standard deviation", "key_a=1"],
    };

    private static Sheet Full => sheet.WithoutEmptyColumns();

    private sealed record Words(string Text, double Number);

    /// <summary>A spreadsheet computes what begins so; taking the first apostrophe away gives the words again.</summary>
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("+cmd", "'+cmd")]
    [InlineData("-2 words", "'-2 words")]
    [InlineData(" =1", "' =1")]
    [InlineData("＝1", "'＝1")]
    [InlineData("=a,\"b\"", "\"'=a,\"\"b\"\"\"")]
    [InlineData("'quoted", "''quoted")]
    [InlineData("'=1", "''=1")]
    [InlineData("\t=1", "'␉=1")]
    [InlineData("-", "-")]
    [InlineData("a=1", "a=1")]
    [InlineData("", "")]
    public void Words_in_csv_are_no_formulas_and_numbers_stay_numbers(string text, string expected) =>
        Assert.Equal($"text,number\n{expected},-1.5\n", Records.ToCsv([new Words(text, -1.5)]));

    [Fact]
    public void Plain_text_aligns_words_left_and_figures_right_and_leaves_out_what_is_empty() => Assert.Equal(
        [
            "row                      valid        gain %  remarks",
            "──────────────────────────────────────────────────────────",
            "alpha_1 | 50 %   216.48 ± 0.42  −1.50 ± 0.25  2 of 3 <eos>",
            "alpha\\2         209.50 ± 10.00  +3.25 ± 0.50  ␛[1m␊",
            "──────────────────────────────────────────────────────────",
            "cited: A & B        81.9 ± 0.2",
        ],
        PlainText.Lines(sheet).Select(l => l.Text));

    [Fact]
    public void A_column_that_has_no_room_is_named()
    {
        var wide = new Sheet([new("row", Words: true), new("a", Priority: 9), new("b", Priority: 8), new("c")], [new(["first row", "1111111111", "2222222222", "3"])]);
        Assert.Equal(["row        c", "────────────", "first row  3", "no room for: a, b"], PlainText.Lines(wide, 18).Select(l => l.Text));
        Assert.Equal(["row                 b  c", "────────────────────────", "first row  2222222222  3", "no room for: a"], PlainText.Lines(wide, 30).Select(l => l.Text));
        Assert.Equal("first row  1111111111  2222222222  3", PlainText.Lines(wide, 36).Last().Text);
    }

    /// <summary>A filter of which nothing is left, say.</summary>
    [Fact]
    public void A_table_without_a_row_or_without_anything_in_it_shows_its_columns()
    {
        IReadOnlyList<Column> columns = [new("row", Words: true), new("valid")];
        Assert.Equal(["row  valid", "──────────"], PlainText.Lines(new(columns, [])).Select(l => l.Text));
        Assert.Equal(["row  valid", "──────────", ""], PlainText.Lines(new(columns, [new(["", ""])])).Select(l => l.Text));
        Assert.Contains("| row | valid |", Markdown.Of(new Sheet(columns, []).WithoutEmptyColumns()), StringComparison.Ordinal);
        Assert.Empty(PlainText.Lines(new([], [])).SelectMany(l => l.Text));
    }

    [Fact]
    public void A_name_that_has_no_room_goes_on_below_itself_and_in_a_list_that_moves_it_is_cut()
    {
        var name = "cited: Inan et al. 2016, variational LSTM (tied) + augmented loss";
        var wide = new Sheet([new("row", Words: true), new("valid")], [new([name, "91.5"]), new(["LSTM", "209.34"])]);
        string[] lines = [.. PlainText.Lines(wide, 50).Select(l => l.Text)];
        Assert.Equal(["cited: Inan et al. 2016, variational LSTM     91.5", "  (tied) + augmented loss"], lines[2..4]);
        Assert.All(lines, l => Assert.InRange(l.Length, 1, 50));
        Assert.Equal(name, string.Join(' ', lines[2].Replace("91.5", "", StringComparison.Ordinal).Trim(), lines[3].Trim()));
        Assert.Equal(4, PlainText.Lines(wide, 50, isLive: true).Count());
    }

    [Fact]
    public void Where_no_column_can_go_the_widest_and_the_headers_are_broken_too_and_no_word_is_lost()
    {
        var claims = new Sheet([new("the paper's claim", Words: true), new("verdict", Words: true), new("mean (95 % interval)")],
            [new(["1   AR lowers validation perplexity", "not run: 17 of 32 runs missing", "+3.3 % (+2.9 to +3.6)"]), new(["ptb-lstm200-alpha2-beta1-seed1-0786e78b", "held", "1"])]);
        string[] lines = [.. PlainText.Lines(claims, 60).Select(l => l.Text)];
        Assert.All(lines, l => Assert.InRange(l.Length, 1, 60));
        Assert.DoesNotContain('…', string.Concat(lines));
        static string Letters(IEnumerable<string> texts) => string.Concat(string.Concat(texts).Where(char.IsLetterOrDigit).Order());
        Assert.Equal(Letters([.. claims.Columns.Select(c => c.Header), .. claims.Rows.SelectMany(r => r.Cells).Select(c => c.Text)]), Letters(lines));
        Assert.StartsWith("1   AR lowers", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_escapes_what_would_end_a_cell_or_vanish() => Assert.Equal(
        """
        **Table 1. AR alone** (profile quick)

        | row | valid | gain % | remarks |
        | --- | ---: | ---: | --- |
        | alpha_1 \| 50 % | 216.48 ± 0.42 | −1.50 ± 0.25 | 2 of 3 \<eos> |
        | alpha\\2 | 209.50 ± 10.00 | +3.25 ± 0.50 | ␛\[1m␊ |
        | cited: A & B | 81.9 ± 0.2 |  |  |

        - mean ± standard deviation
        - key_a=1

        """, Markdown.Of(Full));

    [Fact]
    public void Latex_has_booktabs_rules_and_the_best_in_bold() => Assert.Equal(
        """
        % Table 1. AR alone (profile quick)
        % mean ± standard deviation
        % key_a=1
        % needs \usepackage{booktabs}
        \begin{tabular}{@{}lrrl@{}}
          \toprule
          row & valid & gain \% & remarks \\
          \midrule
          alpha\_1 \textbar{} 50 \% & $216.48 \pm 0.42$ & $-1.50 \pm 0.25$ & 2 of 3 \textless{}eos\textgreater{} \\
          alpha\textbackslash{}2 & $\mathbf{209.50 \pm 10.00}$ & $\mathbf{+3.25 \pm 0.50}$ & ␛{[}1m␊ \\
          \midrule
          cited: A \& B & 81.9 $\pm$ 0.2 &  &  \\
          \bottomrule
        \end{tabular}

        """, Latex.Of(Full));

    [Fact]
    public void Latex_aligns_at_the_decimal_point_where_siunitx_is_asked_for()
    {
        var text = Latex.Of(Full, siunitx: true);
        Assert.Contains("S[table-format = 3.2(4)]", text, StringComparison.Ordinal);
        Assert.Contains("S[table-format = +1.2(2)]", text, StringComparison.Ordinal);
        Assert.Contains(@"row & {valid} & {gain \%} & remarks \\", text, StringComparison.Ordinal);
        Assert.Contains(@"& \bfseries 209.50 +- 10.00 & \bfseries +3.25 +- 0.50 &", text, StringComparison.Ordinal);
        Assert.Contains(@"cited: A \& B & {81.9 $\pm$ 0.2} & ", text, StringComparison.Ordinal);
    }

    /// <summary>After a row's end, <c>[</c> begins its options and <c>*</c> is one; in a caption's short form <c>]</c> ends it.</summary>
    [Theory]
    [InlineData("[x] seven", "{[}x{]} seven")]
    [InlineData("*nine", "{*}nine")]
    public void Latex_reads_no_label_as_its_own(string label, string expected)
    {
        Assert.Equal(expected, Latex.Escaped(label));
        Assert.Contains("\\midrule\n  " + expected + " \\\\\n", Latex.Of(Sheet.Of([new("row", Words: true)], [(IReadOnlyList<Cell>)[label]])),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Latex_puts_the_notes_into_a_caption() => Assert.Equal(
        """
        \caption[Table 1. AR alone]{%
          Table 1. AR alone (profile quick).
          mean $\pm$ standard deviation.
          key\_a=1.
        }

        """, Latex.Caption(Full));

    [Fact]
    public void Html_escapes_and_puts_back_what_is_cited()
    {
        var html = HtmlTable.Of(Full);
        Assert.Contains("<td style=\"text-align:left\">2 of 3 &lt;eos&gt;</td>", html, StringComparison.Ordinal);
        Assert.Contains("<td style=\"text-align:left;color:#767676\">cited: A &amp; B</td>", html, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', html);
    }

    [Fact]
    public void Columns_are_chosen_by_key_or_header_and_figures_rounded()
    {
        var chosen = sheet.Choose(["GAIN_percent", "row"]).Rounded(1);
        Assert.Equal(["gain %", "row"], chosen.Columns.Select(c => c.Header));
        Assert.Equal(["−1.5 ± 0.2", "alpha_1 | 50 %"], chosen.Rows[0].Cells.Select(c => c.Text));
        Assert.Equal(["", "cited: A & B"], chosen.Rows[2].Cells.Select(c => c.Text));
        var refused = Assert.Throws<WorkbenchException>(() => sheet.Choose(["tset"]));
        Assert.Equal("There is no column 'tset'; expected some of row, valid, gain_percent, empty, remarks.", refused.Message);
    }

    [Fact]
    public void Code_in_markdown_closes_no_fence_and_words_in_latex_have_its_minus()
    {
        Assert.Equal("````bash\na --data '```'\nb␊\n````\n", Markdown.Code("bash", ["a --data '```'", "b\n"]));
        Assert.Equal(@"+3.4 \% ($-$1.0 to +7.8)", Latex.Escaped("+3.4 % (−1.0 to +7.8)"));
    }

    [Fact]
    public void Json_keeps_what_turns_the_direction_of_writing_without_turning_it()
    {
        var json = Records.ToJson(new Words("user\u202Etxt\u2066", 1));
        Assert.Contains(@"user\u202etxt\u2066", json, StringComparison.Ordinal);
        Assert.Equal("user\u202Etxt\u2066", System.Text.Json.JsonDocument.Parse(json).RootElement.GetProperty("text").GetString());
    }

    [Fact]
    public void Records_have_snake_case_names_full_precision_and_null_for_what_is_no_number()
    {
        var records = new[] { new Line(1, "a,b\n\"c\"", 0.1 + 0.2, null, [1]), new Line(2, "", double.NaN, double.PositiveInfinity, []) };
        Assert.Equal("row_id,label,valid_loss,test,seeds\n1,\"a,b␊\"\"c\"\"\",0.30000000000000004,,[1]\n2,,,,[]\n", Records.ToCsv(records));
        var json = System.Text.Json.Nodes.JsonNode.Parse(Records.ToJson(records))!;
        Assert.Equal(0.1 + 0.2, json[0]!["valid_loss"]!.GetValue<double>());
        Assert.Null(json[1]!["valid_loss"]);
        Assert.True(json[0]!.AsObject().ContainsKey("test"));
    }

    internal sealed record Line(int RowId, string Label, double ValidLoss, double? Test, int[] Seeds);
}
