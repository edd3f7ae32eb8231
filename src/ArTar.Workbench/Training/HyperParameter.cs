using System.Reflection;
using ArTar.Workbench.Regularization;

namespace ArTar.Workbench.Training;

/// <summary>
/// One of the <see cref="HyperParameters"/>: its key, its range and what is known of its default. Checks, help, legends and the page of
/// the command line are made from it; it is made from the property itself, or from a regularizer for its coefficient.
/// </summary>
public sealed class HyperParameter
{
    private readonly PropertyInfo? property;
    private readonly RangeAttribute range;

    private HyperParameter(string key, PropertyInfo? property, RangeAttribute range, Type type)
    {
        (Key, this.property, this.range) = (key, property, range);
        Choices = type == typeof(bool) ? ["false", "true"]
            : type.IsEnum ? [.. Enum.GetNames(type).Select(n => n.ToLowerInvariant())] : [];
        IsWhole = type == typeof(int);
        Default = Text(new());
    }

    private static readonly IReadOnlyList<HyperParameter> properties = [.. typeof(HyperParameters).GetProperties()
        .Select(p => (Property: p, Range: p.GetCustomAttribute<RangeAttribute>())).Where(p => p.Range is not null)
        .Select(p => new HyperParameter(JsonNamingPolicy.CamelCase.ConvertName(p.Property.Name), p.Property, p.Range!,
            p.Property.PropertyType))];

    /// <summary>All of them: the properties in their order, then the coefficients of the known regularizers.</summary>
    public static IEnumerable<HyperParameter> All => properties.Concat(Regularizers.Known.Select(Of));

    /// <summary>The techniques of others that are no coefficients.</summary>
    internal static IEnumerable<HyperParameter> Techniques => properties.Where(p => p.range.IsTechnique);

    /// <summary>Its range, for what checks it elsewhere.</summary>
    internal RangeAttribute Limits => range;

    /// <summary>Its key, as in <c>--set learningRate=5</c>.</summary>
    public string Key { get; }

    /// <summary>What it is, in a few words.</summary>
    public string Meaning => range.Meaning;

    /// <summary>Its unit; empty for a pure number.</summary>
    public string Unit => range.Unit;

    /// <summary>Where the default comes from.</summary>
    public string Source => range.Source;

    /// <summary>Whether our copy of the paper does not show the default.</summary>
    public bool IsAssumed => range.IsAssumed;

    /// <summary>The default: the paper's recipe.</summary>
    public string Default { get; }

    /// <summary>The words that it takes; none for a number.</summary>
    public IReadOnlyList<string> Choices { get; }

    /// <summary>Whether it takes whole numbers only.</summary>
    public bool IsWhole { get; }

    /// <summary>Whether it takes numbers, so that it can be the axis of a chart.</summary>
    public bool IsNumber => Choices.Count == 0;

    /// <summary>Whether it is a regularizer's coefficient.</summary>
    public bool IsCoefficient => property is null;

    /// <summary>Whether it is a coefficient, a technique or a rule of ours that is off, as in most runs: tables pass over it.</summary>
    internal bool IsOff(HyperParameters values) =>
        (IsCoefficient || range.IsTechnique || range.IsSilent) && Text(values) == Default;

