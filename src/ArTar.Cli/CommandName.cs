using System.Text.RegularExpressions;

namespace ArTar.Cli;

/// <summary>
/// How this program was started, for messages that name a command to type: the script <c>artar</c> says it in ARTAR_COMMAND, as only
/// <c>./artar</c> works in a fresh clone. Messages are written with <c>artar</c>.
/// </summary>
internal static partial class CommandName
{
    /// <summary>What to type for this program.</summary>
    public static string Typed { get; } = Environment.GetEnvironmentVariable("ARTAR_COMMAND") is { Length: > 0 } command ? command
        : "artar";

    /// <summary>A message whose commands can be typed.</summary>
    public static string In(string message) => Typed == "artar" ? message : Command().Replace(message, Typed);

    /// <summary>Standard error with every command as it can be typed; nothing but messages goes there.</summary>
    public static TextWriter Errors(TextWriter errors) => Typed == "artar" ? errors : new Writer(errors);

    // The program's name where a subcommand or an option follows, and no path or word stands before it.
    [GeneratedRegex(@"(?<![\w/.\\-])artar(?= (?:-|[a-z]))")]
    private static partial Regex Command();

    private sealed class Writer(TextWriter inner) : TextWriter
    {
        public override Encoding Encoding => inner.Encoding;

        public override void Write(char value) => inner.Write(value);

        public override void Write(string? value) => inner.Write(value is null ? null : In(value));

        public override void WriteLine(string? value) => inner.WriteLine(value is null ? null : In(value));

        public override void Flush() => inner.Flush();
    }
}
