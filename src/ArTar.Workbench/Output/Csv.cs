namespace ArTar.Workbench.Output;

/// <summary>Comma-separated values as RFC 4180 has them; a line's end within a field becomes a sign, so that a record is a line.</summary>
internal static class Csv
{
    /// <summary>A line of fields, its end included; a field with a comma or a quotation mark is quoted.</summary>
    public static string Line(IEnumerable<string> fields) => string.Join(',', fields.Select(f => Quoted(CleanText.Line(f)))) + "\n";

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(',', '"') ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
