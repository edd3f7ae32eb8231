namespace ArTar.Notebooks.Tests;

/// <summary>The repository that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>Its root.</summary>
    public static string Root { get; } = Find();

    /// <summary>Its notebooks.</summary>
    public static string Notebooks => Path.Combine(Root, "notebooks");

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "ArTar.Workbench.csproj")))
                return at.FullName;
        throw new DirectoryNotFoundException($"'{AppContext.BaseDirectory}' is not below the repository.");
    }
}
