namespace ArTar.Workbench.Display;

/// <summary>A line that is written over until it is finished: on the console, or where a notebook's host shows it instead.</summary>
internal static class ProgressLine
{
    private const int Width = 120;

    // Flows into whatever the host runs, as its interrupt does.
    private static readonly AsyncLocal<Action<string, bool>?> place = new();

    /// <summary>From here on lines of what the caller runs are shown by this; told the text, and whether the line is finished.</summary>
    public static void ShowBy(Action<string, bool> show) => place.Value = show;

    /// <summary>Writes the line anew.</summary>
    public static void Write(string text) => Show(text, isFinished: false);

    /// <summary>Writes it for the last time.</summary>
    public static void Finish(string text) => Show(text, isFinished: true);

    private static void Show(string text, bool isFinished)
    {
        if (place.Value is { } show)
            show(text, isFinished);
        else
            // Over the line before, which may have been longer.
            Console.Write($"\r{new string(' ', Width)}\r{text}{(isFinished ? "\n" : "")}");
    }
}
