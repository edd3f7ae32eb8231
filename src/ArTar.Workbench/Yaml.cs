using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ArTar.Workbench;

/// <summary>A value of a YAML text, with its place.</summary>
/// <param name="At">Where it begins.</param>
internal abstract record YamlNode(YamlPlace At);

/// <summary>A place in a text, from 1.</summary>
internal readonly record struct YamlPlace(long Line, long Column);

/// <summary>A single value as it is written.</summary>
internal sealed record YamlScalar(YamlPlace At, string Text, bool IsQuoted) : YamlNode(At)
{
    /// <summary>Whether nothing is given.</summary>
    public bool IsNothing => !IsQuoted && Text is "" or "~" or "null";
}

/// <summary>Several values.</summary>
internal sealed record YamlList(YamlPlace At, IReadOnlyList<YamlNode> Items) : YamlNode(At);

/// <summary>Values by name.</summary>
internal sealed record YamlMap(YamlPlace At, IReadOnlyList<(YamlScalar Key, YamlNode Value)> Entries) : YamlNode(At)
{
    public YamlNode? this[string key] => Entries.FirstOrDefault(e => e.Key.Text == key).Value;
}

/// <summary>Reads YAML, and with it JSON, as plain data: no anchors, no aliases, no tags.</summary>
internal static class Yaml
{
    private const int MostBytes = 1_000_000, DeepestLevel = 8;

    /// <summary>Reads a file; one that no person wrote is refused by its size.</summary>
    /// <exception cref="WorkbenchException">There is no such file, or it is not read.</exception>
    public static string TextOf(string path)
    {
        try
        {
            return PlainFile.ReadAllText(path, MostBytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new WorkbenchException($"There is no file '{Path.GetFullPath(path)}'.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new WorkbenchException($"The file '{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads one document.</summary>
    /// <param name="text">The text.</param>
    /// <param name="place">What messages call it.</param>
    /// <exception cref="WorkbenchException">It is no YAML; the message says where.</exception>
    public static YamlMap Read(string text, string place)
    {
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _) || Node(parser, 0) is not YamlMap map)
                throw new WorkbenchException($"{place}: expected keys and values, such as 'epochs: 3'.");
            parser.Consume<DocumentEnd>();
            return !parser.TryConsume<DocumentStart>(out var second) ? map
                : throw new YamlException(second.Start, second.End, "expected one document.");
        }
        catch (YamlException e)
        {
            var (line, column, message) = TabIn(text, e) ?? (e.Start.Line, e.Start.Column, e.Message);
            throw new WorkbenchException(FormattableString.Invariant($"{place}, line {line}, column {column}: {message}"), e);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw new WorkbenchException($"{place} is no YAML: {e.Message}", e); // the parser's own, of a tag that is no URI, say
        }
    }

    /// <summary>Where a tab stands in the indentation, which the parser tells with the place of what surrounds it.</summary>
    private static (long Line, long Column, string Message)? TabIn(string text, YamlException e)
    {
        if (!e.Message.Contains("tab", StringComparison.Ordinal))
            return null;
        foreach (var (at, line) in text.Split('\n').Index().Skip((int)e.Start.Line - 1))
            if (line.TakeWhile(c => c is ' ' or '\t').ToList().IndexOf('\t') is >= 0 and var tab && line.AsSpan(tab).Trim().Length > 0)
                return (at + 1, tab + 1, "a tab indents this line; YAML wants blanks there.");
        return null;
    }

    /// <summary>The same data as text that reads as it did: every value as it is written, also <c>91.70</c>.</summary>
    public static string ToText(this YamlNode node) => Written(node)?.ToJsonString() ?? "null";

    private static JsonNode? Written(YamlNode node) => node switch
    {
        YamlMap map => new JsonObject(map.Entries.Select(e => KeyValuePair.Create(e.Key.Text, Written(e.Value)))),
        YamlList list => new JsonArray([.. list.Items.Select(Written)]),
        YamlScalar { IsNothing: false } scalar => scalar.Text,
        _ => null,
    };

    private static YamlNode Node(Parser parser, int level)
    {
        var at = parser.Current!;
        YamlException Fault(string message) => new(at.Start, at.End, message);
        if (level > DeepestLevel)
            throw Fault("the values lie too deep in each other.");
        if (at is AnchorAlias or NodeEvent { Anchor.IsEmpty: false })
            throw Fault("anchors and aliases are not read.");
        if (at is NodeEvent { Tag.IsEmpty: false })
            throw Fault("tags are not read; write plain values.");
        parser.MoveNext();
        var place = new YamlPlace(at.Start.Line, at.Start.Column);
        switch (at)
        {
            case Scalar scalar:
                return new YamlScalar(place, scalar.Value, scalar.Style != ScalarStyle.Plain);
            case SequenceStart:
                var items = new List<YamlNode>();
                while (!parser.TryConsume<SequenceEnd>(out _))
                    items.Add(Node(parser, level + 1));
                return new YamlList(place, items);
            case MappingStart:
                var entries = new List<(YamlScalar, YamlNode)>();
                var known = new HashSet<string>();
                while (!parser.TryConsume<MappingEnd>(out _))
                {
                    if (Node(parser, level + 1) is not YamlScalar key)
                        throw Fault("expected a word before the colon.");
                    if (!known.Add(key.Text))
                        throw FaultAt(key, $"'{key.Text}' is given twice.");
                    entries.Add((key, Node(parser, level + 1)));
                }
                return new YamlMap(place, entries);
            default:
                throw Fault("expected a value.");
        }
    }

    private static YamlException FaultAt(YamlScalar at, string message)
    {
        var mark = new Mark(0, at.At.Line, at.At.Column);
        return new(mark, mark, message);
    }
}
