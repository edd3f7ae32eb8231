using System.Text.RegularExpressions;
using ArTar.Notebooks.Cells;
using ArTar.Notebooks.Ipynb;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ArTar.Notebooks.Headless;

/// <summary>
/// Checks that a notebook keeps to what all hosts understand: C# (ArTar), .NET Interactive (Polyglot Notebooks) and Verso.
/// docs/notebooks.md lists the rules with their reasons.
/// </summary>
public static partial class Dialect
{
    /// <summary>What the first code cell holds.</summary>
    public const string FirstCell = "#!import ../artifacts/notebook/setup.csx";

    private const int MaxBytes = 1_000_000;

    /// <summary>What is wrong with a notebook, each with its place; empty when nothing is.</summary>
    /// <exception cref="WorkbenchException">It is not there, or is no notebook.</exception>
    public static IReadOnlyList<string> Check(string path)
    {
        var notebook = NotebookFile.Load(path);
        var faults = new List<string>();
        void Fault(string place, string message) => faults.Add(place.Length == 0 ? $"{path}: {message}" : $"{path}: {place}: {message}");

        CheckFile(notebook, new FileInfo(path).Length, message => Fault("", message));
        var number = 0;
        foreach (var (index, cell) in notebook.Cells.Index())
        {
            if (cell.Id is { } id && !CellId().IsMatch(id))
                Fault($"cell at {index + 1}", $"the id '{id}' is not 1 to 64 letters, digits, - or _");
            if (cell.Type != "code")
                continue;
            var name = $"cell {++number}";
            if (Language(cell) is { } language)
                Fault(name, $"it is marked as {language}; expected C# alone");
            foreach (var output in cell.Outputs.OfType<JsonObject>()
                .Where(o => (string?)o["output_type"] == "error" && !cell.Tags.Contains("raises-exception")))
                Fault(name, $"its stored output is an error ({output["ename"]}); run it again, or tag it raises-exception");
            foreach (var (type, stored) in cell.Outputs.OfType<JsonObject>().Select(o => o["data"]).OfType<JsonObject>().SelectMany(d => d))
                if (StoredPicture.IsPicture(type) && StoredPicture.Fault(type, stored) is { } broken)
                    Fault(name, broken);
            if (number == 1)
            {
                if (cell.Source != FirstCell)
                    Fault(name, $"the first code cell must be exactly '{FirstCell}'");
                continue;
            }
            foreach (var (line, message) in CheckCode(cell.Source))
                Fault($"{name}, line {line}", message);
        }
        if (number == 0)
            Fault("", "it has no code cell");
        return faults;
    }

    private static void CheckFile(NotebookFile notebook, long bytes, Action<string> fault)
    {
        if (notebook.Minor < 5)
            fault($"its format is 4.{notebook.Minor}; expected 4.5 or later, whose cells have ids");
        else if (notebook.Cells.Any(c => c.Id is null))
            fault("a cell has no id");
        foreach (var twice in notebook.Cells.Where(c => c.Id is not null).GroupBy(c => c.Id).Where(g => g.Count() > 1))
            fault($"{twice.Count()} cells have the id '{twice.Key}'");
        void Expect(string expected, params string[] keys)
        {
            JsonNode? at = notebook.Metadata;
            foreach (var key in keys)
                at = (at as JsonObject)?[key];
            if (at?.ToString() != expected)
                fault($"metadata {string.Join('.', keys)} is {at?.ToJsonString() ?? "missing"}; expected \"{expected}\"");
        }
        Expect("C#", "kernelspec", "language");
        Expect("csharp", "language_info", "name");
        Expect("csharp", "polyglot_notebook", "kernelInfo", "defaultKernelName");
        if (notebook.Cells.Count(c => c.Tags.Contains(Parameters.Tag)) > 1)
            fault($"several cells are tagged '{Parameters.Tag}'");
        if (bytes > MaxBytes)
            fault($"it has {bytes:N0} bytes; at most {MaxBytes:N0} keep it quick to open and to compare");
    }

    private static string? Language(NotebookCell cell)
    {
        string?[] marks = [(string?)(cell.Metadata["polyglot_notebook"] as JsonObject)?["kernelName"],
            (string?)(cell.Metadata["vscode"] as JsonObject)?["languageId"],
            (string?)(cell.Metadata["dotnet_interactive"] as JsonObject)?["language"]];
        return marks.FirstOrDefault(m => m is not (null or "csharp" or "polyglot-notebook"));
    }

