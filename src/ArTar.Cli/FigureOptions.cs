using ArTar.Workbench.Figures;

namespace ArTar.Cli;

/// <summary>How large pictures come out, and in which letters: the options that say it.</summary>
internal sealed class FigureOptions
{
    private readonly Option<string?> width = Options.Text("--width", "width of pictures, as 84mm or 600px; default 860px", "MM-OR-PX");

    private readonly Option<string?> height = Options.Text("--height",
        "height of pictures, as 60mm or 400px; default: what each chart needs", "MM-OR-PX");

    private readonly Option<double?> letters = Options.Number(
        "--font-size", "size of a picture's letters in points; default 10.5, and 8 for a width in mm", "PT",
        points => points is >= 4 and <= 72, "a size in points from 4 to 72, such as 8");

    private readonly Option<string> font =
        Options.Word("--font", "letters of pictures: sans, or serif as a paper's text has", "FONT", "sans", ("sans", "sans"),
            ("serif", "serif"));

    private readonly Option<bool> noTitle =
        new("--no-title") { Description = "pictures without title and circumstances, which a paper has in its caption" };

    /// <summary>Adds the options to a command.</summary>
    public FigureOptions(Command command)
    {
        foreach (var option in All)
            command.Add(option);
    }

    private Option[] All => [width, height, letters, font, noTitle];

    /// <summary>What was asked for.</summary>
    public FigureSize Read(ParseResult parsed) =>
        FigureSize.Parse(parsed.GetValue(width), parsed.GetValue(letters), parsed.GetValue(height)) with
        {
            IsSerif = parsed.GetValue(font) == "serif",
            HasTitle = !parsed.GetValue(noTitle),
        };

    /// <summary>Refuses a size for what is no picture.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="isPicture">Whether there is a picture.</param>
    /// <param name="instead">What to ask for.</param>
    public void Check(ParseResult parsed, bool isPicture, string instead)
    {
        if (!isPicture && All.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } given)
            throw new WorkbenchException($"{given.Name} is for pictures; {instead}.");
    }
}
