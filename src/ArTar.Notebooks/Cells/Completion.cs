using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ArTar.Notebooks.Cells;

/// <summary>Names that fit at a place.</summary>
/// <param name="Names">The names, sorted.</param>
/// <param name="Start">Where the text that they replace starts, in UTF-16 units.</param>
/// <param name="End">Where it ends.</param>
public sealed record Suggestions(IReadOnlyList<string> Names, int Start, int End);

/// <summary>Answers questions about code that is being typed, from the compiler's own symbols.</summary>
internal static partial class Completion
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
        var tree = Tree(code);
        IEnumerable<string> Names(SemanticModel model)
        {
            if (Qualifier(tree, code, start) is { } qualifier)
                return Members(model, start, qualifier);
            if (IsInTextOrComment(tree, start))
                return [];
            return model.LookupSymbols(start).Where(s => s.CanBeReferencedByName).Select(s => s.Name)
                .Concat(prefix.Length == 0 ? [] : SyntaxFacts.GetReservedKeywordKinds().Select(SyntaxFacts.GetText));
        }
        var fitting = session.Ask(tree, model => Names(model).Where(n => n.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).Distinct()
            .OrderBy(n => !n.StartsWith(prefix, StringComparison.Ordinal)).ThenBy(n => n, StringComparer.OrdinalIgnoreCase).ToList());
        return new(fitting, start, position);
    }

    /// <summary>The declaration of the name at a place, and its documentation.</summary>
    public static string? Inspect(ScriptSession session, string code, int position)
    {
        var tree = Tree(code);
        position = Math.Clamp(position, 0, code.Length);
        // With the cursor behind "Name(" it is the name that is meant.
        while (position > 0 && (position == code.Length || !char.IsLetterOrDigit(code[position])) && !char.IsLetterOrDigit(code[position - 1]))
            position--;
        var node = tree.GetRoot().FindToken(position > 0 && (position == code.Length || !char.IsLetterOrDigit(code[position])) ? position - 1 : position).Parent;
        if (node is null)
            return null;
        return session.Ask(tree, model =>
        {
            var info = model.GetSymbolInfo(node);
            // Without arguments that decide between them, every overload is a candidate.
            var meant = (info.Symbol ?? model.GetDeclaredSymbol(node)) is { } symbol ? [symbol] : info.CandidateSymbols;
            return meant.IsEmpty ? null : string.Join('\n', meant.Select(Signature).Append(Summary(meant[0])).Where(line => line.Length > 0));
        });
    }

    private static string Signature(ISymbol symbol) => symbol.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat);

    private static string Summary(ISymbol symbol)
    {
        var summary = SummaryTag().Match(symbol.GetDocumentationCommentXml() ?? "").Groups[1].Value;
        return System.Net.WebUtility.HtmlDecode(Space().Replace(Tag().Replace(Cref().Replace(summary, m => Last(m.Groups[1].Value)), ""), " ").Trim());
    }

    private static SyntaxTree Tree(string code) => ScriptSession.Parse(code.Replace("#!", "//", StringComparison.Ordinal), "");

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

    private static IEnumerable<string> Members(SemanticModel model, int position, ExpressionSyntax qualifier)
    {
        var symbol = model.GetSymbolInfo(qualifier).Symbol;
        if (symbol is INamespaceOrTypeSymbol container)
            return model.LookupSymbols(position, container)
                .Where(s => s.CanBeReferencedByName && (container is INamespaceSymbol || s.IsStatic || s is INamedTypeSymbol) && IsPublic(s)).Select(s => s.Name);
        var type = model.GetTypeInfo(qualifier).Type;
        if (type is null or IErrorTypeSymbol)
            return [];
        return model.LookupSymbols(position, type, includeReducedExtensionMethods: true)
            .Where(s => s.CanBeReferencedByName && !s.IsStatic && s is not INamedTypeSymbol && IsPublic(s)).Select(s => s.Name);
    }

    private static bool IsPublic(ISymbol symbol) =>
        symbol.DeclaredAccessibility == Accessibility.Public || symbol.Locations.Any(l => l.IsInSource) || symbol is INamespaceSymbol;

    private static bool IsInTextOrComment(SyntaxTree tree, int position)
    {
        if (position == 0)
            return false;
        var root = tree.GetRoot();
        var trivia = root.FindTrivia(position - 1);
        if (trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia))
            return true;
        var token = root.FindToken(position - 1);
        return token.Span.Contains(position - 1) && (token.IsKind(SyntaxKind.StringLiteralToken) || token.IsKind(SyntaxKind.InterpolatedStringTextToken) || token.IsKind(SyntaxKind.NumericLiteralToken))
            && token.SpanStart < position;
    }

    private static string Last(string cref) => cref[(cref.LastIndexOfAny(['.', ':']) + 1)..];

    [GeneratedRegex("<summary>(.*?)</summary>", RegexOptions.Singleline)]
    private static partial Regex SummaryTag();

    [GeneratedRegex("<see (?:cref|langword)=\"([^\"(]*)[^\"]*\" ?/>")]
    private static partial Regex Cref();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
