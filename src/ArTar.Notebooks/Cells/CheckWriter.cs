using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace ArTar.Notebooks.Cells;

/// <summary>
/// Puts a call of <see cref="CellChecks"/> into every loop, function and lambda of a cell, after what it awaits and into what catches
/// everything. .NET cannot end code from outside, so a cell's code looks itself whether it is to stop. Nothing is put on a line of its
/// own: every line keeps its number.
/// </summary>
internal sealed class CheckWriter : CSharpSyntaxWalker
{
    private const string Checks = "global::ArTar.Notebooks.Cells.CellChecks.";
    private const string Loop = Checks + "Loop();", Call = Checks + "Call();", Resume = Checks + "Resume();";

    private readonly Lazy<SemanticModel>? model;

    // At one place, what ends there comes before what starts there. What starts is found from outside in, what ends from inside out.
    private readonly List<(TextSpan Replaced, bool IsEnd, string Text)> edits = [];

    private CheckWriter(Func<SemanticModel>? model) => this.model = model is null ? null : new(model);

    /// <summary>The cell's code with checks, or null where it has no place for one.</summary>
    /// <param name="tree">The cell, without errors.</param>
    /// <param name="model">What the names in it mean; without it lambdas that are an expression get no check.</param>
    public static SourceText? Write(SyntaxTree tree, Func<SemanticModel>? model)
    {
        var writer = new CheckWriter(model);
        writer.Visit(tree.GetRoot());
        return writer.edits.Count == 0 ? null : tree.GetText().WithChanges(writer.edits
            .OrderBy(e => e.Replaced.Start).ThenBy(e => !e.IsEnd).GroupBy(e => e.Replaced.Start)
            .Select(g => new TextChange(g.Select(e => e.Replaced).MaxBy(r => r.Length), string.Concat(g.Select(e => e.Text)))));
    }

    public override void VisitCompilationUnit(CompilationUnitSyntax node)
    {
        base.VisitCompilationUnit(node);
        // A cell that was left in the middle of a long call must not go on when that returns.
        foreach (var member in node.Members.SkipLast(1))
            if (member is GlobalStatementSyntax or FieldDeclarationSyntax && member.GetLastToken() is { IsMissing: false } last
                && last.Kind() is SyntaxKind.SemicolonToken or SyntaxKind.CloseBraceToken)
                End(member.Span.End, Resume);
    }

    public override void VisitWhileStatement(WhileStatementSyntax node) => Turn(node.Statement, () => base.VisitWhileStatement(node));

    public override void VisitDoStatement(DoStatementSyntax node) => Turn(node.Statement, () => base.VisitDoStatement(node));

    public override void VisitForStatement(ForStatementSyntax node) => Turn(node.Statement, () => base.VisitForStatement(node));

    public override void VisitForEachStatement(ForEachStatementSyntax node) => Turn(node.Statement, () => base.VisitForEachStatement(node));

    public override void VisitForEachVariableStatement(ForEachVariableStatementSyntax node) =>
        Turn(node.Statement, () => base.VisitForEachVariableStatement(node));

    public override void VisitGotoStatement(GotoStatementSyntax node) => Turn(node, () => base.VisitGotoStatement(node));

    public override void VisitWhereClause(WhereClauseSyntax node)
    {
        Start(node.Condition.SpanStart, $"{Checks}Pass()&&(");
        base.VisitWhereClause(node);
        End(node.Condition.Span.End, ")");
    }

    public override void VisitExpressionStatement(ExpressionStatementSyntax node)
    {
        base.VisitExpressionStatement(node);
        AfterWaiting(node);
    }

    public override void VisitLocalDeclarationStatement(LocalDeclarationStatementSyntax node)
    {
        base.VisitLocalDeclarationStatement(node);
        AfterWaiting(node);
    }

    public override void VisitCatchClause(CatchClauseSyntax node)
    {
        // Who catches a cancellation by name knows what to do with it; who catches everything means other faults.
        if (node.Declaration is null || node.Declaration.Type.ToString() is "Exception" or "System.Exception")
            Start(node.Block.OpenBraceToken.Span.End, Loop);
        base.VisitCatchClause(node);
    }

    public override void VisitMethodDeclaration(MethodDeclarationSyntax node) =>
        Function(node, node.Body, node.ExpressionBody, node.SemicolonToken, () => base.VisitMethodDeclaration(node));

    public override void VisitLocalFunctionStatement(LocalFunctionStatementSyntax node) =>
        Function(node, node.Body, node.ExpressionBody, node.SemicolonToken, () => base.VisitLocalFunctionStatement(node));

    public override void VisitConstructorDeclaration(ConstructorDeclarationSyntax node) =>
        Function(node, node.Body, node.ExpressionBody, node.SemicolonToken, () => base.VisitConstructorDeclaration(node));

    public override void VisitOperatorDeclaration(OperatorDeclarationSyntax node) =>
        Function(node, node.Body, node.ExpressionBody, node.SemicolonToken, () => base.VisitOperatorDeclaration(node));

    public override void VisitConversionOperatorDeclaration(ConversionOperatorDeclarationSyntax node) =>
        Function(node, node.Body, node.ExpressionBody, node.SemicolonToken, () => base.VisitConversionOperatorDeclaration(node));

    public override void VisitAccessorDeclaration(AccessorDeclarationSyntax node) =>
        Function(node, node.Body, node.ExpressionBody, node.SemicolonToken, () => base.VisitAccessorDeclaration(node));

