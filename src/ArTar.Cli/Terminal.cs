using System.Globalization;
using System.Text;
using Spectre.Console;

namespace ArTar.Cli;

/// <summary>What output goes to: a terminal with colours and cursor movement, or a file or pipe that gets plain text.</summary>
internal static class Terminal
{
    private const int WidthOfFiles = 140;

    /// <summary>Text that is not ASCII must come out right on Windows too.</summary>
    public static void Initialize()
    {
        if (OperatingSystem.IsWindows())
            Console.OutputEncoding = Encoding.UTF8;
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
    public static IAnsiConsole Output => Open(Console.Out, Console.IsOutputRedirected);

    /// <summary>Standard error, where progress and messages go.</summary>
    public static IAnsiConsole Error => Open(Console.Error, Console.IsErrorRedirected);

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
        foreach (var word in text.Split(' '))
        {
            if (line.Length > first.Length && line.Length + word.Length > width)
            {
                console.MarkupLine($"[{style}]{Markup.Escape(line.ToString().TrimEnd())}[/]");
                line.Clear().Append(' ', first.Length);
            }
            line.Append(word).Append(' ');
        }
        console.MarkupLine($"[{style}]{Markup.Escape(line.ToString().TrimEnd())}[/]");
    }

    /// <summary>A command line as one would type it.</summary>
    public static string CommandLine(IEnumerable<string> args) => string.Join(' ', args.Select(Quoted).Prepend(CommandName.Typed));

    private static string Quoted(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_=./:,+@%".Contains(c, StringComparison.Ordinal))
            ? argument : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
