using System.Globalization;
using System.Text;
using ArTar.Notebooks.Cells;
using ArTar.Notebooks.Ipynb;
using ArTar.Workbench;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ArTar.Notebooks.Headless;

/// <summary>
/// Parameters of a notebook in papermill's convention: the cell tagged <c>parameters</c> declares them with their defaults;
/// other values come in a cell of their own behind it, tagged <c>injected-parameters</c>.
/// </summary>
public static class Parameters
{
    /// <summary>Tag of the cell that declares the parameters.</summary>
    public const string Tag = "parameters";

    private const string InjectedTag = "injected-parameters";

    /// <summary>The names that a notebook declares as parameters, with their type and default as they stand there.</summary>
    public static IReadOnlyDictionary<string, (string Type, string Default)> Of(NotebookFile notebook)
    {
        var declared = new Dictionary<string, (string Type, string Default)>(StringComparer.Ordinal);
        if (Declaring(notebook) is not { } cell)
            return declared;
        foreach (var node in ScriptSession.Parse(cell.Source, "").GetRoot().DescendantNodes().OfType<VariableDeclarationSyntax>())
            foreach (var variable in node.Variables)
                declared[variable.Identifier.Text] = (TypeOf(node.Type, variable.Initializer?.Value), variable.Initializer?.Value.ToString() ?? "");
        return declared;
    }

    /// <summary>Adds the cell that sets parameters to other values; one that is there already is replaced.</summary>
    /// <param name="path">The notebook's path, for messages.</param>
    /// <param name="notebook">The notebook.</param>
    /// <param name="values">Values as text, by name.</param>
    /// <exception cref="WorkbenchException">The notebook has no such parameter, or a value is of another kind.</exception>
    public static void Inject(string path, NotebookFile notebook, IReadOnlyDictionary<string, string> values)
    {
        var declaring = Declaring(notebook) ?? throw new WorkbenchException(
            $"{path} takes no parameters: it has no cell tagged '{Tag}'. Leave --param out, or tag the cell that declares {string.Join(", ", values.Keys)}.");
        var known = Of(notebook);
        var code = new StringBuilder("// Parameters");
        foreach (var (name, value) in values)
        {
            if (!known.TryGetValue(name, out var parameter))
                throw new WorkbenchException(known.Count == 0
                    ? $"{path}: the cell tagged '{Tag}' declares no variable."
                    : $"{path} has no parameter '{name}'; did you mean '{Nearest.To(name, known.Keys)}'? Known are {string.Join(", ", known.Keys)}.");
            var literal = Literal(parameter.Type, value)
                ?? throw new WorkbenchException($"--param {name}={value}: expected {Expected(parameter.Type)}, like the default {parameter.Default} in {path}.");
            code.Append(CultureInfo.InvariantCulture, $"\n{name} = {literal};");
        }
        if (notebook.Cells.FirstOrDefault(c => c.Tags.Contains(InjectedTag)) is { } injected)
            injected.Source = code.ToString();
        else
            notebook.Insert(notebook.Cells.ToList().IndexOf(declaring) + 1, NotebookCell.NewCode(InjectedTag, code.ToString(), InjectedTag));
    }

    private static NotebookCell? Declaring(NotebookFile notebook) => notebook.Cells.FirstOrDefault(c => c.Type == "code" && c.Tags.Contains(Tag));

    private static string TypeOf(TypeSyntax type, ExpressionSyntax? value) => type is { IsVar: false } ? type.ToString().TrimEnd('?') : value switch
    {
        PrefixUnaryExpressionSyntax sign => TypeOf(type, sign.Operand),
        LiteralExpressionSyntax { Token.Value: string } or InterpolatedStringExpressionSyntax => "string",
        LiteralExpressionSyntax { Token.Value: { } literal } => literal switch { bool => "bool", int => "int", long => "long", double => "double", float => "float", _ => "" },
        _ => "",
    };

    private static string? Literal(string type, string value) => type switch
    {
        "string" => SymbolDisplay.FormatLiteral(value, quote: true),
        "bool" => bool.TryParse(value, out var truth) ? truth ? "true" : "false" : null,
        "int" => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole.ToString(CultureInfo.InvariantCulture) : null,
        "long" => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? $"{whole.ToString(CultureInfo.InvariantCulture)}L" : null,
        "double" or "float" => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number.ToString("R", CultureInfo.InvariantCulture) + (type == "float" ? "f" : "d") : null,
        // Anything else is C#: new[] { 1, 2 }, Cell.Gru.
        _ => SyntaxFactory.ParseExpression(value) is { ContainsDiagnostics: false } expression && expression.ToFullString() == value ? value : null,
    };

    private static string Expected(string type) => type switch
    {
        "bool" => "true or false",
        "int" or "long" => "a whole number",
        "double" or "float" => "a number",
        _ => "a C# expression",
    };
}