    /// <summary>What charts call it: <c>alpha (AR)</c>, <c>learning rate</c>.</summary>
    public string Title => range.Title.Length > 0 ? range.Title
        : Regularizers.Known.FirstOrDefault(r => r.Coefficient == Key) is { } regularizer ? $"{Key} ({regularizer.Name})"
        : string.Concat(Key.Select(c => char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{c}"));

    /// <summary>The values that it takes, in words: <c>a whole number from 1 to 8192</c>.</summary>
    public string Expected => this switch
    {
        { IsNumber: false } => $"one of {string.Join(", ", Choices)}",
        { IsWhole: true } => string.Create(CultureInfo.InvariantCulture, $"a whole number from {range.Least} to {range.Most}"),
        _ when range.Most < RangeAttribute.Largest => string.Create(CultureInfo.InvariantCulture,
            $"a number {(range.Above ? "above" : "of at least")} {range.Least} and {(range.Below ? "below" : "of at most")} {range.Most}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(range.Above ? "" : $"{range.Least} or ")}a number above {range.Least}"),
    };

    /// <summary>The one that a key means, in any case, with or without hyphens and underscores; null where there is none.</summary>
    /// <exception cref="WorkbenchException">It means two: a regularizer's coefficient is named like what was there.</exception>
    public static HyperParameter? Find(string key) => Find(key, All);

    internal static HyperParameter? Find(string key, IEnumerable<HyperParameter> all) =>
        all.Where(p => HyperParameters.IsSameKey(p.Key, key)).ToList() switch
        {
            [] => null,
            [var only] => only,
            [var one, .., var other] => throw new WorkbenchException($"'{key}' means {one.Key} ({one.Meaning}) as well as {other.Key} "
                + $"({other.Meaning}): expected a coefficient that no other key is like. Name it so, in a kernel that is started anew."),
        };

    /// <summary>As <see cref="Find(string)"/>.</summary>
    /// <exception cref="WorkbenchException">There is none, and the nearest one is named; or there are two.</exception>
    public static HyperParameter Get(string key) => Find(key) ?? throw new WorkbenchException(
        $"Unknown hyper-parameter '{key}'{Nearest.Guess(key, All.Select(p => p.Key))} Known are "
            + $"{string.Join(", ", All.Select(p => p.Key))}.");

    /// <summary>Its value among others, as text: what identifies a run.</summary>
    public string Text(HyperParameters values) => Value(values) switch
    {
        double number => Numbers.Text(number == 0 ? 0 : number), // -0 is 0
        Enum or bool => $"{Value(values)}".ToLowerInvariant(),
        var other => Convert.ToString(other, CultureInfo.InvariantCulture)!,
    };

    /// <summary>Its value among others as a number.</summary>
    public double Number(HyperParameters values) => Convert.ToDouble(Value(values), CultureInfo.InvariantCulture);

    /// <summary>A copy of the values with this one changed. Its range is checked by <see cref="HyperParameters.Validated"/>.</summary>
    /// <exception cref="WorkbenchException">The text is no value of its kind.</exception>
    public HyperParameters Set(HyperParameters values, string text)
    {
        object? parsed = null;
        if (!IsNumber)
            parsed = !Choices.Contains(text.ToLowerInvariant()) ? null
                : property!.PropertyType.IsEnum ? Enum.Parse(property.PropertyType, text, ignoreCase: true) : bool.Parse(text);
        else if (IsWhole)
            parsed = Numbers.TryRead(text, out int whole) ? whole : null;
        else if (Numbers.TryRead(text, out double number))
            parsed = number;
        if (parsed is null)
            throw new WorkbenchException($"{Key}={text}: expected {Expected}.");
        if (property is null)
            return values with { Regularization = values.Regularization.SetItem(Key, (double)parsed) };
        var copy = values with { };
        property.SetValue(copy, parsed);
        return copy;
    }

    /// <summary>A value's text as <see cref="Text"/> writes it, so that <c>1</c> and <c>1.0</c> are the same.</summary>
    /// <exception cref="WorkbenchException">As <see cref="Set"/>.</exception>
    public string Canonical(string text) => Text(Set(new(), text));

    /// <summary>What is wrong with its value among others; null for nothing.</summary>
    internal string? Fault(HyperParameters values)
    {
        if (!IsNumber)
            return null;
        var value = Number(values);
        var holds = double.IsFinite(value) && (range.Above ? value > range.Least : value >= range.Least)
            && (range.Below ? value < range.Most : value <= range.Most);
        return !holds ? $"{Key}={Text(values)}: expected {Expected}{(value > RangeAttribute.Largest ? ", of at most 1e30" : "")}"
            : value != 0 && (float)value == 0 ? $"{Key}={Text(values)}: expected {Expected}; a number so small is 0 in training" : null;
    }

    private object Value(HyperParameters values) => property?.GetValue(values) ?? values.Coefficient(Key);

    internal static HyperParameter Of(IRegularizer regularizer) =>
        new(regularizer.Coefficient, null, new($"coefficient of {regularizer.Name}") { Source = regularizer.Source }, typeof(double));
}
