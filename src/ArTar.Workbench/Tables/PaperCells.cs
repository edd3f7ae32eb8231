using ArTar.Workbench.Output;

namespace ArTar.Workbench.Tables;

/// <summary>The paper's own figures of a row, as a reader with its PDF has filled them in.</summary>
/// <param name="Valid">Validation perplexity; null where it is not given.</param>
/// <param name="Test">Test perplexity.</param>
internal sealed record PaperCell(double? Valid, double? Test)
{
    /// <summary>Both as a table prints them.</summary>
    public override string ToString() => $"{Printed.PerplexityOrDash(Valid)} / {Printed.PerplexityOrDash(Test)}";
}

/// <summary>Reads <c>tables/paper-cells.yaml</c>, which is empty as it comes.</summary>
internal static class PaperCells
{
    /// <summary>Where it lies in a workspace or in the repository.</summary>
    public const string File = "tables/paper-cells.yaml";

    private static readonly Dictionary<string, PaperCell> none = [];

    /// <summary>What is filled in for a table, by the ids of its rows.</summary>
    /// <exception cref="WorkbenchException">Names every fault of the file with its line.</exception>
    public static IReadOnlyDictionary<string, PaperCell> Of(Table table, Workspace workspace)
    {
        var path = new[] { workspace.Root, Workspace.Repository }.OfType<string>().Select(root => Path.Combine(root, File))
            .FirstOrDefault(System.IO.File.Exists);
        if (!table.IsOfPaper || path is null)
            return none;
        var text = Yaml.TextOf(path);
        return text.Split('\n').All(l => l.TrimStart() is "" or ['#', ..]) ? none
            : Read(text, path).GetValueOrDefault(table.Number) ?? none;
    }

    /// <summary>The cells by table and row.</summary>
    /// <exception cref="WorkbenchException">Names every fault with its line.</exception>
    public static Dictionary<int, Dictionary<string, PaperCell>> Read(string text, string place)
    {
        var (fields, cells) = (new Fields(place), new Dictionary<int, Dictionary<string, PaperCell>>());
        foreach (var (key, value) in Yaml.Read(text, place).Entries)
            if (KnownTables.OfPaper.FirstOrDefault(t => t.Id == key.Text) is not { } table)
                fields.Unknown(key, KnownTables.OfPaper.Select(t => t.Id), "table");
            else if (value is not YamlMap rows)
                fields.Add(value, $"table {key.Text}: expected rows, such as 'alpha=2: {{valid: 70.0, test: 68.0}}'.");
            else
                cells[table.Number] = Rows(rows, table, fields);
        fields.ThrowIfAny();
        return cells;
    }

    private static Dictionary<string, PaperCell> Rows(YamlMap rows, Table table, Fields fields)
    {
        var cells = new Dictionary<string, PaperCell>();
        foreach (var (key, value) in rows.Entries)
            if (table.Rows.All(r => r.Id != key.Text))
                fields.Unknown(key, table.Rows.Select(r => r.Id), "row");
            else if (value is not YamlMap figures)
                fields.Add(value, $"{key.Text}: expected figures, such as {{valid: 70.0, test: 68.0}}.");
            else
            {
                fields.Know(figures, ["valid", "test"]);
                cells[key.Text] = new(Perplexity(figures, "valid", fields), Perplexity(figures, "test", fields));
            }
        return cells;
    }

    private static double? Perplexity(YamlMap figures, string key, Fields fields)
    {
        // As the file comes, figures have no value until somebody fills them in.
        var value = figures[key] is YamlScalar { IsNothing: true } ? null : fields.Number(figures, key);
        if (value is null or (> 1 and < 1e6))
            return value;
        fields.Add(figures[key]!, FormattableString.Invariant($"{key}: {value}; expected a perplexity, which is above 1."));
        return null;
    }
}
