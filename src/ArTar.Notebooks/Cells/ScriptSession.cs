using System.Collections.Immutable;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace ArTar.Notebooks.Cells;

/// <summary>A cell that was compiled but not yet run.</summary>
/// <param name="Compilation">The cell, after all that ran before it.</param>
/// <param name="Factory">Starts it; null where there is nothing to run, only <c>using</c> lines say.</param>
internal sealed record CompiledCell(CSharpCompilation Compilation, Func<object?[], Task<object?>>? Factory);

/// <summary>
/// C# submissions, each of which sees the names of those before it. The chain is kept here rather than in Roslyn's script
/// state because a cell that was stopped half-way must keep the variables that it had set by then.
/// </summary>
internal sealed class ScriptSession
{
    private static readonly CSharpParseOptions parseOptions = new(LanguageVersion.Latest, DocumentationMode.None, SourceCodeKind.Script);

    // One compilation at a time in the process: two that bind the same assemblies at the same moment take some symbols from each other, and
    // then do not know, say, one's IEnumerable<T> for the other's.
    private static readonly Lock compiler = new();

    private readonly AssemblyLoadContext context = new("cells");
    private readonly Dictionary<string, string> files = new(StringComparer.OrdinalIgnoreCase);
    private readonly CSharpCompilationOptions options;
    private CSharpCompilation? previous;
    private CompiledCell? begun;
    private int compiled;

    // Slot 0 is the host's; each submission's constructor puts itself into its own slot.
    private object?[] submissions = new object?[1];

    /// <summary>An empty session.</summary>
    /// <param name="folder">What the paths of <c>#r</c> and <c>#load</c> start from.</param>
    /// <param name="usings">Namespaces that every cell sees.</param>
    public ScriptSession(string folder, IEnumerable<string> usings)
    {
        folder = Path.GetFullPath(folder);
        options = new(
            OutputKind.DynamicallyLinkedLibrary,
            usings: usings,
            optimizationLevel: OptimizationLevel.Release,
            allowUnsafe: true,
            nullableContextOptions: NullableContextOptions.Enable,
            sourceReferenceResolver: new SourceFileResolver([], folder),
            metadataReferenceResolver: new DirectiveResolver(folder, path => files[Path.GetFileNameWithoutExtension(path)] = path));
        context.Resolving += (_, name) =>
            name.Name is { } simple && files.TryGetValue(simple, out var path) ? context.LoadFromAssemblyPath(path) : null;
    }

    /// <summary>Parses a cell; its name is what stack traces and errors call it.</summary>
    public static SyntaxTree Parse(string code, string name) =>
        CSharpSyntaxTree.ParseText(SourceText.From(code, Encoding.UTF8), parseOptions, name);

    /// <summary>Answers a question about a cell (completion, inspection) as if it were compiled now.</summary>
    public T Ask<T>(SyntaxTree tree, Func<SemanticModel, T> question)
    {
        lock (compiler)
            return question(Compile(tree).GetSemanticModel(tree, ignoreAccessibility: true));
    }

    private CSharpCompilation Compile(SyntaxTree tree) => CSharpCompilation.CreateScriptCompilation(
        $"Cell{++compiled}", tree, previous is null ? References.Host : [], options, previous, typeof(object));

    /// <summary>Compiles a cell, without running it.</summary>
    /// <returns>The cell, or the compiler's errors.</returns>
    public (CompiledCell? Cell, ImmutableArray<Diagnostic> Errors) Prepare(SyntaxTree tree, CancellationToken cancellation)
    {
        lock (compiler)
            return Emit(tree, cancellation);
    }

    private (CompiledCell? Cell, ImmutableArray<Diagnostic> Errors) Emit(SyntaxTree tree, CancellationToken cancellation)
    {
        var compilation = Compile(tree);
        var root = tree.GetCompilationUnitRoot(cancellation);
        if (root.Members.Count == 0 || root.ContainsDiagnostics
            || CheckWriter.Write(tree, () => compilation.GetSemanticModel(tree)) is not { } checkable)
            return Emit(compilation, root.Members.Count == 0, cancellation);
        // What is wrong is told of the cell as its author wrote it.
        var faults = ErrorsIn(compilation.GetDiagnostics(cancellation));
        if (!faults.IsEmpty)
            return (null, faults);
        var emitted = Emit(Compile(CSharpSyntaxTree.ParseText(checkable, parseOptions, tree.FilePath, cancellation)), false, cancellation);
        return emitted.Cell is null ? Emit(compilation, false, cancellation) : emitted;
    }

