namespace ArTar.Workbench;

/// <summary>The folders that a user's work lives in: data sets, runs and figures below one root.</summary>
/// <param name="Root">Absolute path of the root: a clone of this repository, or any folder named by <c>ARTAR_HOME</c>.</param>
public sealed record Workspace(string Root)
{
    /// <summary>Installed data sets, one folder each.</summary>
    public string Datasets => Path.Combine(Root, "datasets");

    /// <summary>Stored runs, one folder each.</summary>
    public string Runs => Path.Combine(Root, "runs");

    /// <summary>Runs that were published with the workbench, without their weights: what its documents and notebooks show.</summary>
    public string Results => Path.Combine(Root, "results");

    /// <summary>Sweeps, one folder each.</summary>
    public string Sweeps => Path.Combine(Root, "sweeps");

    /// <summary>Exported figures.</summary>
    public string Figures => Path.Combine(Root, "figures");

    /// <summary>
    /// Finds the workspace: the environment variable <c>ARTAR_HOME</c>, else <see cref="Repository"/>, else the current directory.
    /// </summary>
    public static Workspace Find()
    {
        // Empty is as good as not set, as everywhere with variables of this kind; blanks alone are nobody's folder.
        if (Environment.GetEnvironmentVariable("ARTAR_HOME") is { Length: > 0 } home)
            return !string.IsNullOrWhiteSpace(home) ? new(Path.GetFullPath(home))
                : throw new WorkbenchException("ARTAR_HOME is blank; expected a folder, or leave it unset.");
        return new(Repository ?? Environment.CurrentDirectory);
    }

    /// <summary>
    /// The nearest folder with <c>ArTar.Workbench.csproj</c> above the current directory, else above this library, else above what
    /// <c>setup.csx</c> names (a notebook host may run elsewhere and load a copy), else above the program; null where there is none.
    /// </summary>
    public static string? Repository => new[]
    {
        Environment.CurrentDirectory, Path.GetDirectoryName(typeof(Workspace).Assembly.Location), AppContext.GetData(SetupData) as string,
        AppContext.BaseDirectory,
    }.Select(folder => string.IsNullOrEmpty(folder) ? null : RepositoryAbove(folder)).FirstOrDefault(found => found is not null);

    // build/Notebooks.targets writes the same name.
    private const string SetupData = "ArTar.Repository";

    private static string? RepositoryAbove(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "ArTar.Workbench.csproj")))
                return at.FullName;
        return null;
    }
}
