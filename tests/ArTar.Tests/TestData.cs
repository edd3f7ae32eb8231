namespace ArTar.Tests;

/// <summary>
/// Where the licensed corpora (Penn Treebank, WikiText-2) lie on this machine, if anywhere. They cannot be part of the repository,
/// so a test that needs them skips with <see cref="Missing"/> when they are absent, under CI too.
/// </summary>
internal static class TestData
{
    /// <summary>The variable that names a folder with ptb/ and wikitext-2/ in it.</summary>
    public const string Variable = "ARTAR_TEST_DATA";

    /// <summary>The top of the repository that this test program was built from.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The folder that holds ptb/ and wikitext-2/ (at least one of them), or null when there is none.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>What a skipped test says.</summary>
    public static string Missing =>
        $"needs the Penn Treebank and WikiText-2: set {Variable} to a folder with ptb/ and wikitext-2/, or install them into datasets/";

    /// <summary>The folder of one corpus ("ptb", "wikitext-2"); the calling test is skipped when it is absent.</summary>
    public static string Corpus(string name)
    {
        var folder = Folder is null ? null : Path.Combine(Folder, name);
        Assert.SkipUnless(Directory.Exists(folder), Missing);
        return folder!;
    }

    private static string? Find()
    {
        // A folder that was named and is wrong is a mistake to report, not a reason to look elsewhere.
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return HasCorpora(named) ? named : throw new DirectoryNotFoundException($"{Variable} is '{named}', which holds neither ptb/ nor wikitext-2/.");

        for (var parent = Directory.GetParent(Repository); parent is not null; parent = parent.Parent)
            if (Path.Combine(parent.FullName, "shared", "datasets") is var shared && HasCorpora(shared))
                return shared;

        var own = Path.Combine(Repository, "datasets");
        return HasCorpora(own) ? own : null;
    }

    private static bool HasCorpora(string folder) =>
        Directory.Exists(Path.Combine(folder, "ptb")) || Directory.Exists(Path.Combine(folder, "wikitext-2"));

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "ArTar.Workbench.csproj")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"'{AppContext.BaseDirectory}' is not below the repository; run the tests where they were built.");
    }
}