    private (CompiledCell? Cell, ImmutableArray<Diagnostic> Errors) Emit(CSharpCompilation compilation, bool isEmpty,
        CancellationToken cancellation)
    {
        if (isEmpty)
        {
            // Nothing to emit; the using lines are found through the chain.
            var faults = ErrorsIn(compilation.GetDiagnostics(cancellation));
            return faults.IsEmpty ? (new(compilation, null), []) : (null, faults);
        }

        using var assembly = new MemoryStream();
        using var symbols = new MemoryStream();
        var result = compilation.Emit(assembly, symbols,
            options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb), cancellationToken: cancellation);
        if (!result.Success)
            return (null, ErrorsIn(result.Diagnostics));
        assembly.Position = symbols.Position = 0;
        var loaded = context.LoadFromStream(assembly, symbols);
        var entry = compilation.GetEntryPoint(cancellation)!;
        var method = loaded.GetType(entry.ContainingType.MetadataName, throwOnError: true)!
            .GetMethod(entry.MetadataName, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!;
        return (new(compilation, method.CreateDelegate<Func<object?[], Task<object?>>>()), []);
    }

    /// <summary>A compiled cell is about to start. Afterwards, however it ends, <see cref="Keep"/> makes its names known to the next
    /// one.</summary>
    public void Begin(CompiledCell cell)
    {
        if (cell.Factory is not null)
            Array.Resize(ref submissions, submissions.Length + 1);
        begun = cell;
    }

    /// <summary>Starts a cell that was begun.</summary>
    public Task<object?> Start(CompiledCell cell) => cell.Factory is null ? Task.FromResult<object?>(null) : cell.Factory(submissions);

    /// <summary>Adds the cell that was begun to what later cells see, if it came as far as having variables.</summary>
    public void Keep()
    {
        if (begun is null)
            return;
        if (begun.Factory is null || submissions[^1] is not null)
            previous = begun.Compilation;
        else
            Array.Resize(ref submissions, submissions.Length - 1);
        begun = null;
    }

    /// <summary>The value of the variable that a name stands for in the next cell.</summary>
    public bool TryGetValue(string name, out object? value)
    {
        var (owner, field) = Variables().LastOrDefault(v => v.Field.Name == name);
        value = field?.GetValue(owner);
        return field is not null;
    }

    /// <summary>
    /// Lets go of the values of all variables of a name, also those that a later declaration hides: a cell that is run
    /// again declares its variables anew, and the old values would stay in memory.
    /// </summary>
    /// <returns>How many variables had that name.</returns>
    public int Forget(string name) => Forget(Variables().Where(v => v.Field.Name == name));

    /// <summary>Lets go of the values of all variables that a later declaration hides.</summary>
    /// <returns>How many there were.</returns>
    public int ForgetHidden() => Forget(Hidden());

    /// <summary>How many variables that a later declaration hides still hold a value.</summary>
    public int CountHidden() => Hidden().Count();

    private static int Forget(IEnumerable<(object Owner, FieldInfo Field)> variables)
    {
        var all = variables.ToList();
        foreach (var (owner, field) in all)
            field.SetValue(owner, null);
        return all.Count;
    }

    private IEnumerable<(object Owner, FieldInfo Field)> Hidden() => Variables().GroupBy(v => v.Field.Name).SelectMany(g => g.SkipLast(1))
        .Where(v => !v.Field.FieldType.IsValueType && v.Field.GetValue(v.Owner) is not null);

    private IEnumerable<(object Owner, FieldInfo Field)> Variables() => submissions.OfType<object>()
        .SelectMany(s => s.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance).Where(f => !f.IsInitOnly).Select(f => (s, f)));

    private static ImmutableArray<Diagnostic> ErrorsIn(ImmutableArray<Diagnostic> diagnostics) =>
        [.. diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).OrderBy(d => d.Location.SourceSpan.Start)];
}
