using System.Reflection;

namespace ArTar.Workbench.Tables;

/// <summary>The tables that come with the workbench: the files in <c>tables/</c>. To change one or to add one, edit a file there.</summary>
public static class KnownTables
{
    private static readonly string[] beyond = ["surface", "sizes", "data", "rivals", "tanh", "invasive"];

    /// <summary>The paper's tables, in its order.</summary>
    public static IReadOnlyList<Table> OfPaper { get; } = [.. Enumerable.Range(1, 7).Select(number => Embedded($"{number}"))];

    /// <summary>Our own, which ask what the paper leaves open; their values are meant for the profile <c>laptop</c>.</summary>
    public static IReadOnlyList<Table> Beyond { get; } = [.. beyond.Select(Embedded)];

    /// <summary>All of them, the paper's first.</summary>
    public static IEnumerable<Table> All => OfPaper.Concat(Beyond);

    /// <summary>A table of the paper by its number.</summary>
    /// <exception cref="WorkbenchException">There is no such table.</exception>
    public static Table Get(int number) => OfPaper.FirstOrDefault(t => t.Number == number)
        ?? throw new WorkbenchException($"There is no table {number}; the paper's are 1 to {OfPaper.Count - 1}, and "
            + $"{OfPaper.Count}, its appendix.");

    /// <summary>A table by what the command line calls it: a number or a name; or by the path of a file of one's own.</summary>
    /// <exception cref="WorkbenchException">There is no such table, or the file cannot be read.</exception>
    public static Table Named(string id) => IsFile(id) ? Table.Load(id)
        : All.FirstOrDefault(t => t.Id.Equals(id, StringComparison.OrdinalIgnoreCase)) ?? throw new WorkbenchException(
            $"There is no table '{id}'; the paper's are 1 to {OfPaper.Count - 1}, and {OfPaper.Count}, its appendix; others are "
                + $"{string.Join(", ", beyond)}; "
                + "a file of your own ends in .yaml.");

    /// <summary>Whether a name is that of a file.</summary>
    public static bool IsFile(string id) =>
        id.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || id.EndsWith(".yml", StringComparison.OrdinalIgnoreCase)
        || id.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    private static Table Embedded(string id)
    {
        var file = $"tables/{id}.yaml";
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(file)!;
        using var reader = new StreamReader(stream);
        return TableReader.Read(reader.ReadToEnd(), file, isOurs: true) with { IsDataChosen = false };
    }
}
