using System.CommandLine.Parsing;

namespace ArTar.Cli;

/// <summary>
/// How options are read. Numbers go through <see cref="Numbers"/>, since the parser library's own would take <c>0,8</c> for 8, and words
/// through a list, since it would take <c>1</c> for the second word; and an empty text is refused everywhere.
/// </summary>
internal static class Options
{
    /// <summary>Clocks and timers hold any number of seconds up to here: eleven days.</summary>
    private const double LongestTime = 1e6;

    /// <summary>A text, null when it is not given.</summary>
    public static Option<string?> Text(string name, string description, string help) =>
        new(name) { Description = description, HelpName = help };

    /// <summary>Something that is asked for or not.</summary>
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    /// <summary>Texts, several behind the option or it several times; none when it is not given.</summary>
    public static Option<string[]> Several(string name, string description, string help) => new(name)
    {
        Description = description,
        HelpName = help,
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    /// <summary>A whole number.</summary>
    /// <param name="name">The option's name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="usual">What is taken when it is not given.</param>
    /// <param name="least">The least number.</param>
    /// <param name="most">The largest number.</param>
    /// <param name="help">What help calls the number.</param>
    /// <param name="limit">What the largest number is: <c>the processors of this machine</c>.</param>
    public static Option<int> Whole(string name, string description, int usual, int least = 0, int most = int.MaxValue, string help = "N",
        string limit = "") =>
        With(Of(name, description, help, text => AsWhole(text, least, most), WholeExpected(least, most)
            + (limit.Length > 0 ? $", {limit}" : "")), usual);

    /// <summary>The same, null when it is not given.</summary>
    public static Option<int?> WholeIfGiven(string name, string description, int least = 0, int most = int.MaxValue) =>
        Of<int?>(name, description, "N", text => AsWhole(text, least, most) is (true, var number) ? (true, number) : default,
            WholeExpected(least, most));

    /// <summary>A number, null when it is not given.</summary>
    /// <param name="name">The option's name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="help">What help calls the number.</param>
    /// <param name="holds">Which numbers it takes.</param>
    /// <param name="expected">These in words: <c>a number of hours above 0</c>.</param>
    public static Option<double?> Number(string name, string description, string help, Func<double, bool> holds, string expected) =>
        Of<double?>(name, description, help, text => Numbers.TryRead(text, out double number) && holds(number) ? (true, number) : default,
            expected);

    /// <summary>A time in seconds, null when it is not given.</summary>
    public static Option<double?> SecondsIfGiven(string name, string description, double least = 0) => Number(name, description, "SECONDS",
        seconds => seconds >= least && seconds <= LongestTime,
            FormattableString.Invariant($"a number of seconds from {least} to {LongestTime:N0}"));

    /// <summary>A time in seconds.</summary>
    public static Option<double> Seconds(string name, string description, double usual) => With(Of<double>(name, description, "SECONDS",
        text => Numbers.TryRead(text, out double number) && number is >= 0 and <= LongestTime ? (true, number) : default,
        FormattableString.Invariant($"a number of seconds from 0 to {LongestTime:N0}")), usual);

    /// <summary>One of several words, in any case.</summary>
    public static Option<T> Word<T>(string name, string description, string help, T usual, params (string Word, T Value)[] words) =>
        With(WordIfGiven(name, description, help, words), usual);

    /// <summary>The same, without a usual one.</summary>
    public static Option<T> WordIfGiven<T>(string name, string description, string help, params (string Word, T Value)[] words)
    {
        var option = Of(name, description, help, text =>
            Array.FindIndex(words, w => w.Word.Equals(text, StringComparison.OrdinalIgnoreCase)) is >= 0 and var at
            ? (true, words[at].Value) : default, $"one of {string.Join(", ", words.Select(w => w.Word))}");
        option.CompletionSources.Add(_ => words.Select(w => new System.CommandLine.Completions.CompletionItem(w.Word)));
        return option;
    }

    /// <summary>
    /// Refuses texts that are slips in all options and arguments of a command and those below it: empty and blank ones, since behind one
    /// there mostly is a variable that is not set, and what it should have narrowed would become everything; and misspelt options, which
    /// the parser library takes for values wherever any text will do.
    /// </summary>
    public static void RefuseSlips(Command command)
    {
        foreach (var option in command.Options)
        {
            if (!takesBlanks.Contains(option.Name))
                option.Validators.Add(result => RefuseBlank(result, option.Name));
            if (!takesHyphens.Contains(option.Name) && (option.ValueType == typeof(string) || option.ValueType == typeof(string[])))
                option.Validators.Add(result => RefuseOption(result, command));
        }
        foreach (var argument in command.Arguments)
        {
            argument.Validators.Add(result => RefuseBlank(result, argument.Name));
            argument.Validators.Add(result => RefuseOption(result, command));
        }
        foreach (var below in command.Subcommands)
            RefuseSlips(below);

        static void RefuseBlank(SymbolResult result, string name)
        {
            if (result.Tokens.FirstOrDefault(t => string.IsNullOrWhiteSpace(t.Value)) is { } blank)
                result.AddError($"{name}: nothing is given ('{blank.Value}'), perhaps by a variable that is not set; leave it out, or " +
                    $"say what is meant.");
        }

        static void RefuseOption(SymbolResult result, Command command)
        {
            if (result.Tokens.FirstOrDefault(t => t.Value is ['-', '-' or (>= 'A' and <= 'Z') or (>= 'a' and <= 'z'), ..]) is { } token)
                result.AddError($"{token.Value}: no such option here{Nearest.Guess(token.Value, command.Options.Select(o => o.Name))}");
        }
    }

    /// <summary>
    /// How hyper-parameters are said that somebody gave as options of their own, which other programs have; null where there are none.
    /// </summary>
    public static string? SettingsOf(ParseResult parsed)
    {
        var options = parsed.CommandResult.Command.Options;
        if (!options.Any(o => o.Name == "--set"))
            return null;
        var tokens = parsed.Tokens.Select(t => t.Value).ToList();
        string[] settings = [.. tokens.Where(t => t.StartsWith("--", StringComparison.Ordinal)
            && !options.Any(o => o.Name == t)).Select(AsSetting).OfType<string>()];
        return settings.Length > 0 ? $"--set {string.Join(' ', settings)}" : null;

        string? AsSetting(string token)
        {
            var next = tokens.ElementAtOrDefault(tokens.IndexOf(token) + 1) ?? "--";
            var (name, value) = token[2..].Split('=', 2) is [var before, var behind] ? (before, behind)
                : (token[2..], next.StartsWith("--", StringComparison.Ordinal) ? "VALUE" : next);
            return HyperParameters.Keys.FirstOrDefault(k => HyperParameters.IsSameKey(k, name)) is { } key ? $"{key}={value}" : null;
        }
    }

    /// <summary>The items of a list that is written with commas; commas alone name nothing, and so not everything.</summary>
    public static string[] Items(this ParseResult parsed, Option<string[]> option)
    {
        var given = parsed.GetRequiredValue(option);
        string[] items = [.. given.SelectMany(g => g.Split(',', StringSplitOptions.TrimEntries))];
        // Behind an empty one there mostly is a variable that is not set.
        return items.All(i => i.Length > 0) ? items
            : throw new WorkbenchException(
                $"{option.Name} {string.Join(' ', given)}: expected names with a comma between them, none of them empty; leave it out for "
                    + "all.");
    }

    private static readonly string[] takesBlanks = ["--prompt"]; // a text to go on from, which may be none

    private static readonly string[] takesHyphens = ["--prompt", "--sbatch", "--setup"]; // texts for others, who have options too

    private static Option<T> Of<T>(string name, string description, string help, Func<string, (bool Holds, T Value)> read,
        string expected) => new(name)
    {
        Description = description,
        HelpName = help,
        CustomParser = argument =>
        {
            if (argument.Tokens is not [var token] || string.IsNullOrWhiteSpace(token.Value))
                return default;
            var (holds, value) = read(token.Value);
            if (!holds)
                argument.AddError($"{name} {token.Value}: expected {expected}.");
            return value;
        },
    };

    private static Option<T> With<T>(Option<T> option, T usual)
    {
        option.DefaultValueFactory = _ => usual;
        return option;
    }

    private static (bool Holds, int Value) AsWhole(string text, int least, int most) =>
        Numbers.TryRead(text, out int number) && number >= least && number <= most ? (true, number) : default;

    private static string WholeExpected(int least, int most) => string.Create(CultureInfo.InvariantCulture,
        $"a whole number{(least == int.MinValue ? "" : most == int.MaxValue ? $" of at least {least}" : $" from {least} to {most}")}");
}
