namespace ArTar.Notebooks.Ipynb;

/// <summary>JSON as Jupyter writes it, so that files from here and from there differ only where their content does.</summary>
internal static class NotebookJson
{
    /// <summary>One cell or output: keys sorted, one space of indentation, only what JSON requires escaped.</summary>
    /// <param name="node">What to write.</param>
    /// <param name="depth">How deep in the file it stands.</param>
    public static string Write(JsonNode? node, int depth = 0)
    {
        var text = new StringBuilder();
        Write(text, node, depth);
        return text.ToString();
    }

    /// <summary>A text as Jupyter stores it, a list of lines with their ends.</summary>
    public static JsonArray Lines(string text)
    {
        var lines = new JsonArray();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            // These end a line for Python, which Jupyter's own files are split by.
            if (text[i] is not ('\n' or '\r' or '\v' or '\f' or '\x1c' or '\x1d' or '\x1e' or '\x85' or '\u2028' or '\u2029'))
                continue;
            if (text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
                i++;
            lines.Add(text[start..(i + 1)]);
            start = i + 1;
        }
        if (start < text.Length)
            lines.Add(text[start..]);
        return lines;
    }

    /// <summary>The text that a string or a list of lines stands for.</summary>
    public static string Text(JsonNode? node) => node switch
    {
        null => "",
        JsonArray lines => string.Concat(lines.Select(line => (string?)line)),
        _ => (string?)node ?? "",
    };

    private static void Write(StringBuilder text, JsonNode? node, int depth)
    {
        switch (node)
        {
            case null: text.Append("null"); break;
            case JsonObject { Count: 0 }: text.Append("{}"); break;
            case JsonArray { Count: 0 }: text.Append("[]"); break;
            case JsonObject map:
                WriteItems(text, '{', '}', depth, map.OrderBy(e => e.Key, StringComparer.Ordinal), entry =>
                {
                    WriteString(text, entry.Key);
                    text.Append(": ");
                    Write(text, entry.Value, depth + 1);
                });
                break;
            case JsonArray list:
                WriteItems(text, '[', ']', depth, list, item => Write(text, item, depth + 1));
                break;
            default:
                if (node.GetValueKind() == JsonValueKind.String)
                    WriteString(text, (string)node!);
                else if (node.GetValueKind() == JsonValueKind.Number)
                    text.Append(Number(node.ToJsonString()));
                else
                    text.Append(node.ToJsonString());
                break;
        }
    }

    /// <summary>A number as JavaScript writes it, since front ends do: <c>1</c> for 1.0, <c>0.00001</c> for 1E-05.</summary>
    internal static string Number(string json)
    {
        if (json.Length <= 15 && json.AsSpan(json[0] == '-' ? 1 : 0).IndexOfAnyExceptInRange('0', '9') < 0)
            return json;
        var value = double.Parse(json, CultureInfo.InvariantCulture);
        if (value == 0 || !double.IsFinite(value))
            return value == 0 ? "0" : json;
        // The shortest digits that mean this very number, and where the point stands among them.
        var parts = Math.Abs(value).ToString("E16", CultureInfo.InvariantCulture);
        for (var precision = 0; precision < 16; precision++)
            if (double.Parse(Math.Abs(value).ToString($"E{precision}", CultureInfo.InvariantCulture),
                CultureInfo.InvariantCulture) == Math.Abs(value))
            {
                parts = Math.Abs(value).ToString($"E{precision}", CultureInfo.InvariantCulture);
                break;
            }
        var digits = parts[..parts.IndexOf('E', StringComparison.Ordinal)].Replace(".", "", StringComparison.Ordinal).TrimEnd('0');
        var point = int.Parse(parts[(parts.IndexOf('E', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture) + 1;
        var text = point switch
        {
            > 0 and <= 21 => digits.Length <= point ? digits.PadRight(point, '0') : $"{digits[..point]}.{digits[point..]}",
            > -6 and <= 0 => $"0.{new string('0', -point)}{digits}",
            _ => $"{digits[0]}{(digits.Length > 1 ? "." : "")}{digits[1..]}e{(point > 0 ? "+" : "-")}{Math.Abs(point - 1)}",
        };
        return value < 0 ? "-" + text : text;
    }

    private static void WriteItems<T>(StringBuilder text, char open, char close, int depth, IEnumerable<T> items, Action<T> write)
    {
        text.Append(open);
        var first = true;
        foreach (var item in items)
        {
            text.Append(first ? "\n" : ",\n").Append(' ', depth + 1);
            write(item);
            first = false;
        }
        text.Append('\n').Append(' ', depth).Append(close);
    }

    private static void WriteString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        text.Append('"');
    }
}
