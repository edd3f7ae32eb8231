using System.Text.RegularExpressions;

namespace ArTar.Tests;

/// <summary>How the source is laid out: dependencies point one way, and a type is found by its file's name.</summary>
public partial class HouseTests
{
    // Each folder may know those before it, and itself.
    private static readonly string[] order =
    [
        "Output", "Display", "Data", "Models", "Regularization", "Kernels", "Training", "Stack", "Runs", "Tables", "Claims", "Analysis", "Figures",
    ];

    private static readonly string library = Path.Combine(TestData.Repository, "src", "ArTar.Workbench");

    [Fact]
    public void The_librarys_folders_depend_on_each_other_one_way()
    {
        Assert.Equal(order.Order(), Directory.GetDirectories(library).Where(f => Directory.EnumerateFiles(f, "*.cs").Any()).Select(Path.GetFileName).Order());
        var wrong =
            from place in order.Index()
            from file in Directory.EnumerateFiles(Path.Combine(library, place.Item), "*.cs", SearchOption.AllDirectories)
            from Match use in Uses().Matches(Code(file))
            let used = use.Groups["folder"].Value
            where Array.IndexOf(order, used) > place.Index
            select $"{Path.GetRelativePath(library, file)} knows {used}";
        Assert.Empty(wrong.Distinct());
    }

    [Fact]
    public void The_library_knows_neither_the_command_line_nor_the_notebooks()
    {
        foreach (var file in Directory.EnumerateFiles(library, "*.cs", SearchOption.AllDirectories))
            Assert.DoesNotMatch(@"\bArTar\.(Cli|Notebooks|Interactive)\b", Code(file));
    }

    [Fact]
    public void The_library_shows_no_more_than_a_reader_can_keep_in_mind() =>
        Assert.InRange(typeof(Workbench.Workspace).Assembly.GetExportedTypes().Length, 50, 99);

