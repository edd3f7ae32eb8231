using System.Collections.Immutable;
using System.Xml.Linq;

namespace ArTar.Notebooks.Cells;

/// <summary>
/// What cells are compiled against: every assembly that this process can load by name. So a cell and the host share one
/// copy of each, and natives are found where the host finds them.
/// </summary>
internal static class References
{
    private static readonly Lazy<ImmutableDictionary<string, PortableExecutableReference>> byName = new(Read);

    /// <summary>The host's own assemblies.</summary>
    public static IEnumerable<MetadataReference> Host => byName.Value.Values;

    /// <summary>The host's assembly of a simple name, or null.</summary>
    public static PortableExecutableReference? Find(string name) => byName.Value.GetValueOrDefault(name);

    /// <summary>A reference to a file, with its documentation when that lies beside it.</summary>
    public static PortableExecutableReference To(string path)
    {
        var docs = Path.ChangeExtension(path, ".xml");
        return MetadataReference.CreateFromFile(path, documentation: File.Exists(docs) ? new Documentation(docs) : null);
    }

    private static ImmutableDictionary<string, PortableExecutableReference> Read()
    {
        var trusted = (string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "";
        return trusted.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(path => path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
            .DistinctBy(Path.GetFileNameWithoutExtension, StringComparer.OrdinalIgnoreCase)
            .AsParallel()
            .Select(path => (Name: Path.GetFileNameWithoutExtension(path), Reference: To(path)))
            .ToImmutableDictionary(r => r.Name, r => r.Reference, StringComparer.OrdinalIgnoreCase);
    }
}

/// <summary>Resolves <c>#r "file.dll"</c>: the host's own assembly of that name if it has one, else the file.</summary>
/// <param name="folder">What relative paths start from, and where the notebook lies.</param>
/// <param name="loaded">Told the path of every file that is not the host's, so that it can be loaded.</param>
internal sealed class DirectiveResolver(string folder, Action<string> loaded) : MetadataReferenceResolver
{
    public override ImmutableArray<PortableExecutableReference> ResolveReference(string reference, string? baseFilePath,
        MetadataReferenceProperties properties)
    {
        if (References.Find(Path.GetFileNameWithoutExtension(reference)) is { } host)
            return [host];
        var path = Path.GetFullPath(reference, folder);
        if (!File.Exists(path))
            return [];
        loaded(path);
        return [References.To(path)];
    }

    public override bool Equals(object? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

/// <summary>The compiler's XML documentation of one assembly, read when it is first asked for.</summary>
internal sealed class Documentation(string path) : DocumentationProvider
{
    private readonly Lazy<Dictionary<string, string>> members = new(() => XDocument.Load(path).Descendants("member")
        .GroupBy(m => (string?)m.Attribute("name") ?? "")
        .ToDictionary(g => g.Key, g => string.Concat(g.First().Nodes())));

    protected override string GetDocumentationForSymbol(string documentationMemberID, CultureInfo preferredCulture,
        CancellationToken cancellationToken = default) =>
        members.Value.GetValueOrDefault(documentationMemberID, "");

    public override bool Equals(object? obj) => obj is Documentation other && other.Path == path;

    public override int GetHashCode() => path.GetHashCode(StringComparison.Ordinal);

    private string Path => path;
}
