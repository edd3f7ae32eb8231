using ArTar.Notebooks.Cells;
using ArTar.Notebooks.Ipynb;
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
    public static IReadOnlyDictionary<string, (string Type, string Default)> Of(NotebookFile notebook) =>
        Declared(notebook).ToDictionary(d => d.Name, d => (d.Type, d.Default), StringComparer.Ordinal);

    /// <summary>Adds the cell that sets parameters to other values; one that is there already is replaced.</summary>
    /// <param name="path">The notebook's path, for messages.</param>
    /// <param name="notebook">The notebook.</param>
    /// <param name="values">Values as text, by name.</param>
    /// <exception cref="WorkbenchException">The notebook has no such parameter, or a value is of another kind.</exception>
    public static void Inject(string path, NotebookFile notebook, IReadOnlyDictionary<string, string> values)
    {
        var declaring = Declaring(notebook) ?? throw new WorkbenchException(
            $"{path} takes no parameters: it has no cell tagged '{Tag}'. Give it none, or tag the cell that declares " +
            $"{string.Join(", ", values.Keys)}.");
        var known = Declared(notebook).ToDictionary(d => d.Name, StringComparer.Ordinal);
        var code = new StringBuilder("// Parameters");
        foreach (var (name, value) in values)
        {
            if (!known.TryGetValue(name, out var parameter))
                throw new WorkbenchException(known.Count == 0
                    ? $"{path}: the cell tagged '{Tag}' declares no variable."
                    : $"{path} has no parameter '{name}'{Nearest.Guess(name, known.Keys)} " +
                        $"Known are {string.Join(", ", known.Keys)}.");
            if (parameter.IsConstant)
                throw new WorkbenchException(
                    $"{name}: {path} declares it as const, which cannot be set to another value. Declare " +
                    $"it without const.");
            var literal = ParameterValue.Literal(parameter.Type, value)
                ?? throw new WorkbenchException($"{name}={value}: expected {ParameterValue.Expected(parameter.Type)}, like the " +
                    $"default {parameter.Default} in {path}.");
            code.Append(CultureInfo.InvariantCulture, $"\n{name} = {literal};");
        }
        if (notebook.Cells.FirstOrDefault(c => c.Tags.Contains(InjectedTag)) is { } injected)
            injected.Source = code.ToString();
        else
            notebook.Insert(notebook.Cells.ToList().IndexOf(declaring) + 1,
                NotebookCell.NewCode(InjectedTag, code.ToString(), InjectedTag));
    }

    private static NotebookCell? Declaring(NotebookFile notebook) => notebook.Cells
        .FirstOrDefault(c => c.Type == "code" && c.Tags.Contains(Tag));

    private static IEnumerable<(string Name, string Type, string Default, bool IsConstant)> Declared(NotebookFile notebook) =>
        Declaring(notebook) is not { } cell ? [] :
        ScriptSession.Parse(cell.Source, "").GetRoot().DescendantNodes().OfType<VariableDeclarationSyntax>()
            .SelectMany(node => node.Variables.Select(variable =>
                (variable.Identifier.Text, TypeOf(node.Type, variable.Initializer?.Value), variable.Initializer?.Value.ToString() ?? "",
                IsConstant(node.Parent))))
            .DistinctBy(d => d.Text);

    private static bool IsConstant(SyntaxNode? declaration) => declaration switch
    {
        BaseFieldDeclarationSyntax field => field.Modifiers.Any(SyntaxKind.ConstKeyword) || field.Modifiers.Any(SyntaxKind.ReadOnlyKeyword),
        LocalDeclarationStatementSyntax local => local.IsConst,
        _ => false,
    };

    private static string TypeOf(TypeSyntax type, ExpressionSyntax? value) => type is { IsVar: false } ? type.ToString() : value switch
    {
        PrefixUnaryExpressionSyntax sign => TypeOf(type, sign.Operand),
        LiteralExpressionSyntax { Token.Value: string } or InterpolatedStringExpressionSyntax => "string",
        LiteralExpressionSyntax { Token.Value: { } literal } => literal switch
        {
            bool => "bool",
            int => "int",
            uint => "uint",
            long => "long",
            ulong => "ulong",
            double => "double",
            float => "float",
            decimal => "decimal",
            char => "char",
            _ => "",
        },
        _ => "",
    };
}
