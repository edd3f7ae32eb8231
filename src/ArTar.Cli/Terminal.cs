using Spectre.Console;

namespace ArTar.Cli;

/// <summary>What output goes to: a terminal with colours and cursor movement, or a file or pipe that gets plain text.</summary>
internal static class Terminal
{
    private const int WidthOfFiles = 140;

    // Only Spectre.Console writes control characters; what it is given comes through Escaped.
    private static readonly TextWriter rawOut = new StandardOutput(Console.Out), rawError = Console.Error;

    /// <summary>Text that is not ASCII must come out right on Windows too, and nothing that others wrote may steer the terminal.</summary>
    public static void Initialize()
    {
        if (OperatingSystem.IsWindows())
            Console.OutputEncoding = Encoding.UTF8;
        Console.SetOut(new CleanWriter(rawOut));
        Console.SetError(new CleanWriter(rawError, mayFail: true));
    }

    /// <summary>Whether progress may move the cursor: both streams go to a terminal that can.</summary>
    public static bool CanAnimate =>
        !Console.IsOutputRedirected && !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb";

    /// <summary>Columns of standard output: the terminal's, or COLUMNS, or room enough for a whole table.</summary>
    public static int Width =>
        int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), CultureInfo.InvariantCulture, out var columns) && columns > 20 ? columns
        : !Console.IsOutputRedirected && Console.WindowWidth > 20 ? Console.WindowWidth
        : WidthOfFiles;

    /// <summary>Standard output.</summary>
    public static IAnsiConsole Output => Open(rawOut, Console.IsOutputRedirected);

    /// <summary>Standard error, where progress and messages go.</summary>
    public static IAnsiConsole Error => Open(rawError, Console.IsErrorRedirected);

    private static IAnsiConsole Open(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            // NO_COLOR, whatever its value, takes the colours and leaves bold and dim.
            ColorSystem = redirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 }
                ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        console.Profile.Width = Width;
        return console;
    }

    /// <summary>Prints a text, broken between words, its further lines indented as its first.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="first">What stands before the first line, as wide as the indentation.</param>
    /// <param name="text">The text.</param>
    /// <param name="style">A style of Spectre.Console, such as "dim".</param>
    public static void Paragraph(IAnsiConsole console, string first, string text, string style = "default")
    {
        var width = console.Profile.Width;
        var line = new StringBuilder(first);
        void End()
        {
            var ended = line.ToString().TrimEnd();
            // A word that is longer than a line, such as a list of rows, is left to the terminal: only so it can be copied.
            console.Profile.Width = Math.Max(width, 2 * ended.Length);
            console.MarkupLine($"[{style}]{Escaped(ended)}[/]");
            console.Profile.Width = width;
        }
        foreach (var word in text.Split(' '))
        {
            if (line.Length > first.Length && line.Length + word.Length > width)
            {
                End();
                line.Clear().Append(' ', first.Length);
            }
            line.Append(word).Append(' ');
        }
        End();
    }

    /// <summary>Text for Spectre.Console's markup; the only way for text to get there.</summary>
    public static string Escaped(string text) => Markup.Escape(CleanText.Line(text));

    /// <summary>The rows of a sheet under their columns, in Spectre.Console's markup, each line at most so wide.</summary>
    /// <param name="sheet">The sheet.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="isLive">Whether the list moves.</param>
    public static IEnumerable<string> Lines(Sheet sheet, int width, bool isLive = false) =>
        PlainText.Lines(sheet, width, isLive).Select(line => line.Tone switch
        {
            null => $"[bold]{Escaped(line.Text)}[/]",
            Tone.Muted => $"[dim]{Escaped(line.Text)}[/]",
            Tone.Good => $"[green]{Escaped(line.Text)}[/]",
            Tone.Bad => $"[red]{Escaped(line.Text)}[/]",
            _ => Escaped(line.Text),
        });

    /// <summary>Prints sheets: heading, table, notes.</summary>
    public static void Write(params IEnumerable<Sheet> sheets)
    {
        var console = Output;
        foreach (var (index, sheet) in sheets.Index())
        {
            if (index > 0)
                console.WriteLine();
            if (sheet.Heading.Length > 0)
            {
                Paragraph(console, "", sheet.Heading, "bold");
                console.WriteLine();
            }
            foreach (var line in Lines(sheet, console.Profile.Width))
                console.MarkupLine(line);
            if (sheet.Notes.Count > 0)
                console.WriteLine();
            foreach (var note in sheet.Notes)
                Paragraph(console, "- ", note, "dim");
        }
    }

    /// <summary>A command line as one would type it.</summary>
    public static string CommandLine(IEnumerable<string> args) =>
        string.Join(' ', args.Select(Shell.Quoted).Prepend(CommandName.Typed));
}
