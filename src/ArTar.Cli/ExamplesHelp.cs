using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace ArTar.Cli;

/// <summary>The usual help, then the command's examples.</summary>
internal sealed partial class ExamplesHelp(HelpAction usual) : SynchronousCommandLineAction
{
    private static readonly Dictionary<Command, string[]> examples = [];

    public override int Invoke(ParseResult parseResult)
    {
        var (configuration, output) = (parseResult.InvocationConfiguration, parseResult.InvocationConfiguration.Output);
        using var text = new StringWriter();
        configuration.Output = text;
        var code = usual.Invoke(parseResult);
        configuration.Output = output;
        output.Write(Default().Replace(text.ToString(), word => word.Value.ToLowerInvariant()));
        if (parseResult.CommandResult.Command.Options.Any(o => o.Name == "--set"))
            WriteValues(output);
        if (examples.TryGetValue(parseResult.CommandResult.Command, out var lines))
        {
            output.WriteLine("Examples:");
            foreach (var line in lines)
                output.WriteLine($"  {CommandName.In(line)}");
            output.WriteLine();
        }
        return code;
    }

    // A word that is typed in lower case is shown by its name in the program.
    [GeneratedRegex(@"(?<=\[default:\s+)[A-Z][A-Za-z0-9]*(?=\])")]
    private static partial Regex Default();

    private static void WriteValues(TextWriter output)
    {
        output.WriteLine("Values that --set changes, and the paper's recipe:");
        var all = HyperParameter.All.Where(p => p.Key != "seed").ToList();
        var (key, value) = (all.Max(p => p.Key.Length), all.Max(p => p.Default.Length));
        foreach (var p in all)
            output.WriteLine($"  {p.Key.PadRight(key)}  {p.Default.PadRight(value)}  {p.Meaning}: "
                + $"{p.Expected}{(p.IsAssumed ? " (assumed)" : "")}");
        output.WriteLine();
    }

    /// <summary>Puts the examples of all commands into the help of <paramref name="root"/>.</summary>
    public static void Install(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new ExamplesHelp((HelpAction)option.Action!);
    }

    public static void Add(Command command, string[] lines) => examples.Add(command, lines);
}

internal static class CommandExtensions
{
    /// <summary>Adds examples to a command's help.</summary>
    public static T WithExamples<T>(this T command, params string[] lines) where T : Command
    {
        ExamplesHelp.Add(command, lines);
        return command;
    }

    /// <summary>The names of a command and those above it, without the root's.</summary>
    public static IEnumerable<string> Path(this CommandResult result)
    {
        var names = new Stack<string>();
        for (var at = result; at.Parent is CommandResult parent; at = parent)
            names.Push(at.Command.Name);
        return names;
    }
}