    [Fact]
    public void A_field_has_no_prefix()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(TestData.Repository, "src"), "*.cs", SearchOption.AllDirectories))
            Assert.DoesNotMatch(@"(?m)^ +(private|internal|protected) [^(=;\n]*\b(_|s_|m_)[a-z]\w*( =|;)", Code(file));
    }

    /// <summary>Whoever reads its messages in a notebook cannot type a command's option.</summary>
    [Fact]
    public void The_librarys_messages_name_no_command_and_no_option()
    {
        string[] folders = [library, Path.Combine(TestData.Repository, "src", "ArTar.Notebooks"), Path.Combine(TestData.Repository, "src", "ArTar.Interactive")];
        foreach (var file in folders.SelectMany(f => Directory.EnumerateFiles(f, "*.cs", SearchOption.AllDirectories)))
            foreach (var line in File.ReadLines(file).Where(l => l.Contains('"', StringComparison.Ordinal) && !l.TrimStart().StartsWith("//", StringComparison.Ordinal)))
                Assert.False(Commands().IsMatch(line), $"{file}: {line}");
    }

    // A word of the command line within a message: options that others' programs are started with stand alone in their texts.
    [GeneratedRegex("""\bartar (?:data|runs|sweep|table|tables|train|figures|claims|doctor|resume|notebook|kernel)\b|[ ('"]--[a-z]+(?:-[a-z]+)* """)]
    private static partial Regex Commands();

    [Fact]
    public void A_file_is_named_after_a_type_that_is_in_it()
    {
        var files = Directory.EnumerateFiles(Path.Combine(TestData.Repository, "src"), "*.cs", SearchOption.AllDirectories).ToList();
        Assert.True(files.Count > 200);
        foreach (var file in files)
        {
            var types = Types().Matches(File.ReadAllText(file)).Select(m => m.Groups["name"].Value).ToList();
            Assert.True(types.Count == 0 || types.Contains(Path.GetFileNameWithoutExtension(file)), $"{file}: {string.Join(", ", types)}");
        }
    }

    [Fact]
    public void No_line_is_longer_than_the_editor_is_told()
    {
        const int most = 140;
        Assert.Contains($"max_line_length = {most}\n", File.ReadAllText(Path.Combine(TestData.Repository, ".editorconfig")), StringComparison.Ordinal);
        var files = new[] { "src", "bench" }.SelectMany(f => Directory.EnumerateFiles(Path.Combine(TestData.Repository, f), "*.cs", SearchOption.AllDirectories));
        foreach (var file in files.Where(f => Path.GetFileName(f) != "Tile.cs")) // in which the registers of a tile stand as a table
        {
            var (number, inText) = (0, false);
            foreach (var line in File.ReadLines(file))
            {
                number++;
                var marks = line.Split("\"\"\"").Length - 1;
                Assert.True(line.Length <= most || inText || marks > 0, $"{file}:{number} has {line.Length} characters");
                inText ^= marks % 2 == 1; // pages and scripts of other languages, written as they are
            }
        }
    }

    [Fact]
    public void Pages_link_to_files_and_pictures_that_are_there()
    {
        var pages = Directory.EnumerateFiles(TestData.Repository, "*.md").Concat(new[] { "docs", "notebooks", "tables", "results" }
            .SelectMany(f => Directory.EnumerateFiles(Path.Combine(TestData.Repository, f), "*.md"))).ToList();
        var links = (
            from page in pages
            from Match link in Links().Matches(File.ReadAllText(page))
            let target = link.Groups["target"].Value
            where !target.Contains(':', StringComparison.Ordinal)
            select (Page: Path.GetFileName(page), target, Full: Path.Combine(Path.GetDirectoryName(page)!, target))).ToList();
        Assert.InRange(links.Count, 100, int.MaxValue);
        Assert.Empty(links.Where(l => !Path.Exists(l.Full)).Select(l => $"{l.Page}: {l.target}"));
    }

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)")]
    private static partial Regex Links();

    /// <summary>The console's writers let no escape sequence through, so one that is written by hand is seen as letters.</summary>
    [Fact]
    public void The_command_line_moves_the_cursor_by_its_library_alone()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(TestData.Repository, "src", "ArTar.Cli"), "*.cs", SearchOption.AllDirectories))
            foreach (var (index, line) in File.ReadLines(file).Index())
                Assert.DoesNotMatch(@"\\(e|r(?!\\n)|x1[bB]|u001[bB])", $"{line} // {file}:{index + 1}");
    }

    [Fact]
    public void Rows_are_asked_for_their_values_and_no_name_is_taken_apart()
    {
        var files = new[] { "src", "notebooks", "bench" }
            .SelectMany(f => Directory.EnumerateFiles(Path.Combine(TestData.Repository, f), "*", SearchOption.AllDirectories))
            .Where(f => Path.GetExtension(f) is ".cs" or ".ipynb" or ".md").ToList();
        Assert.True(files.Count > 250);
        Assert.Matches(TakenApart(), "report.Rows.Where(r => r.Row.Id.StartsWith(\"tanh\"))");
        foreach (var file in files)
            Assert.DoesNotMatch(TakenApart(), File.ReadAllText(file));
    }

    [GeneratedRegex(@"\b(Row|row|[Bb]aseline)\.(Id|Label)(\[|\.(Split|StartsWith|EndsWith|Contains|IndexOf|Substring|Replace|Trim\w*)\()")]
    private static partial Regex TakenApart();

    // A name in a comment or a text is no dependency.
    private static string Code(string file) => Comments().Replace(File.ReadAllText(file), "");

    [GeneratedRegex(@"//.*|""(\\.|[^""\\\n])*""")]
    private static partial Regex Comments();

    [GeneratedRegex(@"(?:\bArTar\.Workbench\.|(?<![\w.])(?:Workbench\.)?)(?<folder>Output|Display|Data|Models|Regularization|Kernels|Training|Stack|Runs|Tables|Claims|Analysis|Figures)(?:;|\.[A-Z]\w*)")]
    private static partial Regex Uses();

    [GeneratedRegex(@"^(?:public |internal |file )?(?:(?:static|sealed|abstract|partial|readonly|unsafe|ref) )*(?:class|record struct|record|struct|interface|enum) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex Types();
}
