namespace ArTar.Workbench.Output;

/// <summary>Comma-separated values as RFC 4180 has them; a line's end within a field becomes a sign, so that a record is a line.</summary>
internal static class Csv
{
    // A spreadsheet computes a text that begins with one of these, the wide ones in some languages.
    private const string Formulas = "=+-@\uFF1D\uFF0B\uFF0D\uFF20";

    /// <summary>A line of fields, its end included; a field with a comma or a quotation mark is quoted.</summary>
    public static string Line(IEnumerable<string> fields) => string.Join(',', fields.Select(f => Quoted(CleanText.Line(f)))) + "\n";

    /// <summary>
    /// A field of words that no spreadsheet takes for a formula: one that begins like one gets an apostrophe before it, and so does one
    /// that begins with an apostrophe, so that taking away the first one always gives the text.
    /// </summary>
    public static string Words(string text)
    {
        var begun = text.AsSpan().TrimStart();
        return begun.Length > 1 && Formulas.Contains(begun[0], StringComparison.Ordinal) || text.StartsWith('\'') ? $"'{text}" : text;
    }

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(',', '"') ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
