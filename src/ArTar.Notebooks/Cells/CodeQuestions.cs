using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ArTar.Notebooks.Cells;

/// <summary>Answers what is known about a name in code that is being typed.</summary>
internal static partial class CodeQuestions
{
    private const int ValueLength = 500;
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(0.5);

    /// <summary>A declaration in a line: types in short, parameters with their names and defaults.</summary>
    public static SymbolDisplayFormat Short { get; } = SymbolDisplayFormat.MinimallyQualifiedFormat
        .WithMemberOptions(
            SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeType
            | SymbolDisplayMemberOptions.IncludeContainingType)
        .WithParameterOptions(
            SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName
            | SymbolDisplayParameterOptions.IncludeParamsRefOut | SymbolDisplayParameterOptions.IncludeDefaultValue);

    /// <summary>The code as a tree; lines for the kernel itself count as comments.</summary>
    public static SyntaxTree Tree(string code) => ScriptSession.Parse(code.Replace("#!", "//", StringComparison.Ordinal), "");

    /// <summary>The declaration of the name at a place, its value where it is a variable, and its documentation.</summary>
    public static string? Inspect(ScriptSession session, string code, int position)
    {
        var tree = Tree(code);
        position = Math.Clamp(position, 0, code.Length);
        // With the cursor behind "Name(" it is the name that is meant.
        while (position > 0 && (position == code.Length || !char.IsLetterOrDigit(code[position]))
            && !char.IsLetterOrDigit(code[position - 1]))
            position--;
        var node = tree.GetRoot().FindToken(position > 0 && (position == code.Length || !char.IsLetterOrDigit(code[position]))
            ? position - 1 : position).Parent;
        if (node is null)
            return null;
        var (text, variable) = session.Ask(tree, model =>
        {
            // Behind "new" a type's name stands for its constructors.
            var asked = node.Parent is ObjectCreationExpressionSyntax creation && creation.Type == node ? creation : node;
            var meant = Candidates(model, asked);
            if (meant.Count == 0 && model.GetDeclaredSymbol(node) is { } declared)
                meant = [declared];
            return meant.Count == 0 ? default
                : (string.Join('\n', meant.Select(m => m.ToDisplayString(Short)).Append(Summary(meant[0])).Where(line => line.Length > 0)),
                    meant is [IFieldSymbol { ContainingType.TypeKind: TypeKind.Submission } field] ? field : null);
        });
        return variable is not null && session.TryGetValue(variable.Name, out var value)
            ? $"{variable.Type.ToDisplayString(Short)} {variable.Name} = {Text(value)}" : text;
    }

    /// <summary>What a name or a call may mean. Without arguments that decide between them, every overload does.</summary>
    public static IReadOnlyList<ISymbol> Candidates(SemanticModel model, SyntaxNode node)
    {
        var info = model.GetSymbolInfo(node);
        return info.Symbol is { } symbol ? [symbol] : info.CandidateSymbols.IsEmpty && node is not InvocationExpressionSyntax
            ? [.. model.GetMemberGroup(node)] : info.CandidateSymbols;
    }

    /// <summary>Whether a place lies within a comment, a string or a number.</summary>
    public static bool IsInTextOrComment(SyntaxTree tree, int position)
    {
        if (position == 0)
            return false;
        var root = tree.GetRoot();
        var trivia = root.FindTrivia(position - 1);
        if (trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia))
            return true;
        var token = root.FindToken(position - 1);
        return token.Span.Contains(position - 1) && token.SpanStart < position && token.Kind() is
            SyntaxKind.StringLiteralToken or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken
            or SyntaxKind.InterpolatedStringTextToken or SyntaxKind.NumericLiteralToken or SyntaxKind.CharacterLiteralToken;
    }

    // A value's own ToString may be anything, also something that does not return.
    private static string Text(object? value)
    {
        var text = "…";
        var asking = new Thread(() =>
        {
            try
            {
                text = Formatters.Plain(value);
            }
            catch (Exception e)
            {
                text = $"({e.GetType().Name})";
            }
        }) { IsBackground = true };
        asking.Start();
        asking.Join(patience);
        return text.Length <= ValueLength ? text : text[..ValueLength] + "…";
    }

    private static string Summary(ISymbol symbol)
    {
        var summary = SummaryTag().Match(symbol.GetDocumentationCommentXml() ?? "").Groups[1].Value;
        return System.Net.WebUtility.HtmlDecode(Space()
            .Replace(Tag().Replace(Cref().Replace(summary, m => Last(m.Groups[1].Value)), ""), " ").Trim());
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
