using System.CommandLine;
using ArTar.Cli;

namespace ArTar.Tests.CommandLine;

/// <summary>Every option of every command, as its parser takes it.</summary>
public class OptionTests
{
    private static readonly Command commands = Cli.Program.Commands(new Option<bool>("--debug"));

    /// <summary>A number that the parser library's own reader took in another sense, or as nothing, is refused by every option that takes
    /// one.</summary>
    [Fact]
    public void Numbers_are_read_in_one_way_only()
    {
        var numbers = All().Where(o => Kind(o.Option) is { } kind && (kind == typeof(int) || kind == typeof(double) || kind == typeof(long)
            || kind == typeof(float))).ToList();
        Assert.True(numbers.Count > 30, $"{numbers.Count} options");
        foreach (var (path, option) in numbers)
            foreach (var text in new[] { "0,8", "1_000", "1,000", "1e400", "０", " 5", "5 ", "0x10", "NaN", "Infinity", "1.5.2", "--5",
                "1e-400" })
                Assert.True(Errors(path, option.Name, text).Any(e => e.StartsWith($"{option.Name} {text}: expected ",
                    StringComparison.Ordinal)),
                    $"{string.Join(' ', path)} {option.Name} '{text}': {string.Join("; ", Errors(path, option.Name, text))}");
    }

    [Theory]
    [InlineData(".5", 0.5)]
    [InlineData("0.8", 0.8)]
    [InlineData("2", 2.0)]
    [InlineData("1e-3", 1e-3)]
    public void Numbers_are_read_with_a_point(string text, double expected)
    {
        var parsed = commands.Parse(["sample", "x", "--temperature", text]);
        Assert.Empty(parsed.Errors);
        Assert.Equal(expected, parsed.GetValue<double?>("--temperature"));
        Assert.Equal(2, commands.Parse(["train", "--seed", "2.0"]).GetValue<int>("--seed"));
    }

    /// <summary>A count that nobody can mean is a slip, and the range is what helps.</summary>
    [Fact]
    public void Every_count_has_a_range()
    {
        var counts = All().Where(o => Kind(o.Option) == typeof(int) && o.Option.Name != "--seed").ToList();
        Assert.True(counts.Count > 15, $"{counts.Count} options");
        foreach (var (path, option) in counts)
            Assert.Matches($"^{option.Name} 2000000000: expected a whole number from [0-9] to [0-9]+[.,]", Errors(path, option.Name,
                "2000000000").First());
    }

    /// <summary>Of two values of an option that has one, the parser library takes none in silence.</summary>
    [Fact]
    public void An_option_of_one_value_is_refused_when_it_is_given_twice()
    {
        var single = All().Where(o => o.Option.Arity.MaximumNumberOfValues == 1 && Kind(o.Option) != typeof(bool)).ToList();
        Assert.True(single.Count > 100, $"{single.Count} options");
        foreach (var (path, option) in single)
            Assert.Contains($"Option '{option.Name}' expects a single argument but 2 were provided.",
                string.Join('\n', commands.Parse([.. path, option.Name, "1", option.Name, "2"]).Errors.Select(e => e.Message)), StringComparison.Ordinal);
    }

    /// <summary>The parser library takes an enumeration's number for its word.</summary>
    [Fact]
    public void Words_are_read_in_any_case_and_never_as_numbers()
    {
        var words = All().Where(o => Kind(o.Option)?.IsEnum == true).ToList();
        Assert.True(words.Count > 5);
        Assert.All(words, w => Assert.NotEmpty(Errors(w.Path, w.Option.Name, "1")));
        Assert.Equal(Workbench.Data.Split.Test, commands.Parse(["evaluate", "x", "--split",
            "TEST"]).GetValue<Workbench.Data.Split>("--split"));
        Assert.Empty(Errors(["train"], "--kernels", "Plain"));
    }

    /// <summary>What an unset variable leaves is never taken for everything, or for what is usual.</summary>
    [Fact]
    public void Empty_and_blank_texts_are_refused_by_every_option_and_argument()
    {
        var options = All().Where(o => Kind(o.Option) != typeof(bool) && o.Option.Name != "--prompt").ToList();
        Assert.True(options.Count > 100, $"{options.Count} options");
        foreach (var blank in new[] { "", " ", "\t" })
        {
            foreach (var (path, option) in options)
                Assert.Contains($"{option.Name}: nothing is given", string.Join('\n', Errors(path, option.Name, blank)),
                    StringComparison.Ordinal);
            foreach (var (path, command) in Commands(commands, []).Where(c => c.Command.Arguments.Count > 0))
                Assert.Contains($"{command.Arguments[0].Name}: nothing is given",
                    string.Join('\n', commands.Parse([.. path, blank]).Errors.Select(e => e.Message)), StringComparison.Ordinal);
        }
    }

    /// <summary>The parser library takes a misspelt option for a value wherever any text will do.</summary>
    [Fact]
    public void Misspelt_options_are_values_of_nothing()
    {
        string[] others = ["--prompt", "--sbatch", "--setup"]; // texts for others, who have options too
        var options = All().Where(o => (o.Option.ValueType == typeof(string) || o.Option.ValueType == typeof(string[])) && !others.Contains(o.Option.Name))
            .ToList();
        Assert.True(options.Count > 60, $"{options.Count} options");
        foreach (var (path, option) in options)
            Assert.Contains("--hlp: no such option here", string.Join('\n', Errors(path, option.Name, "--hlp")),
                StringComparison.Ordinal);
        foreach (var (path, command) in Commands(commands, []).Where(c => c.Command.Arguments.Count > 0))
            Assert.NotEmpty(commands.Parse([.. path, "--hlp"]).Errors);
        Assert.Empty(commands.Parse(["sweep", "submit", "x", "--sbatch", "--qos=long"]).Errors);
    }

    [Theory]
    [InlineData("--set alpha=2", "train", "--alpha", "2")]
    [InlineData("--set weightDecay=1e-5 alpha=VALUE", "table", "1", "--weight-decay=1e-5", "--alpha")]
    [InlineData(null, "train", "--sed", "2")]
    [InlineData(null, "train", "--seed", "x")]
    [InlineData(null, "runs", "show", "--alpha", "2")]
    public void Hyper_parameters_that_are_given_as_options_are_said_as_settings(string? expected, params string[] arguments) =>
        Assert.Equal(expected, ArTar.Cli.Options.SettingsOf(commands.Parse(arguments)));

    private static IEnumerable<string> Errors(IEnumerable<string> path, string option, string text) =>
        commands.Parse([.. path, option, text]).Errors.Select(e => e.Message);

    private static Type? Kind(Option option) => Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;

    private static IEnumerable<(string[] Path, Option Option)> All() =>
        Commands(commands, []).SelectMany(c => c.Command.Options.Where(o => !o.Recursive && o.Arity.MaximumNumberOfValues > 0).Select(o =>
        (c.Path, o)));

    private static IEnumerable<(string[] Path, Command Command)> Commands(Command command, string[] path) =>
        command.Subcommands.SelectMany(below => Commands(below, [.. path, below.Name])).Append((path, command));
}
