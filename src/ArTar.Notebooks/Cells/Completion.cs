using System.ComponentModel;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ArTar.Notebooks.Cells;

/// <summary>A name that fits at a place.</summary>
/// <param name="Name">The name.</param>
/// <param name="Kind">What it is, in a word that front ends have a picture for: <c>method</c>, <c>property</c>, <c>class</c>.</param>
/// <param name="Signature">Its declaration in a line.</param>
public sealed record Suggestion(string Name, string Kind, string Signature = "");

/// <summary>Names that fit at a place.</summary>
/// <param name="Items">The names, best first.</param>
/// <param name="Start">Where the text that they replace starts, in UTF-16 units.</param>
/// <param name="End">Where it ends.</param>
public sealed record Suggestions(IReadOnlyList<Suggestion> Items, int Start, int End)
{
    /// <summary>The names alone.</summary>
    public IEnumerable<string> Names => Items.Select(i => i.Name);
}

/// <summary>Says which names fit where code is being typed, from the compiler's own symbols.</summary>
internal static class Completion
{
    /// <summary>Whether a text is a whole cell.</summary>
    public static string IsComplete(string code)
    {
        var tree = ScriptSession.Parse(code, "");
        return !SyntaxFactory.IsCompleteSubmission(tree) ? "incomplete"
            : tree.GetDiagnostics().Any(d => d.Severity == DiagnosticSeverity.Error) ? "invalid" : "complete";
    }

    /// <summary>The names that fit.</summary>
    public static Suggestions At(ScriptSession session, string code, int position)
    {
        position = Math.Clamp(position, 0, code.Length);
        var start = position;
        while (start > 0 && (char.IsLetterOrDigit(code[start - 1]) || code[start - 1] == '_'))
            start--;
        var prefix = code[start..position];
        var tree = CodeQuestions.Tree(code);
        var fitting = session.Ask(tree, model => Fitting(model, tree, code, start, prefix)
            .Where(s => s.Item.Name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).DistinctBy(s => s.Item.Name)
            .OrderBy(s => s.Rank).ThenBy(s => !s.Item.Name.StartsWith(prefix, StringComparison.Ordinal))
                .ThenBy(s => s.Item.Name, StringComparer.OrdinalIgnoreCase)
            .Select(s => s.Item).ToList());
        return new(fitting, start, position);
    }

    private static IEnumerable<(Suggestion Item, int Rank)> Fitting(SemanticModel model, SyntaxTree tree, string code, int start,
        string prefix)
    {
        if (Qualifier(tree, code, start) is { } qualifier)
            return Members(model, start, qualifier).Select(s => (Item(s), Rank(s)));
        if (CodeQuestions.IsInTextOrComment(tree, start))
            return [];
        var names = model.LookupSymbols(start).Where(s => s.CanBeReferencedByName && IsOffered(s))
            .Select(s => (Item(s), s.Locations.Any(l => l.IsInSource) ? 1 : 2));
        var keywords = prefix.Length == 0 ? [] : SyntaxFacts.GetReservedKeywordKinds()
            .Select(k => (new Suggestion(SyntaxFacts.GetText(k), "keyword"), 3));
        return Arguments(model, tree, start).Concat(names).Concat(keywords);
    }

    // Within a call's parentheses the parameters can be named.
    private static IEnumerable<(Suggestion Item, int Rank)> Arguments(SemanticModel model, SyntaxTree tree, int start)
    {
        var list = tree.GetRoot().FindToken(Math.Max(0, start - 1)).Parent?.AncestorsAndSelf().OfType<BaseArgumentListSyntax>()
            .FirstOrDefault(l => l.SpanStart < start);
        if (list?.Parent is not { } call || call is ElementAccessExpressionSyntax)
            return [];
        return CodeQuestions.Candidates(model, call).OfType<IMethodSymbol>().SelectMany(m => m.Parameters)
            .Select(p => (new Suggestion(p.Name + ":", "param", $"{p.Type.ToDisplayString(CodeQuestions.Short)} {p.Name}"), 0));
    }

    private static ExpressionSyntax? Qualifier(SyntaxTree tree, string code, int start)
    {
        var dot = start - 1;
        while (dot >= 0 && char.IsWhiteSpace(code[dot]))
            dot--;
        if (dot < 0 || code[dot] != '.')
            return null;
        return tree.GetRoot().FindToken(dot).Parent switch
        {
            MemberAccessExpressionSyntax access => access.Expression,
            QualifiedNameSyntax name => name.Left,
            MemberBindingExpressionSyntax { Parent.Parent: ConditionalAccessExpressionSyntax conditional } => conditional.Expression,
            MemberBindingExpressionSyntax { Parent: ConditionalAccessExpressionSyntax conditional } => conditional.Expression,
            _ => null,
        };
    }

    private static IEnumerable<ISymbol> Members(SemanticModel model, int position, ExpressionSyntax qualifier)
    {
        var symbol = model.GetSymbolInfo(qualifier).Symbol;
        if (symbol is INamespaceOrTypeSymbol container)
            return model.LookupSymbols(position, container)
                .Where(s => s.CanBeReferencedByName && (container is INamespaceSymbol || s.IsStatic || s is INamedTypeSymbol)
                    && IsOffered(s));
        var type = model.GetTypeInfo(qualifier).Type;
        if (type is null or IErrorTypeSymbol)
            return [];
        return model.LookupSymbols(position, type, includeReducedExtensionMethods: true)
            .Where(s => s.CanBeReferencedByName && !s.IsStatic && s is not INamedTypeSymbol && IsOffered(s));
    }

    private static bool IsOffered(ISymbol symbol) =>
        (symbol is INamespaceSymbol or ILocalSymbol or IParameterSymbol or IRangeVariableSymbol
            || symbol.ContainingType?.TypeKind == TypeKind.Submission || IsVisible(symbol))
        && !symbol.GetAttributes().Any(a => a.AttributeClass?.Name == nameof(EditorBrowsableAttribute)
            && a.ConstructorArguments is [{ Value: (int)EditorBrowsableState.Never }]);

    private static bool IsVisible(ISymbol symbol) =>
        symbol.DeclaredAccessibility == Accessibility.Public
            && (symbol.ContainingType is null || symbol.ContainingType.DeclaredAccessibility == Accessibility.Public
            || symbol.ContainingType.Locations.Any(l => l.IsInSource) || symbol is IMethodSymbol { ReducedFrom: not null });

    // What a type has itself comes before what can be called on it, and that before what everything has.
    private static int Rank(ISymbol symbol) => symbol switch
    {
        IMethodSymbol { Name: "Equals" or "GetHashCode" or "GetType" or "ToString" } => 3,
        IMethodSymbol { MethodKind: MethodKind.ReducedExtension } => 2,
        _ => 1,
    };

    private static Suggestion Item(ISymbol symbol) => new(symbol.Name, symbol switch
    {
        IMethodSymbol => "method",
        IPropertySymbol => "property",
        IFieldSymbol { ContainingType.TypeKind: TypeKind.Enum } => "enum member",
        IFieldSymbol { ContainingType.TypeKind: TypeKind.Submission } or ILocalSymbol or IParameterSymbol => "variable",
        IFieldSymbol => "field",
        IEventSymbol => "event",
        INamespaceSymbol => "module",
        ITypeSymbol type => type.TypeKind switch { TypeKind.Interface => "interface", TypeKind.Struct => "struct", TypeKind.Enum => "enum",
            TypeKind.Delegate => "delegate", _ => "class" },
        _ => "text",
    }, symbol is INamespaceSymbol or ITypeSymbol ? "" : symbol.ToDisplayString(CodeQuestions.Short));
}
