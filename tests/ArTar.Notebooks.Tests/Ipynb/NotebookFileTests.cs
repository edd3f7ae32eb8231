using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ArTar.Notebooks.Cells;
using ArTar.Notebooks.Ipynb;
using ArTar.Workbench;
using CsCheck;

namespace ArTar.Notebooks.Tests.Ipynb;

public sealed class NotebookFileTests
{
    private static readonly Gen<string> text = Gen.Int[0, 9].Select(i => new[] { "a", "ü", "😀", "\n", "\r", "\"", "\\", "\u2028", "\t", "<" }[i]).Array[0, 12].Select(string.Concat);

    private static readonly Gen<JsonObject> cell = Gen.Select(Gen.Int[0, 2], text, Gen.Bool, Gen.Int[0, 99], text).Select((kind, source, asLines, count, output) =>
    {
        var node = new JsonObject
        {
            ["cell_type"] = new[] { "code", "markdown", "raw" }[kind],
            ["source"] = asLines ? NotebookJson.Lines(source) : source,
            ["id"] = $"c{count}",
            ["metadata"] = new JsonObject { ["unknown"] = new JsonArray(1, 2.5, true, null), ["x"] = output },
        };
        if (kind == 0)
        {
            node["execution_count"] = count % 2 == 0 ? null : count;
            node["outputs"] = new JsonArray(new JsonObject { ["output_type"] = "stream", ["name"] = "stdout", ["text"] = NotebookJson.Lines(output) });
        }
        return node;
    });

    // As different programs write it: indented by nothing, one, two or four, with \u escapes or without, with Windows' line ends.
    private static readonly Gen<(byte[] Bytes, int Count)> file = Gen.Select(cell.Array[0, 5], Gen.Int[0, 4], Gen.Bool, Gen.Bool).Select((cells, indent, escaped, windows) =>
    {
        var root = new JsonObject
        {
            ["metadata"] = new JsonObject { ["cells"] = new JsonArray("not these") },
            ["cells"] = new JsonArray([.. cells.Select(c => c.DeepClone())]),
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
        };
        var options = new JsonSerializerOptions { WriteIndented = indent > 0, IndentSize = Math.Max(indent, 1), NewLine = windows ? "\r\n" : "\n" };
        if (!escaped)
            options.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        return (Encoding.UTF8.GetBytes(root.ToJsonString(options) + "\n"), cells.Length);
    });

    [Fact]
    public void What_is_read_is_written_byte_for_byte() => file.Sample(f =>
    {
        var notebook = NotebookFile.Parse(f.Bytes);
        Assert.Equal(f.Count, notebook.Cells.Count);
        Assert.Equal(f.Bytes, notebook.ToBytes());
        foreach (var cell in notebook.Cells)
        {
            cell.Source = new string(cell.Source);
            cell.ExecutionCount = cell.ExecutionCount;
            if (cell.Type == "code")
                cell.Outputs = (JsonArray)cell.Outputs.DeepClone();
        }
        Assert.Equal(f.Bytes, notebook.ToBytes());
    });

    [Fact]
    public void A_changed_cell_leaves_all_others_byte_for_byte() => Gen.Select(file, Gen.Int[0, 100], text).Sample((f, which, source) =>
    {
        if (f.Count == 0)
            return;
        var notebook = NotebookFile.Parse(f.Bytes);
        var index = which % f.Count;
        var before = notebook.Cells.Select(c => Encoding.UTF8.GetString(c.ToBytes(2))).ToList();
        notebook.Cells[index].Source = source + "!";
        var written = notebook.ToBytes();
        var again = NotebookFile.Parse(written);
        Assert.Equal(source + "!", again.Cells[index].Source);
        for (var i = 0; i < f.Count; i++)
            if (i != index)
                Assert.Equal(before[i], Encoding.UTF8.GetString(again.Cells[i].ToBytes(2)));
        var (start, end) = (0, 0);
        while (start < written.Length && start < f.Bytes.Length && written[start] == f.Bytes[start])
            start++;
        while (end < written.Length - start && end < f.Bytes.Length - start && written[^(end + 1)] == f.Bytes[^(end + 1)])
            end++;
        // What differs lies within that one cell.
        Assert.True(f.Bytes.Length - end - start <= before[index].Length * 4);
    });

    [Fact]
    public void Inserted_cells_are_found_again() => Gen.Select(file, Gen.Int[0, 100], text).Sample((f, where, source) =>
    {
        var notebook = NotebookFile.Parse(f.Bytes);
        notebook.Insert(where % (f.Count + 1), NotebookCell.NewCode("new", source, "injected-parameters"));
        var again = NotebookFile.Parse(notebook.ToBytes());
        Assert.Equal(f.Count + 1, again.Cells.Count);
        var found = again.Cells[where % (f.Count + 1)];
        Assert.Equal((source, "new", "injected-parameters"), (found.Source, found.Id, found.Tags.Single()));
    });