    /// <summary>What in a cell's code other hosts do not understand, by line.</summary>
    internal static IReadOnlyList<(int Line, string Message)> CheckCode(string code)
    {
        var faults = new List<(int Line, string Message)>();
        var lines = code.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimStart();
            if (line.StartsWith("#!", StringComparison.Ordinal))
                faults.Add((i + 1, $"'{line.TrimEnd()}' is a directive; only the first cell has one"));
            else if (line.StartsWith('%'))
                faults.Add((i + 1, $"'{line.TrimEnd()}' is a magic of another kernel"));
            else if (Reference().IsMatch(line))
                faults.Add((i + 1, "#r and #load differ between hosts; the first cell's setup.csx brings what is needed"));
            else
                continue;
            lines[i] = "";
        }
        var tree = ScriptSession.Parse(string.Join('\n', lines), "");
        void Fault(SyntaxNode node, string message) => faults.Add((tree.GetLineSpan(node.Span).StartLinePosition.Line + 1, message));

        foreach (var node in tree.GetRoot().DescendantNodes())
            if (Foreign(node) is { } message)
                Fault(node, message);
        // Much of the above is an error of syntax, too.
        if (faults.Count == 0 && tree.GetDiagnostics().FirstOrDefault(d => d.Severity == DiagnosticSeverity.Error) is { } error)
            faults.Add((error.Location.GetLineSpan().StartLinePosition.Line + 1,
                $"error {error.Id}: {error.GetMessage(CultureInfo.InvariantCulture)}"));
        return [.. faults.OrderBy(f => f.Line)];
    }

    private static string? Foreign(SyntaxNode node) => node switch
    {
        InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "display" } } =>
            "display(x) is .NET Interactive's own; write x.Display(), or x as the cell's last line",
        InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "HTML" or "CSS" or "Javascript" or "SVG" } } =>
            "HTML(…) and its like are .NET Interactive's own; show a value that has ToHtml()",
        MemberAccessExpressionSyntax { Name.Identifier.Text: "DisplayAs" } =>
            "DisplayAs is .NET Interactive's own; show a value that has " +
            "ToHtml()",
        MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "Formatter" } } => "Formatter is .NET " +
            "Interactive's own; give the type a ToHtml()",
        MemberAccessExpressionSyntax
        {
            Expression: IdentifierNameSyntax { Identifier.Text: "Kernel" or "KernelInvocationContext" or "Microsoft.DotNet.Interactive" }
        } =>
            "the kernel's own objects differ between hosts",
        MemberAccessExpressionSyntax { Name.Identifier.Text: "Update", Expression: var shown } when shown.ToString() is var text
            && (text.Contains("Display()", StringComparison.Ordinal) || text.Contains("display", StringComparison.OrdinalIgnoreCase)) =>
            "updating a display is not in all hosts; print progress with Console.Write(\"\\r…\")",
        MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "Console" }, Name.Identifier.Text: "Error" } =>
            "standard error is for faults; print to standard output",
        MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "Console" },
            Name.Identifier.Text: "ReadLine" or "ReadKey" or "Read" } =>
            "a notebook that runs by itself cannot ask; make it a parameter",
        BaseNamespaceDeclarationSyntax => "a cell cannot hold a namespace",
        // In a script the parser takes it for a using directive that lacks its end.
        UsingDirectiveSyntax { SemicolonToken.IsMissing: true } =>
            "'using var' is not possible at a cell's top level; write using (…) { … }",
        VariableDeclarationSyntax { Parent.Parent: CompilationUnitSyntax or GlobalStatementSyntax } declaration when IsSpan(declaration) =>
            "a Span cannot be a variable at a cell's top level; put it into a method",
        _ => null,
    };

    private static bool IsSpan(VariableDeclarationSyntax declaration) =>
        declaration.Type is GenericNameSyntax { Identifier.Text: "Span" or "ReadOnlySpan" }
        || declaration.Variables.Any(v => v.Initializer?.Value is StackAllocArrayCreationExpressionSyntax
            or InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "AsSpan" } });

    [GeneratedRegex(@"^#(r|load)\b")]
    private static partial Regex Reference();

    [GeneratedRegex("^[a-zA-Z0-9-_]{1,64}$")]
    private static partial Regex CellId();
}