    public override void VisitPropertyDeclaration(PropertyDeclarationSyntax node) =>
        Getter(node.ExpressionBody, node.SemicolonToken, () => base.VisitPropertyDeclaration(node));

    public override void VisitIndexerDeclaration(IndexerDeclarationSyntax node) =>
        Getter(node.ExpressionBody, node.SemicolonToken, () => base.VisitIndexerDeclaration(node));

    public override void VisitSimpleLambdaExpression(SimpleLambdaExpressionSyntax node) =>
        Lambda(node, () => base.VisitSimpleLambdaExpression(node));

    public override void VisitParenthesizedLambdaExpression(ParenthesizedLambdaExpressionSyntax node) =>
        Lambda(node, () => base.VisitParenthesizedLambdaExpression(node));

    public override void VisitAnonymousMethodExpression(AnonymousMethodExpressionSyntax node) =>
        Lambda(node, () => base.VisitAnonymousMethodExpression(node));

    public override void VisitRecordDeclaration(RecordDeclarationSyntax node)
    {
        base.VisitRecordDeclaration(node);
        if (node.Members.OfType<MethodDeclarationSyntax>()
            .Any(m => m.Identifier.Text == "ToString" && m.ParameterList.Parameters.Count == 0))
            return;
        // The compiler writes the same, without a check: a record that holds itself then ends the process.
        var text = $" public override string ToString() {{ {Call} var text = new " +
            $"global::System.Text.StringBuilder(\"{node.Identifier.ValueText} {{ \");" +
            " if (PrintMembers(text)) text.Append(' '); return text.Append('}').ToString(); }";
        if (node.CloseBraceToken.IsKind(SyntaxKind.CloseBraceToken))
            End(node.CloseBraceToken.SpanStart, text);
        else
            Replace(node.SemicolonToken, $"{{{text} }}");
    }

    private void Turn(StatementSyntax body, Action visit)
    {
        if (body is BlockSyntax block)
        {
            Start(block.OpenBraceToken.Span.End, Loop);
            visit();
            return;
        }
        Start(body.SpanStart, "{" + Loop);
        visit();
        End(body.Span.End, "}");
    }

    private void Function(SyntaxNode node, BlockSyntax? body, ArrowExpressionClauseSyntax? arrow, SyntaxToken semicolon, Action visit)
    {
        if (body is not null)
            Start(body.OpenBraceToken.Span.End, Call);
        else if (arrow is not null && arrow.Expression is not ThrowExpressionSyntax && HasResult(node) is { } hasResult)
        {
            Replace(arrow.ArrowToken, $"{{{Call}{(hasResult ? "return " : "")}");
            visit();
            End(semicolon.Span.End, "}");
            return;
        }
        visit();
    }

    private void Getter(ArrowExpressionClauseSyntax? arrow, SyntaxToken semicolon, Action visit)
    {
        if (arrow is null || arrow.Expression is ThrowExpressionSyntax)
        {
            visit();
            return;
        }
        Replace(arrow.ArrowToken, $"{{get{{{Call}return ");
        visit();
        End(semicolon.Span.End, "}}");
    }

    private void Lambda(AnonymousFunctionExpressionSyntax node, Action visit)
    {
        if (node.Block is not null)
            Start(node.Block.OpenBraceToken.Span.End, Call);
        else if (node.ExpressionBody is { } expression and not ThrowExpressionSyntax && !IsTree(node) && HasResult(node) is { } hasResult)
        {
            Start(expression.SpanStart, $"{{{Call}{(hasResult ? "return " : "")}");
            visit();
            End(expression.Span.End, ";}");
            return;
        }
        visit();
    }

    /// <summary>Whether a function returns a value rather than nothing or a task without one; null where that is not known.</summary>
    private bool? HasResult(SyntaxNode node)
    {
        if (node is AccessorDeclarationSyntax accessor)
            return accessor.IsKind(SyntaxKind.GetAccessorDeclaration);
        if (node is ConstructorDeclarationSyntax)
            return false;
        if (model is null)
            return null;
        return (node is AnonymousFunctionExpressionSyntax ? model.Value.GetSymbolInfo(node).Symbol
            : model.Value.GetDeclaredSymbol(node)) is IMethodSymbol method
            ? !method.ReturnsVoid && !(method.IsAsync && method.ReturnType is INamedTypeSymbol { IsGenericType: false })
            : null;
    }

    // Of such a lambda only its form is looked at; it is never run.
    private bool IsTree(AnonymousFunctionExpressionSyntax node) =>
        model?.Value.GetTypeInfo(node).ConvertedType is not INamedTypeSymbol { TypeKind: TypeKind.Delegate };

    private void AfterWaiting(StatementSyntax node)
    {
        if (node is ExpressionStatementSyntax { SemicolonToken.IsMissing: true } || node.Parent is not (BlockSyntax or SwitchSectionSyntax))
            return;
        if (node.DescendantNodes(n => n is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax))
            .Any(n => n is AwaitExpressionSyntax))
            End(node.Span.End, Resume);
    }

    private void Start(int position, string text) => edits.Add((new(position, 0), false, text));

    private void End(int position, string text) => edits.Add((new(position, 0), true, text));

    private void Replace(SyntaxToken token, string text) => edits.Add((token.Span, false, text));
}