    [Fact]
    public void Cells_are_written_as_Jupyter_writes_them()
    {
        var bytes = File.ReadAllBytes(Artar.Data("test.ipynb"));
        var notebook = NotebookFile.Parse(bytes);
        foreach (var cell in notebook.Cells)
        {
            // Written anew, each cell comes out as it was.
            var source = cell.Source;
            cell.Source = source + "x";
            cell.Source = source;
        }
        Assert.Equal(Encoding.UTF8.GetString(bytes), Encoding.UTF8.GetString(notebook.ToBytes()));
    }

    [Theory]
    [InlineData("1.0", "1")]
    [InlineData("-0.0", "0")]
    [InlineData("1E-05", "0.00001")]
    [InlineData("-1.5E-06", "-0.0000015")]
    [InlineData("1E-07", "1e-7")]
    [InlineData("1.25e-7", "1.25e-7")]
    [InlineData("4.9999999999999996E-06", "0.0000049999999999999996")]
    [InlineData("1E+20", "100000000000000000000")]
    [InlineData("1e21", "1e+21")]
    [InlineData("1.5E+300", "1.5e+300")]
    [InlineData("5e-324", "5e-324")]
    [InlineData("123456789012345680000", "123456789012345680000")]
    [InlineData("0.1", "0.1")]
    [InlineData("216.49", "216.49")]
    [InlineData("100", "100")]
    public void Numbers_are_written_as_JavaScript_writes_them(string number, string expected) => Assert.Equal(expected, NotebookJson.Number(number));

    [Fact]
    public void A_number_means_the_same_however_it_is_written() =>
        Gen.Double.Where(double.IsFinite).Sample(value => Assert.Equal(value, double.Parse(NotebookJson.Number(value.ToString("R", CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture)));

    [Fact]
    public void A_picture_is_stored_as_one_string_and_text_as_lines()
    {
        var collector = new OutputCollector();
        collector.Add(new CellOutput.Display(new(new() { ["image/png"] = "iVBOR", ["image/svg+xml"] = "<svg>\n</svg>", ["text/plain"] = "a\nb" }), "1", false));
        var notebook = NotebookFile.Parse("{\"cells\":[{\"cell_type\":\"code\",\"source\":\"\",\"outputs\":[]}],\"metadata\":{},\"nbformat\":4,\"nbformat_minor\":5}"u8.ToArray());
        collector.End(notebook.Cells[0], 1, new(null, null));
        collector.Apply();
        Assert.Equal("{\"image/png\":\"iVBOR\",\"image/svg\\u002Bxml\":[\"\\u003Csvg\\u003E\\n\",\"\\u003C/svg\\u003E\"],\"text/plain\":[\"a\\n\",\"b\"]}",
            notebook.Cells[0].Outputs[0]!["data"]!.ToJsonString());
    }

    [Theory]
    [InlineData("", "is not a notebook")]
    [InlineData("[]", "no JSON object")]
    [InlineData("{\"nbformat\": 4, \"cells\": [", "is not a notebook")]
    [InlineData("{\"nbformat\": 3, \"worksheets\": []}", "nbformat is 3")]
    [InlineData("{\"nbformat\": \"4\", \"cells\": []}", "nbformat is")]
    [InlineData("{\"nbformat\": 4}", "no list of cells")]
    [InlineData("{\"nbformat\": 4, \"cells\": [1]}", "no list of cells")]
    [InlineData("{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"code\", \"source\": 1}]}", "Cell 1 has no source")]
    [InlineData("{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"heading\", \"source\": \"\"}]}", "Cell 1 has the type \"heading\"")]
    [InlineData("{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"code\", \"source\": \"\", \"outputs\": {}}]}", "Cell 1 has")]
    [InlineData("{\"nbformat\": 4, \"nbformat\": 4, \"cells\": []}", "is not a notebook")]
    public void Files_that_are_no_notebooks_are_refused_by_name(string content, string expected)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, content);
        var message = Assert.Throws<WorkbenchException>(() => NotebookFile.Load(path)).Message;
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        File.Delete(path);
    }

    [Fact]
    public void Damaged_files_never_crash()
    {
        var bytes = File.ReadAllBytes(Artar.Data("test.ipynb"));
        var path = Path.GetTempFileName();
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte, Gen.Bool).Sample((at, value, cut) =>
        {
            var damaged = cut ? bytes[..at] : [.. bytes[..at], value, .. bytes[(at + 1)..]];
            try
            {
                NotebookFile.Parse(damaged).ToBytes();
            }
            catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException)
            {
            }
        }, iter: 2000);
        File.Delete(path);
    }
}
