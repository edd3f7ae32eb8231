using System.Collections;
using ArTar.Notebooks.CellApi;
using ArTar.Workbench.Display;

namespace ArTar.Notebooks.Cells;

/// <summary>How values are shown, by their type.</summary>
public sealed class Formatters
{
    /// <summary>Items of a sequence, and rows of a table, that are shown at most.</summary>
    private const int Items = 50;

    private readonly List<(Type Type, Func<object, MimeBundle?> Format)> known = [];

    /// <summary>Shows values of a type, and of those derived from it, in a certain way; the one added last counts.</summary>
    public Formatters Add<T>(Func<T, MimeBundle?> format) where T : notnull
    {
        known.Insert(0, (typeof(T), value => format((T)value)));
        return this;
    }

    /// <summary>The forms of a value; null for what shows nothing.</summary>
    public MimeBundle? Format(object? value)
    {
        if (value is null or DisplayHandle)
            return null;
        foreach (var (type, format) in known)
            if (type.IsInstanceOfType(value))
                return format(value);
        // Values that know how they look carry this method; other hosts call it, too.
        if (value.GetType().GetMethod("ToHtml", BindingFlags.Public | BindingFlags.Instance, []) is { } toHtml
            && toHtml.ReturnType == typeof(string))
            return MimeBundle.Html((string)toHtml.Invoke(value, null)!, Plain(value));
        if (value is Array { Rank: 2 } grid)
            return Grid(grid);
        return value is IEnumerable sequence and not string && Table(sequence) is { } table ? table : MimeBundle.Text(Plain(value));
    }

    /// <summary>A value as plain text, the same in every culture.</summary>
    public static string Plain(object? value) => value switch
    {
        null => "null",
        string text => text,
        Exception e => $"{e.GetType().Name}: {e.Message}",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IDictionary map => List(map.Keys.Cast<object>().Select(key => $"{Plain(key)}: {Plain(map[key])}"), "{ ", " }", map.Count),
        Array { Rank: > 1 } grid => Nested(grid, []),
        IEnumerable sequence => List(sequence.Cast<object?>().Select(Plain), "[", "]", (sequence as ICollection)?.Count),
        _ when Printable(value.GetType()) => value.ToString() ?? "",
        _ => Properties(value),
    };

    private static string List(IEnumerable<string> items, string open, string close, int? count)
    {
        var shown = items.Take(Items + 1).ToList();
        if (shown.Count <= Items)
            return open + string.Join(", ", shown) + close;
        return $"{open}{string.Join(", ", shown.Take(Items))}, …{close}" + (count is { } all ? $" ({all} items)" : "");
    }

    private static string Nested(Array array, int[] at) => at.Length == array.Rank
        ? Plain(array.GetValue(at))
        : List(Indices(array, at.Length).Select(i => Nested(array, [.. at, i])), "[", "]", array.GetLength(at.Length));

    // Of a large one the first rows and columns.
    private static MimeBundle Grid(Array grid)
    {
        string[][] cells = [.. Indices(grid, 0).Take(Items)
            .Select(r => (string[])[.. Indices(grid, 1).Take(Items).Select(c => Plain(grid.GetValue(r, c)))])];
        var rows = cells.Select(row =>
            string.Concat(row.Select(cell => $"<td style=\"text-align:right\">{Html.Encode(cell)}</td>")));
        var width = cells.SelectMany(row => row).Select(cell => cell.Length).DefaultIfEmpty(0).Max();
        var more = grid.GetLength(0) > Items || grid.GetLength(1) > Items
            ? string.Create(CultureInfo.InvariantCulture, $"the first of {grid.GetLength(0)} rows and {grid.GetLength(1)} columns") : null;
        var text = cells.Select(row => string.Join("  ", row.Select(cell => cell.PadLeft(width)))).Append(more).OfType<string>();
        var table = $"<table><tbody>{string.Concat(rows.Select(row => $"<tr>{row}</tr>"))}</tbody></table>";
        return MimeBundle.Html(more is null ? table : $"{table}<p>{more}</p>", string.Join('\n', text));
    }

    private static IEnumerable<int> Indices(Array array, int dimension) =>
        Enumerable.Range(array.GetLowerBound(dimension), array.GetLength(dimension));

    private static string Properties(object value)
    {
        var text = new StringBuilder(value.GetType().Name);
        foreach (var property in Readable(value.GetType()))
            text.Append(CultureInfo.InvariantCulture, $"\n  {property.Name}: {Cell(property, value)}");
        return text.ToString();
    }

    // A sequence of objects with properties is a table; numbers and texts are a list.
    private static MimeBundle? Table(IEnumerable sequence)
    {
        if (sequence is IDictionary)
            return null;
        var rows = sequence.Cast<object?>().Take(Items + 1).ToList();
        if (rows.Count == 0 || rows[0] is not { } first || first is string or IFormattable or IEnumerable || first.GetType().IsPrimitive)
            return null;
        var columns = Readable(first.GetType());
        if (columns.Count == 0 || rows.Any(r => r?.GetType() != first.GetType()))
            return null;
        var html = new StringBuilder("<table><thead><tr>");
        foreach (var column in columns)
            html.Append("<th>").Append(Html.Encode(column.Name)).Append("</th>");
        html.Append("</tr></thead><tbody>");
        foreach (var row in rows.Take(Items))
        {
            html.Append("<tr>");
            foreach (var column in columns)
                html.Append("<td>").Append(Html.Encode(Cell(column, row!))).Append("</td>");
            html.Append("</tr>");
        }
        html.Append("</tbody></table>");
        if (rows.Count > Items)
            html.Append("<p>…</p>");
        return MimeBundle.Html(html.ToString(), Plain(sequence));
    }

    private static List<PropertyInfo> Readable(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanRead && p.GetIndexParameters().Length == 0 && !p.PropertyType.IsByRefLike)];

    private static string Cell(PropertyInfo property, object owner)
    {
        try
        {
            var value = property.GetValue(owner);
            return value is string or IFormattable or null || Printable(value.GetType()) ? Plain(value) : value.GetType().Name;
        }
        catch (TargetInvocationException e)
        {
            return $"({e.InnerException!.GetType().Name})";
        }
    }

    private static bool Printable(Type type) =>
        type.GetMethod("ToString", [])!.DeclaringType is { } owner && owner != typeof(object) && owner != typeof(ValueType);
}
