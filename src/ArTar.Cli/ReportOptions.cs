using Spectre.Console;

namespace ArTar.Cli;

/// <summary>How a command prints its report: the options that say it, and the printing.</summary>
internal sealed class ReportOptions
{
    private const string OnTerminal = "table";
    private const int MostDecimals = 6;

    private static readonly Dictionary<string, string> endings = new()
    {
        [".md"] = "markdown", [".txt"] = "markdown", [""] = "markdown",
        [".csv"] = "csv", [".json"] = "json", [".tex"] = "latex", [".html"] = "html",
    };

    private readonly Option<string> format = Options.Word(
        "--format", $"how to print: {string.Join(", ", Report.Formats.Prepend(OnTerminal))}; by default the ending of --output says it",
        "FORMAT", OnTerminal,
        [.. Report.Formats.Prepend(OnTerminal).Select(f => (f, f))]);

    private readonly Option<string?> output =
        new("--output") { Description = "write into this file (.md, .csv, .json, .tex or .html)", HelpName = "FILE" };

    private readonly Option<string[]> columns = Options.Several("--columns",
        "only these columns, in this order, as row,valid,test", "NAME,NAME");

    private readonly Option<int?> decimals =
        Options.WholeIfGiven("--decimals", "decimals of perplexities and gains; default 2", 0, MostDecimals);

    private readonly Option<bool> siunitx = new("--siunitx") { Description = "with --format latex: columns of the package siunitx" };

    /// <summary>Adds the options to a command.</summary>
    public ReportOptions(Command command)
    {
        foreach (var option in new Option[] { format, output, columns, decimals, siunitx })
            command.Add(option);
    }

    /// <summary>What was asked for, checked before anything long is done for it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="known">The columns that the report will have; null where they are known only with it.</param>
    public Asked Read(ParseResult parsed, IReadOnlyList<Column>? known = null)
    {
        var (how, path, places) = (parsed.GetRequiredValue(format), parsed.GetValue(output), parsed.GetValue(decimals));
        if (path == "-")
            throw new WorkbenchException("--output -: a report goes to standard output where no file is named; --format says how.");
        if (path is { } file && parsed.GetResult(format) is not { Implicit: false })
            how = PlainFile.WaitsOrEnds(file) ? "markdown"
                : endings.GetValueOrDefault(Path.GetExtension(file).ToLowerInvariant()) ?? throw new WorkbenchException(
                    $"--output {file}: its ending says no format; expected .md, .csv, .json, .tex or .html, or --format beside it.");
        how = how == OnTerminal && path is not null ? "markdown" : how; // a file has no width to fit into
        var chosen = parsed.Items(columns);
        var forScripts = how is "csv" or "json";
        if (path is not null)
            CommonOptions.CheckFile(path);
        if (forScripts && (places is not null || chosen.Length > 0))
            throw new WorkbenchException(
                $"--columns and --decimals are for people's formats; {how} always has every column in full precision.");
        if (parsed.GetValue(siunitx) && how != "latex")
            throw new WorkbenchException($"--siunitx goes with --format latex, not with {how}.");
        if (known is not null)
            new Sheet(known, []).Choose(chosen); // refuses what there is not, before anything is trained for it
        return new(how, path, chosen, places, parsed.GetValue(siunitx));
    }

    /// <summary>What was asked for.</summary>
    /// <param name="Format">One of <see cref="Report.Formats"/>, or the terminal's.</param>
    /// <param name="Path">The file; null for standard output.</param>
    /// <param name="Columns">The columns; none for all.</param>
    /// <param name="Decimals">Decimals of figures; null for 2.</param>
    /// <param name="Siunitx">Whether LaTeX's columns are those of siunitx.</param>
    internal sealed record Asked(string Format, string? Path, IReadOnlyList<string> Columns, int? Decimals, bool Siunitx)
    {
        /// <summary>Whether it goes to people on a terminal.</summary>
        public bool IsTerminal => Format == OnTerminal && Path is null;

        /// <summary>The file that LaTeX's caption goes to; null where there is none.</summary>
        public string? CaptionPath => Format == "latex" && Path is not null ? System.IO.Path.ChangeExtension(Path, ".caption.tex") : null;

        /// <summary>Prints a report.</summary>
        /// <param name="report">The report.</param>
        /// <param name="further">Markdown that follows it.</param>
        public void Print(Report report, string further = "") => Print([report], further);

        /// <summary>Prints reports, each as a table of its own.</summary>
        public void Print(IReadOnlyList<Report> reports, string further = "")
        {
            List<Report> shaped = [.. reports.Select(r => r with { Sheet = Shaped(r.Sheet) })];
            if (Format == OnTerminal)
            {
                Terminal.Write(shaped.Select(r => r.Sheet));
                return;
            }
            var text = Report.As(Format, shaped, Siunitx) + (Format == "markdown" ? further : "");
            if (Path is null)
            {
                Console.Out.Write(text);
                return;
            }
            AtomicFile.WriteNamed(System.IO.Path.GetFullPath(Path), text);
            if (CaptionPath is { } caption)
                AtomicFile.WriteNamed(System.IO.Path.GetFullPath(caption), string.Join("\n", shaped.Select(r => Latex.Caption(r.Sheet))));
        }

        private Sheet Shaped(Sheet sheet)
        {
            if (Columns.Count > 0)
                sheet = sheet.Choose(Columns) with { KeepsEmpty = true }; // as somebody asked for them
            return Decimals is { } places ? sheet.Rounded(places) : sheet;
        }
    }
}
